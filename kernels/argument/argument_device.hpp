// The quadrature demodulator of argument.hpp on a device: fm_demod.
//
//   y[i] = gain arg(x[i] conj(x[i - channels]))
//
// Operations of IEEE 754 in single precision in the order of the host's: its bits, at any chunking; a NaN is always the same
// one. Bytes a sample: 8 read (what neighbouring threads read comes from the first cache), 4 written.
#pragma once

#include "memory/device/device.hpp"

#include <flowspan/types.hpp>

#include <cstdint>
#include <span>

namespace flowspan::kernels {

/// n samples of unconnected data, `channels` of which make an item; in[-channels] … in[n - 1] are read.
struct DeviceDemodulation {
    const cf32* in = nullptr;
    f32* out = nullptr;
    std::uint64_t n = 0;
    std::uint32_t channels = 1;
    f32 gain = 1;
};
void quadrature_demod(device::Queue& queue, std::span<const DeviceDemodulation> pieces);

}  // namespace flowspan::kernels
