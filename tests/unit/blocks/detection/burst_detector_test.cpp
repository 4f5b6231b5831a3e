#include "tests/unit/blocks/running.hpp"

#include <cmath>
#include <limits>

using namespace flowspan;
using namespace flowspan::test;

namespace {

struct Burst {
    std::size_t start, length;
    float gain;
};

/// Noise of power 2 with bursts in it, at 1 kHz.
Stream recording(std::size_t n, const std::vector<Burst>& bursts) {
    const auto noise = vectors().samples("in");
    std::vector<cf32> x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = noise[(i * 7) % noise.size()];
    for (const Burst& b : bursts)
        for (std::size_t i = b.start; i < std::min(n, b.start + b.length); ++i) x[i] *= b.gain;
    return Stream::of(x, Rational(1000));
}

}  // namespace

TEST(BurstDetector, ReportsStartLengthAndPowerOfEachBurst) {
    const auto o = run("burst_detector", {{"frame", 50}}, {recording(10000, {{2000, 500, 10}, {7000, 100, 20}})});
    const auto& found = o.messages.at("detections");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].value.at("start").integer(), 2000);
    EXPECT_EQ(found[0].value.at("length").integer(), 500);
    EXPECT_NEAR(found[0].value.at("mean_db").real(), 20, 1.5);
    EXPECT_GE(found[0].value.at("peak_db").real(), found[0].value.at("mean_db").real());
    EXPECT_EQ(found[0].stamp, Time(Rational(2500, 1000)));
    EXPECT_EQ(found[1].value.at("start").integer(), 7000);
    EXPECT_EQ(found[1].value.at("length").integer(), 100);
    EXPECT_NEAR(found[1].value.at("mean_db").real(), 26, 1.5);
    EXPECT_EQ(o.results.at("bursts").integer(), 2);
    ASSERT_EQ(o.outputs[0].tags.size(), 2U);
    EXPECT_EQ(o.outputs[0].tags[0].index, 2500U);
    EXPECT_EQ(o.outputs[0].tags[0].key, "burst");
    EXPECT_EQ(o.outputs[0].tags[0].value, found[0].value);
}

TEST(BurstDetector, PassesSamplesOn) {
    const auto in = recording(997, {{300, 100, 10}});
    EXPECT_TRUE(run("burst_detector", {{"frame", 50}}, {in}).outputs[0].bytes == in.bytes);
}

TEST(BurstDetector, ReportsABurstThatTheEndCutsOff) {
    const auto o = run("burst_detector", {{"frame", 50}}, {recording(1970, {{1500, 1000, 10}})});
    const auto& found = o.messages.at("detections");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].value.at("start").integer(), 1500);
    EXPECT_EQ(found[0].value.at("length").integer(), 470);
    EXPECT_EQ(found[0].stamp, Time(Rational(1970, 1000)));
}

TEST(BurstDetector, FindsItsFloorWhenTheRecordingBeginsWithinABurst) {
    const auto o = run("burst_detector", {{"frame", 50}}, {recording(10000, {{0, 500, 10}, {6000, 500, 10}})});
    const auto& found = o.messages.at("detections");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].value.at("start").integer(), 6000);
}

TEST(BurstDetector, LeavesShortBurstsOut) {
    const Value::Map p{{"frame", 50}, {"minimum_duration", 0.2}};
    EXPECT_EQ(run("burst_detector", p, {recording(10000, {{2000, 500, 10}, {7000, 100, 20}})}).results.at("bursts").integer(),
              1);
}

TEST(BurstDetector, FindsNothingInNoiseOrSilence) {
    EXPECT_EQ(run("burst_detector", {{"frame", 100}}, {recording(10000, {})}).results.at("bursts").integer(), 0);
    EXPECT_EQ(run("burst_detector", {}, {Stream::of(std::vector<cf32>(1000), Rational(1000))}).results.at("bursts").integer(),
              0);
}

TEST(BurstDetector, DoesNotDependOnChunksAndLengths) {
    expect_chunks_do_not_matter("burst_detector", {{"frame", 50}},
                                {recording(9973, {{2000, 500, 10}, {7000, 100, 20}, {9900, 200, 10}})});
    expect_lengths<cf32>("burst_detector", {{"frame", 50}}, [](auto n) { return n; });
}

