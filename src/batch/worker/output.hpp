// What a worker prints: lines, bounded.
#pragma once

#include "batch/worker/nursery/descriptors.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::batch {

/// Lines a task that are passed on; more are counted.
constexpr std::uint64_t most_lines = 1000;
constexpr std::size_t most_line_bytes = std::size_t(1) << 18;
constexpr std::size_t longest_printed = 4096;

/// Says which lines of a task are passed on.
class LineBound {
public:
    bool takes(std::size_t bytes);
    /// How many were not since the last time; begins anew.
    std::uint64_t reset();

private:
    std::uint64_t lines_ = 0, left_out_ = 0;
    std::size_t bytes_ = 0;
};

/// The rank's end of a worker's stdout or stderr. Does not wait.
class Output {
public:
    explicit Output(Descriptor pipe) : pipe_(std::move(pipe)) {}
    /// What has come, at most about `most` bytes: whole lines, without what is beyond the longest.
    std::vector<std::string> read(std::size_t most);
    /// What came behind the last end of line.
    std::vector<std::string> rest();
    /// -1: the other end is closed.
    int descriptor() const { return pipe_.get(); }
    /// The last line that was not empty.
    const std::string& last() const { return last_; }
    void forget_last() { last_.clear(); }

private:
    void take(std::string_view text, std::vector<std::string>& lines);
    void end_line(std::vector<std::string>& lines);
    Descriptor pipe_;
    std::string line_, last_;
    std::size_t beyond_ = 0;  // bytes of line_ that are left out
};

}  // namespace flowspan::batch
