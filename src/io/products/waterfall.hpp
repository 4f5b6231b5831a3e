// A spectrum over time as a picture.
#pragma once

#include "io/products/canvas.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace flowspan::io {

/// Powers in dB, one row a stretch of time (the earliest first), one column a frequency (ascending). NaN: missing.
struct Waterfall {
    std::size_t rows = 0, columns = 0;
    std::vector<float> db;                           // rows x columns
    double frequency_first = 0, frequency_step = 1;  // of the middle of columns, in `frequency_unit`
    std::string frequency_unit;                      // "Hz", which gets a prefix, or another
    double time_first = 0, time_step = 1;            // of the start of rows, in `time_unit`
    std::string time_unit;                           // "s", which gets a prefix, or another
    std::string level_unit;                          // "dBFS"
    std::string title, since;                        // `since`: the UTC of time 0, or ""
    double low = 0, high = 0;                        // range of the colours in dB
    double text_size = 0;                            // pixels; 0: the fixed letters
};

/// The range that shows most: from the tenth percentile to the maximum, whole dB, at least 10 dB. `db` may be empty.
void choose_range(Waterfall& picture);

/// The picture as a PNG, with axes, units and a colour bar. The same bytes for the same content: no time stamps.
std::string waterfall_png(const Waterfall& picture);

/// An rgb colour (0xrrggbb) for a level from 0 (dark) to 1 (bright).
int level_colour(double level);

}  // namespace flowspan::io
