// What follows the last unit of a batch: reports, and who is told.
#pragma once

#include "batch/batch.hpp"

#include <string>
#include <vector>

namespace flowspan::cli {

/// Before anything is computed: throws Failure where a report could not be written.
void check_reports(const std::vector<std::string>& files);

/// Writes the reports, and the summary that `notify_of_end` reads. Returns what has gone wrong.
std::vector<std::string> write_ending(const std::vector<std::string>& files, const std::string& out,
                                      const std::vector<std::string>& command, const batch::BatchResult& result);

/// Runs the command of `--notify`. `part`: "K/N" or ""; `begun`: when this process began the batch, in seconds since 1970.
/// Returns what is to be warned of.
std::string notify_of_end(const std::string& command, const std::string& out, const std::string& part, int code, double begun);

}  // namespace flowspan::cli
