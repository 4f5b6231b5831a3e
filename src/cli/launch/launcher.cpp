#include "cli/launch/launcher.hpp"

#include "cli/launch/lost.hpp"
#include "cli/launch/mpirun.hpp"
#include "cli/launch/relay.hpp"
#include "core/process/handle_signal.hpp"
#include "core/process/stat.hpp"
#include "core/say.hpp"
#include "run/signs/signals.hpp"

#include <flowspan/diagnostic.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds, std::chrono::seconds;

constexpr auto turn_takes = milliseconds(20);
constexpr auto ends_after_code = seconds(8);   // mpirun, once the ranks have left the job's code
constexpr auto ends_after_term = seconds(5);   // it gives its ranks two
constexpr auto ends_after_ranks = seconds(5);  // once no rank is there any more
constexpr auto stood_still_after = seconds(1);

volatile std::sig_atomic_t stops = 0, ended_by = 0, suspended = 0, continued = 0;
void count_stop(int) { stops = stops + 1; }
void count_end(int signal) {
    ended_by = signal;
    stops = stops + 1;
}
void suspend(int) { suspended = 1; }
void go_on(int) { continued = 1; }

void handle_signals() {
    for (const int s : {SIGUSR1, SIGTERM, SIGINT}) handle_signal(s, count_stop);
    handle_signal(SIGHUP, count_stop, true);  // nohup ignores it
    handle_signal(SIGQUIT, count_end);
    for (const int s : {SIGXFSZ, SIGXCPU, SIGALRM, SIGVTALRM, SIGPROF, SIGUSR2}) handle_signal(s, count_end, true);
    handle_signal(SIGTSTP, suspend, true);
    handle_signal(SIGCONT, go_on);
    handle_signal(SIGPIPE, SIG_IGN);
}

/// One mpirun, from its start to its end.
class Launch {
public:
    explicit Launch(const LaunchRequest& request)
        : request_(request),
          patience_(std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(request.patience_s))) {}

    Launched run() {
        handle_signals();
        mpirun_ = start_mpirun(request_, relay_);
        last_turn_ = started_ = last_sign_ = Clock::now();
        while (waitpid(mpirun_, &status_, WNOHANG) == 0) {
            turn();
            if (killed_) waitpid(mpirun_, &status_, 0);
            if (killed_) break;
            usleep(useconds_t(std::chrono::microseconds(turn_takes).count()));
        }
        relay_.finish();
        told_ = relay_.told();
        const int code = outcome();
        const bool silent = verdict_ && verdict_->lost && !request_.hosts.empty();  // perhaps they are only out of reach
        return {code, lost_, !silent, told_.committed, told_.locks};
    }

