// Annotations that come as tags, placed among the items of the stream that they have come to.
#pragma once

#include "io/sigmf/carried/annotations.hpp"

#include <flowspan/input.hpp>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace flowspan::blocks {

/// The first item of the stretch at or behind a time; nothing: it is behind the n items that are there from in[0] on.
std::optional<std::uint64_t> item_at(const InputPort& in, std::size_t n, const Time& time);

/// A tag's `span` is exact: an annotation begins at the first item at or behind its beginning and ends before the first at or
/// behind its end, whatever rates lie between. Where items say themselves where they are, it begins where its tag came to.
class StreamAnnotations {
public:
    /// The n items from in[from] on and their tags. An annotation begins with the first of its items whose band is its own:
    /// behind a retune, perhaps; one that never does is left out.
    void take(const InputPort& in, std::size_t from, std::size_t n);
    /// How many have been left out.
    std::size_t outside() const { return outside_.size() + n_outside_; }
    /// As SigMF has them, of items [first, end), of which the last has been taken: sorted, cut at both ends, places counted
    /// from `first`. What goes on behind the end is said again of the items that follow.
    Value::List finish(std::uint64_t first, std::uint64_t end);

private:
    struct One {
        std::uint64_t start = 0;
        std::optional<std::uint64_t> end;  // not there yet: the end of the stream
        Value::Map keys;
    };
    struct Open {
        Time end;
        std::size_t number;
        bool operator<(const Open& other) const { return other.end < end; }  // the first to end is the top of the heap
    };
    struct Outside {
        std::uint64_t from;
        io::SaidOfItems said;
    };
    void reconsider(const InputPort& in, std::uint64_t index);
    void begin(const InputPort& in, std::uint64_t index, io::SaidOfItems said);

    std::vector<One> all_;
    std::vector<std::size_t> live_;  // of all_: what may tell of items to come
    std::vector<Open> open_;
    std::optional<std::pair<double, double>> band_;  // Hz: of the items taken last
    std::vector<Outside> outside_;                   // whose band may come yet
    std::size_t n_outside_ = 0;                      // whose band has not come
};

}  // namespace flowspan::blocks
