#include "runtime/task/block_task.hpp"

#include "core/mistakes/failure_of.hpp"
#include "runtime/block/describe.hpp"
#include "runtime/device/rank_device.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

bool leaves_places(const Ratio& r) {
    return r.interpolation == 1 && r.decimation == 1 && r.window == 1 && r.delay == Rational(0);
}

}  // namespace

BlockTask::BlockTask(std::unique_ptr<Block> block, int number)
    : chain_(*this),
      books_(*this, at_, statistics_, tags_),
      block_(std::move(block)),
      number_(number),
      tags_(*block_, *this, at_, statistics_),
      places_(*block_, *this, at_),
      retunings_(*this),
      messages_(*block_, *this, statistics_) {}

// What names its block already, or is a mistake with a place, goes on as it is.
void BlockTask::throw_named(const std::exception& e) const {
    if (dynamic_cast<const Refused*>(&e) != nullptr || dynamic_cast<const BlockFailure*>(&e) != nullptr) throw;
    const Failure failure = failure_of(e);
    // What a block throws of its own is its failure, and no bug.
    const bool own = failure.code() == ExitCode::bug && dynamic_cast<const Failure*>(&e) == nullptr;
    std::string text = failure.what();
    if (is_of_memory(e) && block_->declared().bytes > 0)
        text += fmt::format("; by its own account the block holds {} bytes", block_->declared().bytes);
    throw BlockFailure(own ? ExitCode::block : failure.code(), block_->name(), text);
}

void BlockTask::prepare(const Beginning& beginning) {
    const BlockDeclared& declared = block_->declared();
    clock_ = beginning.clock;
    device_ = beginning.device;
    total_ = declared.total.value_or(UINT64_MAX);
    fed_ = is_fed_by_messages(*block_);
    within_ = beginning.within;
    begins_within_ = within_.has_value();
    const bool connected = std::any_of(outs.begin(), outs.end(), [](const Out& o) { return o.wire != nullptr; });
    sink_ = (!connected && !is_heard()) || publishes(*block_);
    for (const ParameterBase* p : block_->parameters())
        set_by_tags_ = set_by_tags_ || (!p->declaration().tag.empty() && !ins.empty());
    if (set_by_tags_ && changes_ == nullptr) changes_ = std::make_unique<Changes>(*block_);
    open_ends(beginning);
    choose_count(beginning);
    messages_.connect();
    block_->prepare();
    promise();
}

// Anchors of the first stretch.
void BlockTask::open_ends(const Beginning& beginning) {
    const std::uint64_t first = beginning.first_index;
    at_.input_anchor = ins.empty() ? first : first + Access::skip(*ins[0].port);
    at_.output_anchor = ins.empty() ? first : outputs_before(block_->declared().ratio, first);
    for (In& in : ins) {
        in.anchor = at_.input_anchor;
        Books::begin_at(in, in.anchor);
        Access::anchor(*in.port, in.anchor);
        for (const MessageOut& m : message_outs)
            in.wire->buffer.keep_marks(m.port->reach() + 2 * (64 + block_->declared().ratio.grid));
    }
    for (Out& out : outs) {
        out.anchor = ins.empty() ? first : first_output(*block_, *out.port, first);
        Access::anchor(*out.port, out.anchor);
        Access::connect(*out.port, out.wire != nullptr, out.port->description().item_size());
    }
    for (In& in : ins)
        Access::time(*in.port) = [&in](std::uint64_t index, std::uint64_t later) {
            return InputTimes(in.port->description(), *in.reader).behind(index, later);
        };
    tags_.begin_stretch(first);
    // (Outputs would pass them on.)
    if (block_->declared().ignores_tags && outs.empty() && !set_by_tags_)
        for (const In& in : ins) in.reader->ignore_tags();
}

