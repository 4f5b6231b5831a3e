#include "io/recording/capture_clock.hpp"

#include "core/numbers/exact.hpp"

#include <algorithm>

namespace flowspan::io {

/// How far what a capture says is from what samples say, in seconds.
struct CaptureOffset {
    bool early = false;
    Span apart;
};

namespace {

/// |later - earlier| n / d, rounded to the nearest; `apart`: in whole n-th parts of a second, `more` than these.
struct Distance {
    Wide apart = 0;
    bool more = false, half = false;  // half of such a part, or more
};
Distance distance(const Span& span, std::int64_t n) {
    const Division part = mul_div_long(UnsignedWide(span.numerator), std::uint64_t(n), UnsignedWide(span.denominator));
    return {span.whole * n + Wide(part.whole), part.rest != 0, 2 * part.rest >= UnsignedWide(span.denominator)};
}

double seconds(const Span& span) { return double(span.whole) + double(span.numerator) / double(span.denominator); }

std::int64_t power_of_ten(int digits) {
    std::int64_t power = 1;
    for (int k = 0; k < std::min(digits, 18); ++k) power *= 10;
    return power;
}

}  // namespace

void CaptureClock::begin(const Capture& first) {
    place_ = start_ = first.start;
    note(first);
}

void CaptureClock::note(const Capture& capture) {
    if (capture.global_index) counted_ = Mark{capture, place_};
    if (!capture.utc) return;
    last_timed_ = Mark{capture, place_};
    if (!timed_) timed_ = last_timed_;
}

Wide CaptureClock::missing(const Capture& capture, bool by_name) {
    const Wide expected = place_ + (capture.start - start_);
    Wide missing = 0;
    if (capture.global_index && counted_)
        missing = counted_->place + (Wide(*capture.global_index) - Wide(*counted_->capture.global_index)) - expected;
    else if (capture.utc && timed_ && rate_)
        missing = by_name ? missing_by_name(capture, expected) : missing_by_time(capture, expected);
    place_ = expected + missing;
    start_ = capture.start;
    note(capture);
    return missing;
}

std::optional<Time> CaptureClock::utc(const Capture& capture) const {
    if (capture.utc || !capture.global_index) return capture.utc;
    return counted_utc();
}

std::optional<Time> CaptureClock::counted_utc() const {
    if (!timed_ || !rate_ || place_ - timed_->place > most_missing) return std::nullopt;
    return moved(*timed_->capture.utc, Time::of(std::int64_t(place_ - timed_->place), *rate_));
}

CaptureOffset CaptureClock::offset(const Capture& capture, Wide expected, const Mark& from) const {
    const Time there = Time::of(std::int64_t(expected - from.place), *rate_);
    const Time said = moved(*capture.utc, Time() - *from.capture.utc);
    return {said < there, said < there ? between(said, there) : between(there, said)};
}

Wide CaptureClock::samples_of(const CaptureOffset& offset) const {
    const Distance samples = distance(offset.apart, rate_->numerator());
    const Wide d = rate_->denominator();
    const Wide count = floor_div(2 * samples.apart + (samples.half ? 1 : 0) + d, 2 * d);
    return offset.early ? -count : count;
}

/// Against the first time that is known, so that what times are rounded by does not add up.
Wide CaptureClock::missing_by_time(const Capture& capture, Wide expected) const {
    const CaptureOffset off = offset(capture, expected, *timed_);
    // Half a unit of the last digit, and one sample, say nothing; nor does a whole one that it is early, as both times are
    // rounded.
    const Distance halves = distance(off.apart, 2 * power_of_ten(capture.utc_digits));
    const Distance samples = distance(off.apart, rate_->numerator());
    const Wide d = rate_->denominator();
    const Wide least = off.early ? 2 : 1;
    if (halves.apart < least || (halves.apart == least && !halves.more)) return 0;
    if (samples.apart < d || (samples.apart == d && !samples.more)) return 0;
    return samples_of(off);
}

Wide CaptureClock::missing_by_name(const Capture& capture, Wide expected) const {
    constexpr double ppm = 1e-4;
    const double unit = 1 / double(power_of_ten(capture.utc_digits));
    for (const Mark* from : {&*last_timed_, &*timed_}) {
        const CaptureOffset off = offset(capture, expected, *from);
        if (seconds(off.apart) > unit + ppm * double(expected - from->place) / rate_->value()) return samples_of(off);
    }
    return 0;
}

}  // namespace flowspan::io
