// Frames of Mode S that are made here, at any place between samples and at any rate; the frames are those of published examples
// (J. Sun, The 1090 Megahertz Riddle, 2nd edition, 2021).
#include "tests/unit/blocks/running.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace flowspan::test {
namespace {

const std::string identification = "8d4840d6202cc371c32ce0576098", position = "8d40621d58c382d690c8ac2863a7",
                  all_call = "5d484fdea248e3";

struct Sent {
    double at_us;
    std::string hex;
    double amplitude = 0.5;
};

/// Whether a frame has a pulse `us` behind its beginning.
bool has_pulse(const std::string& hex, double us) {
    if (us < 0) return false;
    if (us < 8) return us < 0.5 || (us >= 1 && us < 1.5) || (us >= 3.5 && us < 4) || (us >= 4.5 && us < 5);
    const auto bit = std::size_t(us - 8);
    if (bit / 4 >= hex.size()) return false;
    const int digit = std::stoi(hex.substr(bit / 4, 1), nullptr, 16);
    return ((digit >> (3 - bit % 4)) & 1) == (us - 8 - double(bit) < 0.5 ? 1 : 0);
}

/// Noise, and frames whose pulses are averaged over each sample.
Stream air(double duration_us, Rational rate, const std::vector<Sent>& frames, double noise = 0.01) {
    std::mt19937 random(11);
    std::normal_distribution<float> normal(0, float(noise));
    const double per_us = rate.value() / 1e6;
    std::vector<cf32> x(std::size_t(duration_us * per_us));
    for (std::size_t n = 0; n < x.size(); ++n) {
        x[n] = {normal(random), normal(random)};
        for (const Sent& s : frames) {
            constexpr int parts = 40;
            double level = 0;
            for (int k = 0; k < parts; ++k)
                level += has_pulse(s.hex, (double(n) + (k + 0.5) / parts - 0.5) / per_us - s.at_us) ? 1.0 / parts : 0;
            x[n] += std::polar(float(s.amplitude * level), float(0.6 * double(n) / per_us));  // 95 kHz above
        }
    }
    return Stream::of(x, rate);
}

Outcome decoded(const Stream& in, const Value::Map& parameters = {}) { return run("adsb_decoder", parameters, {in}); }
std::vector<std::string> frames_of(const Outcome& o) {
    std::vector<std::string> all;
    for (const Message& m : o.messages.at("messages")) all.push_back(m.value.at("hex").string());
    return all;
}

TEST(AdsbDecoder, ReadsAFrameAtAnyPlaceBetweenSamples) {
    for (int eighth = 0; eighth < 8; ++eighth) {
        const double at = 100.04 + eighth / 16.0;  // (edges right on samples tell nothing)
        const Outcome o = decoded(air(400, Rational(2000000), {{at, identification}}));
        ASSERT_EQ(frames_of(o), std::vector<std::string>{identification}) << at;
        const Value& said = o.messages.at("messages")[0].value;
        EXPECT_EQ(said.at("df").integer(), 17);
        EXPECT_EQ(said.at("icao").string(), "4840d6");
        EXPECT_EQ(said.at("crc").integer(), 0);
        EXPECT_NEAR(double(said.at("start").integer()), at * 2, 1);
        EXPECT_EQ(said.at("length").integer(), 240);
        EXPECT_NEAR(said.at("time_s").real(), at * 1e-6, 0.6e-6);
        EXPECT_NEAR(said.at("level").real(), 20 * std::log10(0.5) - 3, 3);
    }
}

TEST(AdsbDecoder, ReadsThemAtAnyRate) {
    for (const std::int64_t rate : {2000000, 2048000, 2400000, 2500000, 3000000, 4000000, 8000000, 10000000, 20000000, 40000000,
                                    48000000, 50000000, 60000000, 61440000}) {
        const double at = 120.3;
        const Outcome o = decoded(air(420, Rational(rate), {{at, position}}));
        ASSERT_EQ(frames_of(o), std::vector<std::string>{position}) << rate;
        EXPECT_NEAR(double(o.messages.at("messages")[0].value.at("start").integer()) / double(rate), at * 1e-6, 0.4e-6) << rate;
    }
}

TEST(AdsbDecoder, ReadsTheFirstAndTheLastOfARecording) {
    const Outcome o = decoded(air(400, Rational(2000000), {{0.04, all_call}, {400.05 - 120.1, position}}));
    EXPECT_EQ(frames_of(o), (std::vector<std::string>{all_call, position}));
    EXPECT_EQ(o.messages.at("messages")[0].value.at("start").integer(), 0);
    EXPECT_EQ(o.messages.at("messages")[0].value.at("length").integer(), 128);
    EXPECT_EQ(o.results.at("frames").integer(), 2);
    EXPECT_EQ(o.results.at("formats").at("11").integer(), 1);
}

TEST(AdsbDecoder, ReadsWhatEndsAtAGapAndNothingAcrossOne) {
    const double gap = 2 * 500;
    Stream in = air(1000, Rational(2000000), {{500.05 - 120.1, position}, {620.3, all_call}, {900.1, identification}});
    in.stretches.push_back({std::uint64_t(gap), {Break::gap, 77}, {}, {}});
    in.stretches.push_back({1900, {Break::gap, 5}, {}, {}});  // within the last frame
    const Outcome o = decoded(in);
    EXPECT_EQ(frames_of(o), (std::vector<std::string>{position, all_call}));
    EXPECT_NEAR(double(o.messages.at("messages")[0].value.at("start").integer()), 2 * 379.95, 1);
    EXPECT_NEAR(o.messages.at("messages")[0].stamp.value(), 379.95e-6, 1e-6);
    EXPECT_NEAR(o.messages.at("messages")[1].stamp.value(), 620.3e-6, 1e-6);
    expect_chunks_do_not_matter("adsb_decoder", {}, {in});
}

TEST(AdsbDecoder, ReadsEachFrameOnceAndAllOfMany) {
    std::vector<Sent> sent;
    std::vector<std::string> expected;
    for (int k = 0; k < 60; ++k) {
        sent.push_back({30.1 + 133.5 * k + 0.1 * (k % 4),
                        k % 3 == 0   ? all_call
                        : k % 3 == 1 ? identification
                                     : position,
                        0.1 + 0.01 * k});
        expected.push_back(sent.back().hex);
    }
    const Stream in = air(8200, Rational(2000000), sent);
    EXPECT_EQ(frames_of(decoded(in)), expected);
    expect_chunks_do_not_matter("adsb_decoder", {}, {in});
}

TEST(AdsbDecoder, ReadsBytesAsTheFloatsThatTheyStandFor) {
    std::vector<Sent> sent;
    for (int k = 0; k < 40; ++k) sent.push_back({0.04 + 141.3 * k, k % 2 == 0 ? all_call : identification, 0.2 + 0.01 * k});
    const Rational rate(2000000);
    std::vector<cu8> bytes;
    std::vector<cf32> floats;
    for (const cf32 x : air(5700, rate, sent).samples<cf32>()) {
        const auto byte = [](float v) { return u8(std::clamp(std::lround(128 * double(v) + 127.5), 0L, 255L)); };
        bytes.push_back({byte(x.real()), byte(x.imag())});
        floats.emplace_back((float(bytes.back().re) - 127.5F) / 128, (float(bytes.back().im) - 127.5F) / 128);
    }
    const Outcome of_bytes = decoded(Stream::of(bytes, rate)), of_floats = decoded(Stream::of(floats, rate));
    ASSERT_EQ(frames_of(of_bytes), frames_of(of_floats));
    EXPECT_GT(frames_of(of_bytes).size(), 35U);
    for (std::size_t k = 0; k < frames_of(of_bytes).size(); ++k)
        EXPECT_EQ(of_bytes.messages.at("messages")[k].value, of_floats.messages.at("messages")[k].value);
    expect_chunks_do_not_matter("adsb_decoder", {}, {Stream::of(bytes, rate)});
}

TEST(AdsbDecoder, LeavesOutWhatParityDoesNotBear) {
    std::string wrong = identification;
    wrong[20] = wrong[20] == '0' ? '1' : '0';
    EXPECT_TRUE(frames_of(decoded(air(400, Rational(2000000), {{100.2, wrong}}))).empty());
    EXPECT_TRUE(frames_of(decoded(air(20000, Rational(2000000), {}))).empty()) << "noise";
    EXPECT_TRUE(frames_of(decoded(air(100, Rational(2000000), {{40, identification}}))).empty()) << "cut off";
}

TEST(AdsbDecoder, ReadsAnswersOfAddressesThatItHasHeard) {
    // An answer of format 4 whose parity holds the address 484fde.
    const std::string answer = [] {
        std::uint32_t c = 0;
        const std::uint32_t bytes[] = {0x20, 0x00, 0x05, 0x10};
        for (const std::uint32_t b : bytes)
            for (int k = 7; k >= 0; --k) {
                const std::uint32_t top = ((c >> 23) ^ (b >> k)) & 1;
                c = ((c << 1) & 0xffffff) ^ (top != 0 ? 0xfff409U : 0U);
            }
        char text[15];
        std::snprintf(text, sizeof text, "20000510%06x", c ^ 0x484fdeU);
        return std::string(text);
    }();
    const std::vector<Sent> sent{{50.1, answer}, {200.1, all_call}, {400.1, answer}};
    EXPECT_EQ(frames_of(decoded(air(600, Rational(2000000), sent))), std::vector<std::string>{all_call});
    const Outcome o = decoded(air(600, Rational(2000000), sent), {{"known_addresses", true}});
    EXPECT_EQ(frames_of(o), (std::vector<std::string>{all_call, answer})) << "the first one before its address was heard";
    EXPECT_EQ(o.messages.at("messages").back().value.at("icao").string(), "484fde");
}

TEST(AdsbDecoder, ForgetsNothingAcrossWhatIsNotFinite) {
    Stream in = air(800, Rational(2000000), {{100.1, identification}, {500.1, position}});
    auto samples = in.samples<cf32>();
    samples[700] = {std::nanf(""), 1e38F};
    const Outcome o = decoded(Stream::of(samples, Rational(2000000)));
    EXPECT_EQ(frames_of(o), (std::vector<std::string>{identification, position}));
}

TEST(AdsbDecoder, RefusesRatesThatItCannotRead) {
    expect_refused("adsb_decoder", {}, {air(100, Rational(499999), {})},
                   "samples at a rate from 500 kHz to 64 MHz, best 2 MHz or more", "499999 Hz");
    expect_refused("adsb_decoder", {}, {air(100, Rational(2000001), {})},
                   "a rate of which 4 MHz is a ratio of numbers up to 4096", "2000001 Hz");
}

}  // namespace
}  // namespace flowspan::test
