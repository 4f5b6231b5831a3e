// Chains of plain blocks: items go down them while they are in the cache.
#include "runtime/block_task.hpp"

#include "runtime/access.hpp"
#include "runtime/counts.hpp"

#include <time.h>

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

constexpr std::uint64_t measured_every = 128;  // steps: a clock costs as much as a small call
constexpr double surely_long_s = 0.012;        // three ticks of the coarse clock
constexpr int watched_chain = 8;               // blocks: reading even that clock costs a long chain 5 %

using Clock = std::chrono::steady_clock;

thread_local std::int64_t last_call_ended_ns = 0;

double seconds_since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

}  // namespace

std::int64_t coarse_clock_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return std::int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

void LongCalls::begin() { last_call_ended_ns = coarse_clock_ns(); }

void LongCalls::ended(BlockStatistics& statistics) {
    const std::int64_t ns = coarse_clock_ns();
    const double s = 1e-9 * double(ns - last_call_ended_ns);
    last_call_ended_ns = ns;
    if (s >= surely_long_s) statistics.longest_step_s = std::max(statistics.longest_step_s, s);
}

// How many steps away the next one is that a clock is looked at for.
std::uint64_t BlockTask::until_measured() const { return -statistics_.steps % measured_every; }

// `steps_before`: those that are not in the statistics yet.
Step BlockTask::timed(std::size_t n, std::uint64_t steps_before) {
    if ((statistics_.steps + steps_before) % measured_every != 0) return block_->step(n);
    const auto start = Clock::now();
    Step step = block_->step(n);
    const double s = seconds_since(start);
    statistics_.work_s += s * double(measured_every);
    statistics_.longest_step_s = std::max(statistics_.longest_step_s, s);
    return step;
}

bool BlockTask::is_plain() const {
    return ins.size() == 1 && outs.size() <= 1 && (outs.empty() || outs[0].wire != nullptr) && message_ins.empty() &&
           !is_heard() && !dynamic_ && !gappy_ && !holds_last_ && piece_ == 0 && total_ == UINT64_MAX &&
           ratio_.interpolation == 1 && ratio_.decimation == 1 && ratio_.window == 1 && ratio_.block == 1 &&
           ratio_.delay == Rational(0) && Access::skip(*ins[0].port) == 0 && !set_by_tags_;
}

void BlockTask::find_followers() {
    for (Out& out : outs) {
        if (out.wire == nullptr || out.wire->readers.size() != 1) continue;
        auto* reader = dynamic_cast<BlockTask*>(out.wire->readers[0]);
        if (reader != nullptr && reader->plain_) out.next = reader;
    }
    if (plain_ends_.to == nullptr || outs[0].next == nullptr) return;
    plain_ends_.next = outs[0].next;
    plain_ends_.next->within_chain_ = true;
}

void BlockTask::look_at_chain() {
    for (const Out& out : outs) {
        int length = 0;
        for (const BlockTask* task = out.next; task != nullptr && length <= watched_chain; task = task->plain_ends_.next)
            ++length;
        watched_ = watched_ && length <= watched_chain;
    }
    find_stages();
}

// One step of a plain block, if there is nothing but items to be passed on; everything else is left to run(). It does what
// running() does for such a block, in a few cache lines.
bool BlockTask::pass_on() {
    auto& [block, in, out, reader, from, to, next] = plain_ends_;
    if (phase_ != Phase::running || !calm_ || from->buffer.has_tags()) return false;
    const std::uint64_t index = reader->index(), there = reader->readable_end(), end = std::min(there, barrier_);
    if (end <= index) return false;
    std::size_t n = std::min<std::size_t>(end - index, quantum_);
    if (to != nullptr) n = to->buffer.wanted() ? std::min(n, to->buffer.room()) : 0;
    if (n == 0) return false;
    if (limited_) n = limit_(n);
    Access::place(*in, reader->item(index), index, n);
    Access::tags(*in).clear();
    if (to != nullptr) Access::place(*out, to->buffer.write_place(), output_anchor_ + made_);
    if (!passed(n, 1, timed(n))) return false;
    if (index + n < there) wake();
    return true;
}

// The books of n more items that it has made of as many, or as a source. False: the step is still under way.
bool BlockTask::passed(std::size_t n, std::uint64_t steps, Step step) {
    auto& [block, in, out, reader, from, to, next] = plain_ends_;
    if (out != nullptr && !Access::tags(*out).empty()) put_tags(n, false);
    made_ += n;
    total_made_ += n;
    statistics_.steps += steps;
    statistics_.items_out += n;
    if (to != nullptr) to->buffer.issue(n);
    std::uint64_t index = 0;
    if (reader != nullptr) {
        statistics_.items_in += n;
        index = reader->index() + n;
        reader->advance(index);
    }
    if (step.token != nullptr) {
        pending_.push_back({std::move(step.token), n, index});
        calm_ = false;
        return false;
    }
    if (to != nullptr) to->buffer.complete(n);
    if (reader != nullptr) {
        reader->release(index);
        from->freed();
        wait_ = Wait::input;
    }
    return true;
}

// Items go down a chain of plain blocks while they are in the cache. Where it does not go on, that block is woken.
void BlockTask::pass_down(BlockTask* first, bool watched) {
    for (BlockTask* task = first; task != nullptr;) {
        bool passed = false;
        task->named([&] { passed = task->pass_on(); });
        if (watched) LongCalls::ended(task->statistics_);
        if (!passed) {
            task->wake();
            return;
        }
        const Plain& ends = task->plain_ends_;
        if (ends.next == nullptr && ends.to != nullptr) ends.to->written();
        task = ends.next;
    }
}

}  // namespace flowspan::runtime
