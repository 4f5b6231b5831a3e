// `flowspan batch show OUT UNIT`: all that is known of a unit.
#pragma once

#include "batch/see/seen.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// One that was handed out, in the order of the journals.
struct Attempt {
    std::string run;
    std::uint32_t start = 0;  // of the batch
    int number = 1;           // since it was last done, or a person asked
    int rank = -1;
    std::string host;
    double time = 0;      // when it was handed out
    std::string outcome;  // "done", "unchanged", "failed", "committed", "running", "nothing is known"
    std::string cause;    // of a failure
    line::Measured measured;
};

struct Shown {
    Unit unit;
    State state = State::fresh;
    PartOf part;
    std::vector<MadeFile> products;
    std::vector<Attempt> attempts;
    std::vector<std::string> log;  // of the last attempt that said something
    std::string log_run;
    std::optional<AtWork> now;         // where it is being computed
    std::optional<std::string> again;  // the `flowspan run`
    std::string again_note;            // what it does not repeat, or why there is none
    std::vector<std::string> warnings;
    std::string text(const std::string& out) const;
};

/// Throws Refused where no part knows the unit, Failure where OUT holds no batch.
Shown show(const std::string& out, const std::string& unit);

}  // namespace flowspan::batch
