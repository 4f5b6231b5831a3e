#include "tests/unit/blocks/running.hpp"

#include <cmath>
#include <limits>

using namespace flowspan;
using namespace flowspan::test;

namespace {

const oracle::File& loop_vectors() {
    static const oracle::File file("tests/unit/blocks/data/loops.txt");
    return file;
}
Stream levels() { return Stream::of(loop_vectors().samples("levels"), Rational(1000)); }

/// Loud from 100 to 149 and from 300 to 309, else quiet; every sample another one.
Stream bursts() {
    std::vector<f32> x(500);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const bool loud = (i >= 100 && i < 150) || (i >= 300 && i < 310);
        x[i] = (loud ? 1.0F : 1e-3F) * (1 + f32(i) * 1e-4F);
    }
    return Stream::of(x, Rational(1000));
}
const Value::Map at_once{{"threshold", -20}, {"alpha", 1}};

Value::Map with(Value::Map p, const std::string& name, const Value& value) {
    p[name] = value;
    return p;
}

}  // namespace

TEST(Squelch, EqualsGnuRadiosFormula) {
    const auto y = made<cf32>("squelch", {{"threshold", -3}, {"hysteresis", 0}, {"alpha", 0.1}}, {levels()});
    EXPECT_LE(oracle::relative_error(y, loop_vectors().complexes("squelch")), 1e-7);
}

TEST(Squelch, EqualsGnuRadiosBlockThatCutsToo) {
    const oracle::File theirs("tests/unit/blocks/data/gnuradio.txt");
    const Value::Map p{{"threshold", -3}, {"hysteresis", 0}, {"alpha", 0.1}};
    EXPECT_LE(oracle::relative_error(made<cf32>("squelch", p, {levels()}), theirs.complexes("squelch")), 1e-6);
    const auto cut = made<cf32>("squelch", with(p, "mode", "cut"), {levels()});
    EXPECT_LE(oracle::relative_error(cut, theirs.complexes("squelch.cut")), 1e-6);
}

TEST(Squelch, MakesZerosOfWhatIsQuiet) {
    const auto x = bursts().samples<f32>();
    const auto y = made<f32>("squelch", at_once, {bursts()});
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(y[i], (i >= 100 && i < 150) || (i >= 300 && i < 310) ? x[i] : 0) << i;
}

TEST(Squelch, CutsOutWhatIsQuietAndSaysWhereTheRestLies) {
    Stream in = bursts();
    in.tags = {{40, "quiet", 1}, {120, "loud", 2}, {200, "between", 3}, {305, "second", 4}};
    const auto o = run("squelch", with(at_once, "mode", "cut"), {in});
    const auto x = in.samples<f32>(), y = o.outputs[0].samples<f32>();
    ASSERT_EQ(y.size(), 60U);
    for (std::size_t k = 0; k < 60; ++k) EXPECT_EQ(y[k], x[k < 50 ? 100 + k : 250 + k]) << k;
    std::vector<std::pair<std::uint64_t, std::string>> tags;
    for (const Tag& t : o.outputs[0].tags) tags.emplace_back(t.index, t.key);
    const std::vector<std::pair<std::uint64_t, std::string>> expected{{0, "quiet"},    {0, "squelch_open"},  {20, "loud"},
                                                                      {50, "between"}, {50, "squelch_open"}, {55, "second"}};
    EXPECT_EQ(tags, expected);
    EXPECT_EQ(o.results.at("opened").integer(), 2);
}

TEST(Squelch, StaysOpenForItsTailAndOverDipsWithinTheHysteresis) {
    const auto opened = [](const Value::Map& p) {
        std::size_t n = 0;
        for (const f32 y : made<f32>("squelch", p, {bursts()})) n += y != 0 ? 1 : 0;
        return n;
    };
    EXPECT_EQ(opened(at_once), 60U);
    EXPECT_EQ(opened(with(at_once, "tail", 0.02)), 100U);
    EXPECT_EQ(opened(with(at_once, "tail", 0.2)), 400U);       // from 100 on, and 310 + 200 is behind the end
    EXPECT_EQ(opened(with(at_once, "hysteresis", 50)), 400U);  // -60 dB is not below -70 dB
}

TEST(Squelch, LeavesWhatIsNotFiniteOutOfThePower) {
    for (const f32 bad : {std::numeric_limits<f32>::quiet_NaN(), std::numeric_limits<f32>::infinity()}) {
        auto x = bursts().samples<f32>();
        x[50] = x[120] = bad;
        const auto o = run("squelch", at_once, {Stream::of(x)});
        const auto y = o.outputs[0].samples<f32>();
        EXPECT_EQ(y[50], 0);
        EXPECT_FALSE(std::isfinite(y[120]));
        EXPECT_EQ(y[121], x[121]);
        EXPECT_EQ(o.results.at("not_finite").integer(), 2);
    }
}

TEST(Squelch, DoesNotDependOnChunksAndLengths) {
    for (const char* mode : {"cut", "zeros"}) {
        Stream in = levels();
        for (std::uint64_t i = 0; i < 400; i += 13) in.tags.push_back({i, "k", std::int64_t(i)});
        const Value::Map p{{"threshold", 0}, {"alpha", 0.2}, {"mode", mode}, {"tail", 0.003}};
        expect_chunks_do_not_matter("squelch", p, {in});
        expect_chunks_do_not_matter("squelch", with(at_once, "mode", mode), {bursts()});
        expect_stretches_stand_alone<cf32>("squelch", p, levels());
    }
    expect_lengths<f32>("squelch", at_once, [](auto n) { return n; });
    expect_lengths<f32>("squelch", with(at_once, "mode", "cut"), [](auto n) { return n; });
}

TEST(Squelch, RefusesWhatIsNoThreshold) {
    expect_refused("squelch", {}, {levels()}, "a level from -300 dB to 300 dB", "nothing");
    expect_refused("squelch", with(at_once, "mode", "gate"), {levels()}, "one of zeros, cut", "gate");
    expect_refused("squelch", with(at_once, "tail", -1), {levels()}, "a time from 0 s to 1000000 s", "-1 s");
}
