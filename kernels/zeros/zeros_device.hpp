// Exact zeros in frames on a device: burst_detector learns nothing of frames that are mostly zeros.
//
//   out[m] = how many of in[m frame + i] are zero, the last frame as long as it is
//
// Eight threads a frame. Bytes a sample: 8 read; 4 written a frame.
#pragma once

#include "memory/device/device.hpp"

#include <flowspan/types.hpp>

#include <cstdint>
#include <span>

namespace flowspan::kernels {

/// n samples of unconnected data in ceil(n / frame) frames; 1 <= frame < 2^32.
struct DeviceZeros {
    const cf32* in = nullptr;
    std::uint32_t* out = nullptr;
    std::uint64_t n = 0, frame = 1;
};
void zeros(device::Queue& queue, std::span<const DeviceZeros> pieces);

}  // namespace flowspan::kernels
