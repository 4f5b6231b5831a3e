// What fir_filter makes beside filters by a window: bands of one side, interpolation, remez, pulses.
#include "tests/unit/blocks/filters/filter_vectors.hpp"

#include <cmath>

using namespace flowspan;
using namespace flowspan::test;

namespace {

const Value::Map one_sided{{"kind", "one_sided"}, {"low", -50}, {"high", 200}, {"taps_count", 41}},
    remez{{"design", "remez"}, {"cutoff", 125}, {"transition", 50}, {"attenuation", 60}, {"ripple", 0.2}};

Value::Map with(Value::Map p, const Value::Map& more) {
    for (const auto& [key, value] : more) p[key] = value;
    return p;
}
void expect_equal(const Value::Map& parameters, const std::string& name) {
    const auto y = made<cf32>("fir_filter", parameters, {filter_input()});
    EXPECT_LE(oracle::relative_error(y, filter_vectors().complexes(name)), 1e-6) << name;
}

}  // namespace

TEST(FirDesigns, OneSidedBandsEqualScipys) {
    expect_equal(one_sided, "fir.one_sided");
    expect_equal(with(one_sided, {{"decimation", 3}}), "fir.one_sided.by3");
    expect_equal(with(one_sided, {{"low", 100}, {"taps_count", 301}}), "fir.one_sided.long");
    const auto o = run("fir_filter", one_sided, {filter_input()});
    EXPECT_EQ(o.outputs[0].description.origin, Time(Rational(-20, 1000)));
}

TEST(FirDesigns, OneSidedBandsStopTheOtherSide) {
    for (const char* design : {"kaiser", "remez"}) {
        const Value::Map p{{"kind", "one_sided"}, {"low", 100},        {"high", 200},
                           {"transition", 40},    {"attenuation", 70}, {"design", design}};
        const auto h = impulse_response("fir_filter", p, 400);
        EXPECT_LE(greatest_response(h, -500, 80, 1000), 1.2 * std::pow(10, -70 / 20.0)) << design;
        EXPECT_LE(greatest_response(h, 220, 500, 1000), 1.2 * std::pow(10, -70 / 20.0)) << design;
        EXPECT_NEAR(greatest_response(h, 120, 180, 1000), 1, 0.01) << design;
    }
}

TEST(FirDesigns, InterpolationEqualsScipysUpfirdn) {
    const Value::Map p{{"cutoff", 150}, {"taps_count", 61}, {"interpolation", 3}, {"decimation", 2}};
    expect_equal(p, "fir.interpolated");
    const auto o = run("fir_filter", p, {filter_input()});
    EXPECT_EQ(o.outputs[0].description.sample_rate, Rational(1500));
    EXPECT_EQ(o.outputs[0].description.origin, Time(Rational(-10, 1000)));
}

TEST(FirDesigns, RemezHasTheRippleAndTheStopBandThatAreAskedFor) {
    const auto h = impulse_response("fir_filter", remez, 400);
    EXPECT_LE(greatest_response(h, 150, 500, 1000), 1.05e-3);
    const double gain = std::pow(10, 0.2 / 20), most = 1 + 1.05 * (gain - 1) / (gain + 1);
    const double passes = greatest_response(h, 0, 100, 1000);
    EXPECT_GT(passes, 1 + 0.5 * (most - 1));
    EXPECT_LT(passes, most);
    for (const char* kind : {"high", "band"}) {
        Value::Map p = with(remez, {{"kind", kind}});
        if (std::string(kind) == "band") p = with(p, {{"low", 125}, {"high", 250}});
        const auto other = impulse_response("fir_filter", p, 400);
        EXPECT_LE(greatest_response(other, 0, 100, 1000), 1.05e-3) << kind;
        EXPECT_NEAR(greatest_response(other, 150, 225, 1000), 1, 0.02) << kind;
    }
}

