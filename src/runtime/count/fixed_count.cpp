#include "runtime/count/books.hpp"
#include "runtime/count/counting.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>

namespace flowspan::runtime {

bool at_seam(const In& in) { return in.reader->stream_ended() && in.wire->buffer.end_kind() == memory::EndKind::seam; }

// What the inputs allow. Where one is seam and another's stretch is over at the same item, the stretch is over: so nothing
// depends on which of them is known first.
FixedCount::Supply FixedCount::supply(bool calm) {
    std::uint64_t end = UINT64_MAX;
    bool seam = false, whole = false;
    for (In& in : ends_.ins) {
        if (o_.gappy && calm) Books::let_go(in);  // items that nobody needs are passed over as they come
        const std::uint64_t e = in.reader->readable_end();
        if (e > end) continue;
        if (e < end) seam = whole = false;
        if (in.reader->stretch_complete()) (at_seam(in) ? seam : whole) = true;
        end = e;
    }
    const bool over = seam || whole;
    std::uint64_t count = outputs_for(o_.ratio, end > at_.input_anchor ? end - at_.input_anchor : 0);
    if (o_.holds_last && !over && count > 0) --count;
    return {count, over, seam && !whole};
}

std::optional<Call> FixedCount::next_of_source(const Bounds& bounds, Wait& wait) {
    if (bounds.stopping || at_.total_made >= o_.total) return {};
    std::uint64_t n = UINT64_MAX;
    for (const Out& out : ends_.outs) {
        const auto& planned = Access::stretches(*out.port);
        if (!planned.empty()) n = std::min(n, planned.front().index - (at_.output_anchor + at_.made));
    }
    if (n == 0) return {};
    n = std::min({n, o_.total - at_.total_made, bounds.barrier - (at_.output_anchor + at_.made)});
    return fit(n, n == o_.total - at_.total_made, o_.cell, wait);
}

std::optional<Call> FixedCount::next(const Bounds& bounds, Wait& wait) {
    wait = Wait::nothing;
    if (ends_.ins.empty()) return next_of_source(bounds, wait);
    const Supply there = supply(bounds.calm);
    std::uint64_t count = there.count;
    bool over = there.over, last = over && !there.seam, limited = false, by_messages = false;
    // A grid block runs as a whole: a message within it, or a change that it cannot make there, takes effect where the next one
    // begins; behind the last one of the stretch none does.
    const auto limit_to = [&](std::uint64_t index, bool before_the_grid_block, bool within_it = false) {
        const std::uint64_t before = outputs_before_index(index), grid = within_it ? 1 : o_.ratio.grid;
        const std::uint64_t stop = (before + (before_the_grid_block ? 0 : grid - 1)) / grid * grid;
        if (before >= count || stop >= count) return false;
        count = stop;
        last = over = false;
        return limited = true;
    };
    if (bounds.messages != UINT64_MAX) by_messages = limit_to(bounds.messages, false);
    if (bounds.barrier != UINT64_MAX) limit_to(bounds.barrier, o_.splits, o_.any_number);
    if (bounds.retuning != UINT64_MAX) limit_to(bounds.retuning, false);
    std::uint64_t n = count > at_.made ? count - at_.made : 0;
    if (over && there.seam) n -= std::min(n, (at_.made + n) % o_.ratio.grid);
    if (at_.total_made + n >= o_.total) {
        n = o_.total - at_.total_made;
        last = over = true;
    }
    if (n == 0 && over) return {};
    if (n == 0 || (n < o_.piece && !over && !limited)) {
        wait = by_messages ? Wait::messages : Wait::input;
        return {};
    }
    return fit(n, last, bounds.across_cells ? 0 : o_.cell, wait);
}

// What there is room for, in whole grid blocks, of one cell.
std::optional<Call> FixedCount::fit(std::uint64_t n, bool last, std::uint64_t cell, Wait& wait) {
    const std::uint64_t wanted = n;
    std::size_t room = SIZE_MAX;
    for (const Out& out : ends_.outs) {
        if (out.wire != nullptr) room = std::min(room, out.wire->buffer.room());
    }
    const std::uint64_t grid = o_.any_number ? 1 : o_.ratio.grid;
    const std::size_t least = std::max<std::size_t>(grid, std::min<std::uint64_t>(o_.piece, wanted));
    if (room < (ends_.outs.empty() ? 0 : least) || room == 0) {
        ends_.lack_room();
        wait = Wait::output;
        return {};
    }
    n = std::min<std::uint64_t>({n, room, o_.quantum});
    if (cell != 0) n = std::min(n, cell - at_.made % cell);
    const std::size_t grouped = regroup(n, last && n == wanted);
    if (grouped == 0) {
        wait = Wait::input;
        return {};
    }
    return Call{grouped, last && grouped == wanted};
}

// Whole grid blocks, and what a test's limit says.
std::size_t FixedCount::regroup(std::size_t n, bool last) const {
    const std::size_t grid = o_.any_number ? 1 : o_.ratio.grid;
    if (o_.limit) n = std::max(o_.limit(n), std::min(n, grid));
    if (grid <= 1 || n % grid == 0) return n;
    if (n < grid) return last ? n : 0;
    return n - n % grid;
}

void FixedCount::place(const Call& call) {
    const std::uint64_t first = input_of(o_.ratio, at_.made), next = input_of(o_.ratio, at_.made + call.items);
    for (In& in : ends_.ins) {
        const std::uint64_t index = at_.input_anchor + first;
        Access::place(*in.port, in.reader->item(index), index, next - first);
    }
    for (Out& out : ends_.outs) {
        const std::uint64_t index = at_.output_anchor + at_.made;
        Access::place(*out.port, out.wire != nullptr ? out.wire->buffer.write_place() : nullptr, index);
    }
}

}  // namespace flowspan::runtime
