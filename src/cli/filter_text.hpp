// What filters do to frequencies, for people.
#pragma once

#include "blocks/filters/design/response.hpp"

#include <flowspan/rational.hpp>

#include <optional>
#include <string>
#include <vector>

namespace flowspan::cli {

/// Edges 3 and 6 dB down, ripple and attenuation of the bands that were asked for, taps and delay: a few lines. `rate_hz`: of
/// what comes in; without it frequencies are in cycles per sample. `delay` in input items.
std::vector<std::string> filter_text(const blocks::Response& response, std::optional<double> rate_hz, const Rational& delay);

}  // namespace flowspan::cli
