#include "run/job/log.hpp"

#include "graph/resolve/names.hpp"
#include "runtime/task/access.hpp"

#include <array>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr std::array<std::string_view, 5> names{"trace", "debug", "info", "warning", "error"};

/// The one there is, or how many.
std::string one_or_count(const std::set<std::string>& all, std::string_view what) {
    return all.size() == 1 ? *all.begin() : fmt::format("{} {}", all.size(), what);
}

std::set<std::string> nonempty(const std::string& text) {
    return text.empty() ? std::set<std::string>{} : std::set<std::string>{text};
}

}  // namespace

std::string_view name_of(LogLevel level) { return names[std::size_t(level)]; }

std::optional<LogLevel> log_level(std::string_view name) {
    for (std::size_t k = 0; k < names.size(); ++k)
        if (names[k] == name) return LogLevel(k);
    return std::nullopt;
}

Value LogLine::value() const {
    return Value::Map{{"level", int(level)}, {"rank", rank}, {"host", host},  {"block", block},
                      {"unit", unit},        {"text", text}, {"count", count}};
}

LogLine LogLine::from(const Value& v) {
    return {LogLevel(v.at("level").integer()),
            int(v.at("rank").integer()),
            v.at("host").string(),
            v.at("block").string(),
            v.at("unit").string(),
            v.at("text").string(),
            std::uint64_t(v.at("count").integer())};
}

void LogBook::add(const LogLine& line, Clock::time_point now) {
    const Key key{line.level, line.text};
    if (line.level < LogLevel::info) {  // who wants every step wants every line
        print(now, key, Entry{{line.rank}, {line.host}, nonempty(line.block), nonempty(line.unit), 1}, 0);
        return;
    }
    auto [known, fresh] = entries_.try_emplace(key);
    Entry& entry = known->second;
    entry.ranks.insert(line.rank);
    entry.hosts.insert(line.host);
    if (!line.block.empty()) entry.blocks.insert(line.block);
    if (!line.unit.empty()) entry.units.insert(line.unit);
    entry.count += line.count;
    if (!fresh) return;
    order_.push_back(key);
    print(now, key, entry, 0);
}

void LogBook::finish(Clock::time_point now) {
    for (const Key& key : order_) {
        const Entry& entry = entries_.at(key);
        if (entry.count > 1) print(now, key, entry, entry.count - 1);
    }
    entries_.clear();
    order_.clear();
}

void LogBook::print(Clock::time_point now, const Key& key, const Entry& entry, std::uint64_t more) {
    std::string who = graph::index_ranges({entry.ranks.begin(), entry.ranks.end()}) + " " + one_or_count(entry.hosts, "hosts");
    if (!entry.blocks.empty()) who += " " + one_or_count(entry.blocks, "blocks");
    if (!entry.units.empty()) who += " " + one_or_count(entry.units, "units");
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count();
    print_(fmt::format("{:%H:%M:%S}.{:03} {} [{}] {}{}", fmt::localtime(Clock::to_time_t(seconds)), ms, name_of(key.first), who,
                       key.second, more > 0 ? fmt::format(" … {} more", more) : ""));
}

void RankLog::say(LogLevel level, const std::string& block, const std::string& text, std::uint64_t count) {
    if (level >= level_) star_.send(0, Word::log, LogLine{level, rank_, host_, block, "", text, count}.value());
}

void RankLog::look_at(const std::vector<runtime::BlockTask*>& blocks) {
    for (runtime::BlockTask* task : blocks) {
        for (const auto& [text, count] : runtime::Access::warnings(task->block())) {
            std::uint64_t& told = told_[{task, text}];
            if (count > told) say(LogLevel::warning, task->block().name(), text, count - told);
            told = count;
        }
    }
}

}  // namespace flowspan::run
