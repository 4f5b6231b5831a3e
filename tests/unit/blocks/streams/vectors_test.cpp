// Items of several samples: taken apart, put together, and refused where a block knows nothing of them.
#include "tests/unit/blocks/files.hpp"
#include "tests/unit/blocks/running.hpp"

#include <gmock/gmock.h>

namespace flowspan::test {
namespace {
using testing::EndsWith;

Axis channels(std::size_t n) { return {.name = "channel", .unit = "", .size = n}; }
Axis bins(std::size_t n, double first, double step) {
    return {.name = "frequency", .unit = "Hz", .size = n, .first = first, .step = step};
}

/// Samples 0, 1, 2, … in items of this shape.
template <class T>
Stream counting(std::size_t items, const std::vector<Axis>& shape) {
    StreamDescription d;
    d.shape = shape;
    std::vector<T> samples;
    for (std::size_t k = 0; k < items * d.samples_per_item(); ++k) samples.push_back(T(float(k)));
    Stream s = Stream::of(samples, Rational(48000));
    s.description.shape = shape;
    return s;
}

TEST(VectorToStreams, GivesEachPositionOfTheFirstAxisAStream) {
    const Stream in = counting<f32>(1009, {channels(3), bins(2, -5, 10)});
    const Outcome o = run("vector_to_streams", {{"outputs", 3}}, {in});
    ASSERT_EQ(o.outputs.size(), 3U);
    for (std::size_t c = 0; c < 3; ++c) {
        EXPECT_EQ(o.outputs[c].description.shape, std::vector<Axis>{bins(2, -5, 10)});
        const auto samples = o.outputs[c].samples<f32>();
        ASSERT_EQ(samples.size(), 2018U);
        for (std::size_t k = 0; k < samples.size(); ++k) ASSERT_EQ(samples[k], f32(k / 2 * 6 + c * 2 + k % 2));
    }
    expect_chunks_do_not_matter("vector_to_streams", {{"outputs", 3}}, {in});
}

TEST(VectorToStreams, GivesEachPortOfAFrequencyAxisItsCentreFrequency) {
    Stream in = counting<cf32>(5, {bins(3, -1000, 1000)});
    in.description.center_frequency = 1e8;
    const Outcome o = run("vector_to_streams", {{"outputs", 3}}, {in});
    EXPECT_EQ(o.outputs[0].description.center_frequency, 1e8 - 1000);
    EXPECT_EQ(o.outputs[1].description.center_frequency, 1e8);
    EXPECT_EQ(o.outputs[2].description.center_frequency, 1e8 + 1000);
    EXPECT_TRUE(o.outputs[0].description.shape.empty());
    in.description.shape = {channels(3)};
    EXPECT_EQ(run("vector_to_streams", {{"outputs", 3}}, {in}).outputs[2].description.center_frequency, 1e8);
    in.description.center_frequency.reset();
    in.description.shape = {bins(3, -1000, 1000)};
    EXPECT_FALSE(run("vector_to_streams", {{"outputs", 3}}, {in}).outputs[2].description.center_frequency)
        << "what 0 Hz was on the air is not known";
}

TEST(VectorToStreams, RefusesAnotherNumberOfOutputs) {
    expect_refused("vector_to_streams", {{"outputs", 3}}, {counting<f32>(5, {channels(2), bins(4, 0, 1)})},
                   "2, for what comes is items of 2 channels x 4 bins of frequency", "3");
    expect_refused("vector_to_streams", {{"outputs", 2}}, {counting<f32>(5, {})}, "1, for what comes is items of one sample",
                   "2");
    expect_refused("vector_to_streams", {{"outputs", 0}}, {counting<f32>(5, {})}, "an integer from 1 to 65536", "0");
}

TEST(StreamsToVector, PutsStreamsOfAnyTypeAndShapeSideBySide) {
    Stream a = Stream::of(std::vector<ci16>{{1, 2}, {3, 4}, {5, 6}, {7, 8}}),
           b = Stream::of(std::vector<ci16>{{-1, -2}, {-3, -4}});
    const Outcome o = run("streams_to_vector", {{"axis", "antenna"}}, {a, b});  // ends with the shorter one
    EXPECT_EQ(o.outputs[0].samples<ci16>(), (std::vector<ci16>{{1, 2}, {-1, -2}, {3, 4}, {-3, -4}}));
    ASSERT_EQ(o.outputs[0].description.shape.size(), 1U);
    EXPECT_EQ(o.outputs[0].description.shape[0], (Axis{.name = "antenna", .unit = "", .size = 2}));
    const Stream spectra = counting<f32>(997, {bins(5, 0, 1)});
    const Outcome two = run("streams_to_vector", {{"inputs", 2}}, {spectra, spectra});
    EXPECT_EQ(two.outputs[0].description.shape, (std::vector<Axis>{channels(2), bins(5, 0, 1)}));
    const auto samples = two.outputs[0].samples<f32>();
    ASSERT_EQ(samples.size(), 9970U);
    for (std::size_t k = 0; k < samples.size(); ++k) ASSERT_EQ(samples[k], f32(k / 10 * 5 + k % 5));
    expect_chunks_do_not_matter("streams_to_vector", {{"inputs", 2}}, {spectra, spectra});
}

TEST(StreamsToVector, MakesOneChannelOfOneStream) {
    const Outcome o = run("streams_to_vector", {{"inputs", 1}}, {counting<f32>(7, {})});
    EXPECT_EQ(o.outputs[0].description.shape, std::vector<Axis>{channels(1)});
    EXPECT_EQ(o.outputs[0].samples<f32>(), (std::vector<f32>{0, 1, 2, 3, 4, 5, 6}));
}

TEST(StreamsToVector, KeepsTheCentreFrequencyAndPutsEvenlySpacedOnesOnTheAxis) {
    std::vector<Stream> in(4, counting<cf32>(5, {}));
    for (Stream& s : in) s.description.center_frequency = 1e8;
    EXPECT_EQ(run("streams_to_vector", {{"inputs", 4}}, in).outputs[0].description.center_frequency, 1e8);
    for (std::size_t k = 0; k < 4; ++k) in[k].description.center_frequency = 1e8 + 200e3 * double(k);
    const Outcome o = run("streams_to_vector", {{"inputs", 4}, {"axis", "frequency"}}, in);
    EXPECT_EQ(o.outputs[0].description.center_frequency, 1e8 + 400e3);
    EXPECT_EQ(o.outputs[0].description.shape, std::vector<Axis>{bins(4, -400e3, 200e3)});
    const Outcome apart = run("vector_to_streams", {{"outputs", 4}}, {o.outputs[0]});
    for (std::size_t k = 0; k < 4; ++k) {
        EXPECT_EQ(apart.outputs[k].description.center_frequency, in[k].description.center_frequency);
        EXPECT_EQ(apart.outputs[k].bytes, in[k].bytes);
    }
    in[3].description.center_frequency = 1e8;
    expect_refused("streams_to_vector", {{"inputs", 4}}, in, "inputs of one centre frequency, or of evenly spaced ones",
                   "100 MHz on `in[0]`, 100.2 MHz on `in[1]` and 100 MHz on `in[3]`");
    in[3].description.center_frequency.reset();
    expect_refused("streams_to_vector", {{"inputs", 4}}, in, "inputs of one centre frequency, or of evenly spaced ones",
                   "100 MHz on `in[0]`, 100.2 MHz on `in[1]` and none on `in[3]`");
}

TEST(StreamsToVector, RefusesWhatIsNotAlike) {
    const Stream one = counting<f32>(5, {}), two = counting<f32>(5, {channels(2)}), complex = counting<cf32>(5, {});
    expect_refused("streams_to_vector", {}, {one, two}, "inputs of equal items",
                   "items of one sample on `in[0]` and items of 2 channels on `in[1]`");
    expect_refused("streams_to_vector", {}, {one, complex}, "inputs of one sample type", "rf32 on `in[0]` and cf32 on `in[1]`");
    expect_refused("streams_to_vector", {}, {two, two}, "a name that no axis of items of 2 channels has", "channel");
    expect_refused("streams_to_vector", {{"axis", ""}}, {one, one}, "a name", "");
    Stream scaled = one, unit = one;
    scaled.description.full_scale = 2048;
    expect_refused("streams_to_vector", {}, {one, scaled}, "inputs of one full scale",
                   "that of the type on `in[0]` and 2048 on `in[1]`");
    unit.description.unit = "1/Hz";
    expect_refused("streams_to_vector", {}, {one, unit}, "inputs of one unit", "none on `in[0]` and 1/Hz on `in[1]`");
}

TEST(Add, RefusesItemsThatAreNotAlike) {
    expect_refused("add", {}, {counting<cf32>(5, {channels(2)}), counting<cf32>(5, {channels(3)})}, "inputs of equal items",
                   "items of 2 channels on `in[0]` and items of 3 channels on `in[1]`");
}

TEST(WavSink, WritesAChannelOfTheFileForEachChannelOfTheItems) {
    const Stream in = counting<f32>(3, {channels(3)});
    const Written out = written_in_any_chunks("wav_sink", {{"path", "a.wav"}, {"gain", 1.0 / 32768}}, {in});
    const std::string& file = out.files.at("a.wav");
    EXPECT_EQ(file.substr(file.find("fmt ") + 8, 4), std::string("\1\0\3\0", 4)) << "PCM, three channels";
    EXPECT_THAT(file, EndsWith(bytes_of(std::vector<i16>{0, 1, 2, 3, 4, 5, 6, 7, 8})));
    EXPECT_EQ(out.results.at("seconds").real(), 3.0 / 48000);
    expect_refused("wav_sink", {{"path", "a.wav"}}, {counting<cf32>(3, {channels(2)})}, "items of one sample",
                   "items of 2 channels");
    expect_refused("wav_sink", {{"path", "a.wav"}}, {counting<f32>(3, {channels(16384)})},
                   "at most 16383 channels in a WAV file", "items of 16384 channels");
}

// The sentence of the rule, of a block that takes one sample and of one that takes channels, and what to do.
TEST(Items, OfAnotherShapeThanABlockTakesAreRefusedWithTheirAxes) {
    const Stream in = counting<cf32>(5, {channels(2), bins(1024, 0, 1)});
    expect_refused("psd", {}, {in}, "items of one sample", "items of 2 channels x 1024 bins of frequency");
    expect_refused("fm_demod", {{"deviation", 1e3}}, {in}, "items of one sample, or with an axis `channel`",
                   "items of 2 channels x 1024 bins of frequency");
    expect_refused("waterfall_png", {{"path", "a.png"}}, {counting<f32>(5, {channels(1)})},
                   "items of one sample, or with an axis `frequency`", "items of 1 channel");
    try {
        run("psd", {}, {in});
        FAIL();
    } catch (const Refused& refused) {
        EXPECT_EQ(refused.diagnostics()[0].key, "blocks.block.in");
        EXPECT_EQ(refused.diagnostics()[0].hint, "`vector_to_streams` with `outputs: 2` gives each a stream of its own");
    }
}

TEST(Items, OfChannelsGoThroughWhatWorksOnStreamsAndThoseOfAnyShapeThroughWhatWorksOnSamples) {
    const Stream complex = counting<cf32>(50, {channels(3)}), real = counting<f32>(50, {channels(3)});
    const Value::Map rate{{"output_rate", 24e3}}, low{{"taps", Value::List{0.5, 0.5}}};
    EXPECT_EQ(run("fir_filter", low, {complex}).outputs[0].bytes.size(), 50 * 3 * sizeof(cf32));
    EXPECT_EQ(run("frequency_translate", {{"shift", 1e3}}, {complex}).outputs[0].bytes.size(), 50 * 3 * sizeof(cf32));
    EXPECT_EQ(run("rational_resampler", rate, {real}).outputs[0].bytes.size(), 25 * 3 * sizeof(f32));
    EXPECT_EQ(run("deemphasis", {}, {real}).outputs[0].bytes.size(), 50 * 3 * sizeof(f32));
    EXPECT_EQ(run("fm_demod", {{"deviation", 1e3}}, {complex}).outputs[0].bytes.size(), 50 * 3 * sizeof(f32));
    EXPECT_EQ(run("fm_modulator", {{"deviation", 1e3}}, {real}).outputs[0].bytes.size(), 50 * 3 * sizeof(cf32));
    const Stream odd = counting<f32>(50, {bins(2, 0, 1), channels(3)});
    std::vector<f32> twice = odd.samples<f32>();
    for (f32& x : twice) x *= 2;
    EXPECT_EQ(made<f32>("multiply_const", {{"constant", 2}}, {odd}), twice);
    EXPECT_EQ(made<f32>("add", {}, {odd, odd}), twice);
    EXPECT_EQ(made<f32>("probe", {{"every", 7}}, {odd}), odd.samples<f32>());
    const auto levels = run("probe", {{"every", 50}}, {odd}).messages.at("measurements");
    ASSERT_EQ(levels.size(), 1U);
    EXPECT_EQ(levels[0].value.at("peak").real(), 299);
    EXPECT_EQ(levels[0].value.at("length").integer(), 50);
    EXPECT_EQ(made<i16>("convert", {{"to", "ri16"}}, {odd})[299], 32767);
}

/// A block of somebody's own that takes two axes.
struct Own final : Block {
    Input<f32> in{*this, "in", {.items = {"channel", "frequency"}}};
    Output<f32> out{*this, "out"};
    void describe() override { out.describe(in.description()); }
    void work(std::size_t n) override { std::copy_n(in.item(), n * in.description().item_size(), out.item()); }
};
struct Plain final : Block {
    Input<f32> in{*this, "in"};
    void describe() override {}
};

TEST(Items, OfAnotherShapeAreRefusedForBlocksOfPlugInsToo) {
    Registry registry;
    registry.add<Own>("own", "Takes channels and frequencies.");
    registry.add<Plain>("plain", "Takes samples.");
    Options options;
    options.registry = &registry;
    const auto refusal = [&](const char* type, const std::vector<Axis>& shape) -> std::string {
        try {
            run(type, {}, {counting<f32>(5, shape)}, options);
        } catch (const Refused& refused) {
            return "expected " + refused.diagnostics()[0].expected + ", got " + refused.diagnostics()[0].got;
        }
        return "";
    };
    EXPECT_EQ(refusal("own", {}), "");
    EXPECT_EQ(refusal("own", {channels(2)}), "");
    EXPECT_EQ(refusal("own", {bins(3, 0, 1)}), "");
    EXPECT_EQ(refusal("own", {channels(2), bins(3, 0, 1)}), "");
    EXPECT_EQ(
        refusal("own", {bins(3, 0, 1), channels(2)}),
        "expected items of one sample, or with axes `channel`, `frequency`, got items of 3 bins of frequency x 2 channels");
    EXPECT_EQ(refusal("own", {channels(2), channels(3)}),
              "expected items of one sample, or with axes `channel`, `frequency`, got items of 2 channels x 3 channels");
    EXPECT_EQ(refusal("plain", {}), "");
    EXPECT_EQ(refusal("plain", {channels(2)}), "expected items of one sample, got items of 2 channels");
}

}  // namespace
}  // namespace flowspan::test
