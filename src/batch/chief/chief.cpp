#include "batch/chief/chief.hpp"

#include "batch/opening/fingerprints.hpp"
#include "core/mistakes/failure_of.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr auto groups_apart = std::chrono::milliseconds(100), lines_wait = std::chrono::milliseconds(500);

/// By team: a number for its host.
std::vector<int> numbers_of(const std::vector<std::vector<int>>& teams, const std::vector<std::string>& hosts) {
    std::map<std::string, int> known;
    std::vector<int> numbers;
    for (const auto& team : teams)
        numbers.push_back(known.emplace(hosts.at(std::size_t(team.front())), int(known.size())).first->second);
    return numbers;
}

}  // namespace

Value Counts::value() const {
    return Value::Map{{"units", std::int64_t(units)},         {"before", std::int64_t(before)},
                      {"done", std::int64_t(done)},           {"unchanged", std::int64_t(unchanged)},
                      {"failed", std::int64_t(failed)},       {"given_up", std::int64_t(given_up)},
                      {"cancelled", std::int64_t(cancelled)}, {"stopped", std::int64_t(stopped)},
                      {"samples", std::int64_t(samples)},     {"cpu_s", cpu_s},
                      {"cached", std::int64_t(cached)}};
}

Chief::Chief(run::ControlStar& star, io::Thread& io, const BatchRequest& request, Opened& opened, Options options)
    : star_(star),
      io_(io),
      request_(request),
      o_(opened),
      options_(std::move(options)),
      dealer_({.host_of = numbers_of(options_.teams.ranks, options_.hosts), .attempts = options_.attempts}),
      collector_(io, [&star](int rank, run::Word word, const Value& content) { star.send(rank, word, content); }),
      retries_(io, request.out, opened.part) {
    std::random_device random;
    next_run_ = (std::uint64_t(random()) << 32 | random()) & 0xffff'ffff'ffffU;
    take_in(0);
    if (options_.most_failures_percent > 0) {
        const double share = std::ceil(options_.most_failures_percent / 100 * double(o_.units.size()));
        options_.most_failures = std::min(options_.most_failures, std::max(std::size_t(1), std::size_t(share)));
    }
}

void Chief::take_in(std::size_t first) {
    counts_.units = o_.units.size();
    is_.resize(o_.units.size(), Now::waiting);
    std::vector<std::size_t> suspects;
    for (std::size_t u = first; u < o_.units.size(); ++u) {
        const UnitPlan& plan = o_.plans[u];
        if (plan.what == UnitPlan::What::nothing) {
            ++counts_.before;
            is_[u] = Now::done;
        } else if (plan.what == UnitPlan::What::given_up) {
            ++counts_.given_up;
            failed_.insert(u);
            is_[u] = Now::failed;
        } else if (!plan.suspect) {
            add_to_dealer(u, plan.attempts);
        } else {
            suspects.push_back(u);
        }
    }
    std::stable_sort(suspects.begin(), suspects.end(),
                     [&](std::size_t a, std::size_t b) { return o_.plans[a].deaths < o_.plans[b].deaths; });
    for (const std::size_t u : suspects) add_to_dealer(u, o_.plans[u].attempts, true);
}

std::size_t Chief::group_of(std::size_t unit) {
    if (!options_.stages) return Dealer::no_group;
    return groups_.emplace(o_.units[unit].recording, groups_.size()).first->second;
}

/// Of ranks that serve its graph. (Where none does, which is so of graphs that come later alone, the unit itself says it.)
std::size_t Chief::kind_of(std::size_t unit) {
    const std::string& name = o_.units[unit].graph;
    const auto& needs = o_.graphs.at(name).needs;
    if (needs.empty() || options_.offered.empty()) return 0;
    if (const auto known = kinds_.find(name); known != kinds_.end()) return known->second;
    const std::vector<bool> ranks = serving(options_.offered, needs);
    std::vector<bool> teams;
    for (const auto& team : options_.teams.ranks) teams.push_back(ranks[std::size_t(team.front())]);
    const bool any = std::find(teams.begin(), teams.end(), true) != teams.end();
    return kinds_[name] = any ? dealer_.kind_of(std::move(teams)) : 0;
}

void Chief::add_to_dealer(std::size_t unit, int failed, bool suspect) {
    dealer_.add(unit, o_.plans[unit].cost, failed, suspect, group_of(unit), kind_of(unit));
}

