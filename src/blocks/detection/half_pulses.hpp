// Energies of half bits of Mode S (0.5 us) on a grid of 1/16 us, whatever the sample rate: a filter interpolates, and only
// where somebody asks.
#pragma once

#include <flowspan/kernels.hpp>
#include <flowspan/rational.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace flowspan::blocks {

class HalfPulses {
public:
    static constexpr std::int64_t per_us = 16;  // places of the grid

    HalfPulses() = default;
    explicit HalfPulses(const Rational& rate);
    /// Whether the grid can be reached from this rate (samples/s).
    static bool can(const Rational& rate);
    /// Samples that its filter sees to each side of a place.
    static std::size_t reach(const Rational& rate);
    /// Samples that must be at hand before the first that is asked for, padding of the filter included.
    std::size_t history() const { return filter_.history() - half_; }
    /// The same behind the last.
    std::size_t ahead() const { return half_; }

    /// Samples first - before … first + n - 1, which must stay where they are; `in` points at sample `first`.
    void begin(const cf32* in, std::int64_t first, std::size_t before, std::size_t n);
    /// The first place at or behind a sample.
    std::int64_t place_at(std::int64_t sample) const;
    /// The sample at or before a place.
    std::int64_t sample_at(std::int64_t place) const;
    /// Energies of the half bits that begin at `place`, and at the `count` - 1 after it; their samples must be at hand.
    const f32* at(std::int64_t place, std::size_t count);

private:
    static constexpr std::int64_t block = 512;  // places that are computed together
    static constexpr std::int64_t half_bit = per_us / 2;
    void compute(std::int64_t block_number);

    kernels::Fir<cf32> filter_;
    std::int64_t up_ = 1, down_ = 1;  // place k lies at sample k down / up
    std::size_t half_ = 0;            // samples: the filter's delay
    const cf32* in_ = nullptr;
    std::int64_t first_ = 0, first_block_ = 0;
    std::int64_t low_ = 0, high_ = 0;  // places whose samples are at hand
    std::vector<f32> energies_;
    std::vector<char> known_;  // by block
    std::vector<cf32> fine_;
    std::vector<f32> powers_;
};

}  // namespace flowspan::blocks