TEST(BurstDetector, FindsItsFloorAnewAfterAGapAndReportsTheBurstBeforeIt) {
    Stream in = recording(6000, {{1900, 500, 10}, {4000, 200, 10}});
    in.stretches.push_back({2110, {Break::gap, 50}, {}, {}});
    const auto o = run("burst_detector", {{"frame", 50}}, {in});
    const auto& found = o.messages.at("detections");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].value.at("start").integer(), 1900);
    EXPECT_EQ(found[0].value.at("length").integer(), 210);
    EXPECT_NEAR(double(found[1].value.at("start").integer()), 4000, 50);
    expect_chunks_do_not_matter("burst_detector", {{"frame", 50}}, {in});
}

namespace {
constexpr float no_number = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();

/// Starts of the bursts that were found.
std::vector<std::int64_t> starts(const Outcome& o) {
    std::vector<std::int64_t> all;
    for (const Message& m : o.messages.at("detections")) all.push_back(m.value.at("start").integer());
    return all;
}

Stream with(Stream s, const std::vector<std::pair<std::size_t, float>>& bad) {
    auto x = s.samples<cf32>();
    for (const auto& [at, value] : bad) x[at] = {value, 0};
    return Stream::of(x, s.description.sample_rate);
}
}  // namespace

TEST(BurstDetector, FindsBurstsAgainAfterAStepOfTheFloor) {
    for (const float step : {4.0F, 10.0F, 1000.0F}) {
        for (const int frame : {16, 50, 256}) {
            if (step < 10 && frame < 256) continue;  // the power of short frames varies by as much
            const auto f = std::size_t(frame), from = 100 * f, later = from + 600 * f;
            auto x = recording(1000 * f, {{from, 900 * f, step}}).samples<cf32>();
            for (std::size_t i = later; i < later + 5 * f; ++i) x[i] *= 10;
            const auto in = Stream::of(x, Rational(1000));
            const auto o = run("burst_detector", {{"frame", frame}}, {in});
            ASSERT_EQ(starts(o), (std::vector<std::int64_t>{std::int64_t(from), std::int64_t(later)})) << step << " " << frame;
            const Value::Map& settled = o.messages.at("detections")[0].value.map();
            EXPECT_EQ(settled.at("became_floor"), Value(true));
            EXPECT_EQ(settled.at("length").integer(), 512 * frame);
            EXPECT_NEAR(settled.at("mean_db").real(), 20 * std::log10(step), 1.5) << "above the floor before it";
            const Value::Map& burst = o.messages.at("detections")[1].value.map();
            EXPECT_FALSE(burst.contains("became_floor"));
            EXPECT_EQ(burst.at("length").integer(), 5 * frame);
            EXPECT_NEAR(burst.at("mean_db").real(), 20, 2);
        }
    }
}

TEST(BurstDetector, TakesALevelForTheFloorThatStaysForTheMaximumDuration) {
    const auto in = recording(20000, {{2000, 12000, 10}, {16000, 500, 10}});
    const Value::Map p{{"frame", 50}, {"maximum_duration", 2.0}};
    const auto o = run("burst_detector", p, {in});
    EXPECT_EQ(o.messages.at("detections")[0].value.at("length").integer(), 2000);
    EXPECT_EQ(starts(o).back(), 16000) << "and comes down again";
    expect_chunks_do_not_matter("burst_detector", p, {in});
    const auto whole = run("burst_detector", {{"frame", 50}, {"maximum_duration", 12.05}}, {in});
    EXPECT_EQ(starts(whole), (std::vector<std::int64_t>{2000, 16000}));
    EXPECT_EQ(whole.messages.at("detections")[0].value.at("length").integer(), 12000);
    EXPECT_EQ(whole.messages.at("detections")[0].value.find("became_floor"), nullptr);
}

TEST(BurstDetector, RefusesAMaximumThatIsNoLongerThanTheMinimum) {
    expect_refused("burst_detector", {{"minimum_duration", 2.0}, {"maximum_duration", 1.0}}, {input()},
                   "more than minimum_duration (2 s)", "1 s");
    expect_refused("burst_detector", {{"frame", 1}, {"maximum_duration", 2000.0}}, {input()},
                   "a time of at most 1048576 frames", "2000 s");
}

TEST(BurstDetector, LeavesFramesThatAreNotFiniteOutAndCountsThem) {
    const auto clean = recording(10000, {{2000, 500, 10}, {7000, 100, 20}});
    for (const float value : {no_number, infinity, -infinity}) {
        // In the first frame, between bursts, twice in one frame, within a burst, as the first of a burst, in the last frame.
        const auto in =
            with(clean, {{0, value}, {1234, value}, {4001, value}, {4049, value}, {2222, value}, {7010, value}, {9999, value}});
        const auto o = run("burst_detector", {{"frame", 50}}, {in});
        EXPECT_EQ(starts(o), (std::vector<std::int64_t>{2000, 7050}));
        EXPECT_EQ(o.messages.at("detections")[0].value.at("length").integer(), 500);
        EXPECT_NEAR(o.messages.at("detections")[0].value.at("mean_db").real(), 20, 1.5);
        EXPECT_EQ(o.results.at("not_finite").integer(), 6);
        EXPECT_TRUE(o.outputs[0].bytes == in.bytes);
        expect_chunks_do_not_matter("burst_detector", {{"frame", 50}}, {in});
    }
}

