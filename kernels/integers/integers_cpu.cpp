#include "kernels/integers/integers.hpp"

#include "kernels/simd.hpp"

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/integers/integers_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D, class Integer>
void rounded_from(D d, std::size_t& i, const f32* in, f32 scale, f32 offset, Integer* out, std::size_t n, Saturation& s) {
    const hn::Rebind<Integer, D> small;
    const auto zero = hn::Zero(d), low = hn::Set(d, f32(std::numeric_limits<Integer>::min())),
               high = hn::Set(d, f32(std::numeric_limits<Integer>::max())), half = hn::Set(d, 0.5F),
               infinite = hn::Set(d, std::numeric_limits<f32>::infinity());
    auto most = zero, least = zero;
    for (const std::size_t lanes = hn::Lanes(d); i + lanes <= n; i += lanes) {
        const auto x = hn::LoadU(d, in + i);
        const auto number = hn::IfThenElse(hn::Eq(x, x), x, zero);
        const auto v = hn::Add(hn::Mul(number, hn::Set(d, scale)), hn::Set(d, offset));
        hn::StoreU(hn::DemoteTo(small, hn::NearestInt(hn::Min(hn::Max(v, low), high))), small, out + i);
        const auto finite = hn::Lt(hn::Abs(x), infinite);
        // `low` is even and `high` odd: what is half below comes to `low`, what is half above is beyond `high`.
        const auto beyond = hn::Or(hn::Lt(v, hn::Sub(low, half)), hn::Ge(v, hn::Add(high, half)));
        s.clipped += hn::CountTrue(d, hn::And(finite, beyond));
        s.not_finite += lanes - hn::CountTrue(d, finite);
        const auto counted = hn::IfThenElseZero(finite, x);
        most = hn::Max(most, counted);
        least = hn::Min(least, counted);
    }
    s.most = HWY_MAX(s.most, hn::GetLane(hn::MaxOfLanes(d, most)));
    s.least = HWY_MIN(s.least, hn::GetLane(hn::MinOfLanes(d, least)));
}

template <class Integer>
Saturation rounded(const f32* in, f32 scale, f32 offset, Integer* out, std::size_t n) {
    Saturation s;
    std::size_t i = 0;
    rounded_from(hn::ScalableTag<float>(), i, in, scale, offset, out, n, s);
    rounded_from(hn::CappedTag<float, 1>(), i, in, scale, offset, out, n, s);
    return s;
}

Saturation to_i8(const f32* in, f32 scale, f32 offset, i8* out, std::size_t n) { return rounded(in, scale, offset, out, n); }
Saturation to_u8(const f32* in, f32 scale, f32 offset, u8* out, std::size_t n) { return rounded(in, scale, offset, out, n); }
Saturation to_i16(const f32* in, f32 scale, f32 offset, i16* out, std::size_t n) { return rounded(in, scale, offset, out, n); }

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(to_i8);
HWY_EXPORT(to_u8);
HWY_EXPORT(to_i16);

Saturation to_integers(const f32* in, f32 scale, f32 offset, i8* out, std::size_t n) {
    return HWY_DYNAMIC_DISPATCH(to_i8)(in, scale, offset, out, n);
}
Saturation to_integers(const f32* in, f32 scale, f32 offset, u8* out, std::size_t n) {
    return HWY_DYNAMIC_DISPATCH(to_u8)(in, scale, offset, out, n);
}
Saturation to_integers(const f32* in, f32 scale, f32 offset, i16* out, std::size_t n) {
    return HWY_DYNAMIC_DISPATCH(to_i16)(in, scale, offset, out, n);
}
}  // namespace flowspan::kernels
#endif
