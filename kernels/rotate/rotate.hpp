// A rotating phasor, and its product with samples: out[i] = in[i] e^(2 pi j (phase + (first + i) * increment)).
//
// Phase and increment are turns in 64-bit fixed point, so the phase at any index is exact. The phasor is the double-precision
// one of the index rounded down to a multiple of 64, times a table of 64; it depends on the index alone and does not drift.
// Absolute error of the phasor below 3e-7. No alignment is asked for; `out` may be `in`. The same bits at every level.
#pragma once

#include <flowspan/kernels.hpp>

#include <memory>

namespace flowspan::kernels {

class Rotator {
public:
    Rotator() = default;
    explicit Rotator(std::uint64_t increment);
    void operator()(const cf32* in, cf32* out, std::size_t n, std::uint64_t first, std::uint64_t phase = 0) const;
    /// The phasor itself, times `amplitude`.
    void generate(cf32* out, std::size_t n, std::uint64_t first, f32 amplitude, std::uint64_t phase = 0) const;

private:
    struct Cpu;
    std::uint64_t increment_ = 0;
    std::shared_ptr<const Cpu> cpu_;
};

namespace reference {
void rotate(const cf32* in, cf32* out, std::size_t n, std::uint64_t first, std::uint64_t increment, std::uint64_t phase);
}  // namespace reference

}  // namespace flowspan::kernels
