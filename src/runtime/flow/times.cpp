#include "runtime/flow/times.hpp"

#include "core/numbers/exact.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace flowspan::runtime {
namespace {

constexpr std::int64_t place_units = 1 << 16;  // of an item of the rate that places refer to

}  // namespace

Time time_of(const StreamDescription& stream, std::int64_t index, memory::Deviation deviation) {
    if (stream.places.numerator() == 0) return stream.origin + Time::of(index, stream.ticks);
    // (index + deviation) items of this stream as units of a place, rounded to the nearest: times have denominators of one
    // kind.
    const Rational factor = stream.places / stream.ticks;
    const Wide items = Wide(index) * deviation_unit + deviation;  // in units of a deviation
    const Wide scale = deviation_unit / place_units * factor.denominator();
    const Wide whole = floor_div(items, scale), rest = items - whole * scale;
    const Wide units = whole * factor.numerator() + floor_div(2 * rest * factor.numerator() + scale, 2 * scale);
    const Wide per_s = Wide(stream.places.numerator()) * place_units;
    // units / (places * place_units): whole seconds first, to stay in 64 bits.
    const Wide n = units * stream.places.denominator(), seconds = floor_div(n, per_s);
    return stream.origin + Time(std::int64_t(seconds), Rational(std::int64_t(n - seconds * per_s), std::int64_t(per_s)));
}

memory::Deviation deviation_at(const StreamDescription& stream, std::int64_t index, const Time& time) {
    const auto [seconds, numerator, denominator] = between(stream.origin, time);
    const std::int64_t rn = stream.ticks.numerator(), rd = stream.ticks.denominator();
    // (time - origin) ticks in units: whole seconds and fraction apart.
    const Wide from_whole = mul_div(seconds * deviation_unit, rn, rd);
    const Division items = mul_div_long(UnsignedWide(numerator), std::uint64_t(rn), UnsignedWide(denominator));
    const Division part = mul_div_long(items.rest, std::uint64_t(deviation_unit), UnsignedWide(denominator));
    const Wide from_fraction = floor_div(Wide(items.whole) * deviation_unit + Wide(part.whole), rd);
    memory::Deviation deviation = from_whole + from_fraction + 2 - Wide(index) * deviation_unit;
    if (stream.places == Rational(0)) return deviation;
    // Times of this stream lie on a grid that `time` need not lie on.
    const Rational& places = stream.places;
    const Wide step = 1 + mul_div(mul_div(deviation_unit / place_units, rn, rd), places.denominator(), places.numerator());
    while (time_of(stream, index, deviation) < time) deviation += step;
    return deviation;
}

Time InputTimes::of(std::uint64_t index) const {
    return time_of(stream_, std::int64_t(index), stream_.places == Rational(0) ? 0 : reader_.deviation(index));
}

Time InputTimes::behind(std::uint64_t index, std::uint64_t later) const {
    return time_of(stream_, std::int64_t(index + later), stream_.places == Rational(0) ? 0 : reader_.deviation(index));
}

Time InputTimes::promise(std::uint64_t next) const {
    if (next < reader_.readable_end()) return of(next);
    const std::int64_t lead = next <= reader_.first_of_stream() ? std::int64_t(stream_.lead) : 0;
    if (stream_.places == Rational(0)) return time_of(stream_, std::int64_t(next) - std::int64_t(stream_.slip) - lead);
    if (lead > 0) return time_of(stream_, std::int64_t(next) - lead);
    // Marks that are still to come may hold items back, but not before the last that is there.
    return next > reader_.stretch().anchor ? of(next - 1) : of(next);
}

std::int64_t InputTimes::first_at(const Time& time) const {
    if (stream_.places == Rational(0)) return time.ceil_index(stream_.ticks, stream_.origin);
    std::uint64_t low = std::min(reader_.index(), reader_.readable_end()), high = reader_.readable_end();
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (of(middle) < time)
            low = middle + 1;
        else
            high = middle;
    }
    return std::int64_t(low);
}

LeftTimes::LeftTimes(StreamDescription stream, const memory::Reader& reader, std::uint64_t end)
    : stream_(std::move(stream)), marks_(reader.marks_of_stretch(end)) {}

memory::Deviation LeftTimes::deviation(std::uint64_t index) const {
    const auto next = std::upper_bound(marks_.begin(), marks_.end(), index,
                                       [](std::uint64_t i, const memory::Mark& m) { return i < m.index; });
    return next == marks_.begin() ? 0 : std::prev(next)->deviation;
}

Time LeftTimes::behind(std::uint64_t index, std::uint64_t later) const {
    return time_of(stream_, std::int64_t(index + later), stream_.places == Rational(0) ? 0 : deviation(index));
}

}  // namespace flowspan::runtime
