// A sink's stream in several files, divided in time: the parameter `split`, and where parts begin.
#pragma once

#include <flowspan/block.hpp>

#include "blocks/sinks/parts/boundaries.hpp"
#include "blocks/sinks/parts/names.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::blocks {

class Parts {
public:
    Parts(Block& owner, const Parameter<ProductPath>& path);

    bool wanted() const { return split_.given(); }
    /// In `describe`: refuses what no stream like this can be divided by.
    void check(const InputPort& in) const;
    const PartNames& names() const { return names_; }

    /// A stretch begins with the next item. `new_part`: in a file of its own, whenever that is.
    void restart(const InputPort& in, bool new_part);
    /// The items of a call, which fall to one part after the other: `take(begins, from, count)`, where a part begins with item
    /// in[from], if `begins`.
    template <class Take>
    void divide(const InputPort& in, std::size_t n, Take take) {
        for (std::size_t from = 0; from < n;) {
            const std::uint64_t index = in.index() + from;
            const bool begins = come_to(in, index);
            const auto count = std::size_t(std::min<std::uint64_t>(n - from, next_ - index));
            take(begins, from, count);
            from += count;
        }
    }
    /// How many parts have begun; the last of them is the present one.
    std::uint64_t count() const { return count_; }
    std::string path() const { return names_.path(utc_, count_ - 1); }
    /// How many items of the stream the present part will have, if no sample is missing; 0: not known.
    std::uint64_t expected(const InputPort& in) const;

private:
    bool come_to(const InputPort& in, std::uint64_t index);
    void place(const InputPort& in, std::uint64_t index);
    std::optional<PartLength> length() const;
    void check_names(const InputPort& in) const;

    const Parameter<ProductPath>& path_;
    PartNames names_;
    Parameter<std::string> split_;
    Boundaries boundaries_;
    bool placed_ = false, in_utc_ = false, new_part_ = false;
    std::uint64_t first_ = 0, missing_ = 0;  // of the stream; before the present stretch
    __int128 part_ = 0;                      // of the boundaries
    std::uint64_t begin_ = 0, next_ = 0, count_ = 0;
    std::optional<Time> utc_;  // of the present part's first item
};

}  // namespace flowspan::blocks
