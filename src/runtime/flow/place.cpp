// InputPort::place: from items of a stream to samples of its recording.
#include "runtime/flow/times.hpp"

#include <flowspan/port.hpp>
#include <flowspan/recording.hpp>

#include <algorithm>
#include <utility>

namespace flowspan {
namespace {

/// Hz on the air that an item may tell of: of spectra their axis, of complex samples half a rate to each side of the centre.
std::optional<std::pair<double, double>> frequency_edges(const StreamDescription& stream) {
    if (!stream.center_frequency) return {};
    const double centre = *stream.center_frequency;
    for (const Axis& axis : stream.shape) {
        if (axis.name != "frequency") continue;
        if (axis.unit != "Hz") return {};
        const double low = axis.first - axis.step / 2;
        return std::pair(centre + low, centre + low + axis.step * double(axis.size));
    }
    if (!stream.sample_rate || !is_complex(stream.type)) return {};
    return std::pair(centre - stream.rate_hz() / 2, centre + stream.rate_hz() / 2);
}

}  // namespace

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
    if (const auto edges = frequency_edges(stream)) {
        place["freq_lower_edge"] = edges->first;
        place["freq_upper_edge"] = edges->second;
    }
    return place;
}

}  // namespace flowspan
