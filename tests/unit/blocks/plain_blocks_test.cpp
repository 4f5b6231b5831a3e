#include "tests/unit/blocks/running.hpp"

#include <algorithm>
#include <tuple>

using namespace flowspan;
using namespace flowspan::test;

TEST(Copy, PassesAnyTypeOn) {
    const std::vector<ci16> in{{1, 2}, {3, -4}, {32767, -32768}};
    EXPECT_EQ(made<ci16>("copy", {}, {Stream::of(in)}), in);
    expect_chunks_do_not_matter("copy", {}, {input()});
    expect_lengths<f32>("copy", {}, [](auto n) { return n; });
}

TEST(ImplicitConversion, FloatsOf64BitsAreRoundedOnceWhereABlockTakes32) {
    const std::vector<cf64> in{{1.0 + 0x1p-24, -0.1}, {1e-50, 3.5}, {0x1p100, -1e300}};
    std::vector<cf32> expected;
    for (const cf64& z : in) expected.emplace_back(float(z.real()), float(z.imag()));
    EXPECT_EQ(made<cf32>("multiply_const", {{"constant", 1}}, {Stream::of(in)}), expected);
    EXPECT_EQ(made<cf64>("copy", {}, {Stream::of(in)}), in) << "only where it is asked for";
    const std::vector<f64> real{0.25, -7e-9};
    EXPECT_EQ(made<f32>("multiply_const", {{"constant", 1}}, {Stream::of(real)}), (std::vector<f32>{0.25F, float(-7e-9)}));
    Stream scaled = Stream::of(real);
    scaled.description.full_scale = 0.5;
    EXPECT_EQ(made<f32>("multiply_const", {{"constant", 1}}, {scaled})[0], 0.5F);
}

TEST(Head, PassesTheFirstItemsAndEnds) {
    auto expected = vectors().samples("in");
    expected.resize(31);
    EXPECT_EQ(made<cf32>("head", {{"length", 31}}, {input()}), expected);
    EXPECT_EQ(made<cf32>("head", {{"length", 5000}}, {input()}).size(), 1009U);
    expect_chunks_do_not_matter("head", {{"length", 31}}, {input()});
    for (const int k : {0, 1, 31})
        expect_lengths<cf32>("head", {{"length", k}}, [k](auto n) { return std::min(std::size_t(n), std::size_t(k)); });
}

TEST(Head, RefusesANegativeLength) {
    expect_refused("head", {{"length", -1}}, {input()}, "a number of samples (an integer) >= 0 samples", "-1 samples");
}

TEST(Skip, LeavesTheFirstItemsOutAndMovesTheTimeOfIndexZero) {
    auto expected = vectors().samples("in");
    expected.erase(expected.begin(), expected.begin() + 31);
    const auto o = run("skip", {{"length", 31}}, {input()});
    EXPECT_EQ(o.outputs[0].samples<cf32>(), expected);
    EXPECT_EQ(o.outputs[0].description.origin, Time(Rational(31, 1000)));
    expect_chunks_do_not_matter("skip", {{"length", 31}}, {input()});
    for (const int k : {0, 1, 31})
        expect_lengths<cf32>("skip", {{"length", k}},
                             [k](auto n) { return std::size_t(n) < std::size_t(k) ? 0 : std::size_t(n) - std::size_t(k); });
}

TEST(MultiplyConst, MultipliesARampByTwo) {
    std::vector<f32> ramp(1000), twice(1000);
    for (std::size_t i = 0; i < ramp.size(); ++i) {
        ramp[i] = f32(i);
        twice[i] = 2 * f32(i);
    }
    EXPECT_EQ(made<f32>("multiply_const", {{"constant", 2}}, {Stream::of(ramp)}), twice);
    expect_chunks_do_not_matter("multiply_const", {{"constant", std::complex<double>(0.3, 0.7)}}, {input()});
    expect_lengths<cf32>("multiply_const", {{"constant", 2}}, [](auto n) { return n; });
}

TEST(MultiplyConst, MultipliesByAComplexNumber) {
    const auto out = made<cf32>("multiply_const", {{"constant", "1j"}}, {Stream::of(std::vector<cf32>{{1, 2}, {3, -4}})});
    EXPECT_EQ(out, (std::vector<cf32>{{-2, 1}, {4, 3}}));
    expect_refused("multiply_const", {{"constant", "1+1j"}}, {real_input()}, "a real number for real samples", "1+1j");
    expect_refused("multiply_const", {{"constant", "1+j"}}, {input()}, "a complex number (1+2j)", "1+j");
}

