// `flowspan batch retry`: units that a person wants tried again, asked for by files in OUT/.flowspan/requests.
#pragma once

#include "batch/journal/history.hpp"
#include "batch/journal/journal.hpp"
#include "batch/journal/requests.hpp"
#include "io/writing/thread.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace flowspan::batch {

/// One file: units of one part.
struct RetryAsked {
    std::string name;  // of the file
    int part = 0;
    std::optional<std::vector<std::string>> units;  // folders; nothing: all that have failed
    Value value() const;
    /// Nothing where it asks for something else.
    static std::optional<RetryAsked> from(const Request& request);
};

/// What asks for units of this part. Throws Failure where the folder cannot be read.
std::vector<RetryAsked> retries_asked(const std::string& out, int part, Troubles& troubles);

/// Of a start, before it hands anything out: adds to its journal what is asked for, of what has failed. Returns the files that
/// are to be removed once the journal is durable.
std::vector<std::string> take_retries(const std::string& out, int part, const History& history, Journal& journal,
                                      Troubles& troubles);

/// Of a batch that runs: looks every few seconds, on the I/O thread.
class RetriesWhileRunning {
public:
    using Clock = std::chrono::steady_clock;
    RetriesWhileRunning(io::Thread& io, std::string out, int part) : io_(io), out_(std::move(out)), part_(part) {}
    /// Gives each file once. What cannot be read is looked at again.
    void turn(Clock::time_point now, const std::function<void(const RetryAsked&)>& give);

private:
    io::Thread& io_;
    std::string out_;
    int part_;
    Clock::time_point last_{};
    std::set<std::string> given_;
    std::shared_ptr<std::vector<RetryAsked>> found_;
    std::optional<Step> job_;
};

/// Asks that these units be tried again; none: all that have failed. Returns what has been asked for, for people. Throws
/// Refused with all that cannot be (no such unit, not failed), Failure where OUT holds no batch.
std::string ask_to_retry(const std::string& out, const std::vector<std::string>& units);

}  // namespace flowspan::batch
