// The file that a run's report goes to.
#pragma once

#include "io/writing/waiting.hpp"

#include <flowspan/io.hpp>

#include <string>

namespace flowspan::run {

/// Opened before the first sample, as a part beside its name; takes the name when it is written, however the run has ended.
class ReportFile {
public:
    /// `block`: a number that no block has. `patience_s`: how long a FIFO may be without a reader, if no stop is
    /// asked for. Throws Failure.
    ReportFile(const std::string& path, const std::string& run_id, int block, double patience_s);
    ReportFile(const ReportFile&) = delete;
    ReportFile& operator=(const ReportFile&) = delete;
    ~ReportFile();
    /// Once. Throws Failure.
    void write(const std::string& text);

private:
    std::string path_, part_;
    File file_;
    io::EndOfWaits waits_;
};

}  // namespace flowspan::run
