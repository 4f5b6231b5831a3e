#include "runtime/flow/tag_flow.hpp"

#include "runtime/count/counts.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>

namespace flowspan::runtime {
namespace {

constexpr std::size_t many_tags = 64;           // so many are kept before those that have passed are forgotten
constexpr std::size_t most_waiting = 1U << 16;  // for one item of a block that may not make one for long: memory is bounded

bool by_index(const Tag& a, const Tag& b) { return a.index < b.index; }

// Those of one item: first what came in, then the block's own.
void add_in_order(memory::StreamBuffer& buffer, std::vector<Tag> came, std::vector<Tag> own) {
    const auto middle = std::ptrdiff_t(came.size());
    came.insert(came.end(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
    std::inplace_merge(came.begin(), came.begin() + middle, came.end(), by_index);
    for (Tag& t : came) buffer.add_tag(std::move(t));
}

}  // namespace

TagFlow::TagFlow(const Block& block, BlockEnds& ends, Standing& at, BlockStatistics& statistics)
    : block_(block), ends_(ends), at_(at), statistics_(statistics) {}

void TagFlow::begin_stretch(std::uint64_t first) {
    seen_.resize(ends_.ins.size());
    lines_.resize(ends_.outs.size());
    for (std::size_t k = 0; k < ends_.ins.size(); ++k) {
        seen_[k] = first;
        ends_.ins[k].reader->took_tags(first);
    }
}

void TagFlow::begin_stretch() {
    for (std::size_t k = 0; k < ends_.ins.size(); ++k) {
        seen_[k] = ends_.ins[k].reader->index();
        ends_.ins[k].reader->took_tags(seen_[k]);
    }
}

void TagFlow::end_stretch(bool seam) {
    statistics_.tags_dropped += seam ? 0 : waiting_.size() + waiting_everywhere();
    waiting_.clear();
    for (Line& line : lines_) line.waiting.clear();
}

// A tag goes to all outputs or to one; of those that go to all, every output has found items for the first so many.
std::uint64_t TagFlow::waiting_everywhere() const {
    std::uint64_t all = 0, least = lines_.empty() ? 0 : UINT64_MAX;
    for (const Line& line : lines_) {
        all += line.waiting.size();
        least = std::min<std::uint64_t>(least, line.waiting.size());
    }
    return block_.declared().tags == TagPolicy::one_to_one ? all : least;
}

bool TagFlow::passes(std::size_t input, std::size_t output) const {
    const TagPolicy policy = block_.declared().tags;
    return policy == TagPolicy::all_to_all || (policy == TagPolicy::one_to_one && input == output);
}

// They need not be kept for this reader.
void TagFlow::see(In& in, std::uint64_t end) {
    in.reader->took_tags(end);
    // Without tags a chain goes on quickly.
    auto& buffer = in.wire->buffer;
    if (buffer.has_tags() && (buffer.tag_count() > many_tags || buffer.last_tag() < end)) buffer.forget_passed();
}

void TagFlow::take(const Ratio& ratio, std::size_t n, bool last, bool total_reached) {
    const std::uint64_t behind = at_.input_anchor + input_of(ratio, at_.made + n - 1) + 1;
    std::uint64_t end = behind;
    if (last && !total_reached) {
        end = UINT64_MAX;
        for (const In& in : ends_.ins) end = std::min(end, in.reader->readable_end());
    }
    const TagPolicy policy = block_.declared().tags;
    for (std::size_t k = 0; k < ends_.ins.size(); ++k) {
        In& in = ends_.ins[k];
        auto& tags = Access::tags(*in.port);
        tags.clear();
        if (!in.wire->buffer.has_tags() || end <= seen_[k]) continue;
        in.wire->buffer.tags_between(seen_[k], end, tags);
        seen_[k] = end;
        see(in, end);
        if (policy == TagPolicy::drop || policy == TagPolicy::own) continue;
        for (const Tag& t : tags) wait_for_output(ratio, k, t);
    }
}

void TagFlow::wait_for_output(const Ratio& ratio, std::size_t input, const Tag& tag) {
    if (tag.index < at_.input_anchor) {
        ++statistics_.tags_dropped;
        return;
    }
    const std::uint64_t index = at_.output_anchor + output_at(ratio, tag.index - at_.input_anchor);
    waiting_.emplace(std::pair(index, input), Tag{index, tag.key, tag.value});
}

void TagFlow::put(std::size_t n, bool last) {
    const std::uint64_t end = at_.output_anchor + at_.made + n;
    for (std::size_t k = 0; k < ends_.outs.size(); ++k) {
        Out& out = ends_.outs[k];
        auto& own = Access::tags(*out.port);
        if (waiting_.empty() && own.empty()) continue;
        const bool goes = k + 1 == ends_.outs.size();  // the last that they go to may have them
        std::vector<Tag> came;
        for (auto& [place, tag] : waiting_) {
            if (tag.index >= end && !last) break;
            if (!passes(place.second, k)) continue;
            Tag& moved = came.emplace_back(goes ? std::move(tag) : tag);
            moved.index = std::min(moved.index, end - 1);
        }
        std::stable_sort(own.begin(), own.end(), by_index);
        if (out.wire != nullptr) add_in_order(out.wire->buffer, std::move(came), std::move(own));
        own.clear();
    }
    waiting_.erase(waiting_.begin(), last ? waiting_.end() : waiting_.lower_bound({end, 0}));
}

void TagFlow::show() {
    for (In& in : ends_.ins) {
        auto& tags = Access::tags(*in.port);
        tags.clear();
        if (in.wire->buffer.has_tags())
            in.wire->buffer.tags_between(in.port->index(), in.port->index() + in.port->count(), tags);
    }
}

void TagFlow::enter(std::size_t input, const Tag& tag) {
    const In& in = ends_.ins[input];
    bool waits = false, dropped = false;
    for (std::size_t k = 0; k < lines_.size(); ++k) {
        if (!passes(input, k)) continue;
        if (lines_[k].waiting.size() >= most_waiting) {
            dropped = true;
            continue;
        }
        // Inputs have one nominal rate: equal distances from their anchors are equal places.
        const auto place = memory::Deviation(tag.index - in.anchor) * deviation_unit;
        lines_[k].waiting.emplace(std::pair(place, input), tag);
        waits = true;
    }
    if (dropped && !waits) ++statistics_.tags_dropped;
}

void TagFlow::move(const std::vector<std::size_t>& taken, const std::vector<std::size_t>& made, const Places& places) {
    for (std::size_t k = 0; k < ends_.ins.size(); ++k) {
        In& in = ends_.ins[k];
        const std::uint64_t end = in.port->index() + taken[k];
        for (const Tag& t : Access::tags(*in.port)) {
            if (t.index < end) enter(k, t);
        }
        seen_[k] = end;
        see(in, end);
    }
    for (std::size_t k = 0; k < lines_.size(); ++k) {
        Line& line = lines_[k];
        const std::uint64_t first = ends_.outs[k].anchor + ends_.outs[k].made;
        for (std::size_t item = 0; item < made[k] && !line.waiting.empty(); ++item) {
            const memory::Deviation at = places.place(k, item);
            while (!line.waiting.empty() && line.waiting.begin()->first.first <= at) {
                Tag tag = std::move(line.waiting.begin()->second);
                line.waiting.erase(line.waiting.begin());
                line.came.push_back({first + item, std::move(tag.key), std::move(tag.value)});
            }
        }
        auto& own = Access::tags(*ends_.outs[k].port);
        std::stable_sort(own.begin(), own.end(), by_index);
        line.own.insert(line.own.end(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
        own.clear();
    }
}

void TagFlow::take_left(std::size_t input) {
    In& in = ends_.ins[input];
    if (!in.wire->buffer.has_tags()) return;
    std::vector<Tag> left;
    in.wire->buffer.tags_between(seen_[input], in.reader->readable_end(), left);
    for (const Tag& t : left) enter(input, t);
    seen_[input] = in.reader->readable_end();
    see(in, seen_[input]);
}

void TagFlow::settle() {
    for (std::size_t k = 0; k < lines_.size(); ++k) {
        const Out& out = ends_.outs[k];
        if (out.made == 0) continue;
        for (auto& [place, tag] : lines_[k].waiting)
            lines_[k].came.push_back({out.anchor + out.made - 1, std::move(tag.key), std::move(tag.value)});
        lines_[k].waiting.clear();
    }
}

void TagFlow::hand_over(std::size_t output, std::uint64_t end) {
    Line& line = lines_[output];
    if (line.came.empty() && line.own.empty()) return;
    const auto part = [end](std::vector<Tag>& tags) {
        const auto middle = std::partition_point(tags.begin(), tags.end(), [end](const Tag& t) { return t.index < end; });
        std::vector<Tag> before(std::make_move_iterator(tags.begin()), std::make_move_iterator(middle));
        tags.erase(tags.begin(), middle);
        return before;
    };
    auto came = part(line.came), own = part(line.own);
    if (Wire* wire = ends_.outs[output].wire; wire != nullptr) add_in_order(wire->buffer, std::move(came), std::move(own));
}

}  // namespace flowspan::runtime
