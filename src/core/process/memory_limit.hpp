// A bound on the memory of this process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace flowspan {

/// From now on this process may have `bytes` more than it has: private memory (heap, stacks of threads; touched or not) and
/// what `take_shared_memory` counts, together. What exceeds it fails as if the machine had no more. `said`: the bound as people
/// know it, "--unit-memory 64 MiB"; what `failure_of` makes of a failure of memory names it. Throws Failure where the system
/// refuses.
void limit_memory(std::uint64_t bytes, std::string said);

/// "" without a bound.
const std::string& memory_limit_said();

/// Memory files that are mapped: no limit of the system counts them as a process's own. False, and nothing is counted: the
/// bound would be exceeded.
bool take_shared_memory(std::size_t bytes);
void give_back_shared_memory(std::size_t bytes) noexcept;

}  // namespace flowspan
