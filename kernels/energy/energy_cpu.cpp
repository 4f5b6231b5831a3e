#include "kernels/energy/energy.hpp"

#include "kernels/simd.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/energy/energy_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

double energy_of(const float* in, std::size_t n) {
    const hn::CappedTag<double, 8> d;
    const hn::Rebind<float, decltype(d)> f;
    constexpr std::size_t lanes = hn::MaxLanes(d), parts = 8 / lanes;
    hn::Vec<decltype(d)> sum[parts];
    for (auto& s : sum) s = hn::Zero(d);
    const auto add = [&](const float* x) HWY_ATTR {
        for (std::size_t p = 0; p < parts; ++p) {
            const auto v = hn::PromoteTo(d, hn::LoadU(f, x + p * lanes));
            sum[p] = hn::Add(hn::Mul(v, v), sum[p]);
        }
    };
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8) add(in + i);
    if (i < n) {
        float last[8] = {};
        std::copy(in + i, in + n, last);
        add(last);
    }
    double s[8];
    for (std::size_t p = 0; p < parts; ++p) hn::StoreU(sum[p], d, s + p * lanes);
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(energy_of);

double energy(const f32* in, std::size_t n) { return HWY_DYNAMIC_DISPATCH(energy_of)(in, n); }
double energy(const cf32* in, std::size_t n) { return energy(reinterpret_cast<const f32*>(in), 2 * n); }

}  // namespace flowspan::kernels
#endif
