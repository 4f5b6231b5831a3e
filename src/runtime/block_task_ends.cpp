// Stretches and ends: what happens where nothing more can be made of the present samples.
#include "runtime/block_task.hpp"

#include "runtime/access.hpp"
#include "runtime/counts.hpp"
#include "runtime/flowgraph.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::runtime {

// Nothing more can be made of the present stretch: it ends, or the block does.
bool BlockTask::at_boundary() {
    if (!pending_.empty()) {
        wait_ = Wait::pending;
        return false;
    }
    boundary_ = UINT64_MAX;
    for (const In& in : ins) boundary_ = std::min(boundary_, in.reader->readable_end());
    if (!ins.empty() && total_made_ < total_ && !everything_said()) return false;
    statistics_.tags_dropped += waiting_tags_.size();
    waiting_tags_.clear();
    if (ins.empty()) {
        const bool over = stopping_ || total_made_ >= total_;
        if (over) phase_ = Phase::finishing;
        return over ? true : begin_source_stretch();
    }
    const std::uint64_t taken = next_input();
    const bool total_reached = total_made_ >= total_;
    if (!total_reached && boundary_ > taken) statistics_.left_over += boundary_ - taken;
    Access::place(*ins[0].port, nullptr, boundary_, 0);
    bool over = total_reached;
    for (const In& in : ins) {
        if (in.reader->readable_end() != boundary_ || !in.reader->stream_ended()) continue;
        over = true;
        if (in.wire->buffer.end_kind() == memory::EndKind::cut) end_kind_ = memory::EndKind::cut;
    }
    phase_ = over ? Phase::finishing : Phase::breaking;
    return true;
}

// Whether all inputs have said how they go on at the boundary (each breaks, ends, or has an item there), and no message can
// still come for what lies before it. Only then is what happens there the same whatever the timing.
bool BlockTask::everything_said() {
    for (const In& in : ins) {
        if (in.reader->readable_end() != boundary_ || in.reader->stretch_complete()) continue;
        wait_ = Wait::input;
        return false;
    }
    if (message_ins.empty() || message_limit() > boundary_) return true;
    at_end_of_stretch_ = true;
    if (deliver_messages()) {
        wake();
        return false;
    }
    wait_ = Wait::messages;
    return false;
}

// Whether every output has room for the zeros between two stretches.
bool BlockTask::room_to_break() {
    const bool room = std::all_of(outs.begin(), outs.end(),
                                  [](const Out& out) { return out.wire == nullptr || out.wire->buffer.can_break(); });
    if (!room) lack_room();
    return room;
}

bool BlockTask::begin_source_stretch() {
    if (!room_to_break()) return false;
    output_anchor_ += made_;
    made_ = 0;
    for (Out& out : outs) {
        auto& planned = Access::stretches(*out.port);
        if (planned.empty() || planned.front().index != output_anchor_) continue;
        const auto next = planned.front();
        planned.pop_front();
        StreamDescription& d = Access::description(*out.port);
        d.center_frequency = next.center_frequency;
        d.utc = next.utc && d.sample_rate ? std::optional(moved(*next.utc, Time::of(-std::int64_t(next.index), *d.sample_rate)))
                                          : std::nullopt;
        if (out.wire == nullptr) continue;
        out.wire->buffer.begin_stretch(next.what, d);
        out.wire->written();
    }
    if (changes_ != nullptr) changes_->began_stretch(output_anchor_);
    return true;
}

bool BlockTask::begin_stretch() {
    if (!room_to_break()) return false;
    std::optional<Discontinuity> what;
    for (In& in : ins) {
        if (in.reader->stretch_complete() && in.reader->readable_end() == boundary_ && in.reader->has_next_stretch()) {
            in.reader->next_stretch();
            if (!what) what = in.reader->stretch().what;
            Access::discontinuity(*in.port, in.reader->stretch().what);
            Access::describe(*in.port, *in.reader->stretch().description);
        }
        in.tags_seen = boundary_;
        in.reader->took_tags(boundary_);
    }
    at_end_of_stretch_ = false;
    output_anchor_ += made_;
    made_ = consumed_ = 0;
    input_anchor_ = std::max(boundary_, input_anchor_);
    for (In& in : ins) {
        in.reader->advance(input_anchor_);
        in.reader->release(input_anchor_);
        in.wire->freed();
    }
    describe_outputs(*block_, input_anchor_, output_anchor_);
    const Ratio& r = block_->declared().ratio;
    if (r.interpolation != ratio_.interpolation || r.decimation != ratio_.decimation || r.window != ratio_.window ||
        r.block != ratio_.block)
        throw Failure(ExitCode::bug, "changes its ratio at a new stretch");
    Discontinuity out_what = what.value_or(Discontinuity{});
    out_what.missing = outputs_before(ratio_, out_what.missing);
    for (Out& out : outs) {
        if (out.wire == nullptr) continue;
        out.wire->buffer.begin_stretch(out_what, out.port->description());
        out.wire->written();
    }
    block_->restart();
    if (!message_outs.empty()) raise_watermarks();
    phase_ = Phase::running;
    if (changes_ != nullptr) changes_->began_stretch(input_anchor_);
    return true;
}

bool BlockTask::finish() {
    wait_ = Wait::pending;
    if (closing_.token != nullptr && !closing_.token->ready()) return false;
    if (finish_called_ && closing_.token == nullptr) {
        phase_ = Phase::ending;
        return true;
    }
    closing_ = block_->finish();
    finish_called_ = true;
    return closing_.token == nullptr;
}

bool BlockTask::end_outputs() {
    if (!pending_.empty()) {
        wait_ = Wait::pending;
        return false;
    }
    for (const Out& out : outs) {
        if (out.wire != nullptr && out.wire->buffer.wanted() && !out.wire->buffer.can_break()) {
            lack_room();
            return false;
        }
    }
    for (Out& out : outs) {
        if (out.wire == nullptr) continue;
        out.wire->buffer.end(end_kind_);
        out.wire->written();
    }
    for (MessageOut& m : message_outs) {
        for (MessageQueue* q : m.queues) q->end();
    }
    cancel_inputs();
    if (changes_ != nullptr) changes_->ended(position());
    phase_ = Phase::done;
    wait_ = Wait::done;
    return true;
}

void BlockTask::cancel_inputs() {
    for (In& in : ins) {
        in.reader->cancel();
        in.wire->give_room();
    }
    for (MessageIn& m : message_ins) {
        if (!m.queue->cancelled()) m.queue->cancel();
    }
}

void BlockTask::stop() {
    stopping_ = true;
    wake();
}

}  // namespace flowspan::runtime
