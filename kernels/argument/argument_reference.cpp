#include "kernels/argument/argument.hpp"

#include <cmath>

namespace flowspan::kernels::reference {

void arguments(const cf32* in, f32* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = f32(std::atan2(double(in[i].imag()), double(in[i].real())));
}

void quadrature_demod(const cf32* in, f32* out, std::size_t n, f32 gain) {
    for (std::size_t i = 0; i < n; ++i) {
        const std::complex<double> now = in[i], before = in[std::ptrdiff_t(i) - 1];
        const auto z = now * std::conj(before);
        out[i] = f32(double(gain) * std::atan2(z.imag(), z.real()));
    }
}

}  // namespace flowspan::kernels::reference
