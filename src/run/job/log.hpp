// What ranks have to say while they run. Every rank sends its lines to rank 0, which prints them as they come, each text once;
// repetitions and the same line of other ranks are counted (but for debug and trace: all of those are printed).
#pragma once

#include "run/star/control_star.hpp"
#include "runtime/partition/partition_tasks.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowspan::run {

enum class LogLevel : int { trace, debug, info, warning, error };
std::string_view name_of(LogLevel level);
std::optional<LogLevel> log_level(std::string_view name);

struct LogLine {
    LogLevel level = LogLevel::info;
    int rank = 0;
    std::string host, block, unit, text;  // block and unit may be empty
    std::uint64_t count = 1;

    Value value() const;
    static LogLine from(const Value& v);
};

/// Rank 0: prints lines, and at the end how often those came that were printed once.
class LogBook {
public:
    using Clock = std::chrono::system_clock;
    using Print = std::function<void(const std::string& line)>;
    explicit LogBook(Print print) : print_(std::move(print)) {}
    void add(const LogLine& line, Clock::time_point now = Clock::now());
    /// A line for each text that came more than once: `time level [ranks host block] text … 8121 more`.
    void finish(Clock::time_point now = Clock::now());

private:
    struct Entry {
        std::set<int> ranks;
        std::set<std::string> hosts, blocks, units;
        std::uint64_t count = 0;
    };
    using Key = std::pair<LogLevel, std::string>;
    void print(Clock::time_point now, const Key& key, const Entry& entry, std::uint64_t more);
    Print print_;
    std::map<Key, Entry> entries_;
    std::vector<Key> order_;
};

/// Any rank: sends what is at least as important as `level` to rank 0.
class RankLog {
public:
    RankLog(ControlStar& star, LogLevel level, int rank, std::string host)
        : star_(star), level_(level), rank_(rank), host_(std::move(host)) {}
    void say(LogLevel level, const std::string& block, const std::string& text, std::uint64_t count = 1);
    /// What blocks have warned of since the last time.
    void look_at(const std::vector<runtime::BlockTask*>& blocks);

private:
    ControlStar& star_;
    LogLevel level_;
    int rank_;
    std::string host_;
    std::map<std::pair<const runtime::BlockTask*, std::string>, std::uint64_t> told_;
};

}  // namespace flowspan::run
