// Energies of half bits of Mode S (0.5 us) on a grid of 1/8 us, whatever the sample rate: a filter interpolates powers at 4
// MHz, which are added up; half-way between, the mean is taken.
#pragma once

#include <flowspan/kernels.hpp>
#include <flowspan/rational.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace flowspan::blocks {

/// Places of the grid count from the first sample of the stretch. Those 1 us apart lie side by side.
class HalfPulses {
public:
    static constexpr std::int64_t per_us = 8, half_bit = per_us / 2;

    HalfPulses() = default;
    explicit HalfPulses(const Rational& rate);
    /// Whether the grid can be reached from this rate (samples/s).
    static bool can(const Rational& rate);
    /// Samples that must be at hand before the new ones.
    static std::size_t history_for(const Rational& rate);
    /// Samples that its filter sees to each side of a place.
    static std::size_t reach_for(const Rational& rate);

    /// A stretch begins, or its middle, at this sample; what is known is forgotten.
    void begin(std::int64_t sample);
    /// Samples `first` … `first` + n - 1, which follow on the last.
    void take(const cf32* in, std::int64_t first, std::size_t n);
    /// The stretch is over: as if zeros followed.
    void finish();
    /// Places whose energy is known: from one to before the other, both multiples of 8.
    std::int64_t first() const { return base_ * per_us; }
    std::int64_t end() const { return end_ * per_us; }
    /// Energies at the place, 1 us later, …
    const f32* from(std::int64_t place) const { return planes_[std::size_t(place % per_us)].data() + (place / per_us - base_); }
    /// What lies before this place, a multiple of 8, is not asked for any more.
    void forget(std::int64_t place);
    /// The sample at or before a place.
    std::int64_t sample_at(std::int64_t place) const;

private:
    static constexpr std::int64_t powers_per_us = 4;
    /// At 2 MHz every other power is that of a sample.
    bool doubles() const { return up_ == 2 && down_ == 1; }
    std::int64_t power_at(std::int64_t sample) const;
    void add(const cf32* in, std::int64_t first, std::size_t n);
    void add_powers(const cf32* in, std::int64_t first, std::int64_t end);

    kernels::Fir<cf32> filter_, between_;
    std::int64_t up_ = 1, down_ = 1;   // power k is that at sample k down / up
    std::size_t half_ = 0;             // samples: the filter's delay
    std::size_t history_ = 0;          // samples
    std::int64_t base_ = 0, end_ = 0;  // us
    std::int64_t next_ = 0;            // power
    std::array<std::vector<f32>, per_us> planes_;
    std::vector<cf32> fine_;
    std::vector<cf32> tail_;   // the last samples, for what follows on them
    std::int64_t taken_ = 0;   // samples
    std::vector<f32> powers_;  // from that at `end_` on
};

}  // namespace flowspan::blocks
