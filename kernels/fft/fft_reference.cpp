#include "kernels/fft/fft.hpp"

#include <cmath>
#include <numbers>

namespace flowspan::kernels::reference {

void dft(const cf32* in, cf32* out, std::size_t n, Direction direction) {
    const double sign = direction == Direction::forward ? -1 : 1;
    for (std::size_t k = 0; k < n; ++k) {
        cf64 sum;
        for (std::size_t i = 0; i < n; ++i) {
            const double angle = sign * 2 * std::numbers::pi * double(k * i % n) / double(n);
            sum += cf64(in[i]) * cf64(std::cos(angle), std::sin(angle));
        }
        out[k] = cf32(sum);
    }
}

}  // namespace flowspan::kernels::reference
