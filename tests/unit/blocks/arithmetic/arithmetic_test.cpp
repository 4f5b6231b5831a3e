// Sample by sample, against NumPy: bit for bit where there is one operation.
#include "tests/unit/blocks/plumbing.hpp"

#include <cmath>
#include <limits>

using namespace flowspan;
using namespace flowspan::test;

namespace {
constexpr f32 infinity = std::numeric_limits<f32>::infinity(), no_number = std::numeric_limits<f32>::quiet_NaN();
Stream scaled(Stream s, double full_scale, const std::string& unit = {}) {
    s.description.full_scale = full_scale;
    s.description.unit = unit;
    return s;
}
Stream on(Stream s, double centre) {
    s.description.center_frequency = centre;
    return s;
}
}  // namespace

TEST(ComplexTo, TellsTheMagnitudeOfSamplesOfAnySize) {
    std::vector<cf32> x;
    for (const double size : {1.0, 1e-30, 1e-42, 1e19, 1e25, 2e38, 0.0, 1e-19}) x.emplace_back(cf32(std::polar(size, 0.7)));
    const auto o = run("complex_to", {{"part", "magnitude"}}, {Stream::of(x, Rational(1000))});
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = std::abs(cf64(x[i]));
        EXPECT_NEAR(double(o.outputs[0].samples<f32>()[i]), expected, 2e-7 * expected + 1e-45) << i;
    }
}

TEST(Multiply, MultipliesAsNumPyDoes) {
    EXPECT_EQ(made<cf32>("multiply", {}, {x_stream(), y_stream()}), plumbing().samples("product"));
    EXPECT_EQ(made<f32>("multiply", {}, {real_x(), real_y()}), floats("product.real"));
    EXPECT_EQ(made<cf32>("multiply", {{"conjugate", true}}, {x_stream(), y_stream()}), plumbing().samples("product.conjugate"));
    EXPECT_EQ(made<f32>("multiply", {{"inputs", 3}}, {counting<f32>(5), counting<f32>(7), counting<f32>(6)}),
              (std::vector<f32>{0, 1, 8, 27, 64}));
    EXPECT_EQ(made<cf32>("multiply", {{"inputs", 1}}, {x_stream()}), plumbing().samples("x"));
}

TEST(Multiply, SaysWhatAProductIs) {
    const auto product = [](const Stream& a, const Stream& b, const Value::Map& parameters = {}) {
        return run("multiply", parameters, {a, b}).outputs[0].description;
    };
    const Stream x = x_stream(), y = y_stream();
    EXPECT_EQ(product(on(x, 1e8), y).center_frequency, 1e8);
    EXPECT_EQ(product(x, on(y, 1e8)).center_frequency, 1e8);
    EXPECT_FALSE(product(on(x, 1e8), on(y, 1e8)).center_frequency);
    EXPECT_FALSE(product(x, on(y, 1e8), {{"conjugate", true}}).center_frequency);
    EXPECT_EQ(product(on(x, 1e8), y, {{"conjugate", true}}).center_frequency, 1e8);
    EXPECT_EQ(product(scaled(x, 3, "V"), scaled(y, 5, "A")).full_scale, 15);
    EXPECT_EQ(product(scaled(x, 3, "V"), scaled(y, 5, "A")).unit, "V A");
    EXPECT_FALSE(product(x, y).full_scale);
    const auto quotient = run("divide", {}, {scaled(x, 3, "V"), scaled(y, 5, "A")}).outputs[0].description;
    EXPECT_EQ(quotient.full_scale, 0.6);
    EXPECT_EQ(quotient.unit, "V/A");
    EXPECT_EQ(run("divide", {}, {scaled(x, 3, "V"), scaled(y, 3, "V")}).outputs[0].description.unit, "");
}

TEST(Multiply, RefusesAConjugateOfRealSamplesAndOfSeveralStreams) {
    expect_refused("multiply", {{"conjugate", true}}, {real_x(), real_y()}, "false for real samples", "true");
    expect_refused("multiply", {{"conjugate", true}, {"inputs", 3}}, {x_stream(), x_stream(), x_stream()},
                   "2 where one is conjugated", "3");
}

TEST(Divide, DividesAsNumPyDoes) {
    EXPECT_EQ(made<f32>("divide", {}, {real_x(), real_y()}), floats("quotient.real"));
    EXPECT_LE(oracle::relative_error(made<cf32>("divide", {}, {x_stream(), y_stream()}), plumbing().complexes("quotient")),
              1e-6);
    EXPECT_EQ(made<f32>("divide", {{"inputs", 3}},
                        {Stream::of(std::vector<f32>{24, 1}), Stream::of(std::vector<f32>{2, 0}),
                         Stream::of(std::vector<f32>{3, 1})}),
              (std::vector<f32>{4, infinity}));
    const f32 big = 1e30F, small = 1e-30F;  // squares of which no float holds
    EXPECT_EQ(made<cf32>("divide", {},
                         {Stream::of(std::vector<cf32>{{big, big}, {small, 0}}),
                          Stream::of(std::vector<cf32>{{big, big}, {0, small}})}),
              (std::vector<cf32>{{1, 0}, {0, -1}}));
}

