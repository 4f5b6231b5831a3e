// What a run has come to, for people: one screen that stands on stderr before the last line, and `summary` in the report.
#pragma once

#include <flowspan/value.hpp>

#include <string>

namespace flowspan::run {

/// Of a report: `samples` of all sources, `samples_per_s`, `times_real_time` (of the longest source, where its rate is known),
/// `warnings` (how many texts, of all ranks), and lists of {block, what, count}: `found`, and `lost` (clipped, missing, not
/// finite, dropped, left over). Copies of a block are one entry: `receive[*].bursts`.
Value summary_of(const Value& report);

/// The screen: products with size, length and duration (of more than 20 their number and the totals), what was found and lost,
/// warnings, speed. Lines end in a newline.
std::string screen(const Value& report);

}  // namespace flowspan::run
