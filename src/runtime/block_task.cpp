#include "runtime/block_task.hpp"

#include "runtime/access.hpp"
#include "runtime/counts.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

constexpr std::size_t most_outstanding = 4;  // steps of one block that may be unfinished

}  // namespace

void BlockTask::prepare(std::uint64_t first_index, std::uint64_t quantum, const ChunkLimit& limit) {
    const BlockDeclared& declared = block_->declared();
    ratio_ = declared.ratio;
    quantum_ = std::max<std::size_t>(1, quantum);
    limit_ = limit;
    limited_ = bool(limit);
    total_ = declared.total.value_or(UINT64_MAX);
    const bool connected = std::any_of(outs.begin(), outs.end(), [](const Out& o) { return o.wire != nullptr; });
    sink_ = (!connected && !is_heard()) || !block_->products().empty();
    if (ins.empty()) {
        output_anchor_ = first_index;
    } else {
        input_anchor_ = first_index + Access::skip(*ins[0].port);
        output_anchor_ = outputs_before(ratio_, first_index);
    }
    std::size_t item_size = 1, capacity = SIZE_MAX;
    for (In& in : ins) {
        dynamic_ = declared.data_dependent;
        in.reader->advance(input_anchor_);
        in.tags_seen = first_index;
        item_size = in.wire->buffer.item_size();
        capacity = std::min(capacity, in.wire->buffer.capacity());
    }
    for (Out& out : outs) {
        Access::connect(*out.port, out.wire != nullptr, out.port->description().item_size());
        if (out.wire == nullptr) continue;
        item_size = out.wire->buffer.item_size();
        capacity = std::min(capacity, out.wire->buffer.capacity());
    }
    if (declared.piece_bytes > 0 && capacity != SIZE_MAX) {
        piece_ = std::clamp<std::size_t>(declared.piece_bytes / item_size, 1, std::max<std::size_t>(1, capacity / 2));
        quantum_ = std::max(quantum_, piece_);
    }
    splits_ = ratio_.block > 1 && !dynamic_ && piece_ == 0 && !outs.empty() && block_->products().empty() && !is_heard() &&
              declared.memory != Memory::unbounded;
    for (const ParameterBase* p : block_->parameters()) {
        set_by_tags_ = set_by_tags_ || (!p->declaration().tag.empty() && !ins.empty());
    }
    if (set_by_tags_ && changes_ == nullptr) changes_ = std::make_unique<Changes>(*block_);
    const bool keeps_tags = declared.tags == TagPolicy::all_to_all || declared.tags == TagPolicy::one_to_one;
    const bool same_place =
        ratio_.interpolation == 1 && ratio_.decimation == 1 && ratio_.window == 1 && ratio_.delay == Rational(0);
    holds_last_ = !ins.empty() && connected && keeps_tags && !same_place && !dynamic_;
    for (MessageOut& m : message_outs)
        if (!m.queues.empty()) deliver_to_queues(m);
    gappy_ = !ins.empty() && (ratio_.decimation > ratio_.interpolation * ratio_.window || Access::skip(*ins[0].port) > 0);
    plain_ = is_plain();
    if (plain_ || is_plain_source()) {
        plain_ends_.block = block_.get();
        if (!ins.empty()) plain_ends_.in = ins[0].port, plain_ends_.reader = ins[0].reader, plain_ends_.from = ins[0].wire;
        if (!outs.empty()) plain_ends_.out = outs[0].port, plain_ends_.to = outs[0].wire;
    }
    block_->prepare();
    raise_watermarks();
}

bool BlockTask::run() {
    bool progress = complete_pending();
    if (phase_ == Phase::running && !sink_ && nobody_wants()) {
        was_cancelled_ = true;
        end_kind_ = memory::EndKind::cancelled;
        phase_ = Phase::ending;
    }
    switch (phase_) {
        case Phase::running:
            progress |= run_series() || running();
            break;
        case Phase::breaking:
            progress |= begin_stretch();
            break;
        case Phase::finishing:
            progress |= finish();
            break;
        case Phase::ending:
            progress |= end_outputs();
            break;
        case Phase::done:
            break;
    }
    if (progress) wake();
    return progress;
}

bool BlockTask::complete_pending() {
    bool any = false;
    while (!pending_.empty() && (pending_.front().token == nullptr || pending_.front().token->ready())) {
        publish(pending_.front().made, pending_.front().release);
        pending_.pop_front();
        any = true;
    }
    calm_ = pending_.empty();
    return any;
}

void BlockTask::publish(std::size_t n, std::uint64_t release) {
    for (Out& out : outs) {
        if (out.wire == nullptr) continue;
        out.wire->buffer.complete(n);
        if (out.next == nullptr) out.wire->written();
    }
    for (In& in : ins) {
        in.reader->release(release);
        in.wire->freed();
    }
    for (Out& out : outs) {
        if (out.next == nullptr) continue;
        if (watched_) LongCalls::ended(statistics_);
        pass_down(out.next, watched_);
    }
}

