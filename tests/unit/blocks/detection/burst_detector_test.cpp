#include "tests/unit/blocks/running.hpp"

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
