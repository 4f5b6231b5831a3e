// What units say, kept in OUT/.flowspan: a file a rank and start, log-K-NNNN-R.jsonl, and an index beside it, so that the lines
// of an attempt are found without reading the others.
#pragma once

#include "io/writing/thread.hpp"
#include "run/job/log.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// "log-0-0003-12": of part 0, start 3, rank 12.
std::string log_name(int part, std::uint32_t start, int rank);

/// A rank's. Nothing waits for the disk, and what cannot be written is said once: no unit fails of it.
class UnitLog {
public:
    using Clock = std::chrono::steady_clock;
    /// `name`: of `log_name`; "": nothing is kept. No file is made before the first line.
    UnitLog(io::Thread& io, std::string out, std::string name) : io_(io), out_(std::move(out)), name_(std::move(name)) {}

    /// A line of an attempt.
    void add(const std::string& run, const run::LogLine& line);
    /// Lines go to the file where they have waited for a while, or the attempt is over. Returns what is to be said, mostly "".
    std::string turn(Clock::time_point now);
    void end_of_attempt() { ended_ = true; }
    bool idle() const { return text_.empty() && ready_.empty() && !job_; }

private:
    void flush();
    io::Thread& io_;
    std::string out_, name_;
    std::string run_, text_;  // that wait, of one attempt
    std::vector<std::pair<std::string, std::string>> ready_;
    Clock::time_point first_{};
    std::optional<Step> job_;
    bool ended_ = false, failed_ = false;
};

/// The lines of an attempt, each JSON, as far as they are kept; at most `most` bytes of them, the first. An index that is
/// damaged or ends early costs time, no lines. Throws nothing.
std::vector<std::string> read_log(const std::string& out, const std::string& name, const std::string& run,
                                  std::size_t most = std::size_t{1} << 20);

/// "10:00:01.250 warning [source] text", of such a line; the line itself where it is none.
std::string log_text(const std::string& json);

}  // namespace flowspan::batch
