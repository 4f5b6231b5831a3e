#include "kernels/noise/noise.hpp"

#include <flowspan/kernels.hpp>

#include <cmath>

namespace flowspan::kernels {
namespace {

struct Polar {
    double radius;  // Rayleigh, mean square 2
    std::uint64_t phase;
};

Polar draw(std::uint64_t index, std::uint64_t seed) {
    const auto r =
        philox({std::uint32_t(index), std::uint32_t(index >> 32), 0, 0}, {std::uint32_t(seed), std::uint32_t(seed >> 32)});
    const std::uint64_t a = std::uint64_t(r[1]) << 32 | r[0], b = std::uint64_t(r[3]) << 32 | r[2];
    const double uniform = (double(a >> 11) + 1) / 9007199254740992.0;  // in (0, 1], 53 bits
    return {std::sqrt(-2 * log(uniform)), b};
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t p = std::uint64_t(0xD2511F53) * c[0], q = std::uint64_t(0xCD9E8D57) * c[2];
        c = {std::uint32_t(q >> 32) ^ c[1] ^ key[0], std::uint32_t(q), std::uint32_t(p >> 32) ^ c[3] ^ key[1],
             std::uint32_t(p)};
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
    return c;
}

void gaussian(cf32* out, std::size_t n, std::uint64_t first, std::uint64_t seed, double amplitude) {
    const double scale = amplitude * std::sqrt(0.5);
    for (std::size_t i = 0; i < n; ++i) {
        const Polar p = draw(first + i, seed);
        const Angle a = sincos_turns(p.phase);
        out[i] = {f32(scale * p.radius * a.cos), f32(scale * p.radius * a.sin)};
    }
}

void gaussian(f32* out, std::size_t n, std::uint64_t first, std::uint64_t seed, double amplitude) {
    for (std::size_t i = 0; i < n; ++i) {
        const Polar p = draw(first + i, seed);
        out[i] = f32(amplitude * p.radius * sincos_turns(p.phase).cos);
    }
}

}  // namespace flowspan::kernels
