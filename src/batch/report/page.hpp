// The pieces of the HTML page of a batch: each bounded, whatever the size of the batch.
#pragma once

#include "batch/report/report.hpp"

#include <string>
#include <vector>

namespace flowspan::batch {

/// For text and attributes of HTML; bytes that are no UTF-8 stand as U+FFFD.
std::string html(const std::string& text);

/// A picture (a grid of labels and SVGs): a row a rank (or several, where there are more than rows), time from left to right,
/// as dark as the ranks were busy, red where an attempt has failed. "" where no attempt has a time.
std::string timeline(const std::vector<PartLedger>& parts);
/// The same: units that were made in each stretch of that time.
std::string rates(const std::vector<PartLedger>& parts);
/// The PNG products of done units, as they are where they are small, else as previews, within bounds; and a sentence of those
/// that are left out.
void put_pictures(const std::string& out, const std::vector<PartLedger>& parts, const Put& put);

}  // namespace flowspan::batch
