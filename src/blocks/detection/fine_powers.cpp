#include "blocks/detection/fine_powers.hpp"

#include "kernels/mode_s/mode_s.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace flowspan::blocks {
namespace {

constexpr std::int64_t most_phases = 4096, together = 2048;
constexpr double half_length_s = 4e-6, widest_hz = 2e6;

Rational ratio_of(const Rational& rate) { return Rational(4000000) / rate; }

}  // namespace

bool FinePowers::can(const Rational& rate) {
    const Rational ratio = ratio_of(rate);
    return ratio.numerator() <= most_phases && ratio.denominator() <= most_phases;
}

std::size_t FinePowers::reach_for(const Rational& rate) { return std::size_t(std::ceil(half_length_s * rate.value())); }

std::size_t FinePowers::history_for(const Rational& rate) {
    const std::size_t reach = reach_for(rate), up = std::size_t(ratio_of(rate).numerator());
    if (ratio_of(rate) == Rational(2)) return kernels::Fir<cf32>::history_for(2 * reach);
    return kernels::Fir<cf32>::history_for(2 * reach * up + 1, up);
}

FinePowers::FinePowers(const Rational& rate)
    : up_(ratio_of(rate).numerator()),
      down_(ratio_of(rate).denominator()),
      half_(reach_for(rate)),
      history_(history_for(rate)) {
    const auto window = kernels::window("kaiser", 2 * half_ * std::size_t(up_) + 1, kernels::Symmetry::symmetric, 6.0);
    std::vector<double> h = kernels::design_low_pass(std::min(0.5, widest_hz / rate.value()) / double(up_), window);
    for (double& tap : h) tap *= double(up_);
    if (doubles()) {
        std::vector<double> odd;
        for (std::size_t k = 1; k < h.size(); k += 2) odd.push_back(h[k]);
        between_ = kernels::Fir<cf32>(odd);
    } else {
        filter_ = kernels::Fir<cf32>(h, std::size_t(up_), std::size_t(down_));
    }
}

std::int64_t FinePowers::power_at(std::int64_t sample) const {
    return sample <= 0 ? 0 : std::int64_t((__int128(sample) * up_ + down_ - 1) / down_);
}
std::int64_t FinePowers::sample_at(std::int64_t eighth_us) const {
    return std::int64_t(__int128(eighth_us) * down_ / (2 * up_));
}

void FinePowers::begin(std::int64_t sample, std::int64_t grid) {
    base_ = (power_at(sample) + grid - 1) / grid * grid;
    known_ = 0;
}

void FinePowers::take(const cf32* in, std::int64_t first, std::size_t n) {
    add(in, first, n);
    taken_ = first + std::int64_t(n);
    tail_.assign(in + std::ptrdiff_t(n) - std::ptrdiff_t(history_), in + n);
}

void FinePowers::finish() {
    std::vector<cf32> rest = tail_;
    rest.resize(tail_.size() + half_ + std::size_t(down_ / up_ + 1) * (2 * per_us));
    add(rest.data() + tail_.size(), taken_, rest.size() - tail_.size());
}

void FinePowers::add(const cf32* in, std::int64_t first, std::size_t n) {
    const std::int64_t end = power_at(first + std::int64_t(n) - std::int64_t(half_));  // the filter sees so far ahead
    while (this->end() < end) add_some(in, first, std::min(end, this->end() + together));
}

void FinePowers::add_some(const cf32* in, std::int64_t first, std::int64_t end) {
    const std::int64_t next = this->end();
    if (doubles()) {
        const auto n = std::size_t(end - next + 1) / 2;  // whole samples: powers always end with that behind one
        const cf32* x = in + (next / 2 - first);
        fine_.resize(n);
        between_(x + half_, fine_.data(), n);
        kernels::powers_in_turn(x, fine_.data(), more(2 * n), n);
    } else {
        const auto n = std::size_t(end - next);
        fine_.resize(n);
        const std::int64_t sample = std::int64_t(__int128(next) * down_ / up_);
        filter_(in + (sample + std::int64_t(half_) - first), fine_.data(), n, std::uint64_t(next));
        kernels::powers(fine_.data(), more(n), n);
    }
}

void FinePowers::forget(std::int64_t power) {
    const std::int64_t old = std::min(power, end()) - base_;
    if (old <= 0) return;
    std::copy(powers_.begin() + old, powers_.begin() + std::ptrdiff_t(known_), powers_.begin());
    known_ -= std::size_t(old);
    base_ += old;
}

f32* FinePowers::more(std::size_t n) {
    const std::size_t known = std::exchange(known_, known_ + n);
    powers_.resize(std::max(powers_.size(), known_));
    return powers_.data() + known;
}

}  // namespace flowspan::blocks
