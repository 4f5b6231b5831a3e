// The file that a run's report goes to.
#pragma once

#include <flowspan/io.hpp>

#include <string>

namespace flowspan::run {

/// Opened before the first sample, as a part beside its name; takes the name when it is written, however the run has ended.
class ReportFile {
public:
    /// `block`: a number that no block has. Throws Failure.
    ReportFile(const std::string& path, const std::string& run_id, int block);
    ReportFile(const ReportFile&) = delete;
    ReportFile& operator=(const ReportFile&) = delete;
    ~ReportFile();
    /// Once. Throws Failure.
    void write(const std::string& text);

private:
    std::string path_, part_;
    File file_;
};

}  // namespace flowspan::run