void BlockTask::choose_count(const Beginning& beginning) {
    const BlockDeclared& declared = block_->declared();
    const Ratio& r = declared.ratio;
    CountOptions o{
        .ratio = r, .total = total_, .quantum = std::max<std::size_t>(1, beginning.quantum), .limit = beginning.limit};
    if (ins.empty() && outs.empty()) return;
    const bool connected = std::any_of(outs.begin(), outs.end(), [](const Out& out) { return out.wire != nullptr; });
    const bool keeps_tags = declared.tags == TagPolicy::all_to_all || declared.tags == TagPolicy::one_to_one;
    if (declared.data_dependent) {
        o.by_chunks = device_ != nullptr;
        dependent_.emplace(*this, *block_, at_, std::move(o), is_heard());
        if (keeps_tags && connected && !ins.empty()) books_.hold_last();
        return;
    }
    std::size_t item_size = 1, capacity = SIZE_MAX;
    const auto look_at = [&](const Wire& wire) {
        item_size = wire.buffer.item_size();
        capacity = std::min(capacity, wire.buffer.capacity());
    };
    for (const In& in : ins) look_at(*in.wire);
    for (const Out& out : outs)
        if (out.wire != nullptr) look_at(*out.wire);
    if (declared.piece_bytes > 0 && capacity != SIZE_MAX) {
        o.piece = std::clamp<std::size_t>(declared.piece_bytes / item_size, 1, std::max<std::size_t>(1, capacity / 2));
        o.quantum = std::max(o.quantum, o.piece);
    }
    o.any_number = device_ != nullptr && !asks_ahead();
    o.splits = r.grid > 1 && device_ == nullptr && o.piece == 0 && !outs.empty() && !publishes(*block_) && !is_heard() &&
               declared.memory != Memory::unbounded;
    o.holds_last = !ins.empty() && connected && keeps_tags && !leaves_places(r);
    o.gappy = !ins.empty() && (r.decimation > r.interpolation * r.window || Access::skip(*ins[0].port) > 0);
    if (is_heard()) o.cell = cell_for(r);
    const bool one_of_each = message_ins.empty() && !is_heard() && o.piece == 0 && r.grid == 1 && outs.size() <= 1 &&
                             (outs.empty() || outs[0].wire != nullptr) && !within_;
    const bool plain = one_of_each && !declared.open_end && device_ == nullptr && !beginning.alone &&
                       (ins.empty() ? outs.size() == 1
                                    : ins.size() == 1 && !o.gappy && !o.holds_last && total_ == UINT64_MAX &&
                                          leaves_places(r) && !set_by_tags_);
    chain_.prepare(o.quantum, o.limit, plain);
    fixed_.emplace(*this, at_, std::move(o));
}

void BlockTask::find_followers() {
    for (Out& out : outs) {
        if (out.wire == nullptr || out.wire->readers.size() != 1) continue;
        auto* reader = dynamic_cast<BlockTask*>(out.wire->readers[0]);
        if (reader != nullptr && reader->chain_.is_plain()) out.next = reader;
    }
    if (!outs.empty()) chain_.follow(outs[0].next);
}

