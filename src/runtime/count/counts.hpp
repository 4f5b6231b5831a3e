// The one rule of counts, in exact integers. Everything is counted from the anchors of a stretch.
#pragma once

#include <flowspan/block.hpp>

#include <algorithm>
#include <cstdint>

namespace flowspan::runtime {

/// The input item that belongs to output m: floor(m D / I).
inline std::uint64_t input_of(const Ratio& r, std::uint64_t m) {
    if (r.interpolation == 1) return m * r.decimation;
    return std::uint64_t(static_cast<unsigned __int128>(m) * r.decimation / r.interpolation);
}

/// How many outputs belong to input items before `n`: those m with floor(m D / I) < n.
inline std::uint64_t outputs_before(const Ratio& r, std::uint64_t n) {
    if (r.interpolation == 1 && r.decimation == 1) return n;
    return std::uint64_t((static_cast<unsigned __int128>(n) * r.interpolation + r.decimation - 1) / r.decimation);
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
    const std::uint64_t outputs = std::max<std::uint64_t>(1, 64 * r.interpolation / r.decimation);
    return (outputs + r.grid - 1) / r.grid * r.grid;
}

/// Zeros that a reader may see past the end of a stretch: the rest of its last grid block.
inline std::uint64_t padding_of(const Ratio& r) { return r.grid <= 1 ? 0 : input_of(r, r.grid - 1) + r.window; }

}  // namespace flowspan::runtime
