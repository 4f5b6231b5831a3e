// GNSS stamps of KiwiSDR: what they say of time, and where samples are missing.
#include "io/wav/blocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace flowspan::io::wav {
namespace {

constexpr std::int64_t week_s = 604'800, second_ns = 1'000'000'000;
constexpr std::int64_t gps_epoch_s = 315'964'800;         // 1980-01-06 in seconds since 1970
constexpr std::int64_t leap_second_2017 = 1'483'228'800;  // from then on GPS is ahead of UTC by 18 s, before by 17

std::int64_t leap_seconds(std::int64_t utc_s) { return utc_s >= leap_second_2017 ? 18 : 17; }

/// From one stamp to a later one, which may be of the next week.
std::int64_t nanoseconds(const Stamp& from, const Stamp& to) {
    std::int64_t seconds = to.second - from.second;
    if (seconds < -week_s / 2) seconds += week_s;
    return seconds * second_ns + (to.nanosecond - from.nanosecond);
}

/// More than a sample between what a clock of this rate says and how many samples there are, as with GNSS times in layouts.
std::int64_t missing(const Stamp& from, const Stamp& to, double rate) {
    const double apart = double(nanoseconds(from, to)) * 1e-9 * rate - double(to.sample - from.sample);
    return std::abs(apart) > 1 ? std::llround(apart) : 0;
}

/// Samples per second where nothing jumps: the nominal rate is some 100 ppm off, which is no jump within a chunk.
double measured_rate(const std::vector<Stamp>& stamps, double nominal) {
    double samples = 0, seconds = 0;
    for (std::size_t k = 1; k < stamps.size(); ++k) {
        if (double(stamps[k].sample - stamps[k - 1].sample) > nominal || missing(stamps[k - 1], stamps[k], nominal) != 0)
            continue;
        samples += double(stamps[k].sample - stamps[k - 1].sample);
        seconds += double(nanoseconds(stamps[k - 1], stamps[k])) * 1e-9;
    }
    const double rate = samples / seconds;
    // (Of a few samples, nanoseconds say too little.)
    return seconds > 0 && std::abs(rate / nominal - 1) < 1e-3 && std::abs(rate - nominal) * seconds > 0.01 ? rate : nominal;
}

/// UTC of a stamp in the week that lies nearest to a time.
Time utc_of(const Stamp& stamp, const Time& near) {
    const std::int64_t gps = near.whole() + leap_seconds(near.whole()) - gps_epoch_s - stamp.second;
    const std::int64_t week = (gps + week_s / 2) / week_s - ((gps + week_s / 2) % week_s < 0 ? 1 : 0);
    const std::int64_t whole = gps_epoch_s + week * week_s + stamp.second - leap_seconds(near.whole());
    return Time(whole, Rational(stamp.nanosecond, second_ns));
}

}  // namespace

std::vector<Capture> captures_of(const std::vector<Stamp>& stamps, const Rational& rate, const std::optional<Time>& named,
                                 std::uint64_t length, std::vector<std::string>& warnings) {
    std::vector<Capture> captures(1);
    if (stamps.empty()) return captures;
    const auto time = [&](Capture& capture, const Stamp& stamp, const Time& near) {
        capture.utc = moved(utc_of(stamp, near), Time() - Time::of(std::int64_t(stamp.sample - capture.start), rate));
        capture.utc_digits = 9;
    };
    Time near = named.value_or(Time());
    if (named) {
        time(captures[0], stamps[0], near);
        near = *captures[0].utc;
    }
    const double measured = measured_rate(stamps, rate.value());
    std::int64_t gone = 0, least = 0;
    std::vector<std::int64_t> places{0};
    for (std::size_t k = 1; k < stamps.size(); ++k) {
        const std::int64_t jump = missing(stamps[k - 1], stamps[k], measured);
        if (named) near = near + Time(Rational(nanoseconds(stamps[k - 1], stamps[k]), second_ns));
        if (jump == 0) continue;
        gone += jump;
        Capture& capture = captures.emplace_back();
        capture.start = stamps[k].sample;
        if (named) time(capture, stamps[k], near);
        places.push_back(std::int64_t(capture.start) + gone);
        least = std::min(least, places.back());
    }
    for (std::size_t k = 0; places.size() > 1 && k < places.size(); ++k)
        captures[k].global_index = std::uint64_t(places[k] - least);
    const double off = (measured / rate.value() - 1) * double(length);
    if (std::abs(off) > 1)
        warnings.push_back(
            fmt::format("its GNSS stamps say {:.9g} samples per second, its header {}: the header counts, so times "
                        "are off by {:.2g} s at its end",
                        measured, rate.text(), std::abs(off) / rate.value()));
    return captures;
}

}  // namespace flowspan::io::wav
