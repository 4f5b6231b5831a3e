#include "runtime/task/chain.hpp"

#include "runtime/task/access.hpp"
#include "runtime/task/block_task.hpp"

#include <algorithm>
#include <unordered_set>

namespace flowspan::runtime {
namespace {

constexpr std::uint64_t longest_series = 16;  // steps
constexpr int watched_chain = 8;              // blocks: reading even a coarse clock costs a long chain 5 %

}  // namespace

void Chain::prepare(std::size_t quantum, const ChunkLimit& limit, bool plain) {
    quantum_ = quantum;
    limit_ = limit;
    limited_ = bool(limit);
    plain_ = plain && !task_.ins.empty();
    if (!plain) return;
    ends_.block = task_.block_.get();
    if (!task_.ins.empty()) ends_.in = task_.ins[0].port, ends_.reader = task_.ins[0].reader, ends_.from = task_.ins[0].wire;
    if (!task_.outs.empty()) ends_.out = task_.outs[0].port, ends_.to = task_.outs[0].wire;
}

void Chain::follow(BlockTask* next) {
    if (ends_.to == nullptr || next == nullptr) return;
    ends_.next = next;
    next->chain_.within_ = true;
}

void Chain::look() {
    for (const Out& out : task_.outs) {
        int length = 0;
        for (const BlockTask* task = out.next; task != nullptr && length <= watched_chain; task = task->chain_.ends_.next)
            ++length;
        watched_ = watched_ && length <= watched_chain;
    }
    find_stages();
}

// One step of a plain block, if there is nothing but items to be passed on; everything else is left to run().
bool Chain::pass_on() {
    auto& [block, in, out, reader, from, to, next] = ends_;
    if (task_.phase_ != BlockTask::Phase::running || !task_.books_.calm() || from->buffer.has_tags() ||
        from->buffer.has_marks() || from->buffer.has_retunings())
        return false;
    const std::uint64_t index = reader->index(), there = reader->readable_end(), end = std::min(there, task_.barrier_);
    if (end <= index) return false;
    std::size_t n = std::min<std::size_t>(end - index, quantum_);
    if (to != nullptr) n = to->buffer.wanted() ? std::min(n, to->buffer.room()) : 0;
    if (n == 0) return false;
    if (limited_) n = limit_(n);
    Access::place(*in, reader->item(index), index, n);
    Access::tags(*in).clear();
    if (to != nullptr) Access::place(*out, to->buffer.write_place(), task_.next_output());
    if (!enter(n, 1, task_.clock_->call(*block, n, task_.statistics_))) return false;
    if (index + n < there) task_.wake();
    return true;
}

bool Chain::enter(std::size_t n, std::uint64_t steps, Step step) {
    if (!task_.books_.enter(ends_, n, steps, std::move(step))) return false;
    if (ends_.reader != nullptr) task_.wait_ = Wait::input;
    return true;
}

void Chain::pass_down() {
    for (const Out& out : task_.outs) {
        if (out.next == nullptr) continue;
        if (watched_) task_.clock_->ended(task_.statistics_);
        pass_down(out.next, watched_);
    }
}

// Items go down a chain of plain blocks while they are in the cache. Where it does not go on, that block is woken.
void Chain::pass_down(BlockTask* first, bool watched) {
    for (BlockTask* task = first; task != nullptr;) {
        bool passed = false;
        task->named([&] { passed = task->chain_.pass_on(); });
        if (watched) task->clock_->ended(task->statistics_);
        if (!passed) {
            task->wake();
            return;
        }
        const Plain& ends = task->chain_.ends_;
        if (ends.next == nullptr && ends.to != nullptr) ends.to->written();
        task = ends.next;
    }
}

void Chain::find_stages() {
    if (ends_.block == nullptr || ends_.next == nullptr || within_) return;
    std::unordered_set<const memory::StreamBuffer*> inside;
    for (const BlockTask* task = &task_; task->chain_.ends_.next != nullptr; task = task->chain_.ends_.next)
        inside.insert(&task->chain_.ends_.to->buffer);
    const auto is_inside = [&](const memory::StreamBuffer* b) { return inside.contains(b); };
    for (BlockTask* task = &task_; task != nullptr; task = task->chain_.ends_.next) {
        const Plain& ends = task->chain_.ends_;
        Stage stage{.block = ends.block, .in = ends.in, .out = ends.out, .task = task};
        stage.looks_back = ends.reader != nullptr && (task == &task_ || ends.reader->history() > 0);
        if (ends.to != nullptr) {
            const auto& later = ends.to->buffer.later();
            stage.emptied = is_inside(&ends.to->buffer) && std::all_of(later.begin(), later.end(), is_inside);
            stage.item_bytes = std::uint32_t(ends.to->buffer.item_size());
            stage.ring_bytes = ends.to->buffer.ring()->size();
            stage.wrap = ends.to->buffer.ring()->base() + stage.ring_bytes;
        }
        stages_.push_back(stage);
    }
}

// Of its output, beside the items.
bool Chain::says_more() const {
    OutputPort* out = ends_.out;
    return out != nullptr && (!Access::tags(*out).empty() || (task_.ins.empty() && !Access::stretches(*out).empty()));
}

// What a series can do from here. Each block of the chain must stand where the first one does, with nothing between them but
// room, and come to nothing but items.
Chain::Series Chain::series() {
    const std::uint64_t here = task_.next_output();
    const memory::Reader* reader = ends_.reader;
    if (task_.stopping_ || (reader == nullptr && !Access::stretches(*ends_.out).empty())) return {};
    Series ahead{.items = reader == nullptr ? task_.total_ - task_.at_.total_made : reader->readable_end() - reader->index(),
                 .step = SIZE_MAX};
    ahead.first = here;
    if (ahead.items <= quantum_) return {};  // one step: as always
    for (Stage& stage : stages_) {
        BlockTask& task = *stage.task;
        const Plain& ends = task.chain_.ends_;
        if (task.phase_ != BlockTask::Phase::running || !task.books_.calm() || task.next_output() != here ||
            task.barrier_ <= here)
            return {};
        if (task.changes_ != nullptr && task.changes_->watcher) return {};  // whoever watches may ask for changes at once
        if (ends.in != nullptr) {
            if (ends.reader->index() != here || ends.from->buffer.has_tags() || ends.from->buffer.has_marks() ||
                ends.from->buffer.has_retunings())
                return {};
            if (&task != &task_ && (ends.from->buffer.completed() != here || ends.reader->stretch_complete())) return {};
            Access::tags(*ends.in).clear();
        }
        ahead.items = std::min(ahead.items, task.barrier_ - here);
        ahead.step = std::min(ahead.step, task.chain_.quantum_);
        if (ends.to != nullptr) {
            if (!ends.to->buffer.wanted()) return {};
            const std::size_t room = ends.to->buffer.room();
            if (stage.emptied)
                ahead.step = std::min(ahead.step, room);
            else
                ahead.items = std::min<std::uint64_t>(ahead.items, room);
            stage.place = ends.to->buffer.write_place();
        }
        ahead.timed |= CallClock::timed_ahead(task.statistics_);
    }
    return ahead;
}

// Where a series stands. Stages before `at` have made `n` items more, one step.
struct Chain::Progress {
    Stage* at;                          // whose step it is
    std::uint64_t done = 0, steps = 0;  // of the whole chain
    std::size_t n = 0;
    Step step;
};

bool Chain::run_series() {
    if (stages_.empty()) return false;
    const Series ahead = series();
    const std::uint64_t most = limited_ ? limit_(longest_series) : longest_series;
    if (ahead.items <= ahead.step || ahead.step == 0 || most < 2) return false;
    Progress now{.at = stages_.data(), .step = {}};
    bool whole = true;  // each step came to nothing but items
    try {
        const std::int64_t begun = SystemClocks::coarse_ns();
        // The loop must soon look at everything else again.
        while (whole && now.steps < most && now.done < ahead.items && (now.steps < 2 || SystemClocks::coarse_ns() == begun))
            whole = run_step(ahead, now);
    } catch (...) {
        enter_all(now);
        throw;
    }
    enter_all(now);
    if (!whole) {
        BlockTask& left = *now.at->task;
        if (left.chain_.enter(now.n, 1, std::move(now.step)))
            pass_down(left.chain_.ends_.next, watched_);
        else
            left.wake();
    }
    if (Wire* to = stages_.back().task->chain_.ends_.to; to != nullptr) to->written();
    return true;
}

// A step of every stage, one after the other. False: that of `now.at` came to more than items.
bool Chain::run_step(const Series& ahead, Progress& now) {
    CallClock& clock = *task_.clock_;
    const bool timed = clock.observer != nullptr || (ahead.timed >> now.steps & 1) != 0;
    const std::uint64_t index = ahead.first + now.done;
    now.n = std::min<std::uint64_t>(ahead.step, ahead.items - now.done);
    if (limited_) now.n = limit_(now.n);
    const std::byte* from = nullptr;  // what the one before has made
    Stage* const end = stages_.data() + stages_.size();
    for (now.at = stages_.data(); now.at < end; ++now.at) {
        Stage& at = *now.at;
        if (at.looks_back) from = at.task->chain_.ends_.reader->item(index);
        if (at.in != nullptr) Access::place(*at.in, from, index, now.n);
        if (at.out != nullptr) Access::place(*at.out, at.place, index);
        at.task->named(
            [&] { now.step = timed ? clock.call(*at.block, now.n, at.task->statistics_, now.steps) : at.block->step(now.n); });
        if (watched_) clock.ended(at.task->statistics_);
        if (now.step.token != nullptr || at.task->chain_.says_more()) return false;
        from = at.place;
        at.place += now.n * at.item_bytes;
        if (at.place >= at.wrap) at.place -= at.ring_bytes;
    }
    now.done += now.n;
    ++now.steps;
    now.n = 0;
    now.at = stages_.data();
    return true;
}

void Chain::enter_all(const Progress& now) {
    for (Stage& stage : stages_) {
        const bool ahead = &stage < now.at;
        stage.task->chain_.enter(now.done + (ahead ? now.n : 0), now.steps + (ahead ? 1 : 0), Step::done());
    }
}

}  // namespace flowspan::runtime
