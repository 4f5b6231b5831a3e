#include "kernels/not_finite/not_finite.hpp"

#include "kernels/simd.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/not_finite/not_finite_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// 0 times a finite number is 0, times any other NaN, which stays in a sum.
bool all_finite(const float* x, std::size_t n) {
    const hn::CappedTag<float, 16> d;
    constexpr std::size_t lanes = hn::MaxLanes(d);
    const auto zero = hn::Zero(d);
    auto a = zero, b = zero, c = zero, e = zero;
    std::size_t i = 0;
    for (; i + 4 * lanes <= n; i += 4 * lanes) {
        a = hn::MulAdd(hn::LoadU(d, x + i), zero, a);
        b = hn::MulAdd(hn::LoadU(d, x + i + lanes), zero, b);
        c = hn::MulAdd(hn::LoadU(d, x + i + 2 * lanes), zero, c);
        e = hn::MulAdd(hn::LoadU(d, x + i + 3 * lanes), zero, e);
    }
    for (; i + lanes <= n; i += lanes) a = hn::MulAdd(hn::LoadU(d, x + i), zero, a);
    float rest = 0;
    for (; i < n; ++i) rest += 0 * x[i];
    a = hn::Add(hn::Add(a, b), hn::Add(c, e));
    return hn::AllTrue(d, hn::Eq(a, zero)) && rest == 0;
}

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(all_finite);

bool all_finite(const f32* x, std::size_t n) { return HWY_DYNAMIC_DISPATCH(all_finite)(x, n); }

void unify_nan(f32* x, std::size_t n) {
    if (all_finite(x, n)) return;
    for (std::size_t i = 0; i < n; ++i)
        if (std::isnan(x[i])) x[i] = std::numeric_limits<f32>::quiet_NaN();
}

}  // namespace flowspan::kernels
#endif