// Another writer waits here than where the ring is full: all are told.
void BlockTask::lack_room() {
    wait_ = Wait::output;
    for (Out& out : outs) {
        if (out.wire != nullptr) out.wire->starved = true;
    }
}

bool BlockTask::nobody_wants() {
    for (const Out& out : outs) {
        if (out.wire != nullptr && out.wire->buffer.wanted()) return false;
    }
    for (const MessageOut& m : message_outs) {
        for (const MessageQueue* q : m.queues) {
            if (!q->cancelled() && !q->feedback_edge) return false;
        }
    }
    return true;
}

bool BlockTask::running() {
    if (pending_.size() >= most_outstanding) {
        wait_ = Wait::pending;
        return false;
    }
    if (changes_ != nullptr && !make_changes()) return false;
    if (!message_ins.empty() && pending_.empty() && deliver_messages()) return true;
    if (ins.empty() && outs.empty()) {  // a pure message block
        const bool over =
            pending_.empty() &&
            std::all_of(message_ins.begin(), message_ins.end(),
                        // A feedback edge ends with this block itself.
                        [](const MessageIn& m) { return m.queue->feedback || (m.queue->ended() && m.queue->empty()); });
        if (over)
            phase_ = Phase::finishing;
        else
            wait_ = pending_.empty() ? Wait::messages : Wait::pending;
        return over;
    }
    if (!message_room()) {
        wait_ = Wait::message_room;
        return false;
    }
    bool final_call = false;
    wait_ = Wait::nothing;
    if (splits_ && is_in_parts()) return make_part();
    const std::size_t n = dynamic_ ? possible_dynamic(final_call) : possible(final_call);
    if (n == 0) return wait_ == Wait::nothing && at_boundary();
    if (dynamic_) {
        call_dynamic(n);
    } else {
        place_ports(n);
        take_tags(n, final_call);
        const Step step = timed(n);
        put_tags(n, final_call);
        account(n, input_anchor_ + input_of(ratio_, made_ + n), step);
    }
    return true;
}

// What the inputs allow: how many outputs exist in all of the present stretch, and whether the input that ends first is known
// to end there.
BlockTask::Supply BlockTask::supply() {
    std::uint64_t end = UINT64_MAX;
    bool over = false, cut = false;
    for (In& in : ins) {
        if (gappy_ && pending_.empty()) {  // items that nobody needs are passed over as they come
            in.reader->release(in.reader->index());
            in.wire->freed();
        }
        const std::uint64_t e = in.reader->readable_end();
        if (e > end) continue;
        const bool complete = in.reader->stretch_complete();
        over = e < end ? complete : over || complete;
        cut = complete && is_cut(in);
        end = e;
    }
    std::uint64_t count = outputs_for(ratio_, end > input_anchor_ ? end - input_anchor_ : 0);
    if (holds_last_ && !over && count > 0) --count;
    return {count, over, cut};
}

bool BlockTask::is_cut(const In& in) { return in.reader->stream_ended() && in.wire->buffer.end_kind() == memory::EndKind::cut; }

// How many items the next call makes; 0 with a reason in wait_, or 0 and no reason: the stretch is over.
std::size_t BlockTask::possible(bool& final_call) {
    std::uint64_t n = UINT64_MAX;
    if (ins.empty()) {
        if (stopping_ || total_made_ >= total_) return 0;
        for (const Out& out : outs) {
            const auto& planned = Access::stretches(*out.port);
            if (!planned.empty()) n = std::min(n, planned.front().index - (output_anchor_ + made_));
        }
        if (n == 0) return 0;
        n = std::min({n, total_ - total_made_, barrier_ - next_output()});
        final_call = n == total_ - total_made_;
    } else {
        const Supply there = supply();
        std::uint64_t count = there.count;
        bool over = there.over;
        bool limited = false;
        final_call = over && !there.cut;
        // A grid block runs as a whole: a message within it, or a change that it cannot make there, takes effect where the next
        // one begins.
        const auto limit_to = [&](std::uint64_t index, bool whole) {
            const std::uint64_t before = outputs_before(ratio_, index > input_anchor_ ? index - input_anchor_ : 0);
            if (before >= count) return;
            count = std::min(count, (before + (whole ? 0 : ratio_.block - 1)) / ratio_.block * ratio_.block);
            final_call = over = false;
            limited = true;
        };
        if (!message_ins.empty()) limit_to(message_limit(), false);
        if (barrier_ != UINT64_MAX) limit_to(barrier_, splits_);
        n = count > made_ ? count - made_ : 0;
        if (over && there.cut) n -= n % ratio_.block;
        if (total_made_ + n >= total_) {
            n = total_ - total_made_;
            final_call = over = true;
        }
        if (n == 0 && over) return 0;
        if (n == 0 || (n < piece_ && !over && !limited)) {
            wait_ = message_ins.empty() ? Wait::input : Wait::messages;
            return 0;
        }
    }
    const std::uint64_t wanted = n;
    std::size_t room = SIZE_MAX;
    for (const Out& out : outs) {
        if (out.wire != nullptr) room = std::min(room, out.wire->buffer.room());
    }
    const std::size_t least = std::max<std::size_t>(ratio_.block, std::min<std::uint64_t>(piece_, wanted));
    if (room < (outs.empty() ? 0 : least) || room == 0) {
        lack_room();
        return 0;
    }
    n = std::min<std::uint64_t>({n, room, quantum_});
    if (n < wanted) final_call = false;
    const std::size_t grouped = regroup(n, final_call);
    if (grouped < wanted) final_call = false;
    if (grouped == 0) wait_ = Wait::input;
    return grouped;
}

