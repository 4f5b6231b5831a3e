// Where frames of Mode S may begin in powers at 4 MHz, on a grid of 1/8 us, and their bits.
#pragma once

#include "blocks/detection/fine_powers.hpp"
#include "blocks/detection/mode_s.hpp"
#include "kernels/mode_s/mode_s.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace flowspan::blocks {

/// All facts about places are kept as bits (kernels::mark), 64 places of powers a word; those of bits of frames also so that
/// places 1 us apart lie side by side. A place is counted in 1/8 us from the first sample of the stretch: twice the number of
/// its power, and 1 behind it.
class ModeSSearch {
public:
    static constexpr std::int64_t per_us = 2 * FinePowers::per_us, word = 64;

    /// From this power on, a multiple of `word`; what is known is forgotten.
    void begin(std::int64_t power);
    /// Marks places as far as powers are known. `ratio`: how far the pulses of a preamble are above its gaps.
    void mark(const FinePowers& powers, f32 ratio);
    /// Up to where, in powers, all bits of a frame of 112 are known; a multiple of `word`.
    std::int64_t whole() const;
    /// Places from the last ones on, up to before power `end`, where frames of these formats (bits of the number) may begin.
    std::span<const std::int64_t> find(std::int64_t end, std::uint32_t formats);
    /// What is read there, at a place that `find` gave.
    ModeSFrame frame(std::int64_t place) const {
        const auto power = std::size_t((place >> 1) - base_) + 4 * kernels::mode_s_preamble_us;
        const auto* line = reinterpret_cast<const u8*>(marks_[std::size_t(place & 1)].by_us[power % 4].data());
        const std::size_t bit = power / 4;
        std::uint64_t first = 0, others = 0;
        std::memcpy(&first, line + bit / 8, 8);
        std::memcpy(&others, line + bit / 8 + 8, 8);
        return {first >> bit % 8 | others << 1 << (63 - bit % 8), others >> bit % 8};
    }
    /// The power that is looked at next.
    std::int64_t next() const { return next_; }
    /// What lies before it is not asked for any more.
    void forget();

private:
    /// Of places at powers, and of those behind them.
    struct Marks {
        std::vector<std::uint64_t> preambles, ones;
        std::array<std::vector<u16>, FinePowers::per_us> by_us;  // the same ones, of powers 4 k + i
    };
    std::size_t words() const { return marks_[0].ones.size(); }
    std::int64_t end() const { return base_ + std::int64_t(words()) * word; }
    /// Those in `begins_`, whose first word begins at that power: of each word those at powers, then those behind them.
    std::span<const std::int64_t> listed(std::int64_t power);

    std::int64_t base_ = 0, next_ = 0;  // powers
    std::array<Marks, 2> marks_;
    std::array<std::vector<std::uint64_t>, 2> begins_;
    std::vector<std::int64_t> found_;
};

}  // namespace flowspan::blocks
