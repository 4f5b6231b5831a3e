// The life of a block: stretches and ends, what happens where nothing more can be made of the present samples.
#include "runtime/task/block_task.hpp"

#include "runtime/count/counts.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace flowspan::runtime {

// Nothing more can be made of the present stretch: it ends, or the block does.
bool BlockTask::at_boundary() {
    wait_ = Wait::pending;
    if (!books_.calm()) return false;
    if (ins.empty()) {
        const bool over = stopping_ || total_reached();
        stopped_short_ = over && !total_reached();
        if (over) phase_ = Phase::finishing;
        return over ? true : begin_source_stretch();
    }
    const auto is_over = [&](const In& in) {
        return dependent_ ? dependent_->is_over(in) : in.reader->readable_end() == boundary_ && in.reader->stretch_complete();
    };
    boundary_ = UINT64_MAX;
    for (const In& in : ins) boundary_ = std::min(boundary_, in.reader->readable_end());
    if (dependent_) boundary_ = is_over(ins[0]) ? ins[0].reader->readable_end() : next_input();
    if (!total_reached() && !everything_said()) return false;
    bool ended = total_reached(), seam = false, whole = false, whole_stream = false;
    for (std::size_t k = 0; k < ins.size() && !total_reached(); ++k) {
        const In& in = ins[k];
        if (!is_over(in)) continue;
        ended = ended || in.reader->stream_ended();
        (at_seam(in) ? seam : whole) = true;
        whole_stream = whole_stream || (in.reader->stream_ended() && !at_seam(in));
        if (!dependent_) continue;
        statistics_.left_over += in.reader->readable_end() - in.reader->index();
        if (!at_seam(in)) tags_.take_left(k);
    }
    if (seam && (dependent_ || !whole_stream)) end_kind_ = memory::EndKind::seam;
    if (fixed_ && whole) seam = false;  // as FixedCount counts
    if (fixed_ && !total_reached() && boundary_ > next_input()) {
        // The last window reaches beyond where the next one would begin.
        const std::uint64_t seen = std::min(boundary_, std::max(next_input(), end_of_last_window()));
        statistics_.items_in += seen - next_input();
        statistics_.left_over += boundary_ - seen;
    }
    if (dependent_ && !seam) tags_.settle();
    books_.complete_held();
    tags_.end_stretch(seam);
    if (within_ && fixed_) {
        at_.made = std::min(at_.made, fixed_->supply(true).count);
        begin_outputs(at_.made);
    }
    Access::place(*ins[0].port, nullptr, boundary_, 0);
    messages_.begin_call(boundary_, ins[0].anchor);
    phase_ = ended ? Phase::finishing : Phase::breaking;
    return true;
}

std::uint64_t BlockTask::end_of_last_window() const {
    const Ratio& ratio = fixed_->options().ratio;
    return at_.made == 0 ? at_.input_anchor : at_.input_anchor + input_of(ratio, at_.made - 1) + ratio.window;
}

// Whether all inputs have said how they go on at the boundary (each breaks, ends, or has an item there), and no message can
// still come for what lies before it. Only then is what happens there the same whatever the timing.
bool BlockTask::everything_said() {
    for (const In& in : ins) {
        if (dependent_ || in.reader->readable_end() != boundary_ || in.reader->stretch_complete()) continue;
        wait_ = Wait::input;
        return false;
    }
    if (message_ins.empty() || messages_.is_known_up_to(boundary_)) return true;
    at_end_of_stretch_ = true;
    if (deliver_messages()) {
        wake();
        return false;
    }
    wait_ = Wait::messages;
    return false;
}

bool BlockTask::has_room_to_break() {
    if (room_to_break()) return true;
    lack_room();
    wait_ = Wait::output;
    return false;
}

