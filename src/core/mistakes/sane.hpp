// Texts of any origin, as messages show them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flowspan {

/// The first `most` characters, with `…` for the rest. Bytes that steer a terminal, and NUL, stand as `\x1b` and `\0`.
std::string sane(std::string_view text, std::size_t most);

}  // namespace flowspan