TEST(Subtract, TakesAwayByFullScaleAndSaturates) {
    EXPECT_EQ(made<cf32>("subtract", {}, {x_stream(), y_stream()}), plumbing().samples("difference"));
    EXPECT_EQ(made<f32>("subtract", {{"inputs", 3}}, {counting<f32>(3), counting<f32>(3), counting<f32>(3)}),
              (std::vector<f32>{0, -1, -2}));
    const auto o = run("subtract", {}, {Stream::of(std::vector<ci16>{{30000, 5}}), Stream::of(std::vector<ci16>{{-30000, 7}})});
    EXPECT_EQ(o.outputs[0].samples<ci16>(), (std::vector<ci16>{{32767, -2}}));
    EXPECT_EQ(o.results.at("clipped").integer(), 1);
    EXPECT_EQ(
        made<f32>("subtract", {}, {scaled(Stream::of(std::vector<f32>{0.5F}), 1), scaled(Stream::of(std::vector<f32>{1}), 4)}),
        (std::vector<f32>{1}));
    expect_refused("subtract", {}, {on(x_stream(), 100), on(x_stream(), 200)}, "inputs of one centre frequency",
                   "200 Hz at in[1] and 100 Hz before it");
}

TEST(AddConst, AddsANumberThatMayChange) {
    EXPECT_EQ(made<cf32>("add_const", {{"constant", std::complex<double>(0.3, -0.7)}}, {x_stream()}),
              plumbing().samples("added"));
    EXPECT_EQ(made<f32>("add_const", {{"constant", -2}}, {counting<f32>(3)}), (std::vector<f32>{-2, -1, 0}));
    expect_refused("add_const", {{"constant", "1+1j"}}, {real_x()}, "a real number for real samples", "1+1j");
    Options options;
    options.changes = {{"constant", 10.0, at_sample(2)}};
    EXPECT_EQ(run("add_const", {{"constant", 0}}, {counting<f32>(4)}, options).outputs[0].samples<f32>(),
              (std::vector<f32>{0, 1, 12, 13}));
}

TEST(Abs, IsTheMagnitude) {
    EXPECT_EQ(made<f32>("abs", {}, {real_x()}), floats("abs"));
    EXPECT_EQ(made<f32>("abs", {}, {Stream::of(std::vector<f32>{-0.0F, -infinity})}), (std::vector<f32>{0, infinity}));
}

TEST(Log10, MakesDecibels) {
    const Stream power = Stream::of(floats("power"), Rational(1000));
    EXPECT_LE(oracle::relative_error(made<f32>("log10", {}, {power}), plumbing().reals("decibels")), 1e-6);
    const auto o = run("log10", {{"scale", 1}}, {Stream::of(std::vector<f32>{0, 1, 100, infinity, -1, no_number})});
    const auto y = o.outputs[0].samples<f32>();
    EXPECT_EQ(std::vector<f32>(y.begin(), y.begin() + 4), (std::vector<f32>{-infinity, 0, 2, infinity}));
    EXPECT_TRUE(std::isnan(y[4]) && std::isnan(y[5]));
    EXPECT_EQ(o.outputs[0].description.unit, "dB");
}

TEST(ComplexTo, MakesEachPartOfASample) {
    const auto part = [](const char* which) { return made<f32>("complex_to", {{"part", which}}, {x_stream()}); };
    const auto x = plumbing().samples("x");
    EXPECT_EQ(part("real"), real_parts(x));
    EXPECT_EQ(part("power"), floats("power"));
    EXPECT_EQ(part("magnitude"), floats("magnitude"));
    EXPECT_LE(oracle::relative_error(part("phase"), plumbing().reals("phase")), 1e-6);
    std::vector<f32> imag;
    for (const cf32 z : x) imag.push_back(z.imag());
    EXPECT_EQ(part("imag"), imag);
    expect_refused("complex_to", {{"part", "argument"}}, {x_stream()}, "one of real, imag, magnitude, power, phase",
                   "argument");
}

