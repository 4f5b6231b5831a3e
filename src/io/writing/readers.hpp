// Large reads of a file, shared by several threads: one thread copies about 5 GB/s out of the page cache, and asks a file
// system for one piece at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace flowspan::io {

/// From now on so many threads of this process, the caller's one of them, share each large read; 1: it reads alone.
void read_by(int threads);

/// Calls read(offset, part) for parts of `to`, by several threads where it is large enough for them. Throws what the first part
/// threw that did not come to its end.
void read_in_parts(std::uint64_t offset, std::span<std::byte> to,
                   const std::function<void(std::uint64_t, std::span<std::byte>)>& read);

}  // namespace flowspan::io
