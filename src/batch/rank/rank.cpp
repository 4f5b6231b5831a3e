#include "batch/rank/rank.hpp"

#include "batch/crew/by_team.hpp"
#include "batch/crew/by_worker.hpp"
#include "core/say.hpp"
#include "run/signs/attended.hpp"
#include "run/signs/signals.hpp"
#include "run/signs/watch.hpp"

#include <flowspan/version.hpp>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::batch {
namespace {

using Seconds = std::chrono::duration<double>;
using std::chrono::milliseconds;

constexpr milliseconds sign_every(250), look_every(1), busy_wait(1), quiet_wait(5);
// From TERM, which KILL follows a second later.
constexpr milliseconds look_who_is_gone(50), all_answer_within(400), others_wait(600);

constexpr const char* goes_on = "what is done is published, and the same command goes on";

}  // namespace

Rank::Rank(Place place, Opened* opened, std::function<void(const Chief&)> last)
    : p_(std::move(place)),
      teams_(teams_of(p_.hosts, p_.team)),
      none_("batch"),
      io_(none_, p_.settings.patience_s),
      star_(p_.communicator, comm::Lane::batch),
      late_([this](int rank, run::Word word, const Value& content) { star_.send(rank, word, content); }),
      opened_(opened),
      heard_(p_.hosts.size(), Clock::now()),
      book_([this](const std::string& line) { say(line); }) {
    // (containers on one host may have the same name and other process ids)
    for (std::size_t r = 0; r < p_.pids.size(); ++r)
        here_.push_back(p_.hosts[r] == p_.hosts[std::size_t(p_.communicator.rank())] && ::kill(p_.pids[r], 0) == 0);
    make_computing();
    crew_ = std::make_unique<Crew>(star_, *computing_, io_, p_.request.out, p_.log);
    if (!p_.own.empty()) crew_->send_products(p_.own, p_.hosts[std::size_t(p_.communicator.rank())]);
    if (!p_.stage.empty()) {
        const std::uint64_t limit = p_.settings.stage_limit;
        Stager::Options options{p_.stage, p_.settings.stage, limit > 0 ? limit : half_of_free(p_.stage), limit == 0};
        crew_->stage(std::move(options), [this](const std::string& run, const run::LogLine& line) { log(run, line); });
    }
    if (opened != nullptr) make_chief(*opened, std::move(last));
    if (opened != nullptr && !p_.request.job.control.empty()) make_service();
    before_ = attended_by(this);
}

Rank::~Rank() { attended_by(before_); }

void Rank::log(const std::string& run, const run::LogLine& line) {
    crew_->log(run, line);
    if (int(line.level) >= p_.settings.log_level) star_.send(0, run::Word::log, line.value());
}

void Rank::make_computing() {
    const auto log = [this](const std::string& run, const run::LogLine& line) { this->log(run, line); };
    const auto number = std::size_t(p_.communicator.rank());
    const auto order = int(std::count(p_.hosts.begin(), p_.hosts.begin() + std::ptrdiff_t(number), p_.hosts[number]));
    const std::uint64_t share = p_.offered.empty() ? 0 : share_of_memory(p_.offered[number]);
    if (p_.nursery != nullptr) {
        if (!p_.settings.plugins.empty()) p_.nursery->load(run::PluginFile::list_of(p_.settings.plugins));
        OwnDevices devices{order, share, {}};
        if (!p_.offered.empty() && p_.offered[number].shares) devices.visible = p_.offered[number].visible();
        computing_ = std::make_unique<ByWorker>(*p_.nursery, p_.settings.limits, log, std::move(devices));
        return;
    }
    const int team = teams_.of(p_.communicator.rank());
    {
        run::Attended attended(p_.communicator, p_.settings.patience_s, p_.hooks.leaving);
        // Ranks that are left over have nobody to wait for.
        team_ = attended.split(team < 0 ? int(teams_.ranks.size()) + p_.communicator.rank() : team);
        attended.over();
    }
    ByTeam::Options options;
    options.ranks = team < 0 ? std::vector<int>{p_.communicator.rank()} : teams_.ranks[std::size_t(team)];
    options.plugins = p_.settings.loaded;
    options.devices = {order, share, {}};
    options.leaving = p_.hooks.leaving;
    options.timeout_s = p_.settings.limits.timeout_s;
    auto by_team = std::make_unique<ByTeam>(*team_, p_.registry, std::move(options), log);
    by_team_ = by_team.get();
    computing_ = std::move(by_team);
}

