// Bytes from one place of a device to another, for many pieces in one launch. (One piece alone is as well copied by
// device::Queue::copy.) Bytes a byte: 1 read, 1 written.
#pragma once

#include "memory/device/device.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace flowspan::kernels {

/// n bytes; the places do not overlap. Those that are aligned alike to 16 bytes are copied 16 at a time.
struct DeviceCopy {
    const std::byte* in = nullptr;
    std::byte* out = nullptr;
    std::uint64_t n = 0;
};
void copy(device::Queue& queue, std::span<const DeviceCopy> pieces);

}  // namespace flowspan::kernels
