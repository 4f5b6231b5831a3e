#include "batch/batch.hpp"

#include "batch/crew/crew.hpp"
#include "batch/see/index_all.hpp"
#include "batch/see/live.hpp"
#include "comm/local/local.hpp"
#include "io/publish/product.hpp"
#include "run/agree/together.hpp"
#include "run/signs/attended.hpp"
#include "run/signs/signals.hpp"
#include "run/signs/watch.hpp"
#include "run/start/team.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;
using std::chrono::milliseconds;

constexpr auto sign_every = milliseconds(250);
constexpr milliseconds busy_wait(1), quiet_wait(5);

/// One rank's part of a batch that is open.
class Rank {
public:
    Rank(comm::Communicator& communicator, Nursery& nursery, const BatchSettings& settings, const BatchHooks& hooks,
         const BatchRequest& request, Opened* opened, std::vector<std::string> hosts, const std::string& log,
         std::function<void(const Chief&)> last)
        : communicator_(communicator),
          settings_(settings),
          hooks_(hooks),
          hosts_(std::move(hosts)),
          none_("batch"),
          io_(none_, settings.patience_s),
          star_(communicator, comm::Lane::batch),
          crew_(star_, nursery, io_, {request.out, settings.limits, run::LogLevel(settings.log_level), log}),
          heard_(hosts_.size(), Clock::now()),
          book_([this](const std::string& line) { say(line); }) {
        if (!settings.plugins.empty()) nursery.load(settings.plugins);
        if (opened == nullptr) return;
        Chief::Options options;
        options.attempts = settings.attempts;
        options.grace_s = settings.grace_s;
        options.most_failures = settings.most_failures;
        options.most_failures_percent = settings.most_failures_percent;
        options.hosts = hosts_;
        options.say = [this](const std::string& line) { say(line); };
        options.last = [this, last = std::move(last)] { last(*chief_); };
        chief_ = std::make_unique<Chief>(star_, io_, request, *opened, std::move(options));
        live_ = std::make_unique<Live>(io_, request.out, opened->part, opened->run, hosts_, opened->units);
    }

    void run() {
        while (!crew_.over()) {
            run::Watch::turn();
            hear();
            look_at_signals();
            if (chief_ != nullptr) chief_->turn(Clock::now());
            crew_.turn(crew_.idle() ? quiet_wait : busy_wait);
            signs_of_life();
        }
        while (!star_.all_sent()) {}
        star_.close();
        if (live_ != nullptr) live_->end();
        book_.finish();
    }
    const Chief& chief() const { return *chief_; }

private:
    void say(const std::string& line) {
        if (hooks_.say) hooks_.say(line);
    }
    void hear() {
        run::ControlMessage m;
        while (!crew_.over() && star_.poll(m)) {
            heard_[std::size_t(m.from)] = Clock::now();
            if (crew_.take(m) || (chief_ != nullptr && chief_->take(m))) continue;
            if (m.word == run::Word::alive && live_ != nullptr) live_->at(m.from, m.content);
            if (m.word == run::Word::log) book_.add(run::LogLine::from(m.content));
            if (m.word == run::Word::stop_asked && chief_ != nullptr) chief_->stop(Clock::now());
        }
    }
    void look_at_signals() {
        if (stop_sent_ || (!run::Signals::stop_asked() && !run::Signals::told_to_leave() && run::Signals::ended_by() == 0))
            return;
        stop_sent_ = true;
        star_.send(0, run::Word::stop_asked);
    }
    // Whoever stood still itself cannot judge the others.
    void signs_of_life() {
        const auto now = Clock::now();
        if (now - last_sign_ < sign_every) return;
        if (now - last_sign_ > Seconds(settings_.patience_s / 2)) std::fill(heard_.begin(), heard_.end(), now);
        last_sign_ = now;
        if (chief_ == nullptr) {
            star_.send(0, run::Word::alive, crew_.at());
            if (now - heard_[0] > Seconds(settings_.patience_s)) lose(0);
            return;
        }
        for (int r = 1; r < communicator_.size(); ++r) {
            star_.send(r, run::Word::alive);
            if (now - heard_[std::size_t(r)] > Seconds(settings_.patience_s)) lose(r);
        }
        look_live(now);
        if (hooks_.progress) hooks_.progress(chief_->counts(), chief_->seconds_left());
    }
    void look_live(Clock::time_point now) {
        live_->at(0, crew_.at());
        const Counts& counts = chief_->counts();
        LiveSaid said;
        said.units = counts.units;
        said.over = counts.over();
        said.done = counts.done + counts.unchanged;
        said.samples = double(counts.samples);
        said.work_left_s = chief_->seconds_left();
        live_->turn(now, std::move(said));
    }
    [[noreturn]] void lose(int rank) {
        throw Failure(ExitCode::communication,
                      fmt::format("rank {} ({}): no sign of life for {:g} s: the rank is lost; what is done is published, and "
                                  "the same command goes on",
                                  rank, hosts_[std::size_t(rank)], settings_.patience_s));
    }

