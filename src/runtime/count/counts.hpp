// The one rule of counts, in exact integers. Everything is counted from the anchors of a stretch.
#pragma once

#include "core/numbers/wide.hpp"

#include <flowspan/block.hpp>

#include <algorithm>
#include <cstdint>

namespace flowspan::runtime {

/// The input item that belongs to output m: floor(m D / I).
inline std::uint64_t input_of(const Ratio& r, std::uint64_t m) {
    if (r.interpolation == 1) return m * r.decimation;
    return std::uint64_t(UnsignedWide(m) * r.decimation / r.interpolation);
}

/// How many outputs belong to input items before `n`: those m with floor(m D / I) < n.
inline std::uint64_t outputs_before(const Ratio& r, std::uint64_t n) {
    if (r.interpolation == 1 && r.decimation == 1) return n;
    return std::uint64_t(
        std::min<UnsignedWide>((UnsignedWide(n) * r.interpolation + r.decimation - 1) / r.decimation, UINT64_MAX));
}

/// The output at or after input place i + delay, which is ceil((i + delay) I / D): where a tag on item i goes.
inline std::uint64_t output_at(const Ratio& r, std::uint64_t i) {
    // With delay = p / q, and i = a D + b: a I + ceil((b q + p) I / (q D)).
    const std::uint64_t a = i / r.decimation, b = i % r.decimation;
    const Wide q = r.delay.denominator(), place = b * q + r.delay.numerator(), denominator = q * r.decimation;
    if (place <= 0 && a == 0) return 0;
    const Wide whole = floor_div(place, denominator);
    const Division part = mul_div_long(UnsignedWide(place - whole * denominator), r.interpolation, UnsignedWide(denominator));
    const Wide to = (Wide(a) + whole) * Wide(r.interpolation) + Wide(part.whole) + (part.rest != 0 ? 1 : 0);
    return to < 0 ? 0 : std::uint64_t(to);
}

/// How many outputs exist when `n` input items do: those m with floor(m D / I) + window <= n.
inline std::uint64_t outputs_for(const Ratio& r, std::uint64_t n) {
    return n < r.window ? 0 : outputs_before(r, n - r.window + 1);
}

/// How many outputs of a nominal ratio belong to n input items: ceil(n I / D).
inline std::uint64_t outputs_of(const Rational& ratio, std::uint64_t n) {
    return outputs_before({.interpolation = std::uint64_t(ratio.numerator()), .decimation = std::uint64_t(ratio.denominator())},
                          n);
}

/// Outputs of which no call of a block that sends messages crosses a multiple: whole grid blocks, and at least 64 input items,
/// so that what a call costs is shared by as many.
inline std::uint64_t cell_for(const Ratio& r) {
    const auto outputs =
        std::uint64_t(std::clamp<UnsignedWide>(UnsignedWide(64) * r.interpolation / r.decimation, 1, UINT64_MAX / 2));
    return (outputs + r.grid - 1) / r.grid * r.grid;
}

/// Zeros that a reader may see past the end of a stretch: the rest of its last grid block.
inline std::uint64_t padding_of(const Ratio& r) { return r.grid <= 1 ? 0 : input_of(r, r.grid - 1) + r.window; }

}  // namespace flowspan::runtime
