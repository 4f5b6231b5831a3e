#include "kernels/rotate/rotate.hpp"

#include <cmath>
#include <numbers>

namespace flowspan::kernels::reference {
void rotate(const cf32* in, cf32* out, std::size_t n, std::uint64_t first, std::uint64_t increment, std::uint64_t phase) {
    for (std::size_t i = 0; i < n; ++i) {
        const auto turns = double(std::int64_t(phase + (first + i) * increment)) / 18446744073709551616.0;
        const double angle = 2 * std::numbers::pi * turns;
        out[i] = cf32(cf64(in[i]) * cf64(std::cos(angle), std::sin(angle)));
    }
}
}  // namespace flowspan::kernels::reference