TEST(BurstDetector, DoesNotTakeTheRunInOfFiltersForTheFloor) {
    for (const std::uint64_t run_in : {0, 1, 49, 50, 51, 730, 4000}) {
        auto x = recording(10000, {{6000, 500, 10}}).samples<cf32>();
        for (std::size_t i = 0; i < run_in; ++i) x[i] *= 1e-4F * float(i) / float(run_in);
        Stream in = Stream::of(x, Rational(1000));
        in.description.run_in = run_in;
        EXPECT_EQ(starts(run("burst_detector", {{"frame", 50}}, {in})), std::vector<std::int64_t>{6000}) << run_in;
        expect_chunks_do_not_matter("burst_detector", {{"frame", 50}}, {in});
    }
}

TEST(BurstDetector, FindsItsFloorBehindARunInThatNobodyTellsOf) {
    auto x = recording(50000, {{40000, 500, 10}}).samples<cf32>();
    for (std::size_t i = 0; i < 4000; ++i) x[i] *= 1e-4F;
    EXPECT_EQ(starts(run("burst_detector", {{"frame", 50}}, {Stream::of(x, Rational(1000))})),
              (std::vector<std::int64_t>{4000, 40000}));
}

// Zeros: what filters make of their edges, and what lies between them.

namespace {

/// Samples from `first` on are exact zeros.
struct Zeros {
    std::size_t first, count;
};

/// Noise with bursts, behind a moving sum of `taps` samples where there are zeros; `taps` 1: none.
Stream with_zeros(std::size_t n, const std::vector<Burst>& bursts, const std::vector<Zeros>& zeros, std::size_t taps = 1) {
    auto x = recording(n, bursts).samples<cf32>();
    for (const Zeros& z : zeros) std::fill_n(x.begin() + std::ptrdiff_t(z.first), z.count, cf32());
    auto y = x;
    for (std::size_t i = 0; taps > 1 && i < n; ++i) {
        y[i] = {};
        for (std::size_t k = 0; k < std::min(taps, i + 1); ++k) y[i] += x[i - k] * (k % 2 == 0 ? 1.0F : -1.0F);
    }
    Stream s = Stream::of(y, Rational(1000));
    s.description.run_in = taps - 1;
    return s;
}

}  // namespace

TEST(BurstDetector, FindsBurstsBehindZerosInFrontOfNoise) {
    // The first frame that is not silent may hold all but a few zeros, and zeros shorter than a frame fill no frame.
    for (const int frame : {8, 50, 64, 256})
        for (const std::size_t zeros : {1U, 7U, 49U, 249U, 255U, 2000U, 2049U, 2055U, 5119U}) {
            const auto in = with_zeros(40000, {{12800, 1024, 10}, {32000, 1024, 10}}, {{0, zeros}});
            const auto found = starts(run("burst_detector", {{"frame", frame}, {"threshold", 13.0}}, {in}));
            ASSERT_EQ(found.size(), 2U) << frame << " " << zeros;
            EXPECT_NEAR(double(found[0]), 12800, frame);
            EXPECT_NEAR(double(found[1]), 32000, frame);
        }
}

TEST(BurstDetector, FindsBurstsBehindZerosThatFiltersHaveInSight) {
    for (const std::size_t taps : {1U, 2U, 65U, 300U})
        for (const int frame : {16, 50, 256})
            for (const auto& zeros : std::vector<std::vector<Zeros>>{
                     {{10000, 10000}}, {{10001, 3000}, {17003, 5}, {26001, 2000}}, {{10003, 513}, {38000, 2000}}}) {
                const auto in = with_zeros(40000, {{23000, 1000, 10}, {34000, 1000, 10}}, zeros, taps);
                const Value::Map p{{"frame", frame}, {"threshold", 13.0}};
                const auto found = starts(run("burst_detector", p, {in}));
                const auto finds = [&](double at) {
                    return std::any_of(found.begin(), found.end(), [&](std::int64_t start) {
                        return std::abs(double(start) - at) <= frame + double(taps);
                    });
                };
                EXPECT_TRUE(finds(23000) && finds(34000)) << taps << " " << frame << " " << zeros.size();
                // (A frame that is shorter than the filter sees the noise of a narrow band, which fades, with zeros and
                // without.)
                if (frame >= int(taps)) { EXPECT_EQ(found.size(), 2U) << taps << " " << frame << " " << zeros.size(); }
                if (frame == 50) expect_chunks_do_not_matter("burst_detector", p, {in});
            }
}

