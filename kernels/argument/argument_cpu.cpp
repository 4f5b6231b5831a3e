#include "kernels/argument/argument.hpp"

#include "kernels/simd.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/argument/argument_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D, class V = hn::Vec<D>>
V argument_of(D d, V re, V im) {
    const V x = hn::Abs(re), y = hn::Abs(im);
    const auto steep = hn::Gt(y, x);  // false for NaN, which so gets into the quotient
    const V big = hn::IfThenElse(steep, y, x), small = hn::IfThenElse(steep, x, y);
    // 0 / 0 would be no number: a zero denominator becomes 1.
    const V t = hn::Div(small, hn::IfThenElse(hn::Eq(big, hn::Zero(d)), hn::Set(d, 1.0F), big));
    const V z = hn::Mul(t, t);
    V p = hn::Set(d, -0.004054558929F);
    for (float c : {0.021862929687F, -0.055912289768F, 0.096421949566F, -0.139086291194F, 0.199465662241F, -0.333298593760F,
                    0.999999344349F})
        p = hn::Add(hn::Mul(p, z), hn::Set(d, c));
    V a = hn::Mul(t, p);
    a = hn::IfThenElse(steep, hn::Sub(hn::Set(d, 1.57079637F), a), a);
    a = hn::IfThenElse(hn::Lt(re, hn::Zero(d)), hn::Sub(hn::Set(d, 3.14159274F), a), a);
    return hn::IfThenElse(hn::Lt(im, hn::Zero(d)), hn::Neg(a), a);
}

template <class D>
void arguments_from(D d, std::size_t& i, const float* in, f32* out, std::size_t n) {
    for (const std::size_t lanes = hn::Lanes(d); i + lanes <= n; i += lanes) {
        hn::Vec<D> re, im;
        hn::LoadInterleaved2(d, in + 2 * i, re, im);
        hn::StoreU(argument_of(d, re, im), d, out + i);
    }
}

void arguments(const cf32* in, f32* out, std::size_t n) {
    std::size_t i = 0;
    arguments_from(hn::ScalableTag<float>(), i, reinterpret_cast<const float*>(in), out, n);
    arguments_from(hn::CappedTag<float, 1>(), i, reinterpret_cast<const float*>(in), out, n);
}

template <class D>
void demod_from(D d, std::size_t& i, const float* in, f32* out, std::size_t n, f32 gain) {
    const auto g = hn::Set(d, gain);
    for (const std::size_t lanes = hn::Lanes(d); i + lanes <= n; i += lanes) {
        hn::Vec<D> a, b, c, e;
        hn::LoadInterleaved2(d, in + 2 * i, a, b);
        hn::LoadInterleaved2(d, in + 2 * std::ptrdiff_t(i) - 2, c, e);
        const auto re = hn::Add(hn::Mul(a, c), hn::Mul(b, e));
        const auto im = hn::Sub(hn::Mul(b, c), hn::Mul(a, e));
        hn::StoreU(hn::Mul(g, argument_of(d, re, im)), d, out + i);
    }
}

void quadrature_demod(const cf32* in, f32* out, std::size_t n, f32 gain) {
    std::size_t i = 0;
    demod_from(hn::ScalableTag<float>(), i, reinterpret_cast<const float*>(in), out, n, gain);
    demod_from(hn::CappedTag<float, 1>(), i, reinterpret_cast<const float*>(in), out, n, gain);
}

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(arguments);
HWY_EXPORT(quadrature_demod);

void arguments(const cf32* in, f32* out, std::size_t n) { HWY_DYNAMIC_DISPATCH(arguments)(in, out, n); }
void quadrature_demod(const cf32* in, f32* out, std::size_t n, f32 gain) {
    HWY_DYNAMIC_DISPATCH(quadrature_demod)(in, out, n, gain);
}
f32 argument(cf32 z) {
    f32 angle = 0;
    HWY_STATIC_DISPATCH(arguments)(&z, &angle, 1);
    return angle;
}
}  // namespace flowspan::kernels
#endif
