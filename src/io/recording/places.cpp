#include <flowspan/recording.hpp>

#include <algorithm>
#include <iterator>

namespace flowspan {
namespace {

/// The piece that holds an item; behind the end the last one. There must be one.
auto piece_at(const std::vector<RecordingPlaces::Piece>& pieces, std::int64_t item) {
    const auto next = std::upper_bound(pieces.begin(), pieces.end(), item, [](std::int64_t i, const RecordingPlaces::Piece& p) {
        return i < 0 || std::uint64_t(i) < p.index;
    });
    return next == pieces.begin() ? next : std::prev(next);
}

}  // namespace

std::uint64_t RecordingPlaces::sample_at(std::int64_t item) const {
    const std::uint64_t index = item < 0 ? 0 : std::uint64_t(item);
    if (pieces.empty()) return generated ? index : std::min(index, recording.length);
    auto piece = piece_at(pieces, std::int64_t(index));
    if (piece->sample && index < piece->index + piece->count) return *piece->sample + (index - piece->index);
    for (++piece; piece != pieces.end(); ++piece)
        if (piece->sample) return *piece->sample;
    return recording.length;
}

std::uint64_t RecordingPlaces::item_of(std::uint64_t sample) const {
    if (pieces.empty()) return sample;
    // The first piece of samples that ends behind it; zeros between them are passed over.
    std::size_t low = 0, high = pieces.size();
    while (low < high) {
        std::size_t middle = low + (high - low) / 2;
        const std::size_t half = middle;
        while (middle < high && !pieces[middle].sample) ++middle;
        if (middle < high && *pieces[middle].sample + pieces[middle].count <= sample)
            low = middle + 1;
        else
            high = half;
    }
    while (low < pieces.size() && !pieces[low].sample) ++low;
    if (low == pieces.size()) return pieces.back().index + pieces.back().count;
    return pieces[low].index + (sample - *pieces[low].sample);
}

Time RecordingPlaces::since_beginning(const Time& time) const {
    if (pieces.empty()) return time;
    return moved(time, Time::of(piece_at(pieces, time.ceil_index(ticks))->missing, ticks));
}

bool RecordingPlaces::same_recording(const RecordingPlaces& other) const {
    const RecordingFacts &a = recording, &b = other.recording;
    return !generated && !other.generated && a.identity == b.identity && a.type == b.type && a.big_endian == b.big_endian &&
           a.channels == b.channels && a.sample_rate == b.sample_rate && a.frequency == b.frequency && a.captures == b.captures;
}

}  // namespace flowspan
