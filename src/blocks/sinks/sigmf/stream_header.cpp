#include "blocks/sinks/sigmf/stream_header.hpp"

#include "io/sigmf/carried/kept.hpp"
#include "io/sigmf/writer.hpp"

#include <algorithm>
#include <utility>

namespace flowspan::blocks {

const Recording* known_recording(const InputPort& in, const Facts& facts) {
    const RecordingPlaces* read = in.recording();
    return read == nullptr || read->generated ? nullptr : &facts.recording(read->recording.path);
}

Value::Map global_of(const InputPort& in, const Recording* known, const std::string& graph) {
    Value::Map global;
    if (known != nullptr) global = io::kept_global(known->header);
    for (auto& [key, value] : io::sigmf_global(in.description())) global[key] = value;
    io::declare_extensions(global, known != nullptr ? &known->header : nullptr);
    io::add_provenance(global, graph);
    return global;
}

void StreamHeader::begin(const InputPort& in, const Recording* known, const std::string& graph) {
    global_ = global_of(in, known, graph);
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
    Start start{io::sigmf_capture(in.description(), sample_of(index), index), sample_of(index),
                index - stream_first_ + missing_};
    // What comes first may be from before the recording: filters begin before their first sample.
    if (!keys_.empty())
        for (const auto& [key, value] : keys_[next_keys_ == 0 ? 0 : next_keys_ - 1].keys) start.capture.emplace(key, value);
    if (!starts_.empty() && starts_.back().sample == start.sample) starts_.pop_back();
    starts_.push_back(std::move(start));
}

void StreamHeader::begin_file(std::uint64_t index) {
    first_ = end_ = index;
    if (!std::exchange(stream_begun_, true)) stream_first_ = index;
}

void StreamHeader::take(const InputPort& in, std::size_t from, std::size_t n) {
    const std::uint64_t index = in.index() + from;
    if (!std::exchange(begun_, true)) begin_file(index);
    end_ = index + n;
    // A capture of the recording that filters had begun before its first sample is one with theirs.
    const std::uint64_t run_in = std::exchange(new_stretch_, false) ? in.description().run_in : 0;
    if (std::exchange(new_capture_, false)) {
        pass_keys(in, index + run_in, from + std::max<std::size_t>(n, run_in));
        begin_capture(in, index);
    }
    while (next_keys_ < keys_.size()) {
        const auto item = item_at(in, from + n, keys_[next_keys_].from);
        if (!item || *item >= end_) break;
        ++next_keys_;
        begin_capture(in, std::max(*item, index));
    }
    annotations_.take(in, from, n);
}

SigmfHeader StreamHeader::finish(const InputPort& in) {
    if (!begun_) begin_file(in.index());
    if (starts_.empty()) begin_capture(in, first_);
    SigmfHeader header{global_, {}, annotations_.finish(first_, end_)};
    for (Start& start : starts_) {
        // The global index is said only where samples are missing, in this file or in those around it.
        if (in_parts_ || missing_ != 0) start.capture["core:global_index"] = std::int64_t(start.global_index);
        header.captures.emplace_back(std::move(start.capture));
    }
    n_annotations_ += header.annotations.size();
    starts_.clear();
    begun_ = false;
    new_capture_ = true;
    return header;
}

std::string SigmfHeader::text(const std::string& sha512) const {
    Value::Map all = global;
    if (!sha512.empty()) all["core:sha512"] = sha512;
    return io::sigmf_text(all, captures, annotations);
}

}  // namespace flowspan::blocks
