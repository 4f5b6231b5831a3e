// A spectrum as a picture: level over frequency.
#pragma once

#include "io/products/canvas.hpp"

#include <string>
#include <vector>

namespace flowspan::io {

/// Levels in dB at ascending frequencies. NaN: missing, a gap in the line.
struct SpectrumPicture {
    std::vector<float> db;
    double frequency_first = 0, frequency_step = 1;  // in `frequency_unit`
    std::string frequency_unit;                      // "Hz", which gets a prefix, or another
    std::string level_unit, title;
    double low = 0, high = 0;  // range of the levels that are shown
    int width = 1024, height = 512;
    double text_size = 0;  // pixels; 0: the fixed letters
};

/// From the least to the greatest level, whole tens of dB. There may be none.
void choose_range(SpectrumPicture& picture);

/// The picture as a PNG, with axes and units. Of several levels that fall on one column the least and the greatest are joined
/// by a line.
std::string spectrum_png(const SpectrumPicture& picture);

}  // namespace flowspan::io
