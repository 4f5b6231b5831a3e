#include "blocks/detection/mode_s_search.hpp"

#include "kernels/mode_s/mode_s.hpp"

#include <algorithm>
#include <bit>

namespace flowspan::blocks {
namespace {

constexpr std::int64_t preamble = std::int64_t(kernels::mode_s_preamble_us) * FinePowers::per_us,
                       longest = preamble + 112 * FinePowers::per_us;
constexpr std::size_t margin = 16 / sizeof(u16);  // `frame` loads so much at once

/// Bits change places: the one at p goes to where `low` and `high`, two digits of p in binary, have changed with each other.
template <unsigned low, unsigned high>
std::uint64_t exchanged(std::uint64_t x) {
    constexpr std::uint64_t mask = [] {
        std::uint64_t m = 0;
        for (unsigned p = 0; p < 64; ++p) m |= std::uint64_t((p >> low & 1) > (p >> high & 1)) << p;
        return m;
    }();
    constexpr unsigned shift = (1U << high) - (1U << low);
    const std::uint64_t differ = (x ^ x >> shift) & mask;
    return x ^ differ ^ differ << shift;
}
/// Bit 16 i + k is bit 4 k + i of x.
std::uint64_t by_fours(std::uint64_t x) { return exchanged<0, 2>(exchanged<0, 4>(exchanged<1, 3>(exchanged<1, 5>(x)))); }

/// Places of bits from the one of bit 0 on, four at a time, however many there are: that is hard to foretell. Returns their
/// end; behind it there is room for three.
std::int64_t* list(std::uint64_t bits, std::int64_t place, std::int64_t* to) {
    constexpr std::uint64_t top = std::uint64_t{1} << 63;  // (no care need be taken of 0)
    std::int64_t* const end = to + std::popcount(bits);
    for (; bits != 0; to += 4)
        for (int k = 0; k < 4; ++k, bits &= bits - 1) to[k] = place + 2 * std::countr_zero(bits | top);
    return end;
}

template <class T>
void drop(std::vector<T>& from, std::size_t n) {
    from.erase(from.begin(), from.begin() + std::ptrdiff_t(n));
}

}  // namespace

void ModeSSearch::begin(std::int64_t power) {
    base_ = next_ = power;
    marks_ = {};
}

void ModeSSearch::mark(const FinePowers& powers, f32 ratio) {
    const std::int64_t more = (powers.end() - end() - std::int64_t(kernels::mode_s_marks_see)) / word;
    if (more <= 0) return;
    const std::size_t known = words(), n = known + std::size_t(more);
    kernels::ModeSMarks to{};
    for (std::size_t odd = 0; odd < 2; ++odd) {
        marks_[odd].preambles.resize(n);
        marks_[odd].ones.resize(n);
        to.preambles[odd] = marks_[odd].preambles.data() + known;
        to.ones[odd] = marks_[odd].ones.data() + known;
    }
    kernels::mark(powers.from(base_ + std::int64_t(known) * word), std::size_t(more), ratio, to);
    for (Marks& marks : marks_) {
        for (auto& line : marks.by_us) line.resize(n + margin);
        for (std::size_t w = known; w < n; ++w) {
            const std::uint64_t x = by_fours(marks.ones[w]);
            for (std::size_t i = 0; i < marks.by_us.size(); ++i) marks.by_us[i][w] = u16(x >> (16 * i));
        }
    }
}

std::int64_t ModeSSearch::whole() const { return base_ + std::max<std::int64_t>(0, (end() - base_ - longest) / word) * word; }

std::span<const std::int64_t> ModeSSearch::find(std::int64_t end, std::uint32_t formats) {
    if (end <= next_) return {};
    const auto from = std::size_t((next_ - base_) / word), n = std::size_t((end - base_ + word - 1) / word) - from;
    for (std::size_t odd = 0; odd < 2; ++odd) {
        std::vector<std::uint64_t>& begins = begins_[odd];
        begins.resize(n);
        kernels::find_formats(marks_[odd].preambles.data() + from, marks_[odd].ones.data() + from, n, formats, begins.data());
        begins.front() &= ~std::uint64_t{0} << (next_ - base_) % word;
        begins.back() &= ~std::uint64_t{0} >> (std::int64_t(from + n) * word - (end - base_));
    }
    next_ = end;
    return listed(base_ + std::int64_t(from) * word);
}

std::span<const std::int64_t> ModeSSearch::listed(std::int64_t power) {
    std::size_t count = 0;
    for (const auto& begins : begins_)
        for (const std::uint64_t bits : begins) count += std::size_t(std::popcount(bits));
    found_.resize(std::max(found_.size(), count + 4));
    std::int64_t* to = found_.data();
    for (std::size_t k = 0; k < begins_[0].size(); ++k)
        for (std::int64_t odd = 0; odd < 2; ++odd)
            to = list(begins_[std::size_t(odd)][k], 2 * (power + std::int64_t(k) * word) + odd, to);
    return {found_.data(), count};
}

void ModeSSearch::forget() {
    const std::int64_t old = (next_ - base_) / word;
    if (old <= 0) return;
    for (Marks& marks : marks_) {
        drop(marks.preambles, std::size_t(old));
        drop(marks.ones, std::size_t(old));
        for (auto& line : marks.by_us) drop(line, std::size_t(old));
    }
    base_ += old * word;
}

}  // namespace flowspan::blocks
