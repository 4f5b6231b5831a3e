// Energies of frames on a device, with the bits of kernels::energy: what burst_detector decides by.
//
//   out[m] = sum over i of |in[m frame + i]|^2, the last frame as long as it is
//
// and how many samples of a frame are exact zeros. Eight threads a frame, a partial sum each, as energy.hpp has them. Bytes a
// sample: 8 read; 8 or 12 written a frame.
#pragma once

#include "memory/device/device.hpp"

#include <flowspan/types.hpp>

#include <cstdint>
#include <span>

namespace flowspan::kernels {

/// n samples of unconnected data in ceil(n / frame) frames; frame >= 1. `zeros`: nullptr where nobody wants to know.
struct DeviceEnergies {
    const cf32* in = nullptr;
    double* out = nullptr;
    std::uint64_t n = 0, frame = 1;
    std::uint32_t* zeros = nullptr;
};
void energies(device::Queue& queue, std::span<const DeviceEnergies> pieces);

}  // namespace flowspan::kernels
