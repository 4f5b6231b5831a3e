// Files of every format that flowspan reads, a few hundred samples each. A format of io::formats() without one fails a test.
#pragma once

#include "tests/unit/io/folder.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace flowspan::formats {

struct Example {
    std::string format, label;          // as Recording::format says; what else tells it from others: "RF64, 24 bits"
    std::string name;                   // of the file that is read
    std::string samples;                // as the stream has them
    std::size_t item = 4;               // bytes of a sample of all channels
    std::size_t head = 0;               // bytes of the file before its samples; 0: none, or not to be counted
    std::uint64_t gap_at = 0, gap = 0;  // samples missing, before this one
    std::function<void(const test::Folder&)> write;
    /// So many samples, of which all but the last eight are zero, and these are 1 to 8 in every byte; empty: none so long.
    std::function<void(const test::Folder&, std::uint64_t samples)> write_sparse{};
    std::string cut{};  // the file of it that is cut off; empty: the one that is read

    std::string text() const { return format + ", " + label; }
};

/// `count` samples of I = k, Q = -k, 16 bits each.
std::string counted(std::uint64_t count);
std::vector<Example> examples();

}  // namespace flowspan::formats
