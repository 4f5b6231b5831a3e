#include "kernels/to_floats/to_floats.hpp"

#include "kernels/simd.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/to_floats/to_floats_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

std::size_t shift_and_scale(const u8* in, float* out, std::size_t n, float factor) {
    const hn::ScalableTag<float> d;
    const hn::Rebind<std::int32_t, decltype(d)> di;
    const hn::Rebind<u8, decltype(d)> d8;
    const std::size_t lanes = hn::Lanes(d);
    const auto middle = hn::Set(d, 127.5F), f = hn::Set(d, factor);
    std::size_t k = 0;
    for (; k + lanes <= n; k += lanes) {
        const auto x = hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(d8, in + k)));
        hn::StoreU(hn::Mul(hn::Sub(x, middle), f), d, out + k);
    }
    return k;
}

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(shift_and_scale);

void to_floats(const u8* in, f32* out, std::size_t n, f32 factor) {
    const std::size_t done = HWY_DYNAMIC_DISPATCH(shift_and_scale)(in, out, n, factor);
    reference::to_floats(in + done, out + done, n - done, factor);
}

}  // namespace flowspan::kernels
#endif
