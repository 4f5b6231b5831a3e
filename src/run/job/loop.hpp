// One rank's loop from the first sample to the leave.
#pragma once

#include "run/client/service.hpp"
#include "run/job/job.hpp"
#include "run/job/log.hpp"
#include "run/star/coordinator.hpp"
#include "run/star/requests.hpp"
#include "run/start/startup.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace flowspan::run {

/// One rank's loop from the first sample to the leave.
class Loop {
public:
    Loop(comm::Communicator& communicator, Started& started, const JobHooks& hooks);
    /// Opens the links and turns to the end: what came of the run.
    JobResult run();
    /// One turn: tasks, control messages, signs of life. True once this rank may leave.
    bool turn();
    /// Only what others have sent.
    void serve() { handle_all(); }
    /// Before the first turn, on every rank, where programs ask and watch before anything flows: blocks run once what all
    /// ranks have asked before this call is with the blocks.
    void begin_together();
    /// After `turn` said so: what came of the run.
    JobResult result();
    /// A stop, as a signal asks for it.
    void stop() { star_.send(0, Word::stop_asked); }
    /// This rank's program cannot go on: ends the run for all, unless it has failed already.
    void give_up(const std::string& why) {
        if (!cause_) fail({.code = ExitCode::block, .text = why});
    }
    Requests& requests() { return requests_; }
    /// The call in which this rank's program waits for the run, "" where there is no program, nothing while it may do as it
    /// likes. While all ranks wait nobody can release a held block. A call that waits for an answer and gets none for
    /// `patience` is named in the log.
    void waits_within(std::optional<std::string> call, bool for_an_answer = false);
    /// Rank 0: how far the run is.
    Progress progress() const;
    /// What the run has failed of, if it has.
    const std::optional<Cause>& cause() const { return cause_; }
    bool streaming() const { return state_ == State::streaming; }
    /// A line of any rank.
    void say(LogLevel level, const std::string& text) { log_.say(level, "", text); }
    /// Lines of rank 0 from before the streams.
    void note(LogLevel level, const std::string& text) {
        if (int(level) >= s_.request.log_level) add_line({level, communicator_.rank(), s_.hosts[0], "", "", text});
    }

private:
    using Clock = std::chrono::steady_clock;
    using Seconds = std::chrono::duration<double>;
    enum class State { streaming, settling, done, publishing, published, aborting, cleaned };
    void add_line(const LogLine& line) { hooks_.log ? hooks_.log(line) : book_.add(line); }
    std::uint64_t samples() const;
    void handle(const ControlMessage& m);
    void obey(const ControlMessage& m);
    void run_tasks();
    void handle_all();
    void last_word(Word word, const Value& content = {});
    void write_report(JobResult& result);
    void report_failure(const Cause& cause);
    void streams_end();
    void say_done();
    bool look_at_lost();
    static bool is_over(const std::optional<Step>& job);
    void begin_publishing(int partial);
    void is_committed();
    void fail(Cause cause);
    void begin_abort();
    void clean();
    void signs_of_life();
    void discard_unless_committed();
    void told_to_leave();
    [[noreturn]] void leave_as_told();
    bool speaks_for_rank_zero() const;
    void speak_for_rank_zero();
    std::string ranks_gone() const;
    std::string ranks_silent() const;
    void clear_away();
    void wait_for_peers_to_go();
    void wait_for_answers();
    void wait_until_sent();
    bool publishes() const { return state_ == State::publishing || state_ == State::published; }
    void look_at_signals();
    void look_at_end();
    void look_at_locks();
    void look_at_calls();
    void tell_ended();
    void look_at_answers();
    void say_quiet();
    void idle();
    void show_progress();
    RankProgress rank_progress() const;
    Quiet quiet() const;
    [[noreturn]] void leave_by_force(Cause cause);
    std::string settled(Seconds within);
    [[noreturn]] void flee();

    comm::Communicator& communicator_;
    Started& s_;
    const JobHooks& hooks_;
    ControlStar star_;
    Requests requests_;
    std::unique_ptr<Coordinator> coordinator_;
    State state_ = State::streaming;
    std::optional<Step> files_, verifying_;               // products are made durable, then published; the locks are looked at
    std::shared_ptr<std::vector<io::Unpublished>> left_;  // by the I/O thread
    std::optional<Cause> cause_;
    std::optional<std::string> within_ = "";
    std::optional<Clock::time_point> answer_awaited_since_;
    Clock::time_point begun_, heard_, last_sign_ = Clock::now(), abort_since_{}, last_move_ = Clock::now();
    std::optional<Clock::time_point> woke_;  // after it had been stopped for about as long as patience lasts
    Seconds patience_;
    RankLog log_;
    LogBook book_;  // rank 0
    bool may_leave_ = false, stopped_ = false, stop_sent_ = false, stuck_ = false, waits_for_go_ = false, committed_ = false;
    std::optional<Clock::time_point> told_, ended_;  // since when the launcher, or a signal, wants the end
    enum class Told { look, wait, stopping } told_step_ = Told::look;
    std::vector<bool> seen_here_;  // by rank: its process can be seen from here
    std::set<int> mustered_;       // rank 0: who has answered
    bool said_done_ = false;       // and nothing of what became of that
    unsigned idle_turns_ = 0;
    int continued_ = 0, seen_continued_ = 0;
    std::optional<std::vector<const runtime::BlockTask*>> not_ended_;  // where the graph has cycles: as far as was told
    std::map<const runtime::BlockTask*, double> long_calls_;           // longer than any that was judged, in seconds
};

}  // namespace flowspan::run
