// The highest memory of this process.
#pragma once

#include <cstdint>

namespace flowspan {

/// A new peak begins, where the system lets it (Linux, /proc/self/clear_refs); else the old one goes on.
void begin_peak();
/// Bytes of resident memory at most since then, or since the process began; 0 where the system does not say.
std::uint64_t peak_bytes();

}  // namespace flowspan
