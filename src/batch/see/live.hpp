// What a batch that runs says of itself beside its journal: OUT/.flowspan/status-K.json, which rank 0 puts in its place about
// once a second. Nothing of it is needed, and nothing is made durable.
#pragma once

#include "batch/unit.hpp"
#include "io/writing/thread.hpp"

#include <flowspan/value.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// A unit that is being computed.
struct AtWork {
    std::string unit;  // its folder
    int rank = 0;
    std::string host;
    double fraction = -1, since = 0;  // below 0: not known; in seconds since 1970
    Value value() const;
    static AtWork from(const Value& v);
    friend bool operator==(const AtWork&, const AtWork&) = default;
};

struct LiveSaid {
    std::string run;             // of the start
    double time = 0, begun = 0;  // when this was said, when the start began
    int ranks = 0;
    std::size_t units = 0, over = 0, done = 0;  // of what the start was asked for; `done`: by it
    double samples = 0;
    std::optional<double> work_left_s;  // of one rank
    std::vector<AtWork> running{};
    std::size_t left_out = 0;  // of `running`: there are too many to list
    Value value() const;
    static LiveSaid from(const Value& v);
    friend bool operator==(const LiveSaid&, const LiveSaid&) = default;
};

/// Nothing where there is no such file, or it is none. Throws nothing.
std::optional<LiveSaid> read_live(const std::string& out, int part);

/// Rank 0's.
class Live {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t most_listed = 1000;
    Live(io::Thread& io, std::string out, int part, std::string run, std::vector<std::string> hosts,
         const std::vector<Unit>& units);
    /// What a rank is at: `unit`, `fraction`, `since`; or null.
    void at(int rank, const Value& content);
    /// `said`: how far all is; the rest is filled in here.
    void turn(Clock::time_point now, LiveSaid said);
    /// The batch is over.
    void end();

private:
    io::Thread& io_;
    std::string out_;
    int part_;
    std::string run_;
    std::vector<std::string> hosts_;
    const std::vector<Unit>& units_;
    std::map<int, Value> at_;
    double begun_;
    Clock::time_point last_{};
    std::optional<Step> job_;
};

}  // namespace flowspan::batch
