#include "runtime/count/books.hpp"

#include "runtime/flow/message_queue.hpp"
#include "runtime/flow/places.hpp"
#include "runtime/flow/tag_flow.hpp"

#include <algorithm>

namespace flowspan::runtime {

std::uint64_t Books::next_item() const {
    if (!ends_.ins.empty()) return ends_.ins[0].reader->index();
    return ends_.outs.empty() ? 0 : at_.output_anchor + at_.made;
}

void Books::put_tags(std::size_t n) { tags_.put(n, false); }

void Books::raise(MessageQueue& queue, const Time& watermark) { queue.raise(watermark); }

bool Books::enter(std::size_t n, bool last, std::uint64_t next_input, Step step) {
    tags_.put(n, last);
    const std::uint64_t begins = next_item();
    at_.made += n;
    at_.total_made += n;
    ++statistics_.steps;
    statistics_.items_out += n;
    for (Out& out : ends_.outs) {
        if (out.wire != nullptr) out.wire->buffer.issue(n);
    }
    if (!ends_.ins.empty()) {
        const std::uint64_t end = ends_.ins[0].reader->readable_end();  // the padding of a last block is no input
        statistics_.items_in += std::min(next_input, end) - std::min(ends_.ins[0].reader->index(), end);
        for (In& in : ends_.ins) in.reader->advance(next_input);
    }
    return enter({std::move(step.token), begins, n, {}, next_input, {}});
}

bool Books::enter(const std::vector<std::size_t>& taken, const std::vector<std::size_t>& made, const Places& places,
                  Step step) {
    tags_.move(taken, made, places);
    Unfinished entry{.token = std::move(step.token), .begins = next_item(), .made_of = made, .release_of = {}};
    ++statistics_.steps;
    for (std::size_t k = 0; k < ends_.ins.size(); ++k) {
        memory::Reader& reader = *ends_.ins[k].reader;
        reader.advance(reader.index() + taken[k]);
        entry.release_of.push_back(reader.index());
    }
    if (!taken.empty()) statistics_.items_in += taken[0];
    for (std::size_t k = 0; k < ends_.outs.size(); ++k) {
        Out& out = ends_.outs[k];
        out.made += made[k];
        if (out.wire != nullptr) out.wire->buffer.issue(made[k]);
    }
    if (!made.empty()) {
        at_.total_made += made[0];
        statistics_.items_out += made[0];
    } else {
        statistics_.items_out += taken.empty() ? 0 : taken[0];
    }
    return enter(std::move(entry));
}

void Books::enter_begun(Step step) {
    Unfinished entry{.token = std::move(step.token), .begins = next_item(), .made_of = {}, .release_of = {}};
    for (const In& in : ends_.ins) entry.release_of.push_back(in.reader->index());
    enter(std::move(entry));
}

bool Books::enter(Unfinished step) {
    if (step.token == nullptr && pending_.empty()) {
        publish(step, Whose::all);
        return true;
    }
    publish(step, Whose::by_queue);
    pending_.push_back(std::move(step));
    return calm_ = false;
}

bool Books::complete_pending() {
    bool any = false;
    while (!pending_.empty() && (pending_.front().token == nullptr || pending_.front().token->ready())) {
        publish(pending_.front(), Whose::by_completion);
        pending_.pop_front();
        any = true;
    }
    calm_ = pending_.empty();
    return any;
}

void Books::publish(const Unfinished& step, Whose whose) {
    const auto is_meant = [whose](const auto& end) {
        return whose == Whose::all || end.by_queue == (whose == Whose::by_queue);
    };
    const bool each = !step.made_of.empty() || !step.release_of.empty();
    for (std::size_t k = 0; k < ends_.outs.size(); ++k) {
        Out& out = ends_.outs[k];
        if (!is_meant(out)) continue;
        if (each) {
            if (k < step.made_of.size()) complete(k, step.made_of[k]);
        } else if (out.wire != nullptr) {
            out.wire->buffer.complete(step.made);
            if (out.next == nullptr) out.wire->written();
        }
    }
    for (std::size_t k = 0; k < ends_.ins.size(); ++k) {
        In& in = ends_.ins[k];
        if (!is_meant(in)) continue;
        in.reader->release(each ? step.release_of[k] : step.release);
        in.wire->freed();
    }
}

// Tags of an item are in the buffer before the item is.
void Books::complete(std::size_t output, std::size_t made) {
    if (complete_.empty()) begin_stretch();
    Out& out = ends_.outs[output];
    known_[output] += made;
    const std::uint64_t upto = known_[output] - (holds_last_ && known_[output] > complete_[output] ? 1 : 0);
    if (upto == complete_[output]) return;
    tags_.hand_over(output, out.anchor + upto);
    if (out.wire != nullptr) {
        out.wire->buffer.complete(upto - complete_[output]);
        if (out.next == nullptr) out.wire->written();
    }
    complete_[output] = upto;
}

void Books::complete_held() {
    if (complete_.empty()) return;
    const bool holds = std::exchange(holds_last_, false);
    for (std::size_t k = 0; k < ends_.outs.size(); ++k) complete(k, 0);
    holds_last_ = holds;
}

void Books::begin_stretch(std::vector<std::uint64_t> made) {
    made.resize(ends_.outs.size(), 0);
    complete_ = known_ = std::move(made);
}

}  // namespace flowspan::runtime
