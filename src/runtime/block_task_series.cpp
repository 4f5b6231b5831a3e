// Series of steps: several quanta through a block and the chain of plain blocks behind it, entered in the books once.
#include "runtime/access.hpp"
#include "runtime/block_task.hpp"

#include <algorithm>
#include <unordered_set>

namespace flowspan::runtime {
namespace {

constexpr std::uint64_t longest_series = 16;  // steps

}  // namespace

// Whether one output is all that this source has: nothing but items can come out of a step of it, and what it says of them.
bool BlockTask::is_plain_source() const {
    return ins.empty() && outs.size() == 1 && outs[0].wire != nullptr && message_ins.empty() && !is_heard() && piece_ == 0 &&
           ratio_.block == 1;
}

void BlockTask::find_stages() {
    if (plain_ends_.block == nullptr || plain_ends_.next == nullptr || within_chain_) return;
    std::unordered_set<const memory::StreamBuffer*> inside;
    for (const BlockTask* task = this; task->plain_ends_.next != nullptr; task = task->plain_ends_.next)
        inside.insert(&task->plain_ends_.to->buffer);
    const auto is_inside = [&](const memory::StreamBuffer* b) { return inside.contains(b); };
    for (BlockTask* task = this; task != nullptr; task = task->plain_ends_.next) {
        const Plain& ends = task->plain_ends_;
        Stage stage{.block = ends.block, .in = ends.in, .out = ends.out, .task = task};
        stage.looks_back = ends.reader != nullptr && (task == this || ends.reader->history() > 0);
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
bool BlockTask::says_more() const {
    OutputPort* out = plain_ends_.out;
    return out != nullptr && (!Access::tags(*out).empty() || (ins.empty() && !Access::stretches(*out).empty()));
}

// What a series can do from here. Each block of the chain must stand where the first one does, with nothing between them but
// room, and come to nothing but items.
BlockTask::Series BlockTask::series() {
    const std::uint64_t here = next_output();
    const memory::Reader* reader = plain_ends_.reader;
    if (stopping_ || (reader == nullptr && !Access::stretches(*plain_ends_.out).empty())) return {};
    Series ahead{.items = reader == nullptr ? total_ - total_made_ : reader->readable_end() - reader->index(),
                 .step = SIZE_MAX};
    if (ahead.items <= quantum_) return {};  // one step: as always
    for (Stage& stage : stages_) {
        BlockTask& task = *stage.task;
        const Plain& ends = task.plain_ends_;
        if (task.phase_ != Phase::running || !task.calm_ || task.next_output() != here || task.barrier_ <= here) return {};
        if (task.changes_ != nullptr && task.changes_->watcher) return {};  // whoever watches may ask for changes at once
        if (ends.in != nullptr) {
            if (ends.reader->index() != here || ends.from->buffer.has_tags()) return {};
            if (&task != this && (ends.from->buffer.completed() != here || ends.reader->stretch_complete())) return {};
            Access::tags(*ends.in).clear();
        }
        ahead.items = std::min(ahead.items, task.barrier_ - here);
        ahead.step = std::min(ahead.step, task.quantum_);
        if (ends.to != nullptr) {
            if (!ends.to->buffer.wanted()) return {};
            const std::size_t room = ends.to->buffer.room();
            if (stage.emptied)
                ahead.step = std::min(ahead.step, room);
            else
                ahead.items = std::min<std::uint64_t>(ahead.items, room);
            stage.place = ends.to->buffer.write_place();
        }
        if (const std::uint64_t k = task.until_measured(); k < longest_series) ahead.measured |= std::uint64_t(1) << k;
    }
    return ahead;
}

// Several steps of the whole chain. False, with nothing done: not from here.
bool BlockTask::run_series() {
    if (stages_.empty()) return false;
    const Series ahead = series();
    const std::uint64_t most = limited_ ? limit_(longest_series) : longest_series;
    if (ahead.items <= ahead.step || ahead.step == 0 || most < 2) return false;
    const std::int64_t begun = coarse_clock_ns();
    const std::uint64_t here = next_output();
    std::uint64_t done = 0, steps = 0;  // of the whole chain
    std::size_t n = 0;
    Stage* at = stages_.data();  // whose step it is
    Stage* const end = at + stages_.size();
    const auto enter = [&] {
        for (Stage* stage = stages_.data(); stage < at; ++stage) stage->task->passed(done + n, steps + 1, Step::done());
        for (Stage* stage = at; stage < end; ++stage) stage->task->passed(done, steps, Step::done());
    };
    BlockTask* left = nullptr;  // whose step came to more than items
    Step step;
    try {
        // The loop must soon look at everything else again.
        while (steps < most && done < ahead.items && (steps < 2 || coarse_clock_ns() == begun)) {
            n = std::min<std::uint64_t>(ahead.step, ahead.items - done);
            if (limited_) n = limit_(n);
            const std::byte* from = nullptr;  // what the one before has made
            for (at = stages_.data(); at < end; ++at) {
                if (at->looks_back) from = at->task->plain_ends_.reader->item(here + done);
                if (at->in != nullptr) Access::place(*at->in, from, here + done, n);
                if (at->out != nullptr) Access::place(*at->out, at->place, here + done);
                at->task->named(
                    [&] { step = (ahead.measured >> steps & 1) != 0 ? at->task->timed(n, steps) : at->block->step(n); });
                if (watched_) LongCalls::ended(at->task->statistics_);
                if (step.token != nullptr || at->task->says_more()) {
                    left = at->task;
                    break;
                }
                from = at->place;
                at->place += n * at->item_bytes;
                if (at->place >= at->wrap) at->place -= at->ring_bytes;
            }
            if (left != nullptr) break;
            done += n;
            ++steps;
            n = 0;
            at = stages_.data();
        }
    } catch (...) {
        enter();
        throw;
    }
    enter();
    if (left != nullptr) {
        if (left->passed(n, 1, std::move(step)))
            pass_down(left->plain_ends_.next, watched_);
        else
            left->wake();
    }
    if (Wire* to = stages_.back().task->plain_ends_.to; to != nullptr) to->written();
    return true;
}

}  // namespace flowspan::runtime
