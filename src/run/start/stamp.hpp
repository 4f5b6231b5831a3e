// The stamp of a plug-in, read from its file: nothing of a plug-in runs before the stamp is known to be right.
#pragma once

#include <span>
#include <string>

namespace flowspan::run {

/// What `flowspan_stamp` holds in the bytes of a shared object (ELF, 64 bits); "" where it is not defined. Throws
/// std::invalid_argument when the bytes are no such object: "a file of another kind", "a truncated one".
std::string stamp_in(std::span<const char> file);

}  // namespace flowspan::run