TEST(Add, AddsStreamsAndEndsWithTheShortest) {
    const auto a = Stream::of(std::vector<f32>{1, 2, 3}), b = Stream::of(std::vector<f32>{10, 20, 30, 40}),
               c = Stream::of(std::vector<f32>{100, 200});
    EXPECT_EQ(made<f32>("add", {{"inputs", 3}}, {a, b, c}), (std::vector<f32>{111, 222}));
    expect_chunks_do_not_matter("add", {}, {input(), input()});
}

TEST(Add, SaturatesIntegers) {
    const std::vector<ci16> in{{30000, -30000}, {1, 2}};
    EXPECT_EQ(made<ci16>("add", {}, {Stream::of(in), Stream::of(in)}), (std::vector<ci16>{{32767, -32768}, {2, 4}}));
}

TEST(Add, SaturatesTheWholeSumAndCountsWhatIsClipped) {
    const auto a = Stream::of(std::vector<ci16>{{30000, 5}, {30000, 1}, {-32768, 1}}),
               b = Stream::of(std::vector<ci16>{{30000, 6}, {2767, 1}, {-1, 1}}),
               c = Stream::of(std::vector<ci16>{{-30000, 7}, {1, 1}, {0, 1}});
    const auto o = run("add", {{"inputs", 3}}, {a, b, c});
    EXPECT_EQ(o.outputs[0].samples<ci16>(), (std::vector<ci16>{{30000, 18}, {32767, 3}, {-32768, 3}}));
    EXPECT_EQ(o.results.at("clipped").integer(), 2);
}

TEST(Add, ScalesStreamsOfDifferentFullScale) {
    const auto scaled = [](auto samples, double full_scale) {
        Stream s = Stream::of(samples);
        if (full_scale > 0) s.description.full_scale = full_scale;
        return s;
    };
    const auto half = std::vector<ci16>{{16384, -8192}}, of_2048 = std::vector<ci16>{{512, 1023}};
    for (const bool swapped : {false, true}) {
        std::vector<Stream> in{scaled(half, 0), scaled(of_2048, 2048)};
        if (swapped) std::swap(in[0], in[1]);
        const auto o = run("add", {}, in);
        EXPECT_EQ(o.outputs[0].samples<ci16>(), (std::vector<ci16>{{24576, 8176}}));
        EXPECT_EQ(o.outputs[0].description.full_scale, 32768);
        std::vector<Stream> floats{scaled(std::vector<cf32>{{0.5F, -0.25F}}, 0), scaled(std::vector<cf32>{{500, 250}}, 1000)};
        if (swapped) std::swap(floats[0], floats[1]);
        const auto f = run("add", {}, floats);
        EXPECT_EQ(f.outputs[0].samples<cf32>(), (std::vector<cf32>{{1000, 0}}));
        EXPECT_EQ(f.outputs[0].description.full_scale, 1000);
    }
    const auto same = run("add", {}, {scaled(of_2048, 2048), scaled(of_2048, 2048)});
    EXPECT_EQ(same.outputs[0].samples<ci16>(), (std::vector<ci16>{{1024, 2046}}));
    EXPECT_EQ(same.outputs[0].description.full_scale, 2048);
    EXPECT_FALSE(run("add", {}, {scaled(half, 0), scaled(half, 0)}).outputs[0].description.full_scale);
    // Half a unit goes to the even one, once, of the exact sum.
    const auto odd = std::vector<ci16>{{1, 3}};
    EXPECT_EQ(made<ci16>("add", {{"inputs", 3}}, {scaled(odd, 4), scaled(odd, 8), scaled(odd, 2)}),
              (std::vector<ci16>{{7, 21}}));
    EXPECT_EQ(made<ci16>("add", {}, {scaled(odd, 4), scaled(std::vector<ci16>{{0, 0}}, 2)}), odd);
}

