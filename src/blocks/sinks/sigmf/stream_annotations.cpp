#include "blocks/sinks/sigmf/stream_annotations.hpp"

#include <algorithm>
#include <utility>

namespace flowspan::blocks {
namespace {

bool is_nominal(const InputPort& in) { return in.description().places == Rational(0); }

/// Nominally; before the present stretch there is nothing of it.
std::uint64_t nominal_item(const InputPort& in, const Time& time) {
    const StreamDescription& stream = in.description();
    const std::int64_t item = time.ceil_index(stream.ticks, stream.origin);
    const std::uint64_t first = in.index() - in.in_stretch();
    return item < 0 || std::uint64_t(item) < first ? first : std::uint64_t(item);
}

/// Whether one of its frequencies lies within the stream's; what says none, or a stream of which none is known, does.
bool is_in_band(const Value::Map& keys, const StreamDescription& stream) {
    const auto edge = [&](const char* key) -> std::optional<double> {
        const auto found = keys.find(key);
        const bool number = found != keys.end() && (found->second.is<double>() || found->second.is<std::int64_t>());
        return number ? std::optional(found->second.real()) : std::nullopt;
    };
    const auto low = edge("core:freq_lower_edge"), high = edge("core:freq_upper_edge");
    const auto band = stream.band();
    if (!low || !high || !band) return true;
    if (*low == *high) return *low >= band->first && *high <= band->second;
    return *high > band->first && *low < band->second;
}

}  // namespace

std::optional<std::uint64_t> item_at(const InputPort& in, std::size_t n, const Time& time) {
    const std::uint64_t behind = in.index() + n;
    if (is_nominal(in)) {
        const std::uint64_t item = nominal_item(in, time);
        return item <= behind ? std::optional(item) : std::nullopt;
    }
    if (n == 0 || in.time(behind - 1) < time) return std::nullopt;
    std::uint64_t low = in.index(), high = behind - 1;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (in.time(middle) < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void StreamAnnotations::take(const InputPort& in, std::size_t from, std::size_t n) {
    const std::uint64_t first = in.index() + from;
    if (const auto band = in.description().band(); band != std::exchange(band_, band)) reconsider(in, first);
    for (const Tag& tag : in.tags()) {
        if (tag.key != io::annotation_tag || tag.index < first || tag.index - first >= n) continue;
        io::SaidOfItems said = io::said_by(tag.value);
        if (is_in_band(said.keys, in.description()))
            begin(in, tag.index, std::move(said));
        else
            outside_.push_back({tag.index, std::move(said)});
    }
    while (!open_.empty()) {
        const auto end = item_at(in, from + n, open_.front().end);
        if (!end) return;
        One& one = all_[open_.front().number];
        one.end = std::max(one.start, *end);
        std::pop_heap(open_.begin(), open_.end());
        open_.pop_back();
    }
}

/// Those whose band the stream has come to. What is over by now is left out for good.
void StreamAnnotations::reconsider(const InputPort& in, std::uint64_t index) {
    std::vector<Outside> still;
    for (Outside& one : outside_) {
        const bool over =
            one.said.span ? in.time(index) >= one.said.span->second : index - one.from >= one.said.count.value_or(1);
        if (over)
            ++n_outside_;
        else if (!is_in_band(one.said.keys, in.description()))
            still.push_back(std::move(one));
        else {
            if (!one.said.span) one.said.count = one.said.count.value_or(1) - (index - one.from);
            begin(in, index, std::move(one.said));
            all_.back().start = std::max(all_.back().start, index);
        }
    }
    outside_ = std::move(still);
}

void StreamAnnotations::begin(const InputPort& in, std::uint64_t index, io::SaidOfItems said) {
    One one{index, std::nullopt, std::move(said.keys)};
    if (said.span) {
        if (is_nominal(in)) one.start = nominal_item(in, said.span->first);
        open_.push_back({said.span->second, all_.size()});
        std::push_heap(open_.begin(), open_.end());
    } else {
        one.end = index + said.count.value_or(1);
    }
    live_.push_back(all_.size());
    all_.push_back(std::move(one));
}

Value::List StreamAnnotations::finish(std::uint64_t first, std::uint64_t end) {
    std::vector<std::size_t> now, later;
    for (const std::size_t k : live_) {
        const One& one = all_[k];
        if (one.start < end) now.push_back(k);
        if (one.start >= end || !one.end || *one.end > end) later.push_back(k);
    }
    std::stable_sort(now.begin(), now.end(), [&](std::size_t a, std::size_t b) { return all_[a].start < all_[b].start; });
    Value::List list;
    for (const std::size_t k : now) {
        One& one = all_[k];
        const std::uint64_t start = std::max(one.start, first), stop = std::min(one.end.value_or(end), end);
        Value::Map keys = !one.end || *one.end > end ? one.keys : std::exchange(one.keys, {});
        keys["core:sample_start"] = start - first;
        keys["core:sample_count"] = std::max(start, stop) - start;
        list.emplace_back(std::move(keys));
    }
    live_ = std::move(later);
    return list;
}

}  // namespace flowspan::blocks
