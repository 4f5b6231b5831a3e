// The scale of spectra of tones.
#pragma once

#include <flowspan/description.hpp>

#include <vector>

namespace flowspan::blocks {

/// What |FFT(w x)|^2 is multiplied by for a tone of full scale in the middle of a bin to have the power 1 (0 dBFS):
/// 1 / (full scale * sum of w)^2.
inline double tone_scale(const std::vector<double>& w, const StreamDescription& stream) {
    double sum = 0;
    for (const double v : w) sum += v;
    const double one = sum * stream.full_scale.value_or(1);
    return 1 / (one * one);
}

}  // namespace flowspan::blocks