TEST(Add, TakesItsInputsInAnyOrderOfTypes) {
    const auto integers = Stream::of(std::vector<ci16>{{16384, -8192}}), bytes = Stream::of(std::vector<ci8>{{64, 32}}),
               floats = Stream::of(std::vector<cf32>{{1, 2}});
    std::vector<Stream> in{integers, bytes, floats};
    std::vector<std::size_t> order{0, 1, 2};
    do {
        const auto o = run("add", {{"inputs", 3}}, {in[order[0]], in[order[1]], in[order[2]]});
        EXPECT_EQ(o.outputs[0].samples<cf32>(), (std::vector<cf32>{{2, 2}}));
    } while (std::next_permutation(order.begin(), order.end()));
    EXPECT_EQ(made<cf32>("add", {}, {integers, bytes}), (std::vector<cf32>{{1, 0}}));
    EXPECT_EQ(made<ci16>("add", {}, {integers, integers}), (std::vector<ci16>{{32767, -16384}}));
    expect_refused("add", {}, {integers, Stream::of(std::vector<f32>{1})}, "ci16 samples on `in[1]`", "rf32 from input_1.out");
}

TEST(Add, RefusesStreamsOfDifferentCentreFrequency) {
    Stream a = input(), b = input();
    a.description.center_frequency = 100;
    b.description.center_frequency = 200;
    expect_refused("add", {}, {a, b}, "inputs of one centre frequency", "200 Hz at in[1] and 100 Hz before it");
}

TEST(PlainBlocks, PassAGapOn) {
    expect_stretches_stand_alone<cf32>("copy", {}, input());
    expect_stretches_stand_alone<cf32>("multiply_const", {{"constant", 3}}, input());
}

// A segment of a longer stream: what the whole would go on with is neither padded nor given out half, so what comes is what
// begins the whole one's output.
TEST(Cuts, GiveTheBeginningOfTheWholeAndNothingElse) {
    const std::vector<std::tuple<std::string, Value::Map, bool>> blocks{
        {"copy", {}, true},
        {"fft", {{"size", 16}}, true},
        {"fft", {{"size", 16}, {"hop", 5}}, true},
        {"psd", {{"size", 16}, {"average", 3}}, true},
        {"psd", {{"size", 16}, {"average", 0}}, false},
        {"pfb_channelizer", {{"channels", 8}}, true},
        {"rational_resampler", {{"interpolation", 3}, {"decimation", 7}}, true},
        {"fir_filter", {{"cutoff", 100}, {"taps_count", 31}, {"decimation", 4}}, true},
        {"frequency_translate", {{"shift", 20}, {"decimation", 5}}, true},
        {"burst_detector", {{"frame", 16}}, true},
    };
    constexpr std::size_t n = 203;
    const Stream whole = input();
    for (const auto& [type, parameters, begins_at_once] : blocks) {
        for (const std::uint64_t seed : {0, 1, 2, 3}) {
            Options options;
            options.seed = seed;
            const Outcome all = run(type, parameters, {whole}, options),
                          ended = run(type, parameters, {part<cf32>(whole, 0, n)}, options);
            options.seam = true;
            const Outcome seam = run(type, parameters, {part<cf32>(whole, 0, n)}, options);
            for (std::size_t k = 0; k < seam.outputs.size(); ++k) {
                const auto& bytes = seam.outputs[k].bytes;
                ASSERT_LE(bytes.size(), ended.outputs[k].bytes.size()) << type;
                EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), all.outputs[k].bytes.begin())) << type << " seed " << seed;
                EXPECT_EQ(!bytes.empty(), begins_at_once) << type;
            }
        }
    }
}

namespace {
/// Parameters of types that hold less than a Value does.
struct Narrow final : Block {
    Parameter<int> number{*this, "number", {.initial = 1}};
    Parameter<std::uint64_t> count{*this, "count", {.initial = 1}};
    Parameter<float> factor{*this, "factor", {.initial = 1}};
    Input<f32> in{*this, "in"};
    void describe() override {}
    void work(std::size_t) override {}
};
}  // namespace

TEST(Parameters, RefuseNumbersThatTheirTypeCannotHold) {
    Registry registry;
    registry.add<Narrow>("narrow", "For this test.");
    Options options;
    options.registry = &registry;
    const auto got = [&](const std::string& name, const Value& value) -> std::string {
        try {
            run("narrow", {{name, value}}, {real_input()}, options);
            return "taken";
        } catch (const Refused& refused) { return refused.diagnostics().at(0).got; }
    };
    EXPECT_EQ(got("number", std::int64_t(2147483647)), "taken");
    EXPECT_EQ(got("number", std::int64_t(4294967297)), "4294967297");  // 2^32 + 1, of which 32 bits make 1
    EXPECT_EQ(got("number", std::int64_t(-2147483649)), "-2147483649");
    EXPECT_EQ(got("count", -1), "-1");
    EXPECT_EQ(got("factor", 3e38), "taken");
    EXPECT_EQ(got("factor", 1e39), "1e+39");
}
