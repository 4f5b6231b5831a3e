// Beginning within a stretch: a run that is a segment of a longer one counts everything from the stretch's own anchors, and
// makes the first output of which all is there.
#include "runtime/task/block_task.hpp"

#include "runtime/count/counts.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>

namespace flowspan::runtime {

// A source passes over what lies before: earlier stretches are there without an item.
bool BlockTask::begin_source_within() {
    const auto pass_to = [&](std::uint64_t index) {
        at_.total_made += index - next_output();
        at_.made = index - at_.output_anchor;
        for (Out& out : outs) {
            if (out.wire == nullptr) continue;
            out.wire->buffer.begin_within(index);
            out.wire->written();
        }
    };
    while (true) {
        std::uint64_t next = UINT64_MAX;
        for (const Out& out : outs) {
            const auto& planned = Access::stretches(*out.port);
            if (!planned.empty()) next = std::min(next, planned.front().index);
        }
        if (next > *within_) break;
        if (!has_room_to_break()) return false;
        pass_to(next);
        begin_source_stretch();
    }
    if (*within_ > next_output()) pass_to(*within_);
    begins_within_ = false;
    return true;
}

// Where the stretch's first items are missing, the first output is that of the first grid block whose input is all there, and
// published are those behind what the block remembers.
bool BlockTask::begin_within() {
    const Ratio& ratio = fixed_->options().ratio;
    std::uint64_t history = 0;
    if (!within_from_) {
        std::uint64_t from = at_.input_anchor;
        for (const In& in : ins) {
            if (in.reader->readable_end() <= in.reader->index() && !in.reader->stretch_complete()) {
                wait_ = Wait::input;
                return false;
            }
            from = std::max(from, in.reader->index());
        }
        within_from_ = from;
    }
    const std::uint64_t memory = block_->declared().memory.items, from = *within_from_ - at_.input_anchor;
    std::uint64_t first = 0, published = 0;
    if (from > 0) {
        for (const In& in : ins) history = std::max<std::uint64_t>(history, in.port->history());
        const auto whole = [&](std::uint64_t m) { return (m + ratio.grid - 1) / ratio.grid * ratio.grid; };
        first = whole(outputs_before(ratio, from + history));
        published = whole(outputs_before(ratio, from + history + memory));
    }
    const FixedCount::Supply there = fixed_->supply(true);
    if (there.over) first = std::min(first, there.count), published = std::min(published, there.count);
    const std::uint64_t needed = at_.input_anchor + input_of(ratio, first);
    for (In& in : ins) {
        const std::uint64_t index = std::max(in.reader->index(), std::min(needed, in.reader->readable_end()));
        books_.pass_over(in, index);
    }
    if (!there.over && there.count <= first && first > 0) {
        wait_ = Wait::input;
        return false;
    }
    for (In& in : ins) books_.pass_over(in, needed);
    at_.made = first;
    at_.total_made += first;
    published_from_ = published;
    if (first == published) begin_outputs(first);
    tags_.begin_stretch(*within_from_);
    begins_within_ = false;
    return true;
}

// Its items begin where the nominal ratio says: else it would not say that its memory is bounded.
bool BlockTask::begin_dependent_within() {
    In& in = ins[0];
    const memory::Reader& reader = *in.reader;
    wait_ = Wait::input;
    if (reader.readable_end() <= reader.index() && !reader.stretch_complete()) return false;
    if (!within_from_) within_from_ = std::max(in.anchor, reader.index());
    std::vector<std::uint64_t> made(outs.size(), 0);
    if (*within_from_ > in.anchor) {
        const std::uint64_t from = *within_from_ - in.anchor + in.port->history();
        for (std::size_t k = 0; k < outs.size(); ++k) made[k] = outputs_of(nominal_ratio(*block_, *outs[k].port), from);
        const Rational ratio = outs.empty() ? Rational(1) : nominal_ratio(*block_, *outs[0].port);
        const std::uint64_t needed = in.anchor + (made.empty() ? from
                                                               : input_of({.interpolation = std::uint64_t(ratio.numerator()),
                                                                           .decimation = std::uint64_t(ratio.denominator())},
                                                                          made[0]));
        const std::uint64_t index = std::max(reader.index(), std::min(needed, reader.readable_end()));
        books_.pass_over(in, index);
        if (index < needed) {
            if (!reader.stretch_complete()) return false;
            throw Failure(ExitCode::usage, "has a data-dependent rate: a segment cannot begin behind a stretch of it");
        }
    }
    for (std::size_t k = 0; k < outs.size(); ++k) {
        outs[k].made = made[k];
        if (outs[k].wire != nullptr && made[k] > 0) outs[k].wire->buffer.begin_within(outs[k].anchor + made[k]);
    }
    books_.begin_stretch(std::move(made));
    tags_.begin_stretch();
    begins_within_ = false;
    wait_ = Wait::nothing;
    return true;
}

// The outputs of this stretch begin at this one.
void BlockTask::begin_outputs(std::uint64_t made) {
    if (std::exchange(outputs_begun_, true) || made == 0) return;
    for (Out& out : outs) {
        if (out.wire == nullptr) continue;
        out.wire->buffer.begin_within(out.anchor + made);
        out.wire->written();
    }
}

// Calls whose outputs depend on what was before the segment: they are made into a place of their own and thrown away.
bool BlockTask::make_lead(const Bounds& bounds) {
    const std::optional<Call> call = fixed_->next(bounds, wait_);
    if (!call) return wait_ == Wait::nothing && at_boundary();
    const std::size_t n = std::min<std::uint64_t>(call->items, published_from_ - at_.made);
    fixed_->place({n, false});
    parts_.resize(outs.size());
    for (std::size_t k = 0; k < outs.size(); ++k) {
        if (outs[k].wire != nullptr) parts_[k].resize(n * outs[k].wire->buffer.item_size());
        Access::place(*outs[k].port, outs[k].wire != nullptr ? parts_[k].data() : nullptr, next_output());
    }
    if (device_ != nullptr)
        throw Failure(ExitCode::usage, "remembers some of its input: a segment of it cannot begin on a device");
    const Step step = clock_->call(*block_, n, statistics_);
    if (step.token != nullptr) throw Failure(ExitCode::bug, "remembers some of its input, and has steps that pend");
    for (const Out& out : outs) Access::tags(*out.port).clear();
    const std::uint64_t next = fixed_->input_after(n);
    at_.made += n;
    at_.total_made += n;
    for (In& in : ins) books_.pass_over(in, next);
    if (at_.made == published_from_) begin_outputs(at_.made);
    return true;
}

}  // namespace flowspan::runtime
