#include "batch/opening/pins.hpp"

#include "batch/journal/history.hpp"
#include "run/agree/agreement.hpp"
#include "run/agree/together.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/kernels.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::batch {
namespace {

constexpr const char* elsewhere = "products of one folder are computed alike: give another --out";

/// Of an option that may not be another one.
void hold(const char* option, const std::string& pinned, const char* any, std::string& asked, Diagnostics& found) {
    if (pinned.empty()) return;
    if (asked != any && asked != pinned)
        found.push_back({{}, option, pinned + ", which the first start of this folder has pinned", asked, elsewhere, {}});
    asked = pinned;
}

Value value_of(const Pins& pins, const run::JobRequest& job) {
    return Value::Map{{"level", pins.level}, {"isa", job.isa}, {"fft", job.fft}};
}

}  // namespace

// (Journals of before there were pins have none.)
Pins pins_of(const std::string& out, Troubles& troubles) {
    const auto begins = first_begins(out, troubles);
    const auto first = std::min_element(begins.begin(), begins.end(), [](const auto& a, const auto& b) {
        return std::tuple(a.second.fingerprint.empty(), a.second.time, a.first) <
               std::tuple(b.second.fingerprint.empty(), b.second.time, b.first);
    });
    if (first == begins.end() || first->second.fingerprint.empty()) return {};
    return {first->second.level, first->second.fft, first->second.fingerprint};
}

void hold_to(const Pins& pins, run::JobRequest& job) {
    Diagnostics found;
    hold("--isa", pins.level, "best", job.isa, found);
    hold("--fft", pins.fft, "", job.fft, found);
    if (!found.empty()) throw Refused(std::move(found));
    if (job.fft.empty()) job.fft = "native";
}

void must_have_level_of(const Pins& pins) {
    const std::vector<std::string> levels = kernels::isa_levels();
    if (pins.level.empty() || std::find(levels.begin(), levels.end(), pins.level) != levels.end()) return;
    throw Refused(Diagnostic{{},
                             "--isa",
                             fmt::format("a processor with {}, which the first start of this folder has pinned", pins.level),
                             fmt::format("one with {}", fmt::join(levels, ", ")),
                             "start it on other hosts, or give another --out",
                             {}});
}

Pins agree_on_numbers(comm::Communicator& communicator, const std::string& out, run::JobRequest& job,
                      const std::vector<std::string>& plugins) {
    const bool root = communicator.rank() == 0;
    Pins pins;
    run::together(communicator, [&] {
        if (!root) return;
        pins = pins_of(out);
        hold_to(pins, job);
    });
    const Value told = run::unpacked(communicator.broadcast(root ? run::packed(value_of(pins, job)) : ""));
    pins.level = told.at("level").string();
    job.isa = told.at("isa").string();
    job.fft = told.at("fft").string();
    run::together(communicator, [&] { must_have_level_of(pins); });
    const Value agreed = run::agree(communicator, job, plugins);
    job.isa = agreed.at("isa").string();
    return {job.isa, job.fft, agreed.at("fingerprint").string()};
}

}  // namespace flowspan::batch
