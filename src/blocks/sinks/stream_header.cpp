#include "blocks/sinks/stream_header.hpp"

#include "io/sigmf/carried/kept.hpp"
#include "io/sigmf/writer.hpp"

#include <algorithm>
#include <utility>

namespace flowspan::blocks {

void StreamHeader::begin(const InputPort& in, const Recording* known, const std::string& graph) {
    if (known != nullptr) global_ = io::kept_global(known->header);
    for (auto& [key, value] : io::sigmf_global(in.description())) global_[key] = value;
    io::declare_extensions(global_, known != nullptr ? &known->header : nullptr);
    io::add_provenance(global_, graph);
    if (known != nullptr) read_keys(*known, *in.recording());
}

void StreamHeader::read_keys(const Recording& known, const RecordingPlaces& places) {
    const Value* captures = known.header.find("captures");
    if (captures == nullptr || !captures->is<Value::List>()) return;
    const Value::List& list = captures->list();
    if (std::all_of(list.begin(), list.end(), [](const Value& c) { return io::kept_capture(c).empty(); })) return;
    for (std::size_t k = 0; k < list.size() && k < known.captures.size(); ++k) {
        const std::uint64_t item = k == 0 ? 0 : places.item_of(known.captures[k].start);
        Value::Map keys = io::kept_capture(list[k]);
        if (keys_.empty() || keys_.back().keys != keys)
            keys_.push_back({Time::of(std::int64_t(item), places.ticks), std::move(keys)});
    }
}

void StreamHeader::pass_keys(const InputPort& in, std::uint64_t index, std::size_t n) {
    while (next_keys_ < keys_.size()) {
        const auto item = item_at(in, n, keys_[next_keys_].from);
        if (!item || *item > index) return;
        ++next_keys_;
    }
}

void StreamHeader::begin_capture(const InputPort& in, std::uint64_t index) {
    Start start{io::sigmf_capture(in.description(), sample_of(index), index), sample_of(index), sample_of(index) + missing_};
    // What comes first may be from before the recording: filters begin before their first sample.
    if (!keys_.empty())
        for (const auto& [key, value] : keys_[next_keys_ == 0 ? 0 : next_keys_ - 1].keys) start.capture.emplace(key, value);
    if (!starts_.empty() && starts_.back().sample == start.sample) starts_.pop_back();
    starts_.push_back(std::move(start));
}

void StreamHeader::take(const InputPort& in, std::size_t n) {
    if (!std::exchange(begun_, true)) first_ = in.index();
    end_ = in.index() + n;
    // A capture of the recording that filters had begun before its first sample is one with theirs.
    const std::uint64_t run_in = std::exchange(new_stretch_, false) ? in.description().run_in : 0;
    if (std::exchange(new_capture_, false)) {
        pass_keys(in, in.index() + run_in, std::max<std::size_t>(n, run_in));
        begin_capture(in, in.index());
    }
    while (next_keys_ < keys_.size()) {
        const auto item = item_at(in, n, keys_[next_keys_].from);
        if (!item || *item >= end_) break;
        ++next_keys_;
        begin_capture(in, std::max(*item, in.index()));
    }
    annotations_.take(in, n);
}

void StreamHeader::finish(const InputPort& in) {
    if (!begun_) first_ = end_ = in.index();
    if (starts_.empty()) begin_capture(in, first_);
    notes_ = annotations_.finish(first_, end_);
}

std::string StreamHeader::text(const std::string& sha512) {
    if (!sha512.empty()) global_["core:sha512"] = sha512;
    Value::List captures;
    for (Start& start : starts_) {
        // The global index is said only where samples are missing.
        if (missing_ != 0) start.capture["core:global_index"] = std::int64_t(start.global_index);
        captures.emplace_back(std::move(start.capture));
    }
    return io::sigmf_text(global_, captures, notes_);
}

}  // namespace flowspan::blocks
