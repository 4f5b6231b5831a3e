#include "kernels/integers/integers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace flowspan::kernels::reference {
namespace {

template <class Integer>
Saturation rounded(const f32* in, f32 scale, f32 offset, Integer* out, std::size_t n) {
    constexpr f32 low = f32(std::numeric_limits<Integer>::min()), high = f32(std::numeric_limits<Integer>::max());
    Saturation s;
    for (std::size_t i = 0; i < n; ++i) {
        const f32 x = in[i], v = std::nearbyint((std::isnan(x) ? 0.0F : x) * scale + offset);
        out[i] = Integer(std::clamp(v, low, high));
        if (!std::isfinite(x)) {
            ++s.not_finite;
            continue;
        }
        s.clipped += v < low || v > high ? 1U : 0U;
        s.most = std::max(s.most, x);
        s.least = std::min(s.least, x);
    }
    return s;
}

}  // namespace

Saturation to_integers(const f32* in, f32 scale, f32 offset, i8* out, std::size_t n) {
    return rounded(in, scale, offset, out, n);
}
Saturation to_integers(const f32* in, f32 scale, f32 offset, u8* out, std::size_t n) {
    return rounded(in, scale, offset, out, n);
}
Saturation to_integers(const f32* in, f32 scale, f32 offset, i16* out, std::size_t n) {
    return rounded(in, scale, offset, out, n);
}

}  // namespace flowspan::kernels::reference