TEST(BurstDetector, FindsItsFloorBetweenZerosAtAnotherLevel) {
    // Zeros for 512 frames are a level that stays: what comes then is measured anew, also where it is far above or below.
    for (const float level : {1e-5F, 1e-2F, 1.0F, 100.0F}) {
        auto x = with_zeros(80000, {{70000, 1000, 10}}, {{20000, 26000}}).samples<cf32>();
        for (std::size_t i = 46000; i < x.size(); ++i) x[i] *= level;
        const auto found = starts(run("burst_detector", {{"frame", 50}}, {Stream::of(x, Rational(1000))}));
        EXPECT_EQ(found, std::vector<std::int64_t>{70000}) << level;
    }
}

TEST(BurstDetector, FindsWhatLiesBetweenExactZeros) {
    for (const int frame : {1, 16, 50, 256})
        for (const std::size_t length : {500U, 1000U, 2000U}) {
            std::vector<cf32> x(40000);
            for (const std::size_t from : {10000U, 20000U, 30000U})
                std::fill_n(x.begin() + std::ptrdiff_t(from), length, cf32(0.5F, 0));
            const auto in = Stream::of(x, Rational(1000));
            const Value::Map p{{"frame", frame}, {"maximum_duration", 3.0}};
            const auto o = run("burst_detector", p, {in});
            const auto& found = o.messages.at("detections");
            ASSERT_EQ(found.size(), 3U) << frame << " " << length;
            for (std::size_t k = 0; k < 3; ++k) {
                const Value::Map& burst = found[k].value.map();
                EXPECT_NEAR(double(burst.at("start").integer()), 10000 * (double(k) + 1), frame);
                EXPECT_NEAR(double(burst.at("length").integer()), double(length), 2 * frame);
                EXPECT_EQ(burst.at("over_silence"), Value(true));
                EXPECT_FALSE(burst.contains("peak_db"));
            }
            EXPECT_EQ(o.outputs[0].tags.size(), 3U);
            expect_chunks_do_not_matter("burst_detector", p, {in});
        }
}

TEST(BurstDetector, TakesNoiseBetweenShorterZerosForNoise) {
    // Gaps of any number, at the beginning and at the end, too.
    for (const int frame : {16, 50}) {
        const auto in = with_zeros(60000, {}, {{0, 1000}, {9001, 700}, {20000, 3000}, {40000, 64}, {59000, 1000}});
        EXPECT_EQ(starts(run("burst_detector", {{"frame", frame}, {"threshold", 13.0}}, {in})).size(), 0U) << frame;
    }
}

TEST(BurstDetector, TakesALevelBetweenZerosForTheFloorThatStays) {
    const Value::Map p{{"frame", 50}, {"maximum_duration", 5.0}};
    EXPECT_EQ(starts(run("burst_detector", p, {with_zeros(40000, {}, {{0, 10000}, {14000, 26000}})})),
              std::vector<std::int64_t>{10000})
        << "80 frames";
    EXPECT_EQ(starts(run("burst_detector", p, {with_zeros(40000, {}, {{0, 10000}, {15000, 25000}})})).size(), 0U)
        << "100 frames";
}

namespace {

/// Noise that rises at item 3000 by so much, cut by `count` zeros every 4000 items from 6000 on.
Stream cut_step(std::size_t n, float step, std::size_t count, std::vector<Burst> bursts = {}) {
    std::vector<Zeros> zeros;
    for (std::size_t at = 6000; at + count < n; at += 4000) zeros.push_back({at, count});
    bursts.insert(bursts.begin(), {3000, n, step});
    return with_zeros(n, bursts, zeros);
}

/// Starts of those that became the floor.
std::vector<std::int64_t> floors(const Outcome& o) {
    std::vector<std::int64_t> all;
    for (const Message& m : o.messages.at("detections"))
        if (m.value.find("became_floor") != nullptr) all.push_back(m.value.at("start").integer());
    return all;
}

}  // namespace

