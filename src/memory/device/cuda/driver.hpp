// Virtual memory of a device, which only the driver's own functions give.
#pragma once

#include <cstddef>
#include <cstdint>

namespace flowspan::device {

struct MappedTwice {
    std::byte* base = nullptr;
    std::uint64_t allocation = 0;
};

/// The granularity of mappings.
std::size_t ring_page(int device);
/// One allocation of `size` bytes, whole pages, at base and at base + size. Throws Error.
MappedTwice map_twice(int device, std::size_t size);
void unmap_twice(const MappedTwice& mapped, std::size_t size) noexcept;

}  // namespace flowspan::device
