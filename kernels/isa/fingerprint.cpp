#include <flowspan/kernels.hpp>

#include "kernels/argument/argument.hpp"
#include "kernels/fft/fft.hpp"
#include "kernels/fir/fir.hpp"
#include "kernels/fir_design/fir_design.hpp"
#include "kernels/noise/noise.hpp"
#include "kernels/overlap_save/overlap_save.hpp"
#include "kernels/pfb/pfb.hpp"
#include "kernels/rotate/rotate.hpp"
#include "kernels/spectrum/spectrum.hpp"
#include "kernels/window/window.hpp"

#include <algorithm>
#include <span>

namespace flowspan::kernels {
namespace {

/// FNV-1a over the bytes of what kernels made.
struct Hash {
    std::uint64_t state = 0xcbf29ce484222325ULL;
    template <class T>
    void add(std::span<const T> values) {
        for (std::byte b : std::as_bytes(values)) state = (state ^ std::uint64_t(b)) * 0x100000001b3ULL;
    }
    template <class T>
    void add(const std::vector<T>& values) {
        add(std::span<const T>(values));
    }
    void add(double value) { add(std::span<const double>(&value, 1)); }
    std::string text() const {
        std::string digits;
        for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[state >> shift & 15];
        return digits;
    }
};

constexpr std::size_t before = 512, count = 1024;  // samples in front of the one that a kernel starts at; samples that follow

std::vector<cf32> fixed_vector() {
    std::vector<cf32> x(before + count);
    gaussian(x.data(), x.size(), 0, 1, 1.0);
    return x;
}

void add_filters(Hash& hash, const cf32* x) {
    const auto taps = design_low_pass(0.1, window("kaiser", 63, Symmetry::symmetric));
    std::vector<cf64> complex_taps(taps.begin(), taps.end());
    for (std::size_t k = 0; k < taps.size(); ++k) complex_taps[k] *= cf64(0.6, 0.8);
    const auto* reals = reinterpret_cast<const f32*>(x);
    std::vector<cf32> y(count / 4);
    std::vector<f32> r(count / 4);
    for (const auto& [up, down] : {std::pair{1, 1}, {1, 3}, {3, 2}}) {
        Fir<cf32>(taps, std::size_t(up), std::size_t(down))(x, y.data(), y.size());
        Fir<f32>(taps, std::size_t(up), std::size_t(down))(reals, r.data(), r.size());
        hash.add(y);
        hash.add(r);
    }
    ComplexFir(complex_taps, 4)(x, y.data(), y.size());
    hash.add(y);
    OverlapSave<cf32> fast(taps);
    fast(x, y.data(), std::min(y.size(), fast.block()));
    hash.add(y);
}

void add_transforms(Hash& hash, const cf32* x) {
    for (std::size_t size : {16, 60, 64, 256, 1000, 1024}) {
        Fft fft(size);
        std::copy_n(x, size, fft.in());
        fft.run();
        hash.add(std::span<const cf32>(fft.out(), size));
        std::vector<double> power(size);
        add_power(fft.out(), power.data(), size);
        hash.add(power);
    }
    constexpr std::size_t channels = 16, frames = 8;
    std::vector<cf32> y(channels * frames);
    std::vector<cf32*> rows;
    for (std::size_t c = 0; c < channels; ++c) rows.push_back(y.data() + c * frames);
    Pfb(channels, pfb_prototype(channels, 8, 80))(x, rows.data(), frames);
    hash.add(y);
}

}  // namespace

std::string fingerprint() {
    Hash hash;
    const std::vector<cf32> made = fixed_vector();
    const cf32* x = made.data() + before;
    hash.add(made);
    add_filters(hash, x);
    add_transforms(hash, x);
    std::vector<f32> angles(count);
    quadrature_demod(x, angles.data(), count, 1.5F);
    hash.add(angles);
    arguments(x, angles.data(), count);
    hash.add(angles);
    std::vector<cf32> y(count);
    Rotator(0x123456789abcdef1ULL)(x, y.data(), count, 5);
    hash.add(y);
    for (const auto& name : window_names()) hash.add(window(name, 33, Symmetry::periodic));
    hash.add(energy(x, count));
    hash.add(exp(0.3) + log10(3.0) + sincos(2.0).sin);
    return hash.text();
}

}  // namespace flowspan::kernels
