#include "runtime/flow/places.hpp"

#include "core/numbers/wide.hpp"
#include "runtime/block/describe.hpp"
#include "runtime/count/counts.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

Wide scaled(Wide deviation, const Rational& ratio) { return mul_div(deviation, ratio.numerator(), ratio.denominator()); }

Wide in_units(const Rational& items) { return floor_div(Wide(items.numerator()) * deviation_unit, items.denominator()); }

double value(Wide units) { return double(units) / double(deviation_unit); }

}  // namespace

Places::Line& Places::line_of(std::size_t output) {
    if (lines_.empty()) lines_.resize(ends_.outs.size());
    return lines_[output];
}

void Places::end_stretch() {
    for (std::size_t k = 0; k < lines_.size(); ++k) {
        Line& line = lines_[k];
        const StreamDescription& stream = ends_.outs[k].port->description();
        std::optional<Time> last = line.not_before;
        if (line.begun && stream.places != Rational(0)) last = time_of(stream, std::int64_t(line.next) - 1, line.present);
        line = Line{};
        line.not_before = last;
    }
    waiting_.clear();
}

// Marks what deviates otherwise than the item before it. An item cannot be ahead of the one before: it stands at its place
// until the target has been reached.
void Places::advance(Line& line, std::size_t output, std::uint64_t end) {
    Out& out = ends_.outs[output];
    while (line.next < end) {
        Deviation deviation = line.target;
        if (line.begun) {
            if (line.target == line.present) {
                line.next = end;
                return;
            }
            deviation = std::max(line.target, line.present - deviation_unit);
        } else if (line.not_before) {
            deviation = std::max(deviation, deviation_at(out.port->description(), std::int64_t(line.next), *line.not_before));
        }
        const bool changes = line.begun ? deviation != line.present : deviation != 0;
        if (changes && out.wire != nullptr) out.wire->buffer.add_mark({line.next, deviation});
        line.present = deviation;
        line.begun = true;
        ++line.next;
    }
}

void Places::pass(const Ratio& ratio, std::size_t n) {
    const In& in = ends_.ins[0];
    const Rational gain(std::int64_t(ratio.interpolation), std::int64_t(ratio.decimation));
    const std::uint64_t first = at_.output_anchor + at_.made;
    if (at_.made == 0) {
        waiting_.assign(1, {at_.output_anchor, scaled(in.reader->deviation(at_.input_anchor), gain)});
        seen_ = at_.input_anchor + 1;
    }
    seen_ = std::max(seen_, at_.input_anchor);
    for (std::size_t k = 0; k < ends_.outs.size(); ++k) {
        Line& line = line_of(k);
        if (line.begun) continue;
        line.next = first;
        line.begun = at_.made > 0;  // what went before in this stretch, by the quick path of a chain, had no marks
    }
    std::vector<memory::Mark> marks;
    in.wire->buffer.marks_between(seen_, in.reader->readable_end(), marks);
    seen_ = std::max(seen_, in.reader->readable_end());
    in.reader->took_marks(seen_);
    for (const memory::Mark& m : marks) {
        waiting_.push_back({at_.output_anchor + output_at(ratio, m.index - at_.input_anchor), scaled(m.deviation, gain)});
    }
    std::size_t used = 0;
    for (; used < waiting_.size() && waiting_[used].index < first + n; ++used) {
        for (std::size_t k = 0; k < ends_.outs.size(); ++k) {
            Line& line = lines_[k];
            advance(line, k, waiting_[used].index);
            line.target = waiting_[used].deviation;
        }
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + std::ptrdiff_t(used));
    for (std::size_t k = 0; k < ends_.outs.size(); ++k) advance(lines_[k], k, first + n);
}

// From the anchors of the stretch.
Places::Deviation Places::nominal(std::size_t output, std::uint64_t item) const {
    const Out& out = ends_.outs[output];
    const Rational ratio = nominal_ratio(block_, *out.port);
    return mul_div(Wide(item - out.anchor) * deviation_unit, ratio.denominator(), ratio.numerator()) -
           in_units(block_.declared().ratio.delay);
}

void Places::state(const std::vector<std::size_t>& made) {
    for (std::size_t k = 0; k < made.size(); ++k) {
        Line& line = line_of(k);
        if (!line.begun) line.next = ends_.outs[k].anchor + ends_.outs[k].made;
        line.places.clear();
        place_items(line, k, made[k]);
    }
}

void Places::place_items(Line& line, std::size_t output, std::size_t made) {
    const In& in = ends_.ins[0];
    const Out& out = ends_.outs[output];
    const Rational ratio = nominal_ratio(block_, *out.port);
    const std::uint64_t first = out.anchor + out.made;
    auto& stated = Access::stated(*out.port);
    const auto back = [&](Wide deviation) { return mul_div(deviation, ratio.denominator(), ratio.numerator()); };
    line.first = first;
    line.shift = back(line.stated);
    // (Marks that are gone may still stand in `target`.)
    const bool simple =
        stated.empty() && !in.wire->buffer.has_marks() && line.target == line.present && line.target == line.stated;
    if (simple && !line.not_before) {
        if (made > 0) line.last_place = nominal(output, first + made - 1) + back(line.stated);
        line.next = first + made;
        line.begun = line.begun || made > 0;
        return;
    }
    std::stable_sort(stated.begin(), stated.end(), [](const auto& a, const auto& b) { return a.k < b.k; });
    auto next = stated.begin();
    for (std::size_t k = 0; k < made; ++k) {
        Wide place = nominal(output, first + k) + back(line.stated);
        for (; next != stated.end() && next->k == k; ++next) {
            place = (Wide(next->whole) - Wide(in.anchor)) * deviation_unit + next->fraction;
            line.stated = scaled(place - nominal(output, first + k), ratio);
            const Wide least = line.begun || k > 0 ? line.last_place : nominal(output, first);
            if (place < least)
                throw Failure(
                    ExitCode::block,
                    fmt::format("states that item {} of `{}` is at {:.3f} of its input: expected a place from {:.3f} on, no "
                                "earlier than the one before",
                                first + k, out.port->name(), value(place) + double(in.anchor),
                                value(least) + double(in.anchor)));
        }
        line.places.push_back(place);
        line.last_place = place;
        // Of the input's own marks those count that are there for certain: of what the call was given, which is exactly what it
        // needs where an input has marks.
        const auto begin = Wide(in.port->index() - in.anchor), given = Wide(in.port->count());
        const Wide at = std::clamp(floor_div(place, deviation_unit), begin, begin + std::max<Wide>(given, 1) - 1);
        advance(line, output, first + k);
        line.target = line.stated + scaled(in.reader->deviation(in.anchor + std::uint64_t(at)), ratio);
        advance(line, output, first + k + 1);
    }
}

void Places::state(const std::vector<std::size_t>& made, const Time& stamp) {
    for (std::size_t k = 0; k < made.size(); ++k) {
        Line& line = line_of(k);
        const std::uint64_t first = ends_.outs[k].anchor + ends_.outs[k].made;
        if (!line.begun) line.next = first;
        for (std::uint64_t item = first; item < first + made[k]; ++item) {
            line.target = deviation_at(ends_.outs[k].port->description(), std::int64_t(item), stamp);
            advance(line, k, item + 1);
        }
    }
}

Places::Deviation Places::place(std::size_t output, std::size_t k) const {
    const Line& line = lines_[output];
    if (!line.places.empty()) return line.places[k];
    return nominal(output, line.first + k) + line.shift;
}

}  // namespace flowspan::runtime
