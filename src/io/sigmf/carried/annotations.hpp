// Annotations of a recording, as tags `annotation` of a stream.
#pragma once

#include <flowspan/recording.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::io {

/// What stands in the value of an `annotation` tag: `label`, `comment`, `generator`, `uuid`, `freq_lower_edge`,
/// `freq_upper_edge` (Hz, as the header has them), all foreign keys as they are; `count`, items of the source; and `span`, from
/// when to when: two exact times in seconds since index 0 of the source, by which a sink finds the place in its own items.
inline constexpr const char* annotation_tag = "annotation";

/// A number of samples that a header says, also where it is written with a point; nothing where it says none.
std::optional<std::uint64_t> count_of(const Value& object, const char* key);

/// Samples of a recording, without those missing, from `start` to before `end`.
struct Reach {
    std::uint64_t start = 0, end = 0;
};
/// What an annotation is about: as many as it says, else up to the next capture, and no further than the recording. Nothing
/// where it has no place in it.
std::optional<Reach> reach_of(const RecordingFacts& recording, const Value& annotation);

/// SigMF's name for a key of a message or tag; a key that SigMF has no name for stands under our own namespace.
std::string sigmf_key(const std::string& key);

/// The annotations of a recording, as tags of a source that reads items `first` to `end` of it.
class RecordingTags {
public:
    RecordingTags() = default;
    /// `recording` must stay where it is. What is cut by `first` and `end` is clipped, what lies beyond is left out.
    RecordingTags(const Recording& recording, const RecordingPlaces& places, std::uint64_t first, std::uint64_t end);
    /// Those of these items, in order.
    std::vector<Tag> of(std::uint64_t index, std::uint64_t count) const;
    bool empty() const { return marks_.empty(); }

private:
    struct Mark {
        std::uint64_t item = 0, end = 0;
        const Value* said = nullptr;
    };
    void add(const Value& annotation, const RecordingPlaces& places, std::uint64_t first, std::uint64_t end);
    Tag tag_of(const Mark& mark) const;

    std::vector<Mark> marks_;  // by item
    Rational ticks_{1};
};

/// What an `annotation` tag says.
struct SaidOfItems {
    Value::Map keys;                            // as SigMF has them, without place and count
    std::optional<std::pair<Time, Time>> span;  // where the tag has one
    std::optional<std::uint64_t> count;         // else: items of the stream that it is on
};
SaidOfItems said_by(const Value& tag);

}  // namespace flowspan::io