bool BlockTask::begin_source_stretch() {
    if (!has_room_to_break()) return false;
    at_.output_anchor += at_.made;
    at_.made = 0;
    for (Out& out : outs) {
        out.anchor = at_.output_anchor;
        Access::anchor(*out.port, out.anchor);
        auto& planned = Access::stretches(*out.port);
        if (planned.empty() || planned.front().index != at_.output_anchor) continue;
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
    if (changes_ != nullptr) changes_->began_stretch(at_.output_anchor);
    return true;
}

// New anchors where the stretch ends; inputs go to their next stretch.
void BlockTask::move_anchors() {
    const std::uint64_t made = at_.made;
    at_.output_anchor += made;
    at_.made = 0;
    if (!dependent_) at_.input_anchor = std::max(boundary_, at_.input_anchor);
    for (In& in : ins) {
        in.anchor = dependent_ ? in.reader->index() : at_.input_anchor;
        // Of a stretch that begins within, the reader stands at its first item already.
        books_.pass_over(in, std::max(in.anchor, in.reader->index()));
        Access::anchor(*in.port, in.anchor);
    }
    for (Out& out : outs) {
        out.anchor += dependent_ ? std::exchange(out.made, 0) : made;
        Access::anchor(*out.port, out.anchor);
    }
    if (!dependent_) return;
    at_.input_anchor = ins[0].anchor;
    if (!outs.empty()) at_.output_anchor = outs[0].anchor;
}

Anchors BlockTask::anchors() const {
    Anchors a{.input = at_.input_anchor, .outputs = {}};
    for (const Out& out : outs) a.outputs.push_back(out.anchor);
    return a;
}

// What is said of the last items of a stretch may be said once it is over.
void BlockTask::leave_stretch(In& in) {
    Access::leave(*in.port, [times = LeftTimes(in.port->description(), *in.reader, boundary_)](
                                std::uint64_t index, std::uint64_t later) { return times.behind(index, later); });
}

bool BlockTask::begin_stretch() {
    if (!has_room_to_break()) return false;
    places_.end_stretch();
    retunings_.end_stretch();
    std::optional<Discontinuity> what;
    for (In& in : ins) {
        const bool over =
            dependent_ ? dependent_->is_over(in) : in.reader->stretch_complete() && in.reader->readable_end() == boundary_;
        if (!over || !in.reader->has_next_stretch()) continue;
        const bool speaks = &in == &ins[0] && !message_outs.empty();
        if (speaks) messages_.leave_stretch(boundary_);
        leave_stretch(in);
        in.reader->next_stretch();
        if (!what) what = in.reader->stretch().what;
        Access::discontinuity(*in.port, in.reader->stretch().what);
        Access::describe(*in.port, *in.reader->stretch().description);
        if (speaks) messages_.enter_stretch(boundary_);
    }
    at_end_of_stretch_ = false;
    begins_within_ = within_.has_value();
    within_from_.reset();
    outputs_begun_ = false;
    published_from_ = 0;
    const std::uint64_t left = ins[0].anchor;
    move_anchors();
    if (dependent_)
        tags_.begin_stretch(), books_.begin_stretch();
    else
        tags_.begin_stretch(boundary_);
    const Ratio before = block_->declared().ratio;
    describe_outputs(*block_, anchors());
    if (dependent_) dependent_->begin_stretch();
    const Ratio& r = block_->declared().ratio;
    if (r.interpolation != before.interpolation || r.decimation != before.decimation || r.window != before.window ||
        r.grid != before.grid)
        throw Failure(ExitCode::bug, "changes its ratio at a new stretch");
    for (Out& out : outs) {
        if (out.wire == nullptr) continue;
        Discontinuity out_what = what.value_or(Discontinuity{});
        out_what.missing = outputs_of(nominal_ratio(*block_, *out.port), out_what.missing);
        out.wire->buffer.begin_stretch(out_what, out.port->description());
        out.wire->written();
    }
    messages_.begin_call(boundary_, std::min(boundary_, left));  // `restart` may speak of the last items
    phase_ = Phase::running;
    block_->restart();
    messages_.within_stretch();
    promise();
    if (changes_ != nullptr) changes_->began_stretch(at_.input_anchor);
    return true;
}

bool BlockTask::finish() {
    wait_ = Wait::pending;
    if (closing_.token != nullptr && !closing_.token->ready()) return false;
    if (finish_called_ && closing_.token == nullptr) {
        if (end_kind_ == memory::EndKind::ok) warn_of_nothing();
        phase_ = Phase::ending;
        return true;
    }
    closing_ = end_kind_ == memory::EndKind::seam ? block_->seam() : block_->finish();
    finish_called_ = true;
    return closing_.token == nullptr;
}

bool BlockTask::end_outputs() {
    wait_ = Wait::pending;
    if (!books_.calm()) return false;
    for (const Out& out : outs) {
        if (out.wire == nullptr || !out.wire->buffer.wanted() || out.wire->buffer.can_break()) continue;
        lack_room();
        wait_ = Wait::output;
        return false;
    }
    books_.complete_held();  // of one that nobody wants any more: what was issued is complete
    for (Out& out : outs) {
        if (out.wire == nullptr) continue;
        out.wire->buffer.end(end_kind_);
        out.wire->written();
        if (out.wire->memory_of != nullptr) out.wire->let_go();
    }
    messages_.end(ins.empty()      ? position()
                  : was_cancelled_ ? next_input()
                                   : boundary_,
                  ins.empty() ? at_.output_anchor : ins[0].anchor);
    cancel_inputs();
    if (changes_ != nullptr) changes_->ended(position());
    phase_ = Phase::done;
    wait_ = Wait::done;
    return true;
}

// An empty product, or none at all, is no error; but somebody will look for it.
void BlockTask::warn_of_nothing() {
    if (ins.empty()) return;
    const std::uint64_t came = statistics_.items_in + statistics_.left_over;
    const auto products = block_->products();
    if (came == 0 && !products.empty())
        Access::warn(*block_, "nothing came: " + std::filesystem::path(products.front()).filename().string() + " is empty");
    const bool enough = dependent_ ? dependent_->had_enough() : statistics_.items_out > 0 || total_ == 0;
    if (came > 0 && !outs.empty() && !enough && statistics_.items_out == 0)
        Access::warn(*block_, fmt::format("nothing was made: the {} items that came are fewer than it needs", came));
}

void BlockTask::cancel_inputs() {
    for (In& in : ins) {
        in.reader->cancel();
        in.wire->let_go();
    }
    for (MessageIn& m : message_ins) {
        if (!m.queue->cancelled()) m.queue->cancel();
    }
}

void BlockTask::let_go() {
    unneeded_ = true;
    wake();
}

void BlockTask::stop() {
    stopping_ = true;
    wake();
}

}  // namespace flowspan::runtime
