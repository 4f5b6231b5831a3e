// What the fast sums of sums.hpp made of NaN and infinities, and of numbers near the end of their range, again.
#include "kernels/fir/fir_cpu.hpp"
#include "kernels/not_finite/filters_cpu.hpp"

namespace flowspan::kernels {

template <class S>
float Fir<S>::tap(std::size_t t) const {
    constexpr std::size_t width = sizeof(S) / sizeof(float), in_group = 16 / width;
    const std::size_t place = length_ - 1 - t / interpolation_, places = length_ / in_group;
    if (interpolation_ == 1 && decimation_ == 1) return cpu_->taps[place % in_group * places + place / in_group];
    return cpu_->taps[((t % interpolation_) * length_ + place) * width];
}

template <class S>
void Fir<S>::mend_all(const S* in, S* out, std::size_t n, std::uint64_t first) const {
    const std::uint64_t phase = phase_of(first);
    const auto read = std::size_t((phase + (n - 1) * decimation_) / interpolation_) + 1;
    const NotFinite<S> bad(in - history(), history() + read);
    for (std::size_t i = 0; i < n; ++i) {
        if (is_finite(out[i])) continue;
        const std::uint64_t position = phase + i * decimation_;
        const auto p = std::size_t(position % interpolation_);
        const std::size_t taps = p < size_ ? (size_ - p + interpolation_ - 1) / interpolation_ : 0;
        mend(out[i], in + position / interpolation_, taps, bad, [&](std::size_t k) { return tap(p + k * interpolation_); });
    }
}

template class Fir<f32>;
template class Fir<cf32>;

// As `resample_between` finds rows and taps.
template <class S>
void InterpolatedFir<S>::mend_all(const S* in, S* out, std::size_t n, std::uint64_t phase) const {
    constexpr std::size_t width = sizeof(S) / sizeof(float);
    using Wide = unsigned __int128;
    const auto read = std::size_t((phase + Wide(n - 1) * decimation_) / interpolation_) + 1;
    const NotFinite<S> bad(in - history(), history() + read);
    for (std::size_t i = 0; i < n; ++i) {
        if (is_finite(out[i])) continue;
        const Wide position = phase + Wide(i) * decimation_;
        const auto p = std::uint64_t(position % interpolation_);
        const double at = double(p) * (double(phases_) / double(interpolation_));
        const std::size_t row = std::min(std::size_t(at), phases_ - 1);
        const std::size_t stands = row == edge_row_ ? phases_ + (p <= edge_ ? 1 : 3) : row;
        const float *here = &cpu_->taps[stands * length_ * width], *next = here + length_ * width;
        const auto share = float(at - double(row));
        mend(out[i], in + std::size_t(position / interpolation_), std::size_t(most_) + (p <= edge_ ? 1 : 0), bad,
             [&](std::size_t k) {
                 const std::size_t place = (length_ - 1 - k) * width;
                 return here[place] + share * (next[place] - here[place]);
             });
    }
}

template class InterpolatedFir<f32>;
template class InterpolatedFir<cf32>;

// Real and imaginary part of an output have both parts of a sample in.
void ComplexFir::mend_all(const cf32* in, cf32* out, std::size_t n) const {
    const NotFinite<cf32> bad(in - history(), history() + (n - 1) * decimation_ + 1);
    for (std::size_t i = 0; i < n; ++i) {
        if (is_finite(out[i])) continue;
        const cf32* newest = in + i * decimation_;
        double re = 0, im = 0;
        const auto add = [&](const cf32* x) {
            const std::size_t at = 2 * (length_ - 1 - std::size_t(newest - x));
            const double a = cpu_->real[at], b = cpu_->imag[at], c = x->real(), d = x->imag();
            re += a * c - b * d;
            im += a * d + b * c;
        };
        const auto some = bad.within(newest - (size_ - 1), newest);
        for (const cf32* x : some)
            if (add(x); std::isnan(re) && std::isnan(im)) break;
        if (some.empty())
            for (std::size_t k = 0; k < size_; ++k) add(newest - k);
        out[i] = {rounded(re), rounded(im)};
    }
}

}  // namespace flowspan::kernels