std::size_t Chief::added(const std::vector<std::size_t>& known) {
    std::size_t again = 0;
    for (const std::size_t unit : known) {
        if (is_.at(unit) != Now::cancelled) continue;
        is_[unit] = Now::waiting;
        add_to_dealer(unit);
        --counts_.cancelled;
        ++again;
    }
    take_in(is_.size());
    return again;
}

// One that is computed has come to its end only when its rank has answered.
bool Chief::cancel(std::size_t unit) {
    if (is_[unit] == Now::waiting && dealer_.cancel(unit)) {
        is_[unit] = Now::cancelled;
        ++counts_.cancelled;
        return true;
    }
    if (is_[unit] != Now::running || !cancelled_.insert(unit).second) return false;
    star_.send_to_all(run::Word::cancel, std::int64_t(unit));
    return true;
}

std::size_t Chief::cancel(const std::optional<std::vector<std::string>>& folders) {
    std::size_t count = 0;
    if (!folders) {
        for (std::size_t u = 0; u < is_.size(); ++u) count += cancel(u) ? 1 : 0;
        return count;
    }
    std::vector<std::size_t> units;
    for (const std::string& folder : *folders) {
        const auto unit = std::find_if(o_.units.begin(), o_.units.end(), [&](const Unit& u) { return u.folder == folder; });
        if (unit == o_.units.end())
            throw Refused(Diagnostic{{}, "units", "units of this start", folder, "`units list` names them", {}});
        units.push_back(std::size_t(unit - o_.units.begin()));
    }
    for (const std::size_t unit : units) count += cancel(unit) ? 1 : 0;
    return count;
}

std::pair<Value::List, std::size_t> Chief::list(const std::string& state, std::size_t bytes) const {
    static constexpr std::array<const char*, 5> names{"waiting", "running", "done", "failed", "cancelled"};
    Value::List units;
    std::size_t count = 0, used = 0;
    for (std::size_t u = 0; u < is_.size(); ++u) {
        const bool left = is_[u] == Now::waiting || is_[u] == Now::running;
        if (!state.empty() && state != names[std::size_t(is_[u])] && !(state == "left" && left)) continue;
        ++count;
        if (used > bytes) continue;
        Value unit = Value::Map{{"unit", o_.units[u].folder}, {"state", names[std::size_t(is_[u])]}};
        used += unit.json().size() + 1;
        if (used <= bytes) units.push_back(std::move(unit));
    }
    return {std::move(units), count};
}

Task Chief::task_of(std::size_t unit, const std::string& run) const {
    const Unit& u = o_.units[unit];
    const UnitPlan& plan = o_.plans[unit];
    Task task;
    task.unit = unit;
    task.run = run;
    const GraphText& graph = o_.graphs.at(u.graph);
    task.graph_file = graph.file;
    task.graph_text = graph.text;
    task.overrides = overrides_of(request_, graph, u);
    task.seen = with_variables(graph.seen, task.overrides);
    task.ranks_text = request_.job.read.ranks_text;
    task.ranks_file = request_.job.read.ranks_file;
    task.ranks_auto = request_.job.read.ranks_auto;
    task.from = u.from;
    task.duration = u.duration;
    task.out = request_.out + "/" + u.folder;
    task.isa = request_.job.isa;
    task.fft = request_.job.fft;
    task.memory_limit = request_.job.memory_limit;
    task.device = request_.job.read.device;
    task.device_chunk = request_.job.device_chunk;
    task.readers = request_.job.readers;
    task.device_memory_limit = request_.job.device_memory_limit;
    task.log_level = request_.job.log_level;
    task.patience_s = request_.job.patience_s;
    task.known_key = plan.known_key;
    task.known_content = plan.known_content;
    task.cache = options_.cache;
    task.cache_limit = options_.cache_limit;
    return task;
}

void Chief::hand_out(double now) {
    // What a suspect may take with it is what is not durable yet.
    if (dealer_.only_suspects_left() && (publishing_ > 0 || group_)) return;
    for (std::size_t t = 0; t < options_.teams.ranks.size(); ++t) {
        const int rank = options_.teams.ranks[t].front();
        for (const std::size_t unit : dealer_.next(int(t), now)) {
            const std::string run = fmt::format("{:012x}", next_run_++ & 0xffff'ffff'ffffU);
            line::Start start;
            start.unit = o_.plans[unit].id;
            start.run = run;
            start.attempt = dealer_.attempts(unit) + 1;
            start.rank = rank;
            start.host = options_.hosts[std::size_t(rank)];
            start.time = line::now_s();
            lines_.push_back(start.value());
            runs_[unit] = run;
            is_[unit] = Now::running;
            tasks_[rank].emplace_back(task_of(unit, run).value());
        }
    }
}

