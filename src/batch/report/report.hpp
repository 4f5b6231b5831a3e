// `--report FILE`: what a batch has made, and what it took, as JSON (docs/batch-report.schema.json) or as one HTML page.
#pragma once

#include "batch/report/ledger.hpp"

#include <flowspan/value.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::batch {

/// Of the start that writes it.
struct ReportHead {
    std::string out, state;  // "done", "failed", "stopped"
    int code = 0;
    double begun = 0, seconds = 0;  // `begun`: since 1970
    std::vector<std::string> command;
    Value counts;  // what has become of what it was asked for
};

/// Takes a text piece by piece.
using Put = std::function<void(std::string_view)>;

/// A line of JSON a unit, and so as long as the batch.
void put_json(const ReportHead& head, const std::vector<PartLedger>& parts, const Put& put);

/// Bounded, however many units there are: about `most_page_bytes`.
inline constexpr std::size_t most_page_bytes = std::size_t{16} << 20;
void put_page(const ReportHead& head, const std::vector<PartLedger>& parts, const Put& put);

/// Writes it aside and puts it in its place; "-" is stdout; a name that ends in `.html` is a page. Throws Failure.
void write_report(const std::string& file, const ReportHead& head, const std::vector<PartLedger>& parts);

}  // namespace flowspan::batch