TEST(BurstDetector, SaysWhichPieceOfALevelThatZerosCutBecameTheFloor) {
    // 210 frames of 50 are 10500 items that are learned: with 3000 to 6000, 4 frames without for each of the cuts of 100 zeros,
    // and the pieces from 6200 and 10200, they end in the piece that begins about 14100.
    for (const float step : {10.0F, 300.0F}) {
        const Value::Map p{{"frame", 50}, {"maximum_duration", 10.5}};
        const auto in = cut_step(40000, step, 100, {{31000, 500, 20}});
        const auto o = run("burst_detector", p, {in});
        const auto found = starts(o);
        ASSERT_EQ(found.size(), 4U) << step;
        EXPECT_EQ(found[0], 3000);
        EXPECT_NEAR(double(found[1]), 6100, 50);
        EXPECT_NEAR(double(found[2]), 10100, 50);
        EXPECT_EQ(found[3], 31000) << "above the floor that has risen";
        EXPECT_EQ(floors(o), std::vector<std::int64_t>{found[2]}) << step;
        expect_chunks_do_not_matter("burst_detector", p, {in});
    }
}

TEST(BurstDetector, SaysThatALevelBecameTheFloorHoweverShortItsLastPieceIs) {
    const Value::Map p{{"frame", 50}, {"minimum_duration", 3.5}, {"maximum_duration", 10.5}};
    const auto o = run("burst_detector", p, {cut_step(40000, 10, 100)});
    EXPECT_EQ(floors(o).size(), 1U);
}

TEST(BurstDetector, SaysThatTheFloorRoseBehindATone) {
    // The tone begins at zeros and stands above the level while that becomes the floor.
    const Value::Map p{{"frame", 50}, {"maximum_duration", 10.5}};
    const auto o = run("burst_detector", p, {cut_step(40000, 10, 100, {{10000, 3900, 30}})});
    EXPECT_EQ(starts(o).size(), 3U);
    EXPECT_EQ(floors(o), std::vector<std::int64_t>{starts(o).back()});
    EXPECT_GT(o.messages.at("detections")[2].value.at("length").integer(), 3500);
}

TEST(BurstDetector, DoesNotSayOfBurstsBetweenZerosThatTheyBecameTheFloor) {
    std::vector<Burst> bursts;
    for (std::size_t at = 6200; at < 38000; at += 4000) bursts.push_back({at, 1000, 30});
    const auto o = run("burst_detector", {{"frame", 50}, {"maximum_duration", 10.5}}, {cut_step(40000, 1, 100, bursts)});
    EXPECT_EQ(starts(o).size(), bursts.size());
    EXPECT_TRUE(floors(o).empty());
}

TEST(BurstDetector, WithHysteresisABurstGoesOnInWhatIsAboveTheLowerThreshold) {
    const auto in = recording(10000, {{2000, 500, 10}, {2500, 500, 2}, {3000, 500, 10}});
    EXPECT_EQ(run("burst_detector", {{"frame", 50}}, {in}).results.at("bursts").integer(), 2);
    const auto o = run("burst_detector", {{"frame", 50}, {"end_threshold", 3.0}}, {in});
    ASSERT_EQ(o.messages.at("detections").size(), 1U);
    EXPECT_EQ(o.messages.at("detections")[0].value.at("start").integer(), 2000);
    EXPECT_EQ(o.messages.at("detections")[0].value.at("length").integer(), 1500);
    expect_chunks_do_not_matter("burst_detector", {{"frame", 50}, {"end_threshold", 3.0}}, {in});
    expect_refused("burst_detector", {{"end_threshold", 11.0}}, {in}, "at most threshold (10 dB)", "11 dB");
}

TEST(BurstDetector, TellsOfBeginningsWhereThatIsWanted) {
    const auto in = recording(10000, {{2000, 500, 10}, {7000, 100, 20}});
    const Value::Map parameters{{"frame", 50}, {"report", "begin_and_end"}, {"minimum_duration", 0.2}};
    const auto o = run("burst_detector", parameters, {in});
    const auto& said = o.messages.at("detections");
    ASSERT_EQ(said.size(), 2U);
    EXPECT_EQ(said[0].value.at("event").string(), "begin");
    EXPECT_EQ(said[0].value.at("start").integer(), 2000);
    EXPECT_EQ(said[0].stamp, Time(Rational(2200, 1000)));
    EXPECT_EQ(said[1].value.at("event").string(), "end");
    EXPECT_EQ(said[1].value.at("length").integer(), 500);
    EXPECT_EQ(said[1].stamp, Time(Rational(2500, 1000)));
    expect_chunks_do_not_matter("burst_detector", parameters, {in});
}