bool Chief::take(const run::ControlMessage& message) {
    if (collector_.take(message)) return true;
    if (message.word == run::Word::answers) {
        for (const Value& answer : message.content.list()) answered(message.from, Answer::from(answer));
        return true;
    }
    if (message.word == run::Word::renamed) {
        for (const Value& renamed : message.content.list()) named(Renamed::from(renamed));
        return true;
    }
    return false;
}

void Chief::answered(int rank, Answer answer) {
    const auto unit = std::size_t(answer.unit);
    counts_.cpu_s += answer.cpu_s;
    runs_.erase(unit);
    if (answer.lacks) return lacks(unit, rank, answer);
    if (answer.what == Answer::What::failed) return failed(unit, rank, answer);
    dealer_.done(unit, answer.seconds);
    if (answer.what == Answer::What::unchanged) {
        const line::Unchanged line{o_.plans[unit].id, answer.run, answer.key, answer.content, o_.plans[unit].fingerprint};
        lines_.push_back(line.value());
        ++counts_.unchanged;
        is_[unit] = Now::done;
        return;
    }
    counts_.samples += answer.samples;
    counts_.cached += answer.cached ? 1 : 0;
    ++publishing_;
    commits_.push_back({unit, rank, std::move(answer)});
}

// The line ends the attempt, which is none that counts.
void Chief::lacks(std::size_t unit, int rank, const Answer& answer) {
    if (cancelled_.contains(unit) || !dealer_.elsewhere(unit, seconds(*now_))) return failed(unit, rank, answer);
    line::Failed line = line_of_failure(unit, rank);
    line.run = answer.run;
    line.attempt = dealer_.attempts(unit);
    line.cause = answer.cause;
    line.code = int(answer.code);
    line.again = true;
    lines_.push_back(line.value());
    is_[unit] = Now::waiting;
    if (lacking_.insert(options_.hosts[std::size_t(rank)]).second)
        options_.say(fmt::format("{}: {}: what a host lacks is computed on another", o_.units[unit].folder, answer.cause));
}

line::Failed Chief::line_of_failure(std::size_t unit, int rank) const {
    line::Failed line;
    line.unit = o_.plans[unit].id;
    line.attempt = dealer_.attempts(unit) + 1;
    line.rank = rank;
    line.host = options_.hosts[std::size_t(rank)];
    line.suspect = o_.plans[unit].suspect;
    return line;
}

void Chief::failed(std::size_t unit, int rank, const Answer& answer) {
    line::Failed line = line_of_failure(unit, rank);
    line.run = answer.run;
    line.cause = answer.cause;
    line.code = int(answer.code);
    if (!answer.may_be_tried_again) line.fingerprint = o_.plans[unit].fingerprint_if_wrong;
    line.measured = {rank, answer.began, answer.seconds, answer.cpu_s, answer.peak_bytes};
    if (cancelled_.erase(unit) > 0 && answer.code == ExitCode::stopped) {  // a start without more is as if it had not been
        (void)dealer_.failed(unit, false, seconds(*now_));
        is_[unit] = Now::cancelled;
        ++counts_.cancelled;
        return;
    }
    const bool dropped = answer.code == ExitCode::stopped && stopped_;
    line.again = dealer_.failed(unit, answer.may_be_tried_again || dropped, seconds(*now_)) || dropped;
    is_[unit] = Now::waiting;
    if (!dropped) lines_.push_back(line.value());  // a start without more is as if it had not been
    if (dropped) return;
    say_failure(unit, answer.cause, line.again);
    if (!line.again) count_failure(unit);
}

// Those that are being computed go their way.
void Chief::count_failure(std::size_t unit) {
    ++counts_.failed;
    is_[unit] = Now::failed;
    failed_.insert(unit);
    if (counts_.failed < options_.most_failures || too_many_failed_) return;
    too_many_failed_ = true;
    dealer_.stop();
    options_.say(fmt::format("{} unit{} failed (--max-failures): no more are begun", counts_.failed,
                             counts_.failed == 1 ? " has" : "s have"));
}

