// What a block says of values that saturation altered.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include <fmt/format.h>

namespace flowspan::blocks {

struct Clipping {
    std::uint64_t values = 0, clipped = 0;
    double peak = 0;  // greatest magnitude of all, or at least of those that were clipped; as the largest that fits is 1

    /// How many, which share, and the gain with which all would have fitted, rounded down; "" where none was.
    std::string text() const {
        if (clipped == 0) return "";
        const double gain = 1 / peak, step = std::pow(10.0, std::floor(std::log10(gain)) - 2);
        const double percent = 100 * double(clipped) / double(values);
        return fmt::format("{} of {} values were clipped ({:.{}g} %): times {:.4g} all would fit", clipped, values, percent,
                           percent < 99.5 ? 2 : 3, std::floor(gain / step) * step);
    }
};

}  // namespace flowspan::blocks