    comm::Communicator& communicator_;
    const BatchSettings& settings_;
    const BatchHooks& hooks_;
    std::vector<std::string> hosts_;
    io::Publisher none_;  // a rank makes no products itself
    io::Thread io_;
    run::ControlStar star_;
    Crew crew_;
    std::unique_ptr<Chief> chief_;
    std::unique_ptr<Live> live_;
    std::vector<Clock::time_point> heard_;
    Clock::time_point last_sign_ = Clock::now();
    run::LogBook book_;
    bool stop_sent_ = false;
};

}  // namespace

Nursery::Functions worker_functions(run::Library& library) {
    struct Own {  // of a worker: made with its first unit, when plug-ins have been loaded
        explicit Own(const run::Library& loaded) : team(*alone, loaded.plugins()) {}
        std::unique_ptr<comm::Communicator> alone = comm::single_rank();
        run::Team team;
    };
    auto own = std::make_shared<std::unique_ptr<Own>>();
    return {[&library](const std::vector<std::string>& files) { library.load(files); },
            [&library, own](const Value& asked, Reporter& reporter) {
                if (*own == nullptr) *own = std::make_unique<Own>(library);
                ComputeHooks hooks;
                hooks.progress = [&](const run::Progress& p) {
                    reporter.progress(Value::Map{{"fraction", p.fraction}, {"samples", p.samples}});
                };
                hooks.log = [&](const run::LogLine& line) { reporter.log(line); };
                return compute((*own)->team, library.registry(), Task::read(asked), hooks).value();
            }};
}

BatchResult run_batch(comm::Communicator& communicator, const Registry& registry, Nursery& nursery, const BatchRequest& request,
                      const BatchSettings& settings, const BatchHooks& hooks, std::exception_ptr trouble) {
    const auto begun = Clock::now();
    const bool root = communicator.rank() == 0;
    std::optional<Opened> opened;
    std::vector<std::string> hosts;
    std::string log;
    BatchRequest own = request;
    {
        run::Attended attended(communicator, settings.patience_s, hooks.leaving);
        try {
            run::together(attended, [&] {
                if (trouble) std::rethrow_exception(trouble);
                if (root) opened = open_batch(registry, request, false);
            });
            own.out = attended.broadcast(request.out);
            log = attended.broadcast(root ? log_name(opened->part, opened->journal->start(), 0) : std::string());
            log.replace(log.rfind('-') + 1, std::string::npos, std::to_string(communicator.rank()));
            hosts = attended.all_gather(communicator.host());
        } catch (const std::exception&) {
            attended.over();
            throw;
        }
        attended.over();
    }
    if (root && hooks.say) {
        for (const std::string& line : opened->notes) hooks.say(line);
        for (const std::string& line : opened->warnings) hooks.say("warning: " + line);
    }
    if (root && hooks.ready) hooks.ready();
    BatchResult result;
    std::string index_trouble;
    const auto last = [&](const Chief& chief) {
        result.counts = chief.counts();
        result.code = chief.code();
        result.part = opened->part;
        result.run = opened->run;
        result.seconds = Seconds(Clock::now() - begun).count();
        result.begun = line::now_s() - result.seconds;
        try {
            write_index(own.out, opened->run);
        } catch (const Failure& e) {
            index_trouble = e.what();
            if (result.code == ExitCode::done) result.code = e.code();
        }
        if (hooks.written) hooks.written(result);
    };
    Rank rank(communicator, nursery, settings, hooks, own, opened ? &*opened : nullptr, hosts, log, last);
    rank.run();
    if (!index_trouble.empty() && hooks.say) hooks.say(index_trouble);
    return result;
}

}  // namespace flowspan::batch