void Rank::make_chief(Opened& opened, std::function<void(const Chief&)> last) {
    if (!teams_.left_over.empty())
        say(fmt::format("teams of {} ranks: rank{} {} left over", p_.team, teams_.left_over.size() == 1 ? "" : "s",
                        fmt::join(teams_.left_over, ", ")));
    Chief::Options options;
    options.attempts = p_.settings.attempts;
    options.grace_s = p_.settings.grace_s;
    options.most_failures = p_.settings.most_failures;
    options.most_failures_percent = p_.settings.most_failures_percent;
    options.hosts = p_.hosts;
    options.teams = teams_;
    options.apart = p_.apart;
    if (!p_.apart.empty()) {
        std::set<std::string> names;
        for (const int rank : p_.apart) names.insert(p_.hosts[std::size_t(rank)]);
        say(fmt::format("{} {} not see {}: what is made there is sent here", fmt::join(names, ", "),
                        names.size() == 1 ? "does" : "do", p_.request.out));
    }
    if (p_.team == 1) options.offered = p_.offered;
    options.stages = !p_.stage.empty();
    options.cache = p_.settings.cache;
    options.cache_limit = p_.settings.cache_limit;
    options.serves = p_.request.serves;
    options.say = [this](const std::string& line) { say(line); };
    options.last = [this, last = std::move(last)] { last(*chief_); };
    chief_ = std::make_unique<Chief>(star_, io_, p_.request, opened, std::move(options));
    live_ = std::make_unique<Live>(io_, p_.request.out, opened.part, opened.run, p_.hosts, opened.units);
}

