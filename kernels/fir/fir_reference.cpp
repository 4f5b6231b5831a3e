#include "kernels/fir/fir.hpp"

namespace flowspan::kernels::reference {
namespace {
f64 widen(f32 x) { return x; }
cf64 widen(cf32 x) { return x; }
}  // namespace

template <class S>
void fir(const S* in, S* out, std::size_t n, std::span<const double> taps, std::size_t interpolation, std::size_t decimation,
         std::uint64_t first) {
    const std::uint64_t start = first * decimation / interpolation;
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint64_t position = (first + i) * decimation;
        const S* newest = in + (position / interpolation - start);
        auto sum = widen(S{});
        for (std::size_t t = position % interpolation, k = 0; t < taps.size(); t += interpolation, ++k)
            sum += taps[t] * widen(newest[-std::ptrdiff_t(k)]);
        out[i] = S(sum);
    }
}

template void fir(const f32*, f32*, std::size_t, std::span<const double>, std::size_t, std::size_t, std::uint64_t);
template void fir(const cf32*, cf32*, std::size_t, std::span<const double>, std::size_t, std::size_t, std::uint64_t);

void fir(const cf32* in, cf32* out, std::size_t n, std::span<const cf64> taps, std::size_t decimation) {
    for (std::size_t i = 0; i < n; ++i) {
        cf64 sum;
        for (std::size_t k = 0; k < taps.size(); ++k)
            sum += taps[k] * widen(in[std::ptrdiff_t(i * decimation) - std::ptrdiff_t(k)]);
        out[i] = cf32(sum);
    }
}

template <class S>
void interpolated_fir(const S* in, S* out, std::size_t n, std::span<const double> table, std::size_t phases, std::uint64_t taps,
                      std::uint64_t interpolation, std::uint64_t decimation, std::uint64_t first) {
    using Wide = unsigned __int128;
    const Wide start = Wide(first) * decimation / interpolation;
    for (std::size_t i = 0; i < n; ++i) {
        const Wide position = Wide(first + i) * decimation;
        const S* newest = in + std::ptrdiff_t(position / interpolation - start);
        auto sum = widen(S{});
        std::size_t k = 0;
        for (Wide tap = position % interpolation; tap < taps; tap += interpolation, ++k) {
            const auto at = std::size_t(tap * phases / interpolation);
            const double part = double(std::uint64_t(tap * phases % interpolation)) / double(interpolation);
            sum += (table[at] * (1 - part) + table[at + 1] * part) * widen(newest[-std::ptrdiff_t(k)]);
        }
        out[i] = S(sum);
    }
}

template void interpolated_fir(const f32*, f32*, std::size_t, std::span<const double>, std::size_t, std::uint64_t,
                               std::uint64_t, std::uint64_t, std::uint64_t);
template void interpolated_fir(const cf32*, cf32*, std::size_t, std::span<const double>, std::size_t, std::uint64_t,
                               std::uint64_t, std::uint64_t, std::uint64_t);

}  // namespace flowspan::kernels::reference