bool BlockTask::run() {
    bool progress = !books_.calm() && entered(books_.complete_pending());
    if (reading_) {
        if (!enter_reading()) return false;
        progress = true;
    }
    if (ahead_.step.token != nullptr) {
        if (!answered()) return false;
        progress = true;
    }
    if (phase_ == Phase::running && (unneeded_ || (!sink_ && nobody_wants()))) {
        was_cancelled_ = true;
        end_kind_ = memory::EndKind::cancelled;
        phase_ = Phase::ending;
    }
    switch (phase_) {
        case Phase::running:
            progress |= chain_.run_series() || running();
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

bool BlockTask::nobody_wants() const {
    for (const Out& out : outs) {
        if (out.wire != nullptr && out.wire->buffer.wanted()) return false;
    }
    for (const MessageOut& m : message_outs) {
        for (const MessageQueue* q : m.queues) {
            if (!q->cancelled()) return false;
        }
    }
    return true;
}

bool BlockTask::running() {
    wait_ = Wait::pending;
    if (books_.full()) return false;
    if (changes_ != nullptr && !make_changes()) return false;
    if (!message_ins.empty() && books_.calm() && deliver_messages()) return true;
    if (ins.empty() && (outs.empty() || fed_)) return message_block();
    if (!messages_.has_room()) {
        wait_ = Wait::message_room;
        return false;
    }
    if (begins_within_ && !(ins.empty() ? begin_source_within() : dependent_ ? begin_dependent_within() : begin_within()))
        return false;
    if (!ins.empty() && !take_retunings()) return false;
    const bool waits_for_messages = !message_ins.empty() && !ins.empty();
    const Bounds bounds{.barrier = barrier_,
                        .messages = waits_for_messages ? messages_.limit() : UINT64_MAX,
                        .retuning = retuning_,
                        .calm = books_.calm(),
                        .stopping = stopping_};
    wait_ = Wait::nothing;
    if (dependent_) return call_dependent(bounds);
    if (block_->declared().open_end) return call_open(bounds);
    if (at_.made < published_from_) return make_lead(bounds);
    if (fixed_->options().splits && is_in_parts()) return make_part(bounds);
    return call_fixed(bounds);
}

// On a device a call has only been issued: it is over when the queue has come so far. Of one that has asked ahead it is over.
Step BlockTask::call(std::size_t n) {
    if (device_ == nullptr) return clock_->call(*block_, n, statistics_);
    const bool asks = asks_ahead(), timed = CallClock::is_sampled(statistics_.steps);
    Step step = asks ? block_->step(n) : issue(n, timed, double(CallClock::stratum_of(statistics_.steps)));
    if (step.token != nullptr)
        throw Failure(ExitCode::bug, asks ? "asks its device twice" : "runs on a device, and has steps that pend");
    return asks || is_all_by_queue() ? step : device_->compute().behind(block_->name());
}

// Its time is that of the device.
Step BlockTask::issue(std::size_t n, bool timed, double calls) {
    DeviceQueue& queue = device_->compute();
    device_->before_call(*this);
    queue.begin_issuing();
    if (timed) queue.begin_timed(statistics_.work_s, calls);
    Step step = block_->step(n);
    for (const Out& out : outs)
        if (out.wire != nullptr)
            device_->written(*out.wire->buffer.ring(), out.wire->buffer.write_place(),
                             (dependent_ ? Access::produced(*out.port) : n) * out.wire->buffer.item_size());
    if (timed) queue.end_timed();
    queue.issued(block_->name());
    return step;
}

bool BlockTask::call_fixed(Bounds bounds) {
    if (asks_ahead()) {
        if (ahead_.end <= next_input()) return ask_ahead(bounds);
        bounds.barrier = std::min(bounds.barrier, ahead_.end);
    }
    const std::optional<Call> call = fixed_->next(bounds, wait_);
    if (!call) return wait_ == Wait::nothing && at_boundary();
    const Ratio& ratio = fixed_->options().ratio;
    fixed_->place(*call);
    if (!ins.empty()) {
        tags_.take(ratio, call->items, call->last, at_.total_made + call->items >= total_);
        if (ins[0].port->description().places != Rational(0)) places_.pass(ratio, call->items);
    }
    if (!message_outs.empty()) messages_.begin_call(cell_of(position()), ins.empty() ? at_.output_anchor : ins[0].anchor);
    Step step = this->call(call->items);
    entered(books_.enter(call->items, call->last, fixed_->input_after(call->items), std::move(step)));
    return true;
}

bool BlockTask::call_dependent(const Bounds& bounds) {
    const std::optional<Call> call = dependent_->next(bounds, wait_);
    if (!call) return wait_ == Wait::nothing && at_boundary();
    dependent_->place(*call);
    tags_.show();
    messages_.begin_call(position(), ins[0].anchor);
    Step step = this->call(call->items);
    const auto& [taken, made] = dependent_->came(*call);
    if (step.token == nullptr || device_ != nullptr) describe_passed(taken);
    places_.state(made);
    retunings_.move(made, places_);
    entered(books_.enter(taken, made, places_, std::move(step)));
    return true;
}

// What is complete may be read, and promised.
bool BlockTask::entered(bool complete) {
    if (!complete) return false;
    chain_.pass_down();
    if (!message_outs.empty()) promise();
    return true;
}

// Where the cell begins in which an item lies: index of input 0 (a source: of output 0).
std::uint64_t BlockTask::next_input() const { return fixed_ ? fixed_->input_after(0) : ins[0].reader->index(); }

std::uint64_t BlockTask::cell_of(std::uint64_t index) const {
    if (!fixed_ || fixed_->options().cell == 0) return index;
    const std::uint64_t cell = fixed_->options().cell;
    const std::uint64_t outputs = ins.empty() ? index - at_.output_anchor : fixed_->outputs_before_index(index);
    const std::uint64_t first = outputs - outputs % cell;
    return ins.empty() ? at_.output_anchor + first : at_.input_anchor + input_of(fixed_->options().ratio, first);
}

void BlockTask::promise() {
    if (message_outs.empty() || phase_ != Phase::running) return;
    if (ins.empty() && (outs.empty() || fed_)) return messages_.promise(0, 0, 0);
    const std::uint64_t next = books_.complete_up_to(position());
    messages_.promise(next, cell_of(next), ins.empty() ? at_.output_anchor : ins[0].anchor);
}

double BlockTask::progress() const {
    if (phase_ == Phase::done) return 1;
    if (total_ != UINT64_MAX && total_ > 0) return double(at_.total_made) / double(total_);
    if (ins.empty() || !ins[0].port->description().length) return -1;
    const auto length = double(*ins[0].port->description().length);
    return length > 0 ? std::min(1.0, double(statistics_.items_in) / length) : 1;
}

std::string BlockTask::wanted_of(const In& in) const {
    const std::uint64_t there = in.reader->readable_end() - std::min(in.reader->index(), in.reader->readable_end());
    if (dependent_) return fmt::format("{} of {} samples", there, std::max<std::size_t>(1, Access::need(*in.port)));
    return fmt::format("more than {} samples", there);
}

}  // namespace flowspan::runtime
