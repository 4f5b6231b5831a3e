// Powers of complex samples at 4 MHz, whatever the sample rate: a filter interpolates the samples.
#pragma once

#include <flowspan/kernels.hpp>
#include <flowspan/rational.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace flowspan::blocks {

/// Powers count from the first sample of the stretch: number 0 is that at the sample itself.
class FinePowers {
public:
    static constexpr std::int64_t per_us = 4;

    FinePowers() = default;
    explicit FinePowers(const Rational& rate);
    /// Whether 4 MHz can be reached from this rate (samples/s).
    static bool can(const Rational& rate);
    /// Samples that must be at hand before the new ones.
    static std::size_t history_for(const Rational& rate);
    /// Samples that its filter sees to each side of a place.
    static std::size_t reach_for(const Rational& rate);

    /// A stretch begins, or its middle, at this sample; what is known is forgotten. The first power is a multiple of `grid`.
    void begin(std::int64_t sample, std::int64_t grid);
    /// Samples `first` … `first` + n - 1, which follow on the last.
    void take(const cf32* in, std::int64_t first, std::size_t n);
    /// The stretch is over: as if zeros followed.
    void finish();
    /// Powers of 0 behind all that.
    void pad(std::size_t n) { std::fill_n(more(n), n, 0.0F); }
    /// Powers that are known: from one to before the other.
    std::int64_t first() const { return base_; }
    std::int64_t end() const { return base_ + std::int64_t(known_); }
    const f32* from(std::int64_t power) const { return powers_.data() + (power - base_); }
    /// What lies before this power is not asked for any more.
    void forget(std::int64_t power);
    /// The sample at or before a place, in 1/8 us.
    std::int64_t sample_at(std::int64_t eighth_us) const;

private:
    /// At 2 MHz every other power is that of a sample.
    bool doubles() const { return up_ == 2 && down_ == 1; }
    std::int64_t power_at(std::int64_t sample) const;
    void add(const cf32* in, std::int64_t first, std::size_t n);
    void add_some(const cf32* in, std::int64_t first, std::int64_t end);
    /// Room for n powers behind those that are known, which they are from now on.
    f32* more(std::size_t n);

    kernels::Fir<cf32> filter_, between_;
    std::int64_t up_ = 1, down_ = 1;  // power k is that at sample k down / up
    std::size_t half_ = 0;            // samples: the filter's delay
    std::size_t history_ = 0;         // samples
    std::int64_t base_ = 0;           // the first in `powers_`
    std::vector<f32> powers_;         // the first `known_` of them
    std::size_t known_ = 0;
    std::vector<cf32> fine_;
    std::vector<cf32> tail_;  // the last samples, for what follows on them
    std::int64_t taken_ = 0;  // samples
};

}  // namespace flowspan::blocks