private:
    struct Verdict {
        int code;
        std::string line;
        bool lost = false;  // what has become of the products is still to be said
    };

    void turn() {
        const auto now = Clock::now();
        if (const auto gap = now - std::exchange(last_turn_, now); gap > stood_still_after || relay_.blocked()) forgive(gap);
        told_ = relay_.told();
        if (!told_.code && !ending_)
            ranks_.look(told_, [](int process) {
                const auto stat = stat_of(process);
                return stat && !stat->has_ended();
            });
        pass_job_control();
        pass_stops(now);
        look_whether_stuck(now);
    }

    // Who was stopped itself, or whose reader does not read, has not seen what came.
    void forgive(Clock::duration gap) {
        started_ += gap;
        last_sign_ += gap;
        if (coded_) *coded_ += gap;
        if (ending_) *ending_ += gap;
    }

    // mpirun is in a group of its own, which no Ctrl-Z reaches. It stops and continues the ranks of all hosts.
    void pass_job_control() {
        if (suspended != 0) {
            suspended = 0;
            kill(mpirun_, SIGTSTP);
            usleep(100'000);  // until it has
            raise(SIGSTOP);
            continued = 1;
        }
        if (continued != 0) {
            continued = 0;
            kill(mpirun_, SIGCONT);
            const auto now = Clock::now();
            forgive(now - std::exchange(last_turn_, now));
        }
    }

    /// mpirun ends its ranks; this is what comes of it.
    void end(Verdict verdict) {
        verdict_ = std::move(verdict);
        ending_ = Clock::now();
        relay_.mute();
        kill(mpirun_, SIGTERM);
    }

    // The first asks for a stop; insisting ends the job. A rank that is not there yet would die of a signal.
    void pass_stops(Clock::time_point now) {
        const int asked = stops;
        if (asked <= passed_ || ending_) return;
        if (told_.here.empty()) {
            passed_ = asked;
            return end(ended_by != 0
                           ? Verdict{run::code_of_signal(ended_by), ended_line()}
                           : Verdict{int(ExitCode::stopped), "stopped on request; no rank had begun, and nothing is made"});
        }
        const bool all_here = told_.ready || int(told_.here.size()) >= request_.ranks;
        if (!all_here && asked < 3) return;
        passed_ = asked;
        if (asked >= 3) {
            ending_ = now;
            kill(mpirun_, SIGTERM);
        } else {
            kill(mpirun_, ended_by != 0 ? SIGUSR2 : SIGUSR1);  // of QUIT mpirun would die
        }
    }

    /// The ranks say why, by the signal that they got of this one.
    std::string ended_line() const {
        const std::string theirs = run::name_of_signal(SIGUSR2), ours = run::name_of_signal(ended_by);
        const std::size_t at = told_.end.find("ended by " + theirs);
        const std::string rest = at == std::string::npos ? "; nothing is published" : told_.end.substr(at + 9 + theirs.size());
        return fmt::format("flowspan: ended by {}{}", ours, rest);
    }

    void look_whether_stuck(Clock::time_point now) {
        if (told_.code && !coded_) coded_ = now;
        if ((ending_ && now - *ending_ > ends_after_term) || (coded_ && now - *coded_ > ends_after_code)) return kill_it();
        if (ending_ || coded_) return;
        if (told_.here.empty()) {
            if (now - started_ < patience_) return;
            verdict_ = {int(ExitCode::communication),
                        fmt::format("flowspan: mpirun has not started a rank within {:g} s (--patience) and is ended",
                                    request_.patience_s)};
            return kill_it();
        }
        if (told_.alive != std::exchange(seen_alive_, told_.alive)) last_sign_ = now;
        if (now - last_sign_ < gone_after()) return;
        if (!ranks_here(mpirun_).empty()) {  // they look after each other
            last_sign_ = now;
            return;
        }
        verdict_ = {int(ExitCode::communication), none_left()};
        verdict_->lost = true;
        kill_it();
    }

    /// Ranks on other hosts that are out of reach have said so by then, if another host can hear it.
    Clock::duration gone_after() const { return request_.hosts.empty() ? ends_after_ranks : 2 * patience_ + ends_after_ranks; }

    std::string none_left() const {
        if (!request_.hosts.empty())
            return fmt::format("flowspan: no rank on this host, and no sign of life from others for {:g} s: they are lost; ",
                               std::chrono::duration<double>(gone_after()).count());
        const std::string who = ranks_.text(told_, request_.ranks);
        return fmt::format("flowspan: {}, and mpirun, which does not notice, is ended; ",
                           who.empty() ? "all ranks are lost" : who);
    }

    void kill_it() {
        relay_.mute();
        kill_all(mpirun_);
        killed_ = true;
    }

    int outcome() {
        if (verdict_) {
            if (verdict_->lost)
                lost_ = verdict_->line;
            else
                say_line(verdict_->line);
            return verdict_->code;
        }
        if (told_.code && *told_.code == run::code_of_signal(SIGUSR2)) {
            say_line(ended_line());
            return run::code_of_signal(ended_by);
        }
        const std::string crashed = ranks_.crashed(told_);
        if (!told_.loss.empty()) lost_ = fmt::format("flowspan: {}; ", crashed.empty() ? told_.loss : crashed);
        const int exit = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
        if (told_.code && *told_.code == 0 && exit != 0 && !killed_) {
            const std::string who = ranks_.text(told_, request_.ranks);
            say_line(fmt::format("flowspan: {}, which had nothing left to do (mpirun ended with {}); all is published",
                                 who.empty() ? "a rank is lost" : who, exit));
            return int(ExitCode::communication);
        }
        if (told_.code && !crashed.empty() && lost_.empty())
            say_line("flowspan: " + crashed);  // (rank 0 knows of a loss alone)
        if (told_.code) return *told_.code;
        if (passed_ > 0 && passed_ < 3 && !told_.ready) {
            say_line("stopped on request; it came before the first sample, and nothing is made");
            return int(ExitCode::stopped);
        }
        if (exit == 0) return 0;
        if (exit != 127) lost_ = fmt::format("flowspan: {}; ", ending_ ? "ended by the third signal" : loss(exit));
        return int(ExitCode::communication);  // (127: it was not there, and that is said)
    }

    std::string loss(int exit) const {
        const std::string who = ranks_.text(told_, request_.ranks);
        if (!who.empty()) return who;
        if (told_.here.empty()) return fmt::format("mpirun ended with {} before a rank had begun", exit);
        return fmt::format("mpirun ended all ranks, and returned {}", exit);
    }

    const LaunchRequest& request_;
    Clock::duration patience_;
    Relay relay_;
    LostRanks ranks_{own_host()};
    Told told_;
    pid_t mpirun_ = 0;
    int status_ = 0, passed_ = 0;
    bool killed_ = false;
    std::uint64_t seen_alive_ = 0;
    Clock::time_point started_, last_turn_, last_sign_;
    std::optional<Clock::time_point> coded_, ending_;
    std::optional<Verdict> verdict_;
    std::string lost_;
};

}  // namespace

bool stop_asked() { return stops > 0; }

Launched launch(const LaunchRequest& request) { return Launch(request).run(); }

}  // namespace flowspan::cli
