// w(i) of rotate.hpp in kernels: a table of 64 steps turned by the phasor of the index rounded down, with the host's bits.
#pragma once

#include "kernels/math/turns.hpp"

#include <flowspan/types.hpp>

#include <cstdint>
#include <vector>

namespace flowspan::kernels::rotation {

constexpr std::uint64_t steps = 64;

__device__ __forceinline__ float2 times(float2 a, float2 c) {
    return make_float2(a.x * c.x - a.y * c.y, a.x * c.y + a.y * c.x);
}

/// w(index), index a multiple of `steps`.
__device__ __forceinline__ float2 base(std::uint64_t increment, std::uint64_t index, std::uint64_t phase) {
    const turns::Phasor w = turns::phasor(phase + index * increment);
    return make_float2(f32(w.cos), f32(w.sin));
}
__device__ __forceinline__ float2 phasor(const float2* table, std::uint64_t increment, std::uint64_t index,
                                         std::uint64_t phase) {
    const std::uint64_t within = index % steps;
    return times(base(increment, index - within, phase), table[within]);
}

/// w(0) … w(steps - 1) without a phase.
inline std::vector<cf32> table_of(std::uint64_t increment) {
    std::vector<cf32> table(steps);
    for (std::size_t i = 0; i < table.size(); ++i) {
        const turns::Phasor step = turns::phasor(i * increment);
        table[i] = {f32(step.cos), f32(step.sin)};
    }
    return table;
}

}  // namespace flowspan::kernels::rotation
