// How far a run is, on stderr: a bar on a terminal, now and then a line in a log.
#pragma once

#include "run/job/job.hpp"

#include <chrono>
#include <string>

namespace flowspan::cli {

class ProgressDisplay {
public:
    /// mode: "auto" (a bar where stderr is a terminal, else a line every ten seconds), "on", "off".
    explicit ProgressDisplay(const std::string& mode);
    void show(const run::Progress& progress);
    /// Clears the bar.
    void end();

private:
    bool bar_ = false, lines_ = false, shown_ = false;
    std::chrono::steady_clock::time_point last_line_ = std::chrono::steady_clock::now();
};

}  // namespace flowspan::cli