// Whole grid blocks, and what a test's limit says.
std::size_t BlockTask::regroup(std::size_t n, bool final_call) const {
    if (limit_) n = std::max(limit_(n), std::min<std::size_t>(n, ratio_.block));
    if (ratio_.block <= 1 || n % ratio_.block == 0) return n;
    if (n < ratio_.block) return final_call ? n : 0;
    return n - n % ratio_.block;
}

std::size_t BlockTask::possible_dynamic(bool& final_call) {
    const In& in = ins[0];
    const std::uint64_t at = input_anchor_ + consumed_, end = in.reader->readable_end();
    const std::uint64_t available = end > at ? end - at : 0;
    const std::size_t need = std::max<std::size_t>(1, Access::need(*in.port));
    final_call = in.reader->stretch_complete() && !is_cut(in);
    for (const Out& out : outs) {
        if (out.wire != nullptr && out.wire->buffer.room() < Access::room(*out.port)) {
            lack_room();
            return 0;
        }
    }
    if (available >= need) return need;
    if (!in.reader->stretch_complete()) wait_ = Wait::input;
    return final_call ? available : 0;
}

void BlockTask::call_dynamic(std::size_t n) {
    In& in = ins[0];
    const std::uint64_t at = input_anchor_ + consumed_;
    const bool last = in.reader->stretch_complete() && at + n == in.reader->readable_end() && !is_cut(in);
    Access::place(*in.port, in.reader->item(at), at, n);
    Access::consumed(*in.port) = 0;
    for (Out& out : outs) {
        Access::produced(*out.port) = 0;
        if (out.wire != nullptr) Access::place(*out.port, out.wire->buffer.write_place(), output_anchor_ + made_);
    }
    timed(n);
    ++statistics_.steps;
    const std::size_t taken = Access::consumed(*in.port), made = outs.empty() ? 0 : Access::produced(*outs[0].port);
    if (taken > n || (taken == 0 && made == 0 && last && Access::need(*in.port) <= n))
        throw Failure(ExitCode::block, fmt::format("consumes {} of {} items", taken, n));
    consumed_ += taken;
    statistics_.items_in += taken;
    for (Out& out : outs) {
        if (out.wire != nullptr) out.wire->buffer.issue(made);
        for (Tag& t : Access::tags(*out.port)) {
            if (out.wire != nullptr) out.wire->buffer.add_tag(std::move(t));
        }
        Access::tags(*out.port).clear();
    }
    made_ += made;
    statistics_.items_out += made;
    in.reader->advance(at + taken);
    publish(made, at + taken);
    raise_watermarks();
}

void BlockTask::place_ports(std::size_t n) {
    const std::uint64_t first = input_of(ratio_, made_), next = input_of(ratio_, made_ + n);
    for (In& in : ins) {
        const std::uint64_t index = input_anchor_ + first;
        Access::place(*in.port, in.reader->item(index), index, next - first);
    }
    for (Out& out : outs) {
        const std::uint64_t index = output_anchor_ + made_;
        Access::place(*out.port, out.wire != nullptr ? out.wire->buffer.write_place() : nullptr, index);
    }
}

void BlockTask::account(std::size_t n, std::uint64_t next_input, Step step) {
    made_ += n;
    total_made_ += n;
    ++statistics_.steps;
    statistics_.items_out += n;
    for (Out& out : outs) {
        if (out.wire != nullptr) out.wire->buffer.issue(n);
    }
    if (!ins.empty()) {
        const std::uint64_t end = ins[0].reader->readable_end();  // the padding of a last block is no input
        statistics_.items_in += std::min(next_input, end) - std::min(ins[0].reader->index(), end);
        for (In& in : ins) in.reader->advance(next_input);
    }
    if (step.token == nullptr && pending_.empty()) {
        publish(n, next_input);
    } else {
        pending_.push_back({std::move(step.token), n, next_input});
        calm_ = false;
    }
    if (!message_outs.empty()) raise_watermarks();
}

// The input item that the next call begins with.
std::uint64_t BlockTask::next_input() const { return input_anchor_ + (dynamic_ ? consumed_ : input_of(ratio_, made_)); }

double BlockTask::progress() const {
    if (phase_ == Phase::done) return 1;
    if (total_ != UINT64_MAX && total_ > 0) return double(total_made_) / double(total_);
    if (ins.empty() || !ins[0].port->description().length) return -1;
    const auto length = double(*ins[0].port->description().length);
    return length > 0 ? std::min(1.0, double(statistics_.items_in) / length) : 1;
}

}  // namespace flowspan::runtime
