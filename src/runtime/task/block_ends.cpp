#include "runtime/task/block_ends.hpp"

#include <algorithm>

namespace flowspan::runtime {

bool BlockEnds::is_heard() const {
    return std::any_of(message_outs.begin(), message_outs.end(), [](const MessageOut& m) { return !m.queues.empty(); });
}

bool BlockEnds::is_by_queue() const {
    const auto is = [](const auto& end) { return end.by_queue; };
    return std::any_of(ins.begin(), ins.end(), is) || std::any_of(outs.begin(), outs.end(), is);
}

bool BlockEnds::is_all_by_queue() const {
    return std::all_of(ins.begin(), ins.end(), [](const In& in) { return in.by_queue; }) &&
           std::all_of(outs.begin(), outs.end(), [](const Out& out) { return out.by_queue || out.wire == nullptr; });
}

void BlockEnds::lack_room() {
    for (Out& out : outs) {
        if (out.wire != nullptr) out.wire->starved = true;
    }
}

bool BlockEnds::room_to_break() const {
    return std::all_of(outs.begin(), outs.end(),
                       [](const Out& out) { return out.wire == nullptr || out.wire->buffer.can_break(); });
}

}  // namespace flowspan::runtime
