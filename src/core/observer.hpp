// The one seam through which somebody may watch a rank at work: calls of blocks, waits, links, files.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace flowspan {

/// Does nothing by itself. All but `file` is called on the loop's thread, in the order in which things happen; `file` on the
/// I/O thread. Whoever watches must be quick and must not throw.
class Observer {
public:
    using Clock = std::chrono::steady_clock;
    virtual ~Observer() = default;
    /// A call of a block is over. `items`: what it was to make or was given.
    virtual void call(const std::string& block, std::size_t items, Clock::time_point begun, Clock::time_point ended) {
        (void)block, (void)items, (void)begun, (void)ended;
    }
    /// The whole rank was idle while this block waited for `what`: "input", "output", …
    virtual void wait(const std::string& block, std::string_view what, double seconds) {
        (void)block, (void)what, (void)seconds;
    }
    /// Items of an edge have been given to the link to another rank, or have come from it.
    virtual void link(std::uint32_t edge, int peer, bool sends, std::size_t bytes) {
        (void)edge, (void)peer, (void)sends, (void)bytes;
    }
    /// A job on files is over.
    virtual void file(Clock::time_point begun, Clock::time_point ended) { (void)begun, (void)ended; }
};

}  // namespace flowspan
