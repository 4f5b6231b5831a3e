// What a batch is told beside what it is to do, and whom it tells.
#pragma once

#include "batch/chief/chief.hpp"
#include "batch/worker/handle.hpp"
#include "run/plugins/library.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// Of every rank.
struct BatchSettings {
    Limits limits;
    double patience_s = 30;
    int attempts = 3;
    double grace_s = 30;
    std::size_t most_failures = SIZE_MAX;
    double most_failures_percent = 0;
    std::vector<run::PluginFile> plugins;         // for workers
    std::vector<std::string> loaded;              // name and hash of those of this rank
    int log_level = int(run::LogLevel::warning);  // lines below it stay with the rank
    bool collect = false;                         // hosts need not share OUT: rank 0 is sent what others make
    std::string stage;                            // a folder of this host for copies of recordings; "" none
    std::uint64_t stage_limit = 0;                // bytes of all ranks of the host; 0: half of what is free
    std::string cache;                            // a folder of products by key; "" none
    std::uint64_t cache_limit = 0;                // bytes; 0: any
    double cache_age_s = 0;                       // entries that are unused for longer go; 0: none
    bool under_launcher = false;                  // it says that rank 0 is lost
};

struct BatchResult {
    ExitCode code = ExitCode::done;
    Counts counts;
    double begun = 0, seconds = 0;  // `begun`: since 1970
    int part = 0;
    std::string run;  // of this start, rank 0's
};

struct BatchHooks {
    std::function<void(const std::string& line)> say;                                           // rank 0
    std::function<void(const Counts& counts, std::optional<double> seconds_left)> progress;     // rank 0, four times a second
    std::function<std::vector<std::string>(const std::vector<run::PluginFile>& plugins)> load;  // name and hash of all
    std::function<void()> ready;                                                                // rank 0: signals are heeded
    std::function<void(int code)> leaving;  // before others are ended by force
    /// Rank 0, on another thread, when all is written and the other ranks still wait: time for reports. Throws nothing.
    std::function<void(const BatchResult& result)> written;
};

}  // namespace flowspan::batch
