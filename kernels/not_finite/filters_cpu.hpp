// NaN and infinities in filters. Each touches the outputs whose sum has it in, and no other: neither those that a tap of 0, put
// there to fill a vector, multiplies it into, nor those that a transform mixes it with.
//
// Of a sum that has some in, they alone decide what it is: h x of them is never finite, so what else is summed does not matter.
#pragma once

#include "kernels/not_finite/not_finite.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace flowspan::kernels {

/// Part c of a sample: 0 the real, 1 the imaginary one.
template <class S>
f32 part(const S& x, std::size_t c) {
    return reinterpret_cast<const f32*>(&x)[c];
}
template <class S>
f32& part(S& x, std::size_t c) {
    return reinterpret_cast<f32*>(&x)[c];
}

/// The samples among n of them that are not finite.
template <class S>
class NotFinite {
public:
    static constexpr std::size_t parts = sizeof(S) / sizeof(f32);

    NotFinite(const S* from, std::size_t n) {
        constexpr std::size_t piece = 256;
        for (std::size_t k = 0; k < n; k += piece) {
            const std::size_t end = std::min(n, k + piece);
            if (all_finite(from + k, end - k)) continue;
            for (std::size_t i = k; i < end; ++i)
                if (!is_finite(from[i])) at_.push_back(from + i);
        }
    }
    /// Those from `oldest` to `newest`, both included.
    std::span<const S* const> within(const S* oldest, const S* newest) const {
        const auto from = std::lower_bound(at_.begin(), at_.end(), oldest);
        return {from, std::upper_bound(from, at_.end(), newest)};
    }
    /// Sets part c of y to the sum over k < taps of tap(k) newest[-k], where a part c among these is not finite. Else: false.
    template <class Tap>
    bool decide(S& y, std::size_t c, const S* newest, std::size_t taps, Tap tap) const {
        if (taps == 0) return false;
        double sum = 0;
        bool some = false;
        for (const S* x : within(newest - (taps - 1), newest)) {
            if (std::isfinite(part(*x, c))) continue;
            some = true;
            sum += double(tap(std::size_t(newest - x))) * double(part(*x, c));
            if (std::isnan(sum)) break;
        }
        if (some) part(y, c) = rounded(sum);
        return some;
    }

private:
    std::vector<const S*> at_;
};

/// The sum over k < taps of tap(k) newest[-k] again, where a fast one is not finite: each part of y that is not.
template <class S, class Tap>
void mend(S& y, const S* newest, std::size_t taps, const NotFinite<S>& bad, Tap tap) {
    for (std::size_t c = 0; c < bad.parts; ++c) {
        if (std::isfinite(part(y, c)) || bad.decide(y, c, newest, taps, tap)) continue;
        double sum = 0;  // a tap beyond these met it, or the fast sum went beyond the range of a float on its way
        for (std::size_t k = 0; k < taps; ++k) sum += double(tap(k)) * double(part(newest[-std::ptrdiff_t(k)], c));
        part(y, c) = rounded(sum);
    }
}

}  // namespace flowspan::kernels
