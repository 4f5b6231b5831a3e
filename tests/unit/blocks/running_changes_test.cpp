// Changes while a stream runs, through the real runtime: they land on their sample however the calls are cut, and everything
// else is refused with a sentence.
#include "tests/unit/blocks/running.hpp"

#include <algorithm>
#include <cmath>

namespace flowspan::test {
namespace {

constexpr double rate = 1000;

Stream ramp(std::size_t n, double first = 0) {
    std::vector<cf32> x;
    for (std::size_t k = 0; k < n; ++k) x.emplace_back(float(first + double(k % 977)), -0.25F * float(k % 131));
    return Stream::of(x, Rational(std::int64_t(rate)));
}

/// The outcomes of all ways to cut calls; they must agree.
Outcome changed(const std::string& type, const Value::Map& parameters, const std::vector<Stream>& in,
                const std::vector<Change>& changes, const Registry* registry = nullptr) {
    Options options;
    options.changes = changes;
    options.registry = registry;
    options.max_outputs = 5000;
    const Outcome whole = run(type, parameters, in, options);
    for (const std::size_t max_chunk : {1, 13, 0}) {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            options.seed = seed;
            options.max_chunk = max_chunk;
            const Outcome pieces = run(type, parameters, in, options);
            for (std::size_t k = 0; k < whole.outputs.size(); ++k) {
                EXPECT_TRUE(pieces.outputs[k].bytes == whole.outputs[k].bytes) << "chunk " << max_chunk << " seed " << seed;
                EXPECT_TRUE(pieces.outputs[k].tags == whole.outputs[k].tags) << "chunk " << max_chunk << " seed " << seed;
                EXPECT_TRUE(pieces.outputs[k].retunings == whole.outputs[k].retunings) << max_chunk << " seed " << seed;
            }
            EXPECT_EQ(log_of(pieces), log_of(whole));
            EXPECT_EQ(pieces.answers, whole.answers);
        }
    }
    return whole;
}

/// Samples of the run with the old value before output m, with the new one from there on.
std::vector<cf32> joined(const std::string& type, const Value::Map& before, const Value::Map& after,
                         const std::vector<Stream>& in, std::size_t m) {
    Options options;
    options.max_outputs = 5000;
    auto samples = run(type, before, in, options).outputs[0].samples<cf32>();
    const auto rest = run(type, after, in, options).outputs[0].samples<cf32>();
    EXPECT_EQ(samples.size(), rest.size());
    std::copy(rest.begin() + std::ptrdiff_t(m), rest.end(), samples.begin() + std::ptrdiff_t(m));
    return samples;
}

TEST(RunningChanges, LandOnTheirSample) {
    for (const std::uint64_t at : {0U, 1U, 2047U, 2499U}) {
        const Outcome o = changed("multiply_const", {{"constant", 2.0}}, {ramp(2500)}, {{"constant", -3.0, at_sample(at)}});
        EXPECT_TRUE(o.outputs[0].samples<cf32>() ==
                    joined("multiply_const", {{"constant", 2.0}}, {{"constant", -3.0}}, {ramp(2500)}, at))
            << at;
        EXPECT_EQ(o.answers, std::vector<std::string>{"sample " + std::to_string(at)});
    }
}

TEST(RunningChanges, WithoutAnIndexTakeEffectAtTheNextStepAndSayWhere) {
    const Outcome o = changed("multiply_const", {{"constant", 2.0}}, {ramp(100)}, {{"constant", 5.0, next_step()}});
    EXPECT_EQ(o.answers, std::vector<std::string>{"sample 0"});
    EXPECT_TRUE(o.outputs[0].samples<cf32>() == made<cf32>("multiply_const", {{"constant", 5.0}}, {ramp(100)}));
}

TEST(RunningChanges, OfOneIndexAreMadeInTheirOrder) {
    const Outcome o =
        changed("multiply_const", {{"constant", 2.0}}, {ramp(100)},
                {{"constant", 7.0, at_sample(50)}, {"constant", 9.0, at_sample(10)}, {"constant", 4.0, at_sample(50)}});
    const auto x = ramp(100).samples<cf32>(), y = o.outputs[0].samples<cf32>();
    for (std::size_t k = 0; k < 100; ++k) EXPECT_EQ(y[k], x[k] * (k < 10 ? 2.0F : k < 50 ? 9.0F : 4.0F)) << k;
}

TEST(RunningChanges, OfADecimatorHoldFromTheFirstOutputWhoseInputIsAtTheIndex) {
    const Value::Map before{{"taps", Value::Doubles{1, 2, 3, 4, 5}}, {"decimation", 3}};
    const Value::Map after{{"taps", Value::Doubles{5, -4, 0.5, 0, 1}}, {"decimation", 3}};
    for (const std::uint64_t at : {99U, 100U, 101U, 102U}) {
        const Outcome o = changed("fir_filter", before, {ramp(1000)}, {{"taps", after.at("taps"), at_sample(at)}});
        EXPECT_TRUE(o.outputs[0].samples<cf32>() == joined("fir_filter", before, after, {ramp(1000)}, (at + 2) / 3)) << at;
        EXPECT_EQ(o.answers[0], "sample " + std::to_string((at + 2) / 3 * 3));
    }
}

TEST(RunningChanges, WithinABlockOfFastConvolutionKeepEachSide) {
    Value::Doubles one(700), other(700);
    for (std::size_t k = 0; k < 700; ++k) {
        one[k] = 1.0 / double(k + 1);
        other[k] = k % 7 == 0 ? 0.5 : -0.125;
    }
    for (const std::uint64_t at : {1U, 1000U, 3333U, 9999U}) {
        const Outcome o = changed("fir_filter", {{"taps", one}}, {ramp(10000)}, {{"taps", other, at_sample(at)}});
        EXPECT_TRUE(o.outputs[0].samples<cf32>() == joined("fir_filter", {{"taps", one}}, {{"taps", other}}, {ramp(10000)}, at))
            << at;
        EXPECT_EQ(o.answers[0], "sample " + std::to_string(at));
    }
    // Twice in one block, and back again.
    const Outcome o = changed("fir_filter", {{"taps", one}}, {ramp(4000)},
                              {{"taps", other, at_sample(10)}, {"taps", one, at_sample(12)}, {"taps", other, at_sample(13)}});
    const auto a = made<cf32>("fir_filter", {{"taps", one}}, {ramp(4000)}),
               b = made<cf32>("fir_filter", {{"taps", other}}, {ramp(4000)});
    const auto y = o.outputs[0].samples<cf32>();
    for (std::size_t k = 0; k < 4000; ++k) EXPECT_EQ(y[k], k < 10 || k == 12 ? a[k] : b[k]) << k;
}

TEST(RunningChanges, OfABlockWithMemoryWaitForTheNextFrame) {
    const Outcome o = changed("burst_detector", {{"frame", 100}}, {ramp(1000)}, {{"threshold", 3.0, at_sample(250)}});
    EXPECT_EQ(o.answers[0], "sample 300");
}

TEST(RunningChanges, OfASourceCountItsOutput) {
    const Value::Map before{{"kind", "square"}, {"sample_rate", rate}, {"frequency", 50.0}, {"length", 3000}};
    Value::Map after = before;
    after["amplitude"] = 0.25;
    const Outcome o = changed("signal_source", before, {}, {{"amplitude", 0.25, at_sample(1234)}});
    EXPECT_TRUE(o.outputs[0].samples<cf32>() == joined("signal_source", before, after, {}, 1234));
}

TEST(RunningChanges, OfTheCentreFrequencyRetuneTheStreamWithinItsStretch) {
    Stream in = ramp(1000);
    in.description.center_frequency = 100e6;
    const Outcome o = changed("frequency_translate", {{"shift", 100.0}}, {in}, {{"shift", -50.0, at_sample(400)}});
    EXPECT_TRUE(o.outputs[0].stretches.empty());
    EXPECT_EQ(o.outputs[0].retunings, (std::vector<Stream::Retuning>{{400, 100e6 - 50}}));
    EXPECT_EQ(o.outputs[0].description.center_frequency, 100e6 + 100);
    EXPECT_EQ(o.outputs[0].samples<cf32>().size(), 1000U);
}

// What a filter gives at index i stands for i - delay: the phase is that of the old shift there, and goes on with the new one.
TEST(RunningChanges, OfAShiftLeaveThePhaseWithoutAJump) {
    for (const int taps : {1, 2, 33, 64, 301}) {
        for (const int decimation : {1, 3, 10}) {
            for (const auto& [tone, before, after] : {std::tuple(101.0, 100.0, 99.0), std::tuple(-3.0, 4.0, -6.0)}) {
                std::vector<cf32> x;
                for (int k = 0; k < 3000; ++k) {
                    const double angle = 2 * M_PI * tone / rate * k;
                    x.emplace_back(float(std::cos(angle)), float(std::sin(angle)));
                }
                const Value::Map parameters{
                    {"shift", before}, {"decimation", decimation}, {"taps_count", taps}, {"cutoff", 0.4 * rate / decimation}};
                const std::vector<Stream> in{Stream::of(x, Rational(std::int64_t(rate)))};
                const auto whole = run("frequency_translate", parameters, in).outputs[0].samples<cf32>();
                const Outcome o = changed("frequency_translate", parameters, in, {{"shift", after, at_sample(1501)}});
                const auto y = o.outputs[0].samples<cf32>();
                const auto m = std::size_t((1501 + decimation - 1) / decimation);
                EXPECT_EQ(y[m - 1], whole[m - 1]);
                EXPECT_NE(y[m + 1], whole[m + 1]);
                EXPECT_NEAR(std::arg(cf64(y[m]) / cf64(whole[m])), 0, 2e-6) << taps << " taps, decimation " << decimation;
            }
        }
    }
}

TEST(RunningChanges, AtATimeAreAtItsFirstSample) {
    Stream in = ramp(1000);
    in.description.utc = parse_rfc3339("2026-01-31T12:00:00Z");
    const auto at = [&](const When& when) {
        return changed("multiply_const", {{"constant", 2.0}}, {in}, {{"constant", 1.0, when}}).answers[0];
    };
    EXPECT_EQ(at(at_time(Rational(1, 4))), "sample 250");
    EXPECT_EQ(at(at_time(Rational(2501, 10000))), "sample 251");
    EXPECT_EQ(at(at_utc(parse_rfc3339("2026-01-31T12:00:00.5Z"))), "sample 500");
    EXPECT_EQ(at(at_utc(parse_rfc3339("2026-01-31T11:59:59Z"))), "sample 0");
    EXPECT_EQ(at(at_time(Rational(2))), "block ended at 1000, before it");
}

TEST(RunningChanges, ThatCannotBeAreRefusedAndLeaveTheBlockAsItWas) {
    const Value::Map low{{"cutoff", 100.0}, {"taps_count", 31}};
    const auto refusal = [&](const std::string& type, const Value::Map& parameters, const Change& change) {
        const Outcome o = changed(type, parameters, {ramp(300)}, {change});
        EXPECT_TRUE(o.outputs.empty() || o.outputs[0].bytes == run(type, parameters, {ramp(300)}).outputs[0].bytes);
        return o.answers[0];
    };
    EXPECT_EQ(refusal("fir_filter", low, {"cutof", 90.0, {}}),
              "expected a parameter of block that may change while it runs, got cutof (did you mean `cutoff`?)");
    EXPECT_EQ(refusal("fir_filter", low, {"decimation", 2, {}}),
              "expected a parameter of block that may change while it runs, got decimation (it has: cutoff, low, high, taps)");
    EXPECT_EQ(refusal("fir_filter", low, {"cutoff", "loud", {}}), "expected a frequency >= 0 Hz, got loud");
    EXPECT_EQ(refusal("fir_filter", low, {"cutoff", -1.0, {}}), "expected a frequency >= 0 Hz, got -1 Hz");
    EXPECT_EQ(refusal("fir_filter", low, {"cutoff", 600.0, at_sample(20)}),
              "expected below half the sample rate (500 Hz), got 600 Hz");
    EXPECT_EQ(refusal("fir_filter", {{"taps", Value::Doubles{1, 2, 1}}}, {"taps", Value::Doubles{1, 1}, at_sample(20)}),
              "expected a value of `taps` that leaves rates, lengths and histories as they are, got [1.0,1.0]");
    EXPECT_EQ(refusal("fir_filter", low, {"cutoff", 90.0, at_sample(301)}), "block ended at 300, before it");
    EXPECT_EQ(refusal("fir_filter", low, {"reset", Value::List{}, {}, true}),
              "expected a command of block, got reset (it has none)");
}

/// y = factor x, with everything that a block can offer while it runs.
struct Scaler final : Block {
    Parameter<double> factor{
        *this, "factor", {.initial = 1.0, .min = -100.0, .when = flowspan::Change::running, .tag = "factor", .message = "set"}};
    Input<cf32> in{*this, "in"};
    Output<cf32> out{*this, "out"};
    MessageInput set{*this, "set"};
    MessageOutput peaks{*this, "peaks"};
    Reading<double> peak{*this, "peak", {.help = "Greatest magnitude so far."}};
    Command<void(double, int)> add{
        *this, "add", {.help = "Adds a product."}, [this](double a, int b) { offset_ += float(a * b); }};
    Command<double()> offset{*this, "offset", {.changes = false, .help = "What is added."}, [this] { return double(offset_); }};
    void describe() override { out.describe(in.description()); }
    void prepare() override { ++prepared; }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) {
            out[std::ptrdiff_t(k)] = in[std::ptrdiff_t(k)] * float(factor.get()) + offset_;
            peak_ = std::max(peak_, double(std::abs(in[std::ptrdiff_t(k)])));
        }
        peak.update(in.index() + n, peak_);
    }
    int prepared = 0;
    float offset_ = 0;
    double peak_ = 0;
};