// As if it had never been tried.
void Chief::asked(const RetryAsked& request) {
    std::size_t count = 0;
    const auto again = [&](std::size_t unit) {
        if (failed_.erase(unit) == 0) return;
        UnitPlan& plan = o_.plans[unit];
        --(plan.what == UnitPlan::What::given_up ? counts_.given_up : counts_.failed);
        plan.what = UnitPlan::What::run;
        plan.suspect = false;
        add_to_dealer(unit);
        is_[unit] = Now::waiting;
        lines_.push_back(line::Asked{"retry", plan.id, request.name}.value());
        ++count;
    };
    std::set<std::string> wanted;
    if (request.units) wanted.insert(request.units->begin(), request.units->end());
    for (const std::size_t unit : std::set<std::size_t>(failed_))
        if (!request.units || wanted.erase(o_.units[unit].folder) > 0) again(unit);
    answered_.push_back(request.name);
    options_.say(fmt::format("{} unit{} tried again, as was asked", count, count == 1 ? " is" : "s are"));
    if (!wanted.empty())
        options_.say(fmt::format("{}{}: not tried again: it has not failed here, or this start was not asked for it",
                                 *wanted.begin(), wanted.size() == 1 ? "" : fmt::format(" and {} more", wanted.size() - 1)));
}

void Chief::say_failure(std::size_t unit, const std::string& cause, bool again) {
    options_.say(fmt::format("{}: {}{}", o_.units[unit].folder, cause, again ? " (it is tried again)" : ""));
}

void Chief::named(const Renamed& renamed) {
    const auto unit = std::size_t(renamed.unit);
    --publishing_;
    if (!renamed.why.empty()) {
        options_.say(fmt::format("{}: {}; the next start tries again", o_.units[unit].folder, renamed.why));
        return count_failure(unit);
    }
    lines_.push_back(line::Done{o_.plans[unit].id, renamed.run}.value());
    ++counts_.done;
    is_[unit] = Now::done;
}

line::Commit Chief::line_of(const Committed& c) const {
    line::Commit line;
    line.unit = o_.plans[c.unit].id;
    line.run = c.answer.run;
    line.key = c.answer.key;
    line.content = c.answer.content;
    line.fingerprint = o_.plans[c.unit].fingerprint;
    const std::string folder = request_.out + "/" + o_.units[c.unit].folder + "/";
    for (const MadePart& p : c.answer.parts)
        if (p.part != p.path && p.path.starts_with(folder))
            line.products.push_back(MadeFile::of(p.path.substr(folder.size()), p.part.substr(folder.size()), p.bytes));
    line.seconds = c.answer.seconds;
    line.samples = std::int64_t(c.answer.samples);
    line.cached = c.answer.cached;
    line.measured = {c.rank, c.answer.began, c.answer.seconds, c.answer.cpu_s, c.answer.peak_bytes};
    return line;
}

// One write for all lines; a sync where products are committed, and at the end.
void Chief::write(Clock::time_point now) {
    if (group_) return written();
    const bool commits = !commits_.empty() && now - last_sync_ >= groups_apart;
    const bool end = ended_ && !last_, asked = !answered_.empty();
    // Who looks at the journal sees what has ended, though nothing more begins.
    const bool late = !lines_.empty() && now - last_write_ >= lines_wait;
    if (tasks_.empty() && !commits && !end && !asked && !late) return;
    last_write_ = now;
    Group& group = group_.emplace();
    group.tasks = std::exchange(tasks_, {});
    std::vector<Value> lines = std::exchange(lines_, {});
    if (commits) {
        for (const Committed& c : commits_) {
            lines.push_back(line_of(c).value());
            group.renames[options_.apart.contains(c.rank) ? 0 : c.rank].emplace_back(
                ToRename{c.unit, c.answer.run, c.answer.parts}.value());
        }
        commits_.clear();
        last_sync_ = now;
    }
    group.job = io_.submit([&journal = *o_.journal, &locks = *o_.locks, lines = std::move(lines),
                            sync = commits || end || asked, answered = std::exchange(answered_, {}), &out = request_.out] {
        if (sync) locks.verify();
        if (sync && journal.overtaken())
            throw Failure(ExitCode::file,
                          "another batch has taken this folder: its lock was lost, and nothing more is written");
        for (const Value& line : lines) journal.append(line);
        sync ? journal.sync() : journal.write();
        try {
            remove_requests(out, answered);
        } catch (const Failure&) {}  // the journal knows that they have been answered
    });
}

