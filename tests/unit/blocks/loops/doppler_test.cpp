#include "tests/unit/blocks/running.hpp"

#include <cmath>
#include <numbers>

using namespace flowspan;
using namespace flowspan::test;

namespace {

Value::Map table(const Value::List& entries) { return {{"table", entries}}; }
const Value::List pass{"2026-01-31T12:00:00.5Z 3000", "2026-01-31T12:00:01.25Z, -1000.5", "2026-01-31T12:00:02Z -4e3"};

/// Hz, s since 12:00:00.
double shift_at(double t) {
    if (t <= 0.5) return 3000;
    if (t < 1.25) return 3000 - 4000.5 * (t - 0.5) / 0.75;
    return t < 2 ? -1000.5 - 2999.5 * (t - 1.25) / 0.75 : -4000;
}
/// A carrier at 1 kHz as the pass shifts it: the phase is summed in steps of a sample, at their middles, which is exact.
Stream carrier(double rate, std::size_t n) {
    std::vector<cf32> x(n);
    double turns = 0;
    for (std::size_t i = 0; i < n; ++i) {
        x[i] = cf32(std::polar(1.0, 2 * std::numbers::pi * turns));
        turns += (1000 + shift_at((double(i) + 0.5) / rate)) / rate;
        turns -= std::floor(turns);
    }
    Stream s = Stream::of(x, Rational(std::int64_t(rate)));
    s.description.utc = parse_rfc3339("2026-01-31T12:00:00Z");
    s.description.center_frequency = 437e6;
    return s;
}

}  // namespace

TEST(Doppler, TakesOutTheShiftOfItsTable) {
    for (const double rate : {20000.0, 48123.0}) {
        const auto o = run("doppler", table(pass), {carrier(rate, std::size_t(2.5 * rate))});
        EXPECT_EQ(o.outputs[0].description.center_frequency, 437e6);
        const auto y = o.outputs[0].samples<cf32>();
        cf64 first;
        for (std::size_t i = 0; i < y.size(); ++i) {
            const double turns = std::fmod(1000 * double(i) / rate, 1.0);
            const cf64 still = cf64(y[i]) * std::polar(1.0, -2 * std::numbers::pi * turns);
            if (i == 0) first = still;
            ASSERT_LE(std::abs(still - first), 2e-3) << i;  // a corner between two samples is taken at the later one
        }
    }
}

TEST(Doppler, BeginsAnywhereWithTheSamePhase) {
    const Stream whole = carrier(20000, 50000);
    const auto all = made<cf32>("doppler", table(pass), {whole});
    Options options;
    options.begin = 23457;
    options.seam = true;
    options.seed = 3;
    const Stream got = run("doppler", table(pass), {whole}, options).outputs[0];
    const auto y = got.samples<cf32>();
    ASSERT_FALSE(y.empty());
    for (std::size_t i = 0; i < y.size(); ++i) ASSERT_EQ(y[i], all[got.first + i]) << i;
}

TEST(Doppler, FollowsTheTimeOfEachStretch) {
    Stream in = Stream::of(std::vector<cf32>(4000, cf32(1, 0)), Rational(1000));
    in.description.utc = parse_rfc3339("2026-01-31T12:00:00Z");
    in.stretches.push_back({1000, {Break::gap, 9000}, {}, parse_rfc3339("2026-01-31T12:00:10Z")});
    const Value::List steps{"2026-01-31T12:00:00Z 100", "2026-01-31T12:00:09Z 100", "2026-01-31T12:00:09.5Z -50"};
    const auto y = made<cf32>("doppler", table(steps), {in});
    const auto step_at = [&](std::size_t i) {
        return std::arg(cf64(y[i + 1]) * std::conj(cf64(y[i]))) / (2 * std::numbers::pi) * 1000;
    };
    EXPECT_NEAR(step_at(500), -100, 1e-3);
    EXPECT_NEAR(step_at(1500), 50, 1e-3);
}

TEST(Doppler, SaysWhereTheTableDoesNotReach) {
    Stream in = carrier(20000, 100000);
    in.description.length = 100000;
    EXPECT_EQ(run("doppler", table(pass), {in}).warnings,
              (std::vector<std::string>{"the stream begins before the table: the first shift is taken until there",
                                        "the stream ends behind the table: the last shift is taken from there on"}));
}

TEST(Doppler, DoesNotDependOnChunksAndLengths) {
    expect_chunks_do_not_matter("doppler", table(pass), {carrier(9001, 21001)});
    Stream in = carrier(20000, 31);
    for (const std::size_t n : {0U, 1U, 31U}) {
        in.bytes.resize(n * sizeof(cf32));
        EXPECT_EQ(made<cf32>("doppler", table(pass), {in}).size(), n);
    }
}

TEST(Doppler, SaysWhatIsWrongWithATable) {
    const auto refused = [](const Value::List& entries, const std::string& expected) {
        try {
            run("doppler", table(entries), {carrier(20000, 10)});
            FAIL() << "not refused";
        } catch (const Refused& r) { EXPECT_EQ(r.diagnostics()[0].expected, expected); }
    };
    refused({}, "at least one time with a frequency");
    refused({"2026-01-31T12:00:00Z"}, "in entry 0: a time and a frequency in Hz");
    refused({"2026-01-31T12:00:00Z 5", "2026-01-31T12:00:01Z 5x"}, "in entry 1: a frequency in Hz behind the time");
    refused({"2026-01-31T12:00:00Z 5", "2026-01-31T12:00:00Z 6"}, "a later time in entry 1 than in the one before");
    refused({"2026-01-31T12:00:00Z 10001"}, "frequencies from minus to plus half the sample rate (10 kHz)");
    Stream timeless = carrier(20000, 10);
    timeless.description.utc.reset();
    expect_refused("doppler", table(pass), {timeless}, "a stream whose time is known", "one without UTC");
}