TEST(FirDesigns, PulsesOfTwoFiltersHaveNoIntersymbolInterference) {
    const Value::Map rrc{{"design", "rrc"}, {"symbol_rate", 125}, {"rolloff", 0.35}, {"taps_count", 8 * 40 + 1}};
    std::vector<cf32> x(1000);
    x[0] = 1;
    const auto once = run("fir_filter", rrc, {Stream::of(x, Rational(1000))});
    const auto twice = made<cf32>("fir_filter", rrc, {Stream::of(once.outputs[0].samples<cf32>(), Rational(1000))});
    for (int symbol = -15; symbol <= 15; ++symbol) {
        const double value = std::abs(twice[std::size_t(320 + 8 * symbol)]) / std::abs(twice[320]);
        EXPECT_NEAR(value, symbol == 0 ? 1 : 0, 1e-3) << symbol;
    }
    const Value::Map gaussian{{"design", "gaussian"}, {"symbol_rate", 50}, {"bt", 0.5}};
    const auto h = impulse_response("fir_filter", gaussian, 300);
    EXPECT_NEAR(greatest_response(h, 0, 0, 1000), 1, 1e-6);
    EXPECT_NEAR(greatest_response(h, 25, 25, 1000), std::sqrt(0.5), 2e-3);
}

TEST(FirDesigns, DoNotDependOnChunksAndLengths) {
    const std::vector<Value::Map> all{one_sided,
                                      with(one_sided, {{"decimation", 3}}),
                                      with(remez, {{"interpolation", 5}, {"decimation", 3}}),
                                      with(remez, {{"interpolation", 4}}),
                                      {{"design", "rrc"}, {"symbol_rate", 125}}};
    for (const Value::Map& p : all) {
        expect_chunks_do_not_matter("fir_filter", p, {input()});
        expect_stretches_stand_alone<cf32>("fir_filter", p, input());
    }
    expect_lengths<cf32>("fir_filter", all[1], [](auto n) { return (n + 2) / 3; });
    expect_lengths<f32>("fir_filter", all[2], [](auto n) { return (5 * n + 2) / 3; });
}

TEST(FirDesigns, RefuseWhatCannotBe) {
    expect_refused("fir_filter", one_sided, {real_input()}, "low, high or band for real samples", "one_sided");
    expect_refused("fir_filter", with(one_sided, {{"interpolation", 2}}), {input()}, "1 for kind one_sided", "2");
    expect_refused("fir_filter", with(one_sided, {{"low", -501}}), {input()}, "a frequency above (-500 Hz)", "-501 Hz");
    expect_refused("fir_filter", with(one_sided, {{"high", -60}}), {input()}, "a frequency above (-50 Hz)", "-60 Hz");
    expect_refused("fir_filter", {{"kind", "band"}, {"low", -5}, {"high", 5}, {"taps_count", 5}}, {input()},
                   "a frequency above (0 Hz)", "-5 Hz");
    expect_refused("fir_filter", {{"design", "rrc"}}, {input()}, "a rate for design rrc", "nothing");
    expect_refused("fir_filter", {{"design", "gaussian"}, {"symbol_rate", 2000}}, {input()},
                   "at most the sample rate (1000 Hz)", "2000 Hz");
    expect_refused("fir_filter", {{"design", "remez"}, {"cutoff", 100}, {"taps_count", 41}}, {input()}, "transition",
                   "nothing");
    expect_refused("fir_filter", with(remez, {{"taps_count", 5001}}), {input()}, "a filter of 3 to 2047 taps for remez",
                   "5001");
    expect_refused("fir_filter", with(remez, {{"taps_count", 1501}, {"transition", 200}}), {input()},
                   "a filter that can be made: the exchange of Remez did not converge for 1501 taps", "1501");
    expect_refused("fir_filter", with(remez, {{"transition", 600}}), {input()},
                   "a transition that leaves bands to pass and to stop", "600 Hz");
    expect_refused("fir_filter", {{"cutoff", 50}, {"taps_count", 5}, {"design", "kaiser"}, {"window", "hann"}}, {input()},
                   "kaiser beside design: kaiser", "hann");
}
