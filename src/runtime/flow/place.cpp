// InputPort::place: from items of a stream to samples of its recording.
#include "runtime/flow/times.hpp"

#include <flowspan/port.hpp>
#include <flowspan/recording.hpp>

#include <algorithm>
#include <utility>

namespace flowspan {

Time InputPort::time(std::uint64_t index) const {
    const bool behind = index > 0 && index >= index_ + count_;
    if (!time_) return runtime::time_of(description_, std::int64_t(index));
    return behind ? time_(index_ + count_ - 1, index - (index_ + count_ - 1)) : time_(index, 0);
}

Value::Map InputPort::place(std::uint64_t first, std::uint64_t count) const {
    const bool before = left_ != nullptr && first < anchor_;
    const StreamDescription& stream = before ? left_->description : description_;
    const ItemTime& item_time = before ? left_->time : time_;
    const auto time = [&](std::uint64_t index, std::uint64_t later) {
        return item_time ? item_time(index, later) : runtime::time_of(stream, std::int64_t(index + later));
    };
    const Time begin = time(first, 0);
    Value::Map place{{"index", first}};
    if (stream.utc && (stream.sample_rate || begin == stream.origin))
        place["utc"] = rfc3339(moved(*stream.utc, begin - stream.origin));
    if (recording_ == nullptr) return place;
    // Of what follows the last item nothing is known yet.
    const Time end = count == 0 ? begin : time(first + count - 1, 1);
    const std::uint64_t start = recording_->sample_at(begin), stop = recording_->sample_at(end);
    place["start"] = start;
    place["length"] = std::max(start, stop) - start;
    if (recording_->recording.sample_rate) place["time_s"] = recording_->since_beginning(begin).value();
    if (const auto edges = stream.band()) {
        place["freq_lower_edge"] = edges->first;
        place["freq_upper_edge"] = edges->second;
    }
    return place;
}

}  // namespace flowspan
