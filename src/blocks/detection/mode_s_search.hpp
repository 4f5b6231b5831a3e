// Where frames of Mode S may begin in powers at 4 MHz, on a grid of 1/8 us, and their bits.
#pragma once

#include "blocks/detection/fine_powers.hpp"
#include "blocks/detection/mode_s.hpp"
#include "kernels/mode_s/mode_s.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace flowspan::blocks {

/// A frame, and where it begins: in 1/8 us from the first sample of the stretch, twice the number of a power, or 1 more.
struct ModeSRead {
    ModeSFrame frame;
    std::int64_t place = 0;
};

/// All facts about places are kept as bits (kernels::mark), 64 places of powers a word; those of bits of frames also so that
/// places 1 us apart lie side by side.
class ModeSSearch {
public:
    static constexpr std::int64_t per_us = 2 * FinePowers::per_us, word = 64;
    /// Formats (a bit each, of their number) of frames of one length, and the bits of their remainder that are to be 0.
    struct Kind {
        std::uint32_t formats = 0, zero = 0;
        std::size_t bits() const { return formats >> 16 != 0 ? 112 : 56; }
    };

    /// From this power on, a multiple of `word`; what is known is forgotten.
    void begin(std::int64_t power);
    /// Marks places as far as powers are known. `ratio`: how far the pulses of a preamble are above its gaps.
    void mark(const FinePowers& powers, f32 ratio);
    /// Up to where, in powers, all bits of a frame of 112 are known; a multiple of `word`.
    std::int64_t whole() const;
    /// What is read at places from the last ones on, up to before power `end`, if it is of one of these kinds; by place.
    const std::vector<ModeSRead>& find(std::int64_t end, std::span<const Kind> kinds);
    /// The power that is looked at next.
    std::int64_t next() const { return next_; }
    /// What lies before it is not asked for any more.
    void forget();

private:
    /// Of places at powers, or of those 1/8 us behind them.
    struct Marks {
        std::vector<std::uint64_t> preambles, ones;
        std::array<std::vector<u16>, FinePowers::per_us> by_us;  // the same ones, of powers 4 k + i
    };
    std::size_t words() const { return marks_[0].ones.size(); }
    std::int64_t end() const { return base_ + std::int64_t(words()) * word; }
    void look(const Kind& kind, std::int64_t odd, std::int64_t end);
    ModeSFrame frame(const kernels::ModeSLines& lines, std::size_t power) const;

    std::int64_t base_ = 0, next_ = 0;  // powers
    std::array<Marks, 2> marks_;
    std::vector<std::uint64_t> begins_;
    std::vector<std::uint32_t> places_;
    std::vector<ModeSRead> found_;
};

}  // namespace flowspan::blocks
