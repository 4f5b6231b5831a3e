// Units that parameters are declared in. A graph file may write a number with any unit of the same dimension.
#pragma once

#include <string_view>

namespace flowspan {

enum class Dimension : unsigned char { none, frequency, time, level, bytes, angle, samples };

/// A unit: `symbol` as people write it, and how many base units (Hz, s, dB, B, rad, sample) one of it is.
struct Unit {
    std::string_view symbol{};
    Dimension dimension = Dimension::none;
    double scale = 1;
};

inline constexpr Unit no_unit{};
inline constexpr Unit hertz{"Hz", Dimension::frequency, 1};
inline constexpr Unit second{"s", Dimension::time, 1};
inline constexpr Unit decibel{"dB", Dimension::level, 1};
inline constexpr Unit byte{"B", Dimension::bytes, 1};
inline constexpr Unit radian{"rad", Dimension::angle, 1};
inline constexpr Unit sample{"samples", Dimension::samples, 1};

}  // namespace flowspan
