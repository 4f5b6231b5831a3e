// A decimating filter with a rotation behind it, on a device: fir_filter and frequency_translate.
//
//   y[m] = w(first + m) sum over k of h[k] x[mD - k],   w(i) = e^(2 pi j (phase + i increment))
//
// The sum is what fir.hpp says of I = 1, with the same bound: 1e-6 of the largest output at any length; its order depends on
// taps and D alone, and is another one than the host's. NaN and infinities touch the outputs that have them in their sum. Phase
// and increment are turns in 64-bit fixed point, and w is, bit for bit, that of kernels::Rotator (kernels/rotate).
//
// Bytes an output: 8 D read and 8 written; a block of threads that makes O outputs reads (O - 1) D + taps samples.
#pragma once

#include "memory/device/device.hpp"

#include <flowspan/types.hpp>

#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>

namespace flowspan::kernels {

class DeviceFir {
public:
    /// n outputs of unconnected data. Samples in[-history()] … in[(n - 1) D] are read; `in` and `out` are aligned to samples
    /// and do not overlap.
    struct Piece {
        const cf32* in = nullptr;
        cf32* out = nullptr;
        std::uint64_t n = 0, first = 0, phase = 0;
    };
    DeviceFir() = default;
    /// Real taps where all are. 1 <= decimation < 2^31, at least one tap; tables go up by the queue. Where increment
    /// and phase are 0 there is no rotation.
    DeviceFir(device::Queue& queue, std::span<const cf64> taps, std::size_t decimation, std::uint64_t increment = 0);
    std::size_t history() const { return length_ - 1; }
    void operator()(device::Queue& queue, std::span<const Piece> pieces) const;

private:
    device::Table<f32> taps_;    // in the order of the samples, oldest first; parts of complex ones side by side
    device::Table<cf32> turns_;  // 64 steps of w
    std::size_t length_ = 1, decimation_ = 1;
    std::uint64_t increment_ = 0;
    bool complex_ = false;
};

}  // namespace flowspan::kernels
