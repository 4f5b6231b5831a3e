// The highest memory of this process.
#pragma once

#include <cstdint>

namespace flowspan {

/// A new peak begins, where the system lets it (Linux, /proc/self/clear_refs); else the old one goes on.
void begin_peak();
/// Bytes of resident memory at most since then, or since the process began, as near as the kernel counts (pages that
/// each processor has not yet handed in are missing: up to some hundred KiB); 0 where the system does not say.
std::uint64_t peak_bytes();

}  // namespace flowspan
