#include "blocks/detection/mode_s_search.hpp"

#include "kernels/mode_s/mode_s.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

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

const std::vector<ModeSRead>& ModeSSearch::find(std::int64_t end, std::span<const Kind> kinds) {
    found_.clear();
    if (end <= next_) return found_;
    for (const Kind& kind : kinds)
        for (std::int64_t odd = 0; odd < 2; ++odd) look(kind, odd, end);
    std::sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a.place < b.place; });
    next_ = end;
    return found_;
}

void ModeSSearch::look(const Kind& kind, std::int64_t odd, std::int64_t end) {
    const Marks& marks = marks_[std::size_t(odd)];
    const auto from = std::size_t((next_ - base_) / word), n = std::size_t((end - base_ + word - 1) / word) - from;
    begins_.resize(n);
    kernels::find_formats(marks.preambles.data() + from, marks.ones.data() + from, n, kind.formats, begins_.data());
    begins_.front() &= ~std::uint64_t{0} << (next_ - base_) % word;
    begins_.back() &= ~std::uint64_t{0} >> (std::int64_t(from + n) * word - (end - base_));

    std::size_t count = 0;
    for (const std::uint64_t bits : begins_) count += std::size_t(std::popcount(bits));
    places_.resize(std::max(places_.size(), count + 4));
    kernels::ModeSLines lines{};
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i] = reinterpret_cast<const u8*>(marks.by_us[i].data() + from);
    kernels::list_places(begins_.data(), n, places_.data());
    if (kind.zero != 0) count = kernels::sift_by_parity(lines, kind.bits(), places_.data(), count);
    for (std::size_t k = 0; k < count; ++k) {
        const ModeSFrame read = frame(lines, places_[k]);
        if ((read.remainder() & kind.zero) != 0) continue;
        found_.push_back({read, 2 * (base_ + std::int64_t(from) * word + std::int64_t(places_[k])) + odd});
    }
}

ModeSFrame ModeSSearch::frame(const kernels::ModeSLines& lines, std::size_t power) const {
    const std::size_t bit = power / 4 + kernels::mode_s_preamble_us;
    std::uint64_t first = 0, others = 0;
    std::memcpy(&first, lines[power % 4] + bit / 8, 8);
    std::memcpy(&others, lines[power % 4] + bit / 8 + 8, 8);
    return {first >> bit % 8 | others << 1 << (63 - bit % 8), others >> bit % 8};
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
