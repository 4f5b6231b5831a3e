// Tags through a block: to the outputs that they belong to.
#include "runtime/block_task.hpp"

#include "runtime/access.hpp"
#include "runtime/counts.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

constexpr std::size_t many_tags = 64;  // so many are kept before those that have passed are forgotten

}  // namespace

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
        // Without tags a chain goes on quickly.
        if (in.wire->buffer.tag_count() > many_tags || in.wire->buffer.last_tag() < end) in.wire->buffer.forget_passed();
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

}  // namespace flowspan::runtime
