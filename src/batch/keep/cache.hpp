// Products by the key of what they follow from, for other batches as well (`--cache`): `DIR/KK/KEY/` holds the files and, in
// `manifest`, their names, sizes and hashes. docs/batches.md.
#pragma once

#include "batch/work/compute.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

class Cache {
public:
    /// `limit`: bytes of all entries; 0: any.
    explicit Cache(std::string folder, std::uint64_t limit = 0) : folder_(std::move(folder)), limit_(limit) {}

    struct Taken {
        std::vector<MadePart> parts;
        std::uint64_t samples = 0;
    };
    using Warn = std::function<void(const std::string& text)>;
    /// Makes parts of the attempt `run` below `out` out of the entry of a key, by hard links where that can be, and looks
    /// whether they are what the manifest says. Nothing where there is no entry, or a damaged one: that is removed, and said.
    std::optional<Taken> take(const std::string& key, const std::string& out, const std::string& run, const Warn& warn) const;
    /// Keeps complete parts below `out`. An entry that is there stays. What cannot be kept is said.
    void put(const std::string& key, const std::string& out, const std::string& run, const Taken& made, const Warn& warn) const;
    /// Removes entries that nobody has used for `age_s` (0: any time), and the least recently used ones beyond the limit;
    /// leavings of dead processes, too. Throws nothing: what cannot be removed stays.
    void prune(double age_s) const;

private:
    std::string entry_of(const std::string& key) const { return folder_ + "/" + key.substr(0, 2) + "/" + key; }
    bool make_room(std::uint64_t bytes) const;
    void place(const std::string& aside, const std::string& key, std::uint64_t bytes) const;

    std::string folder_;
    std::uint64_t limit_;
};

}  // namespace flowspan::batch