void Rank::make_service() {
    BatchService::Batch batch;
    batch.status = [this] {
        Value status = chief_->counts().value();
        status["state"] = chief_->stopped() ? "stopping" : "running";
        status["ranks"] = std::int64_t(p_.communicator.size());
        const auto left = chief_->seconds_left();
        status["work_left_s"] = left ? Value(*left) : Value();
        status["running"] = chief_->list("running", 100'000).first;
        return status;
    };
    batch.add = [this](const MoreUnits& more) { return add(more); };
    batch.cancel = [this](const auto& folders) { return chief_->cancel(folders); };
    batch.list = [this](const std::string& state, std::size_t bytes) { return chief_->list(state, bytes); };
    batch.refresh = [this](const std::vector<std::string>& files) { refresh(files); };
    batch.stop = [this] { chief_->stop(Clock::now()); };
    service_ = std::make_unique<BatchService>(p_.request.job.control,
                                              Value::Map{{"protocol", 1},
                                                         {"flowspan", version},
                                                         {"graph", p_.request.job.graph_file},
                                                         {"batch", p_.request.out},
                                                         {"pid", std::int64_t(getpid())},
                                                         {"ranks", std::int64_t(p_.communicator.size())},
                                                         {"run_id", opened_->run}},
                                              std::move(batch));
    say(fmt::format("reach this batch by: flowspan ctl {} status", p_.request.job.control));
}

Added Rank::add(const MoreUnits& more) {
    if (chief_->stopped()) throw Failure(ExitCode::stopped, "the batch is stopping");
    if (!more.plugins.empty()) refresh(more.plugins);
    chief_->wait_for_group();
    Added added = add_units(p_.registry, p_.request, more, *opened_);
    added.units += chief_->added(added.known);
    return added;
}

// Here first, so that a file that is none is refused.
void Rank::refresh(const std::vector<std::string>& files) {
    std::vector<run::PluginFile> own;
    for (const std::string& file : files) own.push_back({file, file});
    if (!own.empty()) p_.request.plugins = p_.hooks.load(own);
    star_.send_to_all(run::Word::refresh, late_.offer(files));
}

void Rank::run() {
    while (!crew_->over()) {
        serve();
        crew_->turn(crew_->idle() ? quiet_wait : busy_wait);
    }
    if (service_ != nullptr)
        service_->end(chief_->stopped() ? "stopped" : chief_->code() == ExitCode::done ? "done" : "failed");
    while (!star_.all_sent()) {}
    star_.close();
    if (by_team_ != nullptr) by_team_->close();
    if (live_ != nullptr) live_->end();
    book_.finish();
}

void Rank::serve() {
    last_look_ = Clock::now();
    run::Watch::turn();
    hear();
    look_at_signals();
    if (chief_ != nullptr) chief_->turn(Clock::now());
    if (service_ != nullptr) service_->poll(Clock::now());
    signs_of_life();
}

// While a unit is computed here.
void Rank::look() {
    if (Clock::now() - last_look_ < look_every || !computing_->busy()) return;
    serve();
    crew_->files();
}

void Rank::say(const std::string& line) const {
    if (p_.hooks.say) p_.hooks.say(line);
}

void Rank::hear() {
    run::ControlMessage m;
    while (!crew_->over() && next(m)) {
        if (late_.take(m) || crew_->take(m) || (chief_ != nullptr && chief_->take(m))) continue;
        if (m.word == run::Word::refresh) late_.told(m.content.list());
        if (m.word == run::Word::alive && live_ != nullptr) live_->at(m.from, m.content);
        if (m.word == run::Word::log) book_.add(run::LogLine::from(m.content));
        if (m.word == run::Word::stop_asked && chief_ != nullptr) chief_->stop(Clock::now());
    }
}

// Until plug-ins have come what else rank 0 says waits: units that need them follow.
bool Rank::next(run::ControlMessage& message) {
    load_what_arrived();
    if (!late_.arriving() && !held_.empty()) {
        message = std::move(held_.front());
        held_.pop_front();
        return true;
    }
    while (star_.poll(message)) {
        heard_[std::size_t(message.from)] = Clock::now();
        if (!late_.arriving() || message.word == run::Word::plugin || message.word == run::Word::alive) return true;
        held_.push_back(std::move(message));
    }
    return false;
}

void Rank::load_what_arrived() {
    if (const auto plugins = late_.arrived()) computing_->refresh(*plugins, p_.hooks.load(*plugins));
}

void Rank::look_at_signals() {
    if (run::Signals::told_to_leave()) told_to_leave();
    if (stop_sent_ || (!run::Signals::stop_asked() && run::Signals::ended_by() == 0)) return;
    stop_sent_ = true;
    star_.send(0, run::Word::stop_asked);
}

// The launcher ends the job, because it was told to or because a rank has died, and leaves about a second. Rank 0 looks who is
// gone; where nobody is, it is a stop that drops what is computed, and who does not answer that is lost.
void Rank::told_to_leave() {
    const auto now = Clock::now();
    if (!told_) told_ = now;
    const auto since = now - *told_;
    if (chief_ == nullptr) {
        if (since < others_wait) return;
        int first = 0;
        while (first < p_.communicator.rank() && (!here_[std::size_t(first)] || is_gone(first))) ++first;
        const bool speaks = here_[0] && is_gone(0) && first == p_.communicator.rank() && !p_.settings.under_launcher;
        leave(speaks ? name_of(0) + " is lost; " + goes_on : "");
    }
    std::vector<int> gone;
    for (int r = 1; r < p_.communicator.size(); ++r)
        if (here_[std::size_t(r)] && is_gone(r)) gone.push_back(r);
    if (!gone.empty()) lose(gone, "");
    if (since < look_who_is_gone) return;
    chief_->stop(now, true);
    if (since < all_answer_within) return;
    for (const int team : chief_->busy_teams()) gone.push_back(teams_.ranks[std::size_t(team)].front());
    if (!gone.empty()) lose(gone, "");
}

// Whoever stood still itself cannot judge the others.
void Rank::signs_of_life() {
    const auto now = Clock::now();
    if (now - last_sign_ < sign_every) return;
    const Seconds patience(p_.settings.patience_s);
    if (now - last_sign_ > patience / 2) std::fill(heard_.begin(), heard_.end(), now);
    last_sign_ = now;
    const std::string silent = fmt::format("no sign of life for {:g} s", p_.settings.patience_s);
    if (chief_ == nullptr) {
        star_.send(0, run::Word::alive, crew_->at());
        if (now - heard_[0] > patience) leave(fmt::format("{}: {}: the rank is lost; {}", name_of(0), silent, goes_on));
        return;
    }
    for (int r = 1; r < p_.communicator.size(); ++r) {
        star_.send(r, run::Word::alive);
        if (now - heard_[std::size_t(r)] > patience) lose({r}, silent);
    }
    look_live(now);
    if (p_.hooks.progress) p_.hooks.progress(chief_->counts(), chief_->seconds_left());
}

void Rank::look_live(Clock::time_point now) {
    live_->at(0, crew_->at());
    const Counts& counts = chief_->counts();
    LiveSaid said;
    said.units = counts.units;
    said.over = counts.over();
    said.done = counts.done + counts.unchanged;
    said.samples = double(counts.samples);
    said.work_left_s = chief_->seconds_left();
    live_->turn(now, std::move(said));
}

std::string Rank::name_of(int rank) const {
    const auto r = std::size_t(rank);
    return here_[r] ? fmt::format("rank {} ({}, process {})", rank, p_.hosts[r], p_.pids[r])
                    : fmt::format("rank {} ({})", rank, p_.hosts[r]);
}

bool Rank::is_gone(int rank) const { return ::kill(p_.pids[std::size_t(rank)], 0) != 0; }

// Rank 0: says whose units they had, in the journal as well.
void Rank::lose(const std::vector<int>& ranks, const std::string& why) {
    std::string names, units;
    for (const int rank : ranks) {
        names += (names.empty() ? "" : ", ") + name_of(rank);
        if (const std::string unit = chief_->lose(rank); !unit.empty()) units += (units.empty() ? "" : ", ") + unit;
    }
    chief_->end_lost();
    leave(fmt::format("{}{} lost{}; {}", names,
                      !why.empty()        ? ": " + why + ": the rank is"
                      : ranks.size() == 1 ? " is"
                                          : " are",
                      units.empty() ? "" : " while it computed " + units, goes_on));
}

// Others are ended by force: by whoever catches this.
void Rank::leave(const std::string& line) {
    if (!line.empty()) say_line("flowspan: " + line);
    if (p_.hooks.leaving && !line.empty()) p_.hooks.leaving(int(ExitCode::communication));
    throw run::ToldToLeave{true};
}

}  // namespace flowspan::batch