Registry scaler() {
    Registry r;
    r.add<Scaler>("scaler", "Scales.");
    return r;
}

TEST(RunningChanges, AreMadeByTagsAtTheirItem) {
    const Registry r = scaler();
    Stream in = ramp(3000);
    in.tags = {{5, "factor", 3.0}, {1000, "other", 8.0}, {2000, "factor", -1.0}};
    const Outcome o = changed("scaler", {}, {in}, {{"factor", 50.0, at_sample(2000)}, {"factor", 2.0, at_sample(100)}}, &r);
    const auto x = in.samples<cf32>(), y = o.outputs[0].samples<cf32>();
    for (std::size_t k = 0; k < 3000; ++k)
        ASSERT_EQ(y[k], x[k] * (k < 5 ? 1.0F : k < 100 ? 3.0F : k < 2000 ? 2.0F : 50.0F)) << k << ": tags come first";
}

TEST(RunningChanges, ByATagThatIsWrongEndTheRun) {
    const Registry r = scaler();
    Stream in = ramp(100);
    in.tags = {{40, "factor", "twice"}};
    Options options;
    options.registry = &r;
    try {
        run("scaler", {}, {in}, options);
        FAIL();
    } catch (const Failure& e) { EXPECT_STREQ(e.what(), "a tag sets `factor` at 40: expected a number >= -100, got twice"); }
}

TEST(RunningChanges, AreMadeByCommandsWithTypedArguments) {
    const Registry r = scaler();
    const Outcome o = changed("scaler", {}, {ramp(500)},
                              {{"add", Value::List{0.5, 4}, at_sample(123), true},
                               {"add", Value::List{0.5}, {}, true},
                               {"add", Value::List{0.5, "x"}, {}, true},
                               {"offset", Value::List{}, {}, true},
                               {"subtract", Value::List{}, {}, true}},
                              &r);
    const auto x = ramp(500).samples<cf32>(), y = o.outputs[0].samples<cf32>();
    for (std::size_t k = 0; k < 500; ++k) ASSERT_EQ(y[k], x[k] + (k < 123 ? 0.0F : 2.0F)) << k;
    EXPECT_EQ(o.answers, (std::vector<std::string>{"sample 123", "expected 2 arguments, got 1 (Adds a product.)",
                                                   "expected an integer as argument 2, got \"x\" (Adds a product.)", "sample 0",
                                                   "expected a command of block, got subtract (it has: add, offset)"}));
}

}  // namespace
}  // namespace flowspan::test
