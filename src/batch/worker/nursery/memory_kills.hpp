// How often the kernel's out-of-memory killer has been at work.
#pragma once

#include <cstdint>
#include <string>

namespace flowspan::batch {

struct MemoryKills {
    std::uint64_t group = 0;  // in the control groups that hold this process
    std::uint64_t host = 0;   // anywhere on the host
};

/// What the kernel counts now; zeros where it does not say. `root`: of the file system, for tests.
MemoryKills memory_kills(const std::string& root = "");

}  // namespace flowspan::batch
