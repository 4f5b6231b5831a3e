// Blocks that make each sample of the samples at the same place alone, in items of any shape.
#pragma once

#include "kernels/not_finite/not_finite.hpp"

#include <flowspan/port.hpp>

#include <algorithm>
#include <cstddef>

namespace flowspan::blocks {

/// y[i] = f(x[i]) for all samples of n items.
template <class From, class To, class F>
void each_sample(std::size_t n, const Input<From>& in, const Output<To>& out, F f) {
    const std::size_t samples = n * in.description().samples_per_item();
    const From* x = in.data();
    To* y = out.data();
    for (std::size_t i = 0; i < samples; ++i) y[i] = f(x[i]);
}

/// Of NaN that meet one alone leaves, whichever the compiler takes first.
template <class T>
void unify_nan(std::size_t n, const Output<T>& out) {
    kernels::unify_nan(reinterpret_cast<f32*>(out.data()), n * out.description().samples_per_item() * sizeof(T) / sizeof(f32));
}

/// y = f(… f(f(x0, x1), x2) …) for all samples of n items of streams that are alike: f(a, b, y, samples) makes y[i] of a[i] and
/// b[i]; y may be a.
template <class T, class F>
void fold_samples(std::size_t n, Inputs<T>& in, const Output<T>& out, F f) {
    const std::size_t samples = n * out.description().samples_per_item();
    T* y = out.data();
    if (in.size() == 1) std::copy_n(in[0].data(), samples, y);
    for (int k = 1; k < in.size(); ++k) f(k == 1 ? in[0].data() : y, in[k].data(), y, samples);
    unify_nan(n, out);
}

/// |z|^2
inline f32 power(cf32 z) { return z.real() * z.real() + z.imag() * z.imag(); }

}  // namespace flowspan::blocks
