// Blocks that remember one number of each sample: where it was above, how often a phase has turned.
#include "tests/unit/blocks/plumbing.hpp"

#include <cmath>
#include <limits>

using namespace flowspan;
using namespace flowspan::test;

namespace {
constexpr f32 no_number = std::numeric_limits<f32>::quiet_NaN();
}

TEST(Threshold, HasAHysteresisWhereLowIsGiven) {
    const Stream in = Stream::of(std::vector<f32>{0.3F, 0.45F, 0.5F, 0.45F, 0.4F, 0.39F, 0.45F, 0.6F, no_number, 0.45F});
    EXPECT_EQ(made<f32>("threshold", {{"low", 0.4F}, {"high", 0.5}}, {in}), (std::vector<f32>{0, 0, 1, 1, 1, 0, 0, 1, 0, 0}));
    EXPECT_EQ(made<f32>("threshold", {{"high", 0.5}}, {in}), (std::vector<f32>{0, 0, 1, 0, 0, 0, 0, 1, 0, 0}));
    expect_refused("threshold", {{"low", 0.6}, {"high", 0.5}}, {in}, "at most high (0.5)", "0.6");
    for (const Value::Map& parameters : {Value::Map{{"high", 0.5}}, {{"low", -0.5}, {"high", 0.5}}}) {
        expect_chunks_do_not_matter("threshold", parameters, {real_input()});
        expect_lengths<f32>("threshold", parameters, [](auto n) { return n; });
        expect_stretches_stand_alone<f32>("threshold", parameters, real_input());
    }
}

TEST(Unwrap, GoesOnWhereNumPyDoes) {
    const Stream wrapped = Stream::of(floats("wrapped"), Rational(1000));
    EXPECT_LE(oracle::relative_error(made<f64>("unwrap", {}, {wrapped}), plumbing().reals("unwrapped")), 2e-9) << "9 digits";
    EXPECT_EQ(made<f64>("unwrap", {{"period", 2}}, {Stream::of(floats("steps"))}), plumbing().reals("steps.unwrapped"));
    EXPECT_EQ(run("unwrap", {}, {wrapped}).outputs[0].description.type, SampleType::rf64);
    expect_chunks_do_not_matter("unwrap", {}, {real_input()});
    expect_lengths<f32>("unwrap", {}, [](auto n) { return n; });
    expect_stretches_stand_alone<f32>("unwrap", {}, wrapped);
    // One sample that is not finite is no turn.
    const auto y = made<f64>("unwrap", {{"period", 1}}, {Stream::of(std::vector<f32>{0.75F, 0.25F, no_number, 0.75F})});
    EXPECT_EQ(y[1], 0.25);
    EXPECT_TRUE(std::isnan(y[2]));
    EXPECT_EQ(y[3], 0.75);
}
