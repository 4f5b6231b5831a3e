// Names of the files of a sink that makes many: NAME.EXT becomes NAME_000.EXT, NAME_001.EXT, …, unless `{part}` or `{datetime}`
// stands in it.
#pragma once

#include <flowspan/block.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::blocks {

/// UTC of an item, where that is known.
std::optional<Time> utc_at(const StreamDescription& stream, std::uint64_t index);

class PartNames {
public:
    PartNames(const Block& owner, const Parameter<ProductPath>& path) : owner_(owner), path_(path) {}

    /// Paths of all that there may be, with marks for number and time (BlockContext).
    std::vector<std::string> marked_paths() const;
    /// What `product_patterns` says of such a path.
    static ProductPattern pattern_of(const std::string& marked);
    /// Of the file of this number, whose first item is at this time.
    std::string path(const std::optional<Time>& utc, std::uint64_t number) const;
    /// Whether nothing but the time tells two names apart.
    bool tell_by_time_alone() const;

private:
    std::string marked() const;

    const Block& owner_;
    const Parameter<ProductPath>& path_;
};

}  // namespace flowspan::blocks
