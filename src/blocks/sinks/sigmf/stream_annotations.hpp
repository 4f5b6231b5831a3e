// Annotations that come as tags, placed among the items of the stream that they have come to.
#pragma once

#include <flowspan/input.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace flowspan::blocks {

/// The first item of the stretch at or behind a time; nothing: it is behind the n items that are there from in[0] on.
std::optional<std::uint64_t> item_at(const InputPort& in, std::size_t n, const Time& time);

/// A tag's `span` is exact: an annotation begins at the first item at or behind its beginning and ends before the first at or
/// behind its end, whatever rates lie between. Where items say themselves where they are, it begins where its tag came to.
class StreamAnnotations {
public:
    /// The n items from in[from] on and their tags. Annotations whose band is not the stream's are left out.
    void take(const InputPort& in, std::size_t from, std::size_t n);
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
    void begin(const InputPort& in, const Tag& tag);

    std::vector<One> all_;
    std::vector<std::size_t> live_;  // of all_: what may tell of items to come
    std::vector<Open> open_;
};

}  // namespace flowspan::blocks