// (The I/O thread may be writing.)
void Chief::wait_for_group() {
    constexpr auto at_most = std::chrono::milliseconds(300);
    const auto begun = Clock::now();
    while (group_ && group_->job.token != nullptr && !group_->job.token->ready()) {
        if (Clock::now() - begun > at_most) throw Failure(ExitCode::file, "the journal takes no more lines");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

std::string Chief::lose(int rank) {
    const int team = options_.teams.of(rank);
    const auto unit = team < 0 ? std::nullopt : dealer_.at(team);
    if (!unit) return "";
    line::Failed line = line_of_failure(*unit, rank);
    line.run = runs_[*unit];
    line.cause = fmt::format("rank {} ({}) was lost while it was computed", rank, line.host);
    line.code = int(ExitCode::communication);
    line.again = line.attempt < options_.attempts;
    line.unclean = true;
    lines_.push_back(line.value());
    return o_.units[*unit].folder;
}

void Chief::end_lost() {
    line::End end;
    end.code = int(ExitCode::communication);
    end.counts = counts_.value();
    lines_.push_back(end.value());
    try {
        wait_for_group();
        for (const Value& line : lines_) o_.journal->append(line);
        o_.journal->sync();
    } catch (const Failure& e) { options_.say(e.what()); }
}

// Throws what went wrong: without a journal nothing goes on.
void Chief::written() {
    if (group_->job.token != nullptr && !group_->job.token->ready()) return;
    std::vector<std::uint64_t> late;  // cancelled before they were sent, of which their ranks know nothing
    for (auto& [rank, tasks] : group_->tasks) {
        if (!cancelled_.empty())
            for (const Value& task : tasks)
                if (const std::uint64_t unit = Task::read(task).unit; cancelled_.contains(unit)) late.push_back(unit);
        star_.send(rank, run::Word::tasks, std::move(tasks));
    }
    for (const std::uint64_t unit : late) star_.send_to_all(run::Word::cancel, std::int64_t(unit));
    if (dropped_ && !group_->tasks.empty()) star_.send_to_all(run::Word::stop_now);
    for (auto& [rank, units] : group_->renames) star_.send(rank, run::Word::rename, std::move(units));
    group_.reset();
    if (ended_ && lines_.empty()) last_ = io_.submit(options_.last ? options_.last : [] {});
}

void Chief::end() {
    if (over_ || !last_ || (last_->token != nullptr && !last_->token->ready())) return;
    over_ = true;
    star_.send_to_all(run::Word::all_over);
}

void Chief::stop(Clock::time_point now, bool at_once) {
    if (at_once) options_.grace_s = 0;
    if (stopped_) return;
    stopped_ = now;
    dealer_.stop();
}

void Chief::turn(Clock::time_point now) {
    now_ = now;
    for (auto& [rank, answer] : collector_.turn()) answered(rank, std::move(answer));
    if (stopped_ && !dropped_ && std::chrono::duration<double>(now - *stopped_).count() >= options_.grace_s) {
        dropped_ = true;
        if (dealer_.out() > 0) star_.send_to_all(run::Word::stop_now);
    }
    if (!stopped_ && !ended_ && !too_many_failed_) retries_.turn(now, [this](const RetryAsked& r) { asked(r); });
    if (!stopped_) hand_out(seconds(now));
    write(now);
    finish();
    end();
}

void Chief::finish() {
    if (options_.serves && !stopped_ && !too_many_failed_) return;
    if (ended_ || !dealer_.over() || publishing_ > 0 || !commits_.empty() || group_) return;
    ended_ = true;
    counts_.stopped = dealer_.left();
    line::End end;
    end.code = int(code());
    end.counts = counts_.value();
    lines_.push_back(end.value());
}

ExitCode Chief::code() const {
    if (too_many_failed_) return ExitCode::block;
    if (stopped_ && counts_.over() < counts_.units) return ExitCode::stopped;
    if (counts_.failed > 0 || counts_.given_up > 0) return ExitCode::block;
    return ExitCode::done;
}

}  // namespace flowspan::batch
