#include "runtime/block_task.hpp"

#include "runtime/access.hpp"
#include "runtime/counts.hpp"
#include "runtime/flowgraph.hpp"

#include <time.h>

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

constexpr std::size_t most_outstanding = 4;    // steps of one block that may be unfinished
constexpr std::uint64_t measured_every = 128;  // steps: a clock costs as much as a small call
constexpr int most_steps_at_once = 8;
constexpr int messages_at_once = 256;
constexpr std::size_t many_tags = 64;  // so many are kept before those that have passed are forgotten

constexpr double surely_long_s = 0.012;  // three ticks of the coarse clock
constexpr int watched_chain = 8;         // blocks: reading even that clock costs a long chain 5 %

using Clock = std::chrono::steady_clock;

std::int64_t coarse_clock_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return std::int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

thread_local std::int64_t last_call_ended_ns = 0;

double seconds_since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

}  // namespace

void LongCalls::begin() { last_call_ended_ns = coarse_clock_ns(); }

void LongCalls::ended(BlockStatistics& statistics) {
    const std::int64_t ns = coarse_clock_ns();
    const double s = 1e-9 * double(ns - last_call_ended_ns);
    last_call_ended_ns = ns;
    if (s >= surely_long_s) statistics.longest_step_s = std::max(statistics.longest_step_s, s);
}

