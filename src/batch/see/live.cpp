#include "batch/see/live.hpp"

#include "batch/journal/files.hpp"
#include "batch/journal/lines/kinds.hpp"
#include "batch/journal/lines/line.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr auto apart = std::chrono::seconds(1);

std::string name_of(int part) { return fmt::format("status-{}.json", part); }

/// What goes wrong here is no harm: the next one is written in a second.
void put(const std::string& out, int part, const std::string& text) {
    const auto folder = OwnFolder::find(out);
    if (!folder) return;
    const std::string name = name_of(part), aside = "." + name + ".new";
    const int file =
        ::openat(folder->descriptor(), aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (file < 0) return;
    const bool whole = ::write(file, text.data(), text.size()) == ssize_t(text.size());
    if (::close(file) == 0 && whole)
        ::renameat(folder->descriptor(), aside.c_str(), folder->descriptor(), name.c_str());
    else
        ::unlinkat(folder->descriptor(), aside.c_str(), 0);
}

}  // namespace

Value AtWork::value() const {
    return Value::Map{{"unit", unit}, {"rank", rank}, {"host", host}, {"fraction", fraction}, {"since", since}};
}

AtWork AtWork::from(const Value& v) {
    return {v.at("unit").string(), int(v.at("rank").integer()), v.at("host").string(), v.at("fraction").real(),
            v.at("since").real()};
}

Value LiveSaid::value() const {
    Value::List list;
    for (const AtWork& one : running) list.emplace_back(one.value());
    Value v = Value::Map{{"run", run},
                         {"time", time},
                         {"begun", begun},
                         {"ranks", ranks},
                         {"units", std::int64_t(units)},
                         {"over", std::int64_t(over)},
                         {"done", std::int64_t(done)},
                         {"samples", samples},
                         {"running", list},
                         {"left_out", std::int64_t(left_out)}};
    if (work_left_s) v["work_left_s"] = *work_left_s;
    return v;
}

LiveSaid LiveSaid::from(const Value& v) {
    LiveSaid said;
    said.run = v.at("run").string();
    said.time = v.at("time").real();
    said.begun = v.at("begun").real();
    said.ranks = int(v.at("ranks").integer());
    said.units = std::size_t(v.at("units").integer());
    said.over = std::size_t(v.at("over").integer());
    said.done = std::size_t(v.at("done").integer());
    said.samples = v.at("samples").real();
    for (const Value& one : v.at("running").list()) said.running.push_back(AtWork::from(one));
    said.left_out = std::size_t(v.at("left_out").integer());
    if (const Value* left = v.find("work_left_s")) said.work_left_s = left->real();
    return said;
}

std::optional<LiveSaid> read_live(const std::string& out, int part) {
    std::optional<LiveSaid> said;
    try {
        const auto folder = OwnFolder::find(out);
        if (!folder) return said;
        Troubles ignored;
        const auto take = [&](std::string_view json) -> std::string {
            try {
                said = LiveSaid::from(told(Value::from_json(json)));
            } catch (const std::exception&) { said.reset(); }
            return {};
        };
        read_lines(folder->descriptor(), name_of(part), folder->path_of(name_of(part)), take, ignored);
    } catch (const Failure&) { said.reset(); }
    return said;
}

Live::Live(io::Thread& io, std::string out, int part, std::string run, std::vector<std::string> hosts,
           const std::vector<Unit>& units)
    : io_(io),
      out_(std::move(out)),
      part_(part),
      run_(std::move(run)),
      hosts_(std::move(hosts)),
      units_(units),
      begun_(line::now_s()) {}

void Live::at(int rank, const Value& content) {
    if (content.is<Value::Map>())
        at_[rank] = content;
    else
        at_.erase(rank);
}

void Live::turn(Clock::time_point now, LiveSaid said) {
    if (job_) {
        if (job_->token != nullptr && !job_->token->ready()) return;
        job_.reset();
    }
    if (now - last_ < apart) return;
    last_ = now;
    said.run = run_;
    said.time = line::now_s();
    said.begun = begun_;
    said.ranks = int(hosts_.size());
    for (const auto& [rank, content] : at_) {
        const auto unit = std::size_t(content.at("unit").integer());
        if (unit >= units_.size() || said.running.size() >= most_listed) {
            ++said.left_out;
            continue;
        }
        said.running.push_back(
            {units_[unit].folder, rank, hosts_[std::size_t(rank)], content.at("fraction").real(), content.at("since").real()});
    }
    job_ = io_.submit([out = out_, part = part_, text = sealed_line(said.value())] { put(out, part, text); });
}

void Live::end() {
    (void)io_.submit([out = out_, part = part_] {
        if (const auto folder = OwnFolder::find(out)) ::unlinkat(folder->descriptor(), name_of(part).c_str(), 0);
    });
    io_.drain();
}

}  // namespace flowspan::batch
