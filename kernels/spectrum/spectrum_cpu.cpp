#include "kernels/spectrum/spectrum.hpp"

#include "kernels/simd.hpp"
#include "kernels/tree_sum/tree_sum_cpu.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/spectrum/spectrum_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace flowspan::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
void window_from(D d, std::size_t& i, const float* in, const float* w, float* out, std::size_t n) {
    for (const std::size_t lanes = hn::Lanes(d); i + lanes <= n; i += lanes) {
        const auto v = hn::LoadU(d, w + i);
        hn::Vec<D> re, im;
        hn::LoadInterleaved2(d, in + 2 * i, re, im);
        hn::StoreInterleaved2(hn::Mul(re, v), hn::Mul(im, v), d, out + 2 * i);
    }
}

void window_complex(const float* in, const float* w, float* out, std::size_t n) {
    std::size_t i = 0;
    window_from(hn::ScalableTag<float>(), i, in, w, out, n);
    window_from(hn::CappedTag<float, 1>(), i, in, w, out, n);
}

/// A node of the tree and those that it takes up: `depth` of them, known in advance where it is below `unknown`.
constexpr std::size_t unknown = 5;

template <std::size_t depth, class D>
hn::Vec<D> merged(D d, hn::Vec<D> sum, const TreeSum::Place& to, std::size_t i) {
    const std::size_t all = depth < unknown ? depth : to.depth;
    for (std::size_t m = 0; m < all; ++m) sum = hn::Add(hn::LoadU(d, to.left[m] + i), sum);
    return sum;
}

template <std::size_t depth>
void power_of(const float* bins, const TreeSum::Place& to, std::size_t n) {
    const hn::ScalableTag<float> f;
    const hn::ScalableTag<double> d;
    const hn::Half<decltype(f)> half;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t i = 0;
    for (; i + 2 * lanes <= n; i += 2 * lanes) {
        hn::Vec<decltype(f)> re, im;
        hn::LoadInterleaved2(f, bins + 2 * i, re, im);
        const auto power = hn::Add(hn::Mul(re, re), hn::Mul(im, im));
        hn::StoreU(merged<depth>(d, hn::PromoteTo(d, hn::LowerHalf(half, power)), to, i), d, to.out + i);
        hn::StoreU(merged<depth>(d, hn::PromoteTo(d, hn::UpperHalf(half, power)), to, i + lanes), d, to.out + i + lanes);
    }
    const hn::CappedTag<double, 1> one;
    for (; i < n; ++i) {
        const float power = bins[2 * i] * bins[2 * i] + bins[2 * i + 1] * bins[2 * i + 1];
        hn::StoreU(merged<depth>(one, hn::Set(one, double(power)), to, i), one, to.out + i);
    }
}

// Half of all frames merge nothing, a quarter one node, and so on.
void power(const float* bins, const TreeSum::Place& to, std::size_t n) {
    switch (to.depth) {
        case 0:
            return power_of<0>(bins, to, n);
        case 1:
            return power_of<1>(bins, to, n);
        case 2:
            return power_of<2>(bins, to, n);
        case 3:
            return power_of<3>(bins, to, n);
        case 4:
            return power_of<4>(bins, to, n);
        default:
            return power_of<unknown>(bins, to, n);
    }
}

}  // namespace flowspan::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace flowspan::kernels {
HWY_EXPORT(window_complex);
HWY_EXPORT(power);

void apply_window(const cf32* in, const f32* window, cf32* out, std::size_t n) {
    HWY_DYNAMIC_DISPATCH(window_complex)(reinterpret_cast<const float*>(in), window, reinterpret_cast<float*>(out), n);
}
void apply_window(const f32* in, const f32* window, cf32* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = in[i] * window[i];
}
void add_power(const cf32* bins, double* sum, std::size_t n) {
    const double* const left = sum;
    HWY_DYNAMIC_DISPATCH(power)(reinterpret_cast<const float*>(bins), {sum, &left, 1}, n);
}
void add_power(const cf32* bins, std::size_t n, TreeSum& sum) {
    const TreeSum::Place to = sum.place();
    HWY_DYNAMIC_DISPATCH(power)(reinterpret_cast<const float*>(bins), to, n);
    for (std::size_t k = n; k < sum.size(); ++k) {
        double number = 0;
        for (std::size_t m = 0; m < to.depth; ++m) number = to.left[m][k] + number;
        to.out[k] = number;
    }
    sum.placed();
}

}  // namespace flowspan::kernels
#endif
