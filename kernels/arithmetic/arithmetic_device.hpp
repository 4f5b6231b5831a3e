// Products with a constant and sums of streams on a device: multiply_const and add.
//
//   multiply_const:  y = x factor
//   add:             y = (… (x0 f0 + x1 f1) + x2 f2 …), in this order; of integers the exact sum, rounded half to even and
//                    saturated once
//
// Each is a few operations of IEEE 754 in single precision (sums of integers: in double precision), none of them fused: the
// bits of the blocks on the host, at any chunking. A NaN that is made is always the same one.
//
// Bytes a number: of multiply_const 4 read and 4 written, of K streams 4 K read and 4 written (ci16: 2 K and 2). `in` and `out`
// are aligned to numbers; pieces that are aligned to two of them and have an even n are loaded so. `out` may be an input.
#pragma once

#include "kernels/convert/convert_device.hpp"
#include "memory/device/device.hpp"

#include <flowspan/types.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace flowspan::kernels {

/// n numbers of unconnected data; of complex samples with a real factor each is two.
struct DeviceScaling {
    const f32* in = nullptr;
    f32* out = nullptr;
    std::uint64_t n = 0;
    f32 factor = 1;
};
void scale(device::Queue& queue, std::span<const DeviceScaling> pieces);

/// The same by a complex factor.
struct DeviceComplexScaling {
    const cf32* in = nullptr;
    cf32* out = nullptr;
    std::uint64_t n = 0;
    f32 re = 1, im = 0;
};
void scale(device::Queue& queue, std::span<const DeviceComplexScaling> pieces);

/// Sums of as many streams as there are factors; a difference has the factors 1, -1, ….
class DeviceSum {
public:
    /// `factors`: of each stream, its full scale / that of the sum.
    explicit DeviceSum(std::span<const double> factors) : factors_(factors.begin(), factors.end()) {}
    /// At least one factor. n numbers from in[k] on go to out. With more than 8 streams it takes a launch for each 7 more.
    void operator()(device::Queue& queue, std::span<const f32* const> in, f32* out, std::uint64_t n) const;
    /// At most 200 streams. `counts` of what saturates, in memory of the device.
    static constexpr std::size_t most_integers = 200;
    void operator()(device::Queue& queue, std::span<const i16* const> in, i16* out, std::uint64_t n,
                    ClippedOnDevice* counts) const;

private:
    std::vector<double> factors_;
};

}  // namespace flowspan::kernels
