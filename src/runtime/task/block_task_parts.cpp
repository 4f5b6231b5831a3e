// A part of a grid block: what is made of it on one side of a change.
#include "runtime/task/block_task.hpp"

#include "runtime/count/counts.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <cstring>

namespace flowspan::runtime {

// Whether the next items are part of a grid block within which something changes.
bool BlockTask::is_in_parts() const {
    const std::uint64_t grid = fixed_->options().ratio.grid, begun = at_.made % grid;
    if (begun != 0 || barrier_ == UINT64_MAX) return begun != 0;
    return fixed_->outputs_before_index(barrier_) < at_.made + grid;
}

// Such a block is computed as a whole with each set of values, and of each the items are kept for which it holds.
bool BlockTask::make_part(const Bounds& bounds) {
    const Ratio& ratio = fixed_->options().ratio;
    const std::uint64_t grid = at_.made - at_.made % ratio.grid;
    const auto [count, over, seam] = fixed_->supply(bounds.calm);
    const std::uint64_t whole = count > grid ? std::min(count - grid, ratio.grid) : 0;
    if (bounds.messages != UINT64_MAX && fixed_->outputs_before_index(bounds.messages) <= grid) {
        wait_ = Wait::messages;
        return false;
    }
    if (whole < ratio.grid && (!over || seam)) {
        if (over) return at_boundary();
        wait_ = Wait::input;
        return false;
    }
    const std::uint64_t before = barrier_ == UINT64_MAX ? UINT64_MAX : fixed_->outputs_before_index(barrier_);
    const std::uint64_t to = std::min({before, grid + whole, at_.made + (total_ - at_.total_made)});
    if (to <= at_.made) return at_boundary();
    const auto n = std::size_t(to - at_.made);
    for (const Out& out : outs) {
        if (out.wire == nullptr || out.wire->buffer.room() >= n) continue;
        lack_room();
        wait_ = Wait::output;
        return false;
    }
    const bool last = (over && to == count) || at_.total_made + n == total_;
    const std::uint64_t first = input_of(ratio, grid), next = input_of(ratio, grid + whole);
    for (In& in : ins)
        Access::place(*in.port, in.reader->item(at_.input_anchor + first), at_.input_anchor + first, next - first);
    parts_.resize(outs.size());
    for (std::size_t k = 0; k < outs.size(); ++k) {
        if (outs[k].wire != nullptr) parts_[k].resize(ratio.grid * outs[k].wire->buffer.item_size());
        Access::place(*outs[k].port, outs[k].wire != nullptr ? parts_[k].data() : nullptr, at_.output_anchor + grid);
    }
    tags_.take(ratio, n, last, at_.total_made + n >= total_);
    if (ins[0].port->description().places != Rational(0)) places_.pass(ratio, n);
    Step step = clock_->call(*block_, whole, statistics_);
    if (step.token != nullptr) throw Failure(ExitCode::bug, "has a grid, parameters that may change, and steps that pend");
    for (std::size_t k = 0; k < outs.size(); ++k) {
        std::erase_if(Access::tags(*outs[k].port),
                      [&](const Tag& t) { return t.index < next_output() || t.index >= at_.output_anchor + to; });
        if (outs[k].wire == nullptr) continue;
        const std::size_t size = outs[k].wire->buffer.item_size();
        std::memcpy(outs[k].wire->buffer.write_place(), parts_[k].data() + (at_.made - grid) * size, n * size);
    }
    // The rest of the grid block needs its input once more.
    const std::uint64_t kept = last ? to : to - to % ratio.grid;
    entered(books_.enter(n, last, at_.input_anchor + input_of(ratio, kept), std::move(step)));
    return true;
}

}  // namespace flowspan::runtime
