// The frequency axis of spectra.
#pragma once

#include <flowspan/description.hpp>

namespace flowspan::blocks {

/// `bins` frequencies in ascending order, relative to the stream's 0 Hz (what that was on the air stands in the description's
/// centre frequency). Bin floor(bins/2) is 0 Hz. In cycles per sample for a stream without a rate.
inline Axis spectrum_axis(const StreamDescription& d, std::size_t bins) {
    const double step = (d.sample_rate ? d.rate_hz() : 1.0) / double(bins);
    const std::size_t centre = bins / 2;
    return {"frequency", d.sample_rate ? "Hz" : "cycles/sample", bins, -step * double(centre), step};
}

/// Whether a stream's values are levels in decibels, as its unit says.
inline bool in_decibels(const StreamDescription& d) { return d.unit.starts_with("dB"); }

}  // namespace flowspan::blocks
