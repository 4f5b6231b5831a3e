#include "kernels/pfb/pfb.hpp"

#include <cmath>
#include <numbers>

namespace flowspan::kernels::reference {

void pfb(const cf32* in, cf32* const* out, std::size_t n, std::size_t channels, std::span<const double> prototype,
         std::uint64_t first) {
    const auto M = std::ptrdiff_t(channels);
    for (std::ptrdiff_t c = 0; c < M; ++c) {
        for (std::ptrdiff_t m = 0; m < std::ptrdiff_t(n); ++m) {
            cf64 sum;
            for (std::ptrdiff_t k = 0; k < std::ptrdiff_t(prototype.size()); ++k) {
                const double angle =
                    2 * std::numbers::pi * double((c - M / 2) * (k - std::ptrdiff_t(first % channels)) % M) / double(M);
                if (prototype[std::size_t(k)] != 0)
                    sum += prototype[std::size_t(k)] * cf64(in[m * M - k]) * cf64(std::cos(angle), std::sin(angle));
            }
            out[c][m] = cf32(sum);
        }
    }
}

}  // namespace flowspan::kernels::reference