TEST(ComplexTo, SaysUnitAndScaleOfThePart) {
    const auto part = [](const char* which) {
        return run("complex_to", {{"part", which}}, {on(scaled(x_stream(), 3, "V"), 1e8)}).outputs[0].description;
    };
    EXPECT_EQ(part("power").full_scale, 9);
    EXPECT_EQ(part("power").unit, "V^2");
    EXPECT_EQ(part("magnitude").full_scale, 3);
    EXPECT_EQ(part("magnitude").unit, "V");
    EXPECT_FALSE(part("magnitude").center_frequency);
    EXPECT_FALSE(part("phase").full_scale);
    EXPECT_EQ(part("phase").unit, "rad");
    EXPECT_EQ(part("phase").type, SampleType::rf32);
}

TEST(ComplexToFloat, IsTakenBackByFloatToComplex) {
    const auto o = run("complex_to_float", {}, {on(x_stream(), 1e8)});
    EXPECT_EQ(o.outputs[0].samples<f32>(), real_parts(plumbing().samples("x")));
    EXPECT_FALSE(o.outputs[0].description.center_frequency);
    const auto back = run("float_to_complex", {}, {o.outputs[0], o.outputs[1]});
    EXPECT_EQ(back.outputs[0].samples<cf32>(), plumbing().samples("x"));
    EXPECT_EQ(back.outputs[0].description.type, SampleType::cf32);
    EXPECT_EQ(made<cf32>("float_to_complex", {}, {counting<f32>(5), counting<f32>(2)}), (std::vector<cf32>{{0, 0}, {1, 1}}));
    expect_refused("float_to_complex", {}, {real_x(), scaled(real_x(), 2)}, "inputs of one full scale",
                   "that of the type on `re` and 2 on `im`");
    Stream two = counting<f32>(4);
    two.description.shape = {{.name = "channel", .unit = "", .size = 2}};
    expect_refused("float_to_complex", {}, {real_x(), two}, "inputs of equal items",
                   "items of one sample on `re` and items of 2 channels on `im`");
}

TEST(Conjugate, MirrorsTheSpectrum) {
    auto expected = plumbing().samples("x");
    for (cf32& z : expected) z = std::conj(z);
    EXPECT_EQ(made<cf32>("conjugate", {}, {x_stream()}), expected);
}

TEST(Rotate, MovesUpWhatFrequencyTranslateMovesDown) {
    const auto o = run("rotate", {{"frequency", 123}}, {on(x_stream(), 1e6)});
    EXPECT_LE(oracle::relative_error(o.outputs[0].samples<cf32>(), plumbing().complexes("rotated")), 1e-6);
    EXPECT_EQ(o.outputs[0].description.center_frequency, 1e6 - 123);
    const auto translated = run("frequency_translate", {{"shift", -123}}, {on(x_stream(), 1e6)});
    EXPECT_EQ(translated.outputs[0].bytes, o.outputs[0].bytes);
    EXPECT_EQ(translated.outputs[0].description, o.outputs[0].description);
    expect_refused("rotate", {{"frequency", 501}}, {x_stream()}, "from minus to plus half the sample rate (500 Hz)", "501 Hz");
    // The phase goes on where the frequency changes.
    Options options;
    options.changes = {{"frequency", 250.0, at_sample(3)}};
    const auto ones = Stream::of(std::vector<cf32>(6, 1), Rational(1000));
    const auto y = run("rotate", {{"frequency", 500}}, {ones}, options).outputs[0].samples<cf32>();
    const std::vector<cf32> expected{{1, 0}, {-1, 0}, {1, 0}, {-1, 0}, {0, -1}, {1, 0}};
    EXPECT_LE(oracle::relative_error(y, expected), 1e-6);
}

TEST(Arithmetic, DoesNotDependOnChunksAndKeepsEveryItem) {
    const std::vector<std::pair<std::string, Value::Map>> of_complex{{"complex_to", {{"part", "magnitude"}}},
                                                                     {"complex_to", {{"part", "phase"}}},
                                                                     {"complex_to_float", {}},
                                                                     {"conjugate", {}},
                                                                     {"rotate", {{"frequency", 77}}},
                                                                     {"add_const", {{"constant", 1}}}},
        of_real{{"abs", {}}, {"log10", {}}, {"add_const", {{"constant", 1}}}};
    const auto all = [](auto n) { return n; };
    for (const auto& [type, parameters] : of_complex) {
        expect_chunks_do_not_matter(type, parameters, {input()});
        expect_lengths<cf32>(type, parameters, all);
        expect_stretches_stand_alone<cf32>(type, parameters, input(), 1000);
    }
    for (const auto& [type, parameters] : of_real) {
        expect_chunks_do_not_matter(type, parameters, {real_input()});
        expect_lengths<f32>(type, parameters, all);
    }
    for (const char* type : {"multiply", "divide", "subtract"}) expect_chunks_do_not_matter(type, {}, {input(), input()});
    expect_chunks_do_not_matter("float_to_complex", {}, {real_input(), real_input()});
}
