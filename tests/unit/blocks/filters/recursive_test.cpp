// iir_filter and single_pole.
#include "tests/unit/blocks/filters/filter_vectors.hpp"

#include <cmath>
#include <limits>

using namespace flowspan;
using namespace flowspan::test;

namespace {

Value::Doubles sections(const std::string& name) {
    static const oracle::File file("tests/unit/blocks/data/sections.txt");
    const auto& all = file.reals(name);
    return {all.begin(), all.end()};
}
constexpr f32 no_number = std::numeric_limits<f32>::quiet_NaN(), infinity = std::numeric_limits<f32>::infinity();

}  // namespace

TEST(IirFilter, EqualsScipysSosfilt) {
    const auto band = made<cf32>("iir_filter", {{"sections", sections("band")}}, {filter_input()});
    EXPECT_LE(oracle::relative_error(band, filter_vectors().complexes("iir.band")), 1e-6);
    const auto low = made<f32>("iir_filter", {{"sections", sections("low")}}, {real_filter_input()});
    EXPECT_LE(oracle::relative_error(low, filter_vectors().reals("iir.low.real")), 1e-6);
}

TEST(IirFilter, HasTheStopBandOfItsDesign) {
    const auto h = impulse_response("iir_filter", {{"sections", sections("band")}}, 4000);
    const double passes = greatest_response(h, 100, 180, 1000);
    EXPECT_NEAR(passes, 1, 1e-3);
    EXPECT_LE(greatest_response(h, 0, 62, 1000), 1.01e-3);
    EXPECT_LE(greatest_response(h, 255, 500, 1000), 1.01e-3);
    EXPECT_LE(greatest_response(h, -500, -255, 1000), 1.01e-3);
}

TEST(IirFilter, DoesNotDependOnChunksAndLengths) {
    expect_chunks_do_not_matter("iir_filter", {{"sections", sections("band")}}, {filter_input()});
    expect_chunks_do_not_matter("iir_filter", {{"sections", sections("low")}}, {real_filter_input()});
    expect_lengths<cf32>("iir_filter", {{"sections", sections("low")}}, [](auto n) { return n; });
    expect_stretches_stand_alone<cf32>("iir_filter", {{"sections", sections("band")}}, filter_input());
}

TEST(IirFilter, MakesOfASampleThatIsNotFiniteWhatZeroGives) {
    for (const f32 bad : {no_number, infinity, -infinity}) {
        auto x = filter_vectors().samples("in"), zero = x;
        x[70] = {x[70].real(), bad};
        zero[70] = 0;
        const auto o = run("iir_filter", {{"sections", sections("band")}}, {Stream::of(x)});
        const auto got = o.outputs[0].samples<cf32>();
        const auto expected = made<cf32>("iir_filter", {{"sections", sections("band")}}, {Stream::of(zero)});
        for (std::size_t i = 0; i < x.size(); ++i)
            if (i == 70)
                EXPECT_TRUE(std::isnan(got[i].real()) && std::isnan(got[i].imag()));
            else
                EXPECT_EQ(got[i], expected[i]) << i;
        EXPECT_EQ(o.results.at("not_finite").integer(), 1);
    }
}

TEST(IirFilter, ForgetsWhatHasDecayedBeyondTheRangeOfFloats) {
    std::vector<f32> x(400'000);
    x[0] = 1;
    const auto y = made<f32>("iir_filter", {{"sections", Value::Doubles{1, 0, 0, 1, -0.999, 0}}}, {Stream::of(x)});
    std::size_t last = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
        if (y[i] != 0) last = i;
    EXPECT_NEAR(double(last), -126 * std::log(2) / std::log(0.999), 2);
    for (const f32 v : y) ASSERT_TRUE(v == 0 || std::abs(v) >= std::numeric_limits<f32>::min());
}

TEST(IirFilter, RefusesWhatIsNoFilter) {
    const auto refused = [](const Value::Doubles& numbers, const std::string& expected) {
        try {
            run("iir_filter", {{"sections", numbers}}, {filter_input()});
            FAIL() << "not refused";
        } catch (const Refused& r) { EXPECT_EQ(r.diagnostics()[0].expected, expected); }
    };
    refused({}, "6 numbers for each of 1 to 4096 sections");
    refused({1, 2, 3}, "6 numbers for each of 1 to 4096 sections");
    refused({1, 0, 0, 2, 0, 0}, "a0 = 1 in section 0");
    refused({1, 0, 0, 1, 0, 0, 1, 0, 0, 1, -1, 0}, "poles within the unit circle in section 1");
    refused({1, 0, 0, 1, 0, 1}, "poles within the unit circle in section 0");
    refused({1e300, 0, 0, 1, 0, 0}, "numbers from -1e+30 to 1e+30");
}

TEST(SinglePole, EqualsScipysLfilter) {
    const auto y = made<cf32>("single_pole", {{"alpha", 0.05}}, {filter_input()});
    EXPECT_LE(oracle::relative_error(y, filter_vectors().complexes("single_pole")), 1e-6);
}

TEST(SinglePole, GoesOnWithAnotherAlpha) {
    const std::vector<f32> ones(200, 1.0F);
    Options options;
    options.changes = {{"alpha", 0.5, at_sample(100)}};
    const auto y = run("single_pole", {{"alpha", 0.01}}, {Stream::of(ones)}, options).outputs[0].samples<f32>();
    EXPECT_NEAR(y[99], 1 - std::pow(0.99, 100), 1e-6);
    EXPECT_NEAR(y[101], 1 - std::pow(0.99, 100) / 4, 1e-6);  // from where it was
}

TEST(SinglePole, DoesNotDependOnChunksAndLengths) {
    expect_chunks_do_not_matter("single_pole", {{"alpha", 0.05}}, {filter_input()});
    expect_lengths<f32>("single_pole", {{"alpha", 0.05}}, [](auto n) { return n; });
    expect_stretches_stand_alone<f32>("single_pole", {{"alpha", 0.05}}, real_filter_input());
}

TEST(SinglePole, RefusesAWeightThatIsNone) {
    expect_refused("single_pole", {{"alpha", 0}}, {filter_input()}, "a number from 1e-09 to 1", "0");
    expect_refused("single_pole", {{"alpha", 1.5}}, {filter_input()}, "a number from 1e-09 to 1", "1.5");
}
