// Samples in the other byte order.
#pragma once

#include <cstddef>
#include <span>

namespace flowspan::io {

/// Reverses the bytes of every number of `size` bytes (1, 2, 4 or 8), in place. The span holds whole numbers.
void swap_bytes(std::span<std::byte> numbers, std::size_t size);

}  // namespace flowspan::io
