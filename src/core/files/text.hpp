// Text files that people write, read whole; from pipes, too, where a caller says how long to wait for them.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace flowspan {

/// For a pipe that somebody may never write to, or never close.
struct PipePatience {
    double seconds = 30;
    /// Looked at ten times a second: true ends the wait.
    std::function<bool()> stop{};
};

/// The content of a file; at most one byte more than `most_bytes`, which the caller refuses. A regular file, or with `pipes`
/// a FIFO, that must end within the time. Throws Failure.
std::string read_text(const std::string& path, std::size_t most_bytes, const std::optional<PipePatience>& pipes = {});

}  // namespace flowspan
