// Products of hosts that do not see OUT, fetched by rank 0 (`--collect`): written beside their names as any part, made durable
// and compared by their hashes. docs/batches.md.
#pragma once

#include "batch/crew/sender.hpp"
#include "io/writing/thread.hpp"
#include "run/star/control_star.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::batch {

/// At most a few units at once, and two pieces of each: memory is bounded however many ranks offer.
class Collector {
public:
    static constexpr std::size_t most_at_once = 4, most_pieces = 2;
    using Send = std::function<void(int rank, run::Word word, const Value& content)>;
    Collector(io::Thread& io, Send send);
    ~Collector();

    /// `offer` and `piece`; false: it is for somebody else.
    bool take(const run::ControlMessage& message);
    /// Units that are here, or have failed, with the ranks that offered them.
    std::vector<std::pair<int, Answer>> turn();
    bool idle() const { return waiting_.empty() && active_.empty(); }

private:
    class Incoming;
    io::Thread& io_;
    Send send_;
    std::deque<std::shared_ptr<Incoming>> waiting_, active_;
};

}  // namespace flowspan::batch
