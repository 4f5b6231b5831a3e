#include "kernels/volk/volk.hpp"

#include <cmath>

namespace flowspan::kernels::reference {
namespace {

template <class Integer>
void divided(const Integer* in, f32* out, std::size_t n, f32 unit) {
    const f32 factor = 1 / unit;
    for (std::size_t i = 0; i < n; ++i) out[i] = f32(in[i]) * factor;
}

}  // namespace

void add(const f32* a, const f32* b, f32* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = a[i] + b[i];
}
void subtract(const f32* a, const f32* b, f32* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = a[i] - b[i];
}
void multiply(const f32* a, const f32* b, f32* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = a[i] * b[i];
}
void divide(const f32* a, const f32* b, f32* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = a[i] / b[i];
}
// (By the formula: the product of std::complex mends infinities, at a price.)
void multiply(const cf32* a, const cf32* b, cf32* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
        out[i] = {a[i].real() * b[i].real() - a[i].imag() * b[i].imag(), a[i].real() * b[i].imag() + a[i].imag() * b[i].real()};
}
void scale(const f32* in, f32 factor, f32* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = in[i] * factor;
}
void square_root(const f32* in, f32* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = std::sqrt(in[i]);
}
void interleave(const f32* re, const f32* im, cf32* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = {re[i], im[i]};
}
void to_floats(const i8* in, f32* out, std::size_t n, f32 unit) { divided(in, out, n, unit); }
void to_floats(const i16* in, f32* out, std::size_t n, f32 unit) { divided(in, out, n, unit); }

}  // namespace flowspan::kernels::reference
