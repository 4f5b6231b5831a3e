#include "kernels/logarithm/logarithm.hpp"

#include "kernels/math/ln2.hpp"
#include "kernels/simd.hpp"

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/logarithm/logarithm_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The steps of kernels::log (kernels/math), in its order, of numbers that are normal and above 0; then of all others.
template <class D, class V = hn::Vec<D>>
V log10_of(D d, V x) {
    const hn::RebindToUnsigned<D> u;
    const auto number = [d](double v) { return hn::Set(d, v); };
    const auto bits = hn::BitCast(u, x);
    V m = hn::BitCast(d, hn::Or(hn::And(bits, hn::Set(u, 0xfffffffffffffULL)), hn::Set(u, 0x3ff0000000000000ULL)));
    // The exponent as a number: below 2^52, the last bits of 2^52 + it.
    V k = hn::Sub(hn::BitCast(d, hn::Or(hn::ShiftRight<52>(bits), hn::Set(u, 0x4330000000000000ULL))), number(0x1p52 + 1023));
    const auto large = hn::Gt(m, number(1.41421356237309504880));
    m = hn::IfThenElse(large, hn::Mul(m, number(0.5)), m);
    k = hn::IfThenElse(large, hn::Add(k, number(1)), k);
    const V f = hn::Sub(m, number(1)), s = hn::Div(f, hn::Add(number(2), f)), z = hn::Mul(s, s);
    V p = number(1.0 / 23);
    for (double c : {1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3})
        p = hn::Add(hn::Mul(p, z), number(c));
    const V twice = hn::Mul(number(2), s);
    const V rest = hn::Add(twice, hn::Add(hn::Mul(twice, hn::Mul(z, p)), hn::Mul(k, number(ln2_low))));
    const V log = hn::Add(hn::Mul(k, number(ln2_high)), rest);
    const V infinite = number(std::numeric_limits<double>::infinity());
    V y = hn::IfThenElse(hn::Lt(x, infinite), log, x);  // infinity and NaN as they are
    y = hn::IfThenElse(hn::Eq(x, number(0)), hn::Neg(infinite), y);
    y = hn::IfThenElse(hn::Lt(x, number(0)), number(std::numeric_limits<double>::quiet_NaN()), y);
    return hn::Mul(y, number(4.34294481903251827651e-01));
}

template <class D>
void log10_from(D d, std::size_t& i, const f32* in, double factor, f32* out, std::size_t n) {
    const hn::Rebind<float, D> narrow;
    const auto scale = hn::Set(d, factor);
    for (const std::size_t lanes = hn::Lanes(d); i + lanes <= n; i += lanes) {
        const auto x = hn::PromoteTo(d, hn::LoadU(narrow, in + i));
        hn::StoreU(hn::DemoteTo(narrow, hn::Mul(scale, log10_of(d, x))), narrow, out + i);
    }
}

void scaled_log10(const f32* in, double factor, f32* out, std::size_t n) {
    std::size_t i = 0;
    log10_from(hn::ScalableTag<double>(), i, in, factor, out, n);
    log10_from(hn::CappedTag<double, 1>(), i, in, factor, out, n);
}

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(scaled_log10);
void scaled_log10(const f32* in, double factor, f32* out, std::size_t n) {
    HWY_DYNAMIC_DISPATCH(scaled_log10)(in, factor, out, n);
}
}  // namespace flowspan::kernels
#endif