void BlockTask::prepare(std::uint64_t first_index, std::uint64_t quantum, const ChunkLimit& limit) {
    const BlockDeclared& declared = block_->declared();
    ratio_ = declared.ratio;
    quantum_ = std::max<std::size_t>(1, quantum);
    limit_ = limit;
    limited_ = bool(limit);
    total_ = declared.total.value_or(UINT64_MAX);
    const bool connected = std::any_of(outs.begin(), outs.end(), [](const Out& o) { return o.wire != nullptr; });
    const bool heard =
        std::any_of(message_outs.begin(), message_outs.end(), [](const MessageOut& m) { return !m.queues.empty(); });
    sink_ = (!connected && !heard) || !block_->products().empty();
    if (ins.empty()) {
        output_anchor_ = first_index;
    } else {
        input_anchor_ = first_index + Access::skip(*ins[0].port);
        output_anchor_ = outputs_before(ratio_, first_index);
    }
    std::size_t item_size = 1, capacity = SIZE_MAX;
    for (In& in : ins) {
        dynamic_ = dynamic_ || Access::need(*in.port) > 0;
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
    const bool keeps_tags = declared.tags == TagPolicy::all_to_all || declared.tags == TagPolicy::one_to_one;
    const bool same_place =
        ratio_.interpolation == 1 && ratio_.decimation == 1 && ratio_.window == 1 && ratio_.delay == Rational(0);
    holds_last_ = !ins.empty() && connected && keeps_tags && !same_place && !dynamic_;
    for (MessageOut& m : message_outs) {
        if (m.queues.empty()) continue;
        Access::deliver(*m.port) = [this, &m](const Time& stamp, Value value) {
            ++statistics_.messages_out;
            for (MessageQueue* q : m.queues) {
                if (!q->feedback && stamp < q->watermark())
                    throw Failure(ExitCode::block,
                                  fmt::format("sends a message about {} s, before {} s", stamp.text(), q->watermark().text()));
                q->push(stamp, q == m.queues.back() ? std::move(value) : value);
            }
        };
    }
    gappy_ = !ins.empty() && (ratio_.decimation > ratio_.interpolation * ratio_.window || Access::skip(*ins[0].port) > 0);
    plain_ = is_plain();
    if (plain_) {
        plain_ends_ = {block_.get(),  ins[0].port, outs.empty() ? nullptr : outs[0].port,
                       ins[0].reader, ins[0].wire, outs.empty() ? nullptr : outs[0].wire,
                       nullptr};
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
            // A source of a chain that has nothing to wait for goes on at once.
            for (int k = 0; k < steps_at_once_ && phase_ == Phase::running && running(); ++k) progress = true;
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

bool BlockTask::is_plain() const {
    const bool heard =
        std::any_of(message_outs.begin(), message_outs.end(), [](const MessageOut& m) { return !m.queues.empty(); });
    return ins.size() == 1 && outs.size() <= 1 && (outs.empty() || outs[0].wire != nullptr) && message_ins.empty() && !heard &&
           !dynamic_ && !gappy_ && !holds_last_ && piece_ == 0 && total_ == UINT64_MAX && ratio_.interpolation == 1 &&
           ratio_.decimation == 1 && ratio_.window == 1 && ratio_.block == 1 && ratio_.delay == Rational(0) &&
           Access::skip(*ins[0].port) == 0;
}

void BlockTask::find_followers() {
    for (Out& out : outs) {
        if (out.wire == nullptr || out.wire->readers.size() != 1) continue;
        auto* reader = dynamic_cast<BlockTask*>(out.wire->readers[0]);
        if (reader != nullptr && reader->plain_) out.next = reader;
    }
    if (plain_ && !outs.empty()) plain_ends_.next = outs[0].next;
    const bool feeds_chain = std::any_of(outs.begin(), outs.end(), [](const Out& o) { return o.next != nullptr; });
    steps_at_once_ = ins.empty() && feeds_chain ? most_steps_at_once : 1;
}

void BlockTask::watch_chain() {
    for (const Out& out : outs) {
        int length = 0;
        for (const BlockTask* task = out.next; task != nullptr && length <= watched_chain; task = task->plain_ends_.next)
            ++length;
        watched_ = watched_ && length <= watched_chain;
    }
}

// One step of a plain block, if there is nothing but items to be passed on; everything else is left to run(). It does what
// running() does for such a block, in a few cache lines.
bool BlockTask::pass_on() {
    auto& [block, in, out, reader, from, to, next] = plain_ends_;
    if (phase_ != Phase::running || !calm_ || from->buffer.has_tags()) return false;
    const std::uint64_t index = reader->index(), end = reader->readable_end();
    if (end <= index) return false;
    std::size_t n = std::min<std::size_t>(end - index, quantum_);
    if (to != nullptr) n = to->buffer.wanted() ? std::min(n, to->buffer.room()) : 0;
    if (n == 0) return false;
    if (limited_) n = limit_(n);
    Access::place(*in, reader->item(index), index, n);
    Access::tags(*in).clear();
    if (to != nullptr) Access::place(*out, to->buffer.write_place(), output_anchor_ + made_);
    if (next != nullptr) next->fetch_ahead();
    Step step = timed(n);
    if (to != nullptr && !Access::tags(*out).empty()) put_tags(n, false);
    made_ += n;
    total_made_ += n;
    statistics_.items_in += n;
    statistics_.items_out += n;
    reader->advance(index + n);
    if (to != nullptr) to->buffer.issue(n);
    if (step.token != nullptr) {
        pending_.push_back({std::move(step.token), n, index + n});
        calm_ = false;
        return false;
    }
    if (to != nullptr) to->buffer.complete(n);
    reader->release(index + n);
    from->freed();
    wait_ = Wait::input;
    if (index + n < end) wake();
    return true;
}

// The samples of a chain fill the first cache, so what the next step touches has often left it. It comes back while this one
// works.
void BlockTask::fetch_ahead() const {
    const auto fetch = [](const void* line) { __builtin_prefetch(line, 1); };
    fetch(plain_ends_.in);
    fetch(plain_ends_.reader);
    fetch(plain_ends_.block);
    fetch(&statistics_);
    if (plain_ends_.to == nullptr) return;
    fetch(plain_ends_.out);
    fetch(&plain_ends_.to->starved);
    fetch(&plain_ends_.to->buffer);
    fetch(reinterpret_cast<const std::byte*>(&plain_ends_.to->buffer) + 64);
    if (plain_ends_.next != nullptr) fetch(&plain_ends_.next->plain_ends_);
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
    if (!message_ins.empty() && pending_.empty() && deliver_messages()) return true;
    if (ins.empty() && outs.empty()) {  // a pure message block
        const bool over =
            std::all_of(message_ins.begin(), message_ins.end(),
                        // A feedback edge ends with this block itself.
                        [](const MessageIn& m) { return m.queue->feedback || (m.queue->ended() && m.queue->empty()); });
        if (over)
            phase_ = Phase::finishing;
        else
            wait_ = Wait::messages;
        return over;
    }
    if (!message_room()) {
        wait_ = Wait::message_room;
        return false;
    }
    bool final_call = false;
    wait_ = Wait::nothing;
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
        n = std::min(n, total_ - total_made_);
        final_call = n == total_ - total_made_;
    } else {
        std::uint64_t end = UINT64_MAX;
        bool over = false, cut = false, limited = false;  // whether the input that ends first is known to end there
        for (In& in : ins) {
            if (gappy_ && pending_.empty()) {  // items that nobody needs are passed over as they come
                in.reader->release(in.reader->index());
                in.wire->freed();
            }
            const std::uint64_t e = in.reader->readable_end();
            if (e > end) continue;
            const bool complete = in.reader->stretch_complete();
            over = e < end ? complete : over || complete;
            cut = complete && in.reader->stream_ended() && in.wire->buffer.end_kind() == memory::EndKind::cut;
            end = e;
        }
        final_call = over && !cut;
        std::uint64_t count = outputs_for(ratio_, end > input_anchor_ ? end - input_anchor_ : 0);
        if (holds_last_ && !over && count > 0) --count;
        if (!message_ins.empty()) {
            const std::uint64_t limit = message_limit();
            const std::uint64_t before = outputs_before(ratio_, limit > input_anchor_ ? limit - input_anchor_ : 0);
            if (before < count) {
                // A grid block runs as a whole: a message within it is handled where the next one begins.
                count = std::min(count, (before + ratio_.block - 1) / ratio_.block * ratio_.block);
                final_call = over = false;
                limited = true;
            }
        }
        n = count > made_ ? count - made_ : 0;
        if (over && cut) n -= n % ratio_.block;
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
    final_call = in.reader->stretch_complete();
    for (const Out& out : outs) {
        if (out.wire != nullptr && out.wire->buffer.room() < Access::room(*out.port)) {
            lack_room();
            return 0;
        }
    }
    if (available >= need) return need;
    if (!final_call) wait_ = Wait::input;
    return final_call ? available : 0;
}

void BlockTask::call_dynamic(std::size_t n) {
    In& in = ins[0];
    const std::uint64_t at = input_anchor_ + consumed_;
    const bool last = in.reader->stretch_complete() && at + n == in.reader->readable_end();
    Access::place(*in.port, in.reader->item(at), at, n);
    Access::consumed(*in.port) = 0;
    for (Out& out : outs) {
        Access::produced(*out.port) = 0;
        if (out.wire != nullptr) Access::place(*out.port, out.wire->buffer.write_place(), output_anchor_ + made_);
    }
    timed(n);
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

Step BlockTask::timed(std::size_t n) {
    if (statistics_.steps++ % measured_every != 0) return block_->step(n);
    const auto start = Clock::now();
    Step step = block_->step(n);
    const double s = seconds_since(start);
    statistics_.work_s += s * double(measured_every);
    statistics_.longest_step_s = std::max(statistics_.longest_step_s, s);
    return step;
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

// Tags of the input items that this call's outputs can depend on, moved to their outputs. The last call of a stretch takes all
// up to where the stretch ends for this block: not beyond the shortest input, nor beyond the last output of a total.
void BlockTask::take_tags(std::size_t n, bool final_call) {
    const std::uint64_t last = input_anchor_ + input_of(ratio_, made_ + n - 1) + 1;
    std::uint64_t end = last;
    if (final_call) {
        end = total_made_ + n >= total_ ? last : UINT64_MAX;
        for (const In& in : ins) end = std::min(end, in.reader->readable_end());
    }
    const TagPolicy policy = block_->declared().tags;
    for (std::size_t k = 0; k < ins.size(); ++k) {
        In& in = ins[k];
        Access::tags(*in.port).clear();
        if (!in.wire->buffer.has_tags()) continue;
        if (end <= in.tags_seen) continue;
        auto& seen = Access::tags(*in.port);
        in.wire->buffer.tags_between(in.tags_seen, end, seen);
        in.tags_seen = end;
        in.reader->took_tags(end);
        if (in.wire->buffer.tag_count() > many_tags) in.wire->buffer.forget_passed();
        if (policy == TagPolicy::drop || policy == TagPolicy::own) continue;
        for (const Tag& t : seen) {
            // ceil((i + delay) I / D), from the anchors.
            const std::uint64_t relative = t.index > input_anchor_ ? t.index - input_anchor_ : 0;
            const Rational to = (Rational(std::int64_t(relative)) + ratio_.delay) *
                                Rational(std::int64_t(ratio_.interpolation)) / Rational(std::int64_t(ratio_.decimation));
            if (t.index < input_anchor_) {
                ++statistics_.tags_dropped;
                continue;
            }
            const Tag moved{output_anchor_ + std::uint64_t(to.ceil()), t.key, t.value};
            auto place = waiting_tags_.end();
            while (place != waiting_tags_.begin() &&
                   (std::prev(place)->first.index > moved.index ||
                    (std::prev(place)->first.index == moved.index && std::prev(place)->second > k)))
                --place;
            waiting_tags_.emplace(place, moved, k);
        }
    }
}

// Tags go into the buffers before their items are published: those that came in first, then the block's own.
void BlockTask::put_tags(std::size_t n, bool final_call) {
    const std::uint64_t end = output_anchor_ + made_ + n;
    for (std::size_t k = 0; k < outs.size(); ++k) {
        Out& out = outs[k];
        auto& own = Access::tags(*out.port);
        if (waiting_tags_.empty() && own.empty()) continue;
        std::vector<Tag> all;
        for (const auto& [tag, port] : waiting_tags_) {
            if (tag.index >= end && !final_call) break;
            if (block_->declared().tags == TagPolicy::one_to_one && port != k) continue;
            all.push_back({std::min(tag.index, end - 1), tag.key, tag.value});
        }
        std::stable_sort(own.begin(), own.end(), [](const Tag& a, const Tag& b) { return a.index < b.index; });
        const auto middle = std::ptrdiff_t(all.size());
        all.insert(all.end(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
        own.clear();
        std::inplace_merge(all.begin(), all.begin() + middle, all.end(),
                           [](const Tag& a, const Tag& b) { return a.index < b.index; });
        if (out.wire == nullptr) continue;
        for (Tag& t : all) out.wire->buffer.add_tag(std::move(t));
    }
    while (!waiting_tags_.empty() && (final_call || waiting_tags_.front().first.index < end)) waiting_tags_.pop_front();
}

void BlockTask::account(std::size_t n, std::uint64_t next_input, Step step) {
    made_ += n;
    total_made_ += n;
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

// The input item that the next call begins with.
std::uint64_t BlockTask::next_input() const { return input_anchor_ + (dynamic_ ? consumed_ : input_of(ratio_, made_)); }

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
        d.utc = next.utc && d.sample_rate ? std::optional<Time>(*next.utc - Time::of(std::int64_t(next.index), *d.sample_rate))
                                          : std::nullopt;
        if (out.wire == nullptr) continue;
        out.wire->buffer.begin_stretch(next.what, d);
        out.wire->written();
    }
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

// The next message in the order (stamp, connection, sequence), if nothing earlier can still come.
BlockTask::MessageIn* BlockTask::next_message() {
    MessageIn* first = nullptr;
    for (MessageIn& m : message_ins) {
        if (m.queue->empty()) continue;
        if (m.queue->arrival_order) return &m;
        if (first == nullptr || m.queue->front().stamp < first->queue->front().stamp) first = &m;
    }
    if (first == nullptr) return nullptr;
    for (const MessageIn& m : message_ins) {
        if (m.queue->arrival_order || m.queue->watermark() > first->queue->front().stamp) continue;
        for (MessageIn& full : message_ins) {
            if (full.queue->full()) full.queue->grow();  // its sender may be what the other one waits for
        }
        return nullptr;
    }
    return first;
}

bool BlockTask::deliver_messages() {
    int delivered = 0;
    while (delivered < messages_at_once && message_room()) {
        MessageIn* m = next_message();
        if (m == nullptr) break;
        if (!ins.empty()) {
            // Before the first sample at or after its stamp, and not before the samples ahead of that.
            const StreamDescription& d = ins[0].port->description();
            std::uint64_t next = next_input();
            if (at_end_of_stretch_) next = std::max(next, boundary_);
            if (!m->queue->arrival_order && (m->queue->front().stamp - d.origin).ceil_index(d.ticks) > std::int64_t(next))
                break;
        }
        const Message message = m->queue->take();
        Access::handling(*block_, message.stamp);
        block_->receive(*m->port, message);
        ++statistics_.messages_in;
        ++delivered;
    }
    if (!message_outs.empty()) raise_watermarks();
    return delivered > 0;
}

// The index of input 0 up to which samples may be given, as far as messages are known.
std::uint64_t BlockTask::message_limit() const {
    std::uint64_t limit = UINT64_MAX;
    const StreamDescription& d = ins[0].port->description();
    for (const MessageIn& m : message_ins) {
        const Time& earliest = m.queue->earliest();
        if (m.queue->arrival_order || earliest == Time::latest()) continue;
        if (earliest == Time::earliest()) return 0;
        limit = std::min(limit, std::uint64_t(std::max<std::int64_t>(0, (earliest - d.origin).ceil_index(d.ticks))));
    }
    return limit;
}

bool BlockTask::message_room() {
    for (const MessageOut& m : message_outs) {
        for (const MessageQueue* q : m.queues) {
            if (q->full()) return false;
        }
    }
    return true;
}

void BlockTask::raise_watermarks() {
    if (message_outs.empty() || phase_ != Phase::running) return;
    Time w = Time::latest();
    if (!ins.empty() || !outs.empty()) {
        const bool source = ins.empty();
        const StreamDescription& d = source ? outs[0].port->description() : ins[0].port->description();
        const std::uint64_t next = source ? next_output() : next_input();
        w = d.origin + Time::of(std::int64_t(next), d.ticks);
    }
    for (const MessageIn& m : message_ins) w = std::min(w, m.queue->earliest());
    for (MessageOut& m : message_outs) {
        for (MessageQueue* q : m.queues) q->raise(w);
    }
}

double BlockTask::progress() const {
    if (phase_ == Phase::done) return 1;
    if (total_ != UINT64_MAX && total_ > 0) return double(total_made_) / double(total_);
    if (ins.empty() || !ins[0].port->description().length) return -1;
    const auto length = double(*ins[0].port->description().length);
    return length > 0 ? std::min(1.0, double(statistics_.items_in) / length) : 1;
}

}  // namespace flowspan::runtime
