#include "kernels/iir/iir.hpp"

#include "kernels/not_finite/not_finite.hpp"

#include <cmath>
#include <limits>

namespace flowspan::kernels {
namespace {

constexpr double least = std::numeric_limits<f32>::min(), forgotten = 1e-60;
constexpr std::uint64_t period = 64;

double settled(double s) { return std::abs(s) >= forgotten && std::abs(s) <= std::numeric_limits<double>::max() ? s : 0; }
cf64 settled(cf64 s) { return {settled(s.real()), settled(s.imag())}; }

bool is_nan(double x) { return std::isnan(x); }
bool is_nan(cf64 x) { return std::isnan(x.real()) || std::isnan(x.imag()); }

f32 narrow(double y) { return std::abs(y) < least ? 0.0F : f32(y); }
cf32 narrow(cf64 y) { return {narrow(y.real()), narrow(y.imag())}; }

template <class S>
constexpr S none = [] {
    constexpr f32 nan = std::numeric_limits<f32>::quiet_NaN();
    if constexpr (std::is_same_v<S, cf32>)
        return S(nan, nan);
    else
        return nan;
}();

}  // namespace

template <class S>
std::size_t Sections<S>::operator()(const S* in, S* out, std::size_t n, std::uint64_t first, State& state) const {
    state.sections.resize(sections_.size());
    const Section* const c = sections_.data();
    auto* const s = state.sections.data();
    const std::size_t count = sections_.size();
    std::size_t bad = 0;
    for (std::size_t i = 0; i < n; ++i) {
        if ((first + i) % period == 0)
            for (std::size_t k = 0; k < count; ++k) s[k] = {settled(s[k][0]), settled(s[k][1])};
        const bool good = is_finite(in[i]);
        bad += good ? 0U : 1U;
        Wide x = good ? Wide(in[i]) : Wide();
        for (std::size_t k = 0; k < count; ++k) {
            const Wide y = c[k][0] * x + s[k][0];
            s[k][0] = (c[k][1] * x - c[k][4] * y) + s[k][1];
            s[k][1] = c[k][2] * x - c[k][5] * y;
            x = y;
        }
        const S y = narrow(x);
        out[i] = good && !is_nan(x) ? y : none<S>;
    }
    return bad;
}

template <class S>
std::size_t SinglePole<S>::operator()(const S* in, S* out, std::size_t n, std::uint64_t first, State& state) const {
    const double old = 1 - alpha_;
    Wide y = state.last;
    std::size_t bad = 0;
    for (std::size_t i = 0; i < n; ++i) {
        if ((first + i) % period == 0) y = settled(y);
        const bool good = is_finite(in[i]);
        bad += good ? 0U : 1U;
        y = alpha_ * (good ? Wide(in[i]) : Wide()) + old * y;
        out[i] = good ? narrow(y) : none<S>;
    }
    state.last = y;
    return bad;
}

template class Sections<f32>;
template class Sections<cf32>;
template class SinglePole<f32>;
template class SinglePole<cf32>;

}  // namespace flowspan::kernels
