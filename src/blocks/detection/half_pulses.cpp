#include "blocks/detection/half_pulses.hpp"

#include <algorithm>
#include <cmath>
#include <complex>

namespace flowspan::blocks {
namespace {

constexpr std::int64_t most_phases = 4096;
constexpr double half_length_s = 4e-6, widest_hz = 2e6;

Rational ratio_of(const Rational& rate) { return Rational(HalfPulses::per_us * 1000000) / rate; }

std::int64_t floor_div(__int128 a, std::int64_t b) { return std::int64_t(a >= 0 ? a / b : -((-a + b - 1) / b)); }

}  // namespace

bool HalfPulses::can(const Rational& rate) {
    const Rational ratio = ratio_of(rate);
    return ratio.numerator() <= most_phases && ratio.denominator() <= most_phases;
}

std::size_t HalfPulses::reach(const Rational& rate) { return std::size_t(std::ceil(half_length_s * rate.value())); }

HalfPulses::HalfPulses(const Rational& rate)
    : up_(ratio_of(rate).numerator()), down_(ratio_of(rate).denominator()), half_(reach(rate)) {
    const std::size_t taps = 2 * half_ * std::size_t(up_) + 1;
    const auto window = kernels::window("kaiser", taps, kernels::Symmetry::symmetric, 6.0);
    const double cutoff = std::min(0.5, widest_hz / rate.value()) / double(up_);
    std::vector<double> h = kernels::design_low_pass(std::min(cutoff, 0.5), window);
    for (double& tap : h) tap *= double(up_);
    filter_ = kernels::Fir<cf32>(h, std::size_t(up_), std::size_t(down_));
}

std::int64_t HalfPulses::place_at(std::int64_t sample) const { return -floor_div(-(__int128(sample) * up_), down_); }
std::int64_t HalfPulses::sample_at(std::int64_t place) const { return floor_div(__int128(place) * down_, up_); }

void HalfPulses::begin(const cf32* in, std::int64_t first, std::size_t before, std::size_t n) {
    in_ = in;
    first_ = first;
    first_block_ = floor_div(place_at(first - std::int64_t(before)), block);
    const std::int64_t blocks = floor_div(place_at(first + std::int64_t(n)), block) - first_block_ + 1;
    energies_.resize(std::size_t(blocks * block));
    known_.assign(std::size_t(blocks), 0);
    low_ = place_at(first - std::int64_t(before + half_) + std::int64_t(filter_.history()));
    high_ = place_at(first + std::int64_t(n - half_));
}

const f32* HalfPulses::at(std::int64_t place, std::size_t count) {
    const std::int64_t from = floor_div(place, block), to = floor_div(place + std::int64_t(count) - 1, block);
    for (std::int64_t b = from; b <= to; ++b)
        if (known_[std::size_t(b - first_block_)] == 0) compute(b);
    return energies_.data() + (place - first_block_ * block);
}

void HalfPulses::compute(std::int64_t block_number) {
    known_[std::size_t(block_number - first_block_)] = 1;
    // As far as samples are at hand; outputs of the filter are `half_` samples late.
    const std::int64_t place = std::max(block_number * block, low_);
    const std::int64_t end = std::min(block_number * block + block + half_bit - 1, high_);
    if (end < place + half_bit) return;
    const auto n = std::size_t(end - place);
    fine_.resize(n);
    powers_.resize(n);
    filter_(in_ + (sample_at(place) + std::int64_t(half_) - first_), fine_.data(), n, std::uint64_t(place));
    for (std::size_t k = 0; k < n; ++k) powers_[k] = fine_[k].real() * fine_[k].real() + fine_[k].imag() * fine_[k].imag();
    f32* energies = energies_.data() + (place - first_block_ * block);
    for (std::size_t k = 0; k + 1 < n; ++k) powers_[k] += powers_[k + 1];
    for (std::size_t k = 0; k + 3 < n; ++k) powers_[k] += powers_[k + 2];
    for (std::size_t k = 0; k + 7 < n; ++k) energies[k] = powers_[k] + powers_[k + 4];
}

}  // namespace flowspan::blocks
