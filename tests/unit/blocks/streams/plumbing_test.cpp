// Streams that are delayed, taken apart, put together, chosen from and slowed down.
#include "tests/unit/blocks/plumbing.hpp"

#include <chrono>

using namespace flowspan;
using namespace flowspan::test;

namespace {
using Places = std::vector<std::uint64_t>;
Stream of(const std::vector<f32>& samples) { return Stream::of(samples, Rational(1000)); }
}  // namespace

TEST(Delay, LetsSamplesLeaveLaterWithTheirTime) {
    Stream in = counting<f32>(5);
    in.tags = {{1, "mark", 1}, {4, "mark", 2}};
    const auto o = run("delay", {{"samples", 2}}, {in});
    EXPECT_EQ(o.outputs[0].samples<f32>(), (std::vector<f32>{0, 0, 0, 1, 2}));
    EXPECT_EQ(o.outputs[0].description.origin, Time() - Time(Rational(2, 1000)));
    EXPECT_EQ(marks(o.outputs[0]), (Places{3, 4})) << "of what does not leave, at the end";
    Stream many = input();
    for (std::uint64_t k = 0; k < 1009; k += 13) many.tags.push_back({k, "mark", std::int64_t(k)});
    expect_chunks_do_not_matter("delay", {{"samples", 100}}, {many});
    EXPECT_EQ(made<ci16>("delay", {{"samples", 1}}, {Stream::of(std::vector<ci16>{{1, 2}, {3, 4}})}),
              (std::vector<ci16>{{0, 0}, {1, 2}}));
    for (const int samples : {0, 1, 31, 5000}) {
        expect_chunks_do_not_matter("delay", {{"samples", samples}}, {input()});
        expect_lengths<cf32>("delay", {{"samples", samples}}, [](auto n) { return n; });
        expect_stretches_stand_alone<cf32>("delay", {{"samples", samples}}, input());
    }
    expect_refused("delay", {{"samples", -1}}, {input()},
                   "a number of samples (an integer) from 0 samples to 268435456 samples", "-1 samples");
}

TEST(Interleave, TakesItemsInTurnUntilOneStreamEnds) {
    const auto a = of({1, 2, 3}), b = of({10, 20, 30, 40}), c = of({100, 200});
    const auto o = run("interleave", {{"inputs", 3}}, {a, b, c});
    EXPECT_EQ(o.outputs[0].samples<f32>(), (std::vector<f32>{1, 10, 100, 2, 20, 200}));
    EXPECT_EQ(o.outputs[0].description.sample_rate, Rational(3000));
    for (const int n : {1, 2, 7}) {
        std::vector<Stream> in;
        for (int k = 0; k < n; ++k) in.push_back(counting<f32>(std::size_t(201 + k)));
        in[0].tags = {{5, "mark", 1}, {200, "mark", 2}};
        expect_chunks_do_not_matter("interleave", {{"inputs", n}}, in);
        const auto back = run("deinterleave", {{"outputs", n}}, {run("interleave", {{"inputs", n}}, in).outputs[0]});
        for (int k = 0; k < n; ++k) EXPECT_EQ(back.outputs[std::size_t(k)].samples<f32>(), in[0].samples<f32>());
        EXPECT_EQ(marks(back.outputs[0]), (Places{5, 200}));
        EXPECT_EQ(back.outputs[0].description.sample_rate, Rational(1000));
    }
    Stream other = a;
    other.description.unit = "V";
    expect_refused("interleave", {}, {a, other}, "inputs of one unit", "none on `in[0]` and V on `in[1]`");
    other = a;
    other.description.center_frequency = 5;
    Stream first = a;
    first.description.center_frequency = 6;
    expect_refused("interleave", {}, {first, other}, "inputs of one centre frequency", "5 Hz at in[1] and 6 Hz before it");
}

TEST(Deinterleave, GivesItemsInTurnAndLeavesOverWhatIsNoWholeTurn) {
    Stream in = counting<f32>(11);
    in.tags = {{0, "mark", 1}, {4, "mark", 2}, {8, "mark", 3}};
    const auto o = run("deinterleave", {{"outputs", 4}}, {in});
    ASSERT_EQ(o.outputs.size(), 4U);
    EXPECT_EQ(o.outputs[0].samples<f32>(), (std::vector<f32>{0, 4}));
    EXPECT_EQ(o.outputs[3].samples<f32>(), (std::vector<f32>{3, 7}));
    EXPECT_EQ(marks(o.outputs[3]), (Places{0, 1, 1}));
    EXPECT_EQ(o.outputs[0].description.sample_rate, Rational(250));
    expect_chunks_do_not_matter("deinterleave", {{"outputs", 3}}, {input()});
    expect_stretches_stand_alone<cf32>("deinterleave", {{"outputs", 3}}, input());
    expect_lengths<f32>("deinterleave", {{"outputs", 5}}, [](auto n) { return n / 5; });
}

TEST(StreamToVector, IsTakenBackByVectorToStream) {
    Stream in = counting<f32>(29);
    in.tags = {{0, "mark", 1}, {7, "mark", 2}, {21, "mark", 3}};
    const auto o = run("stream_to_vector", {{"size", 7}}, {in});
    const StreamDescription& d = o.outputs[0].description;
    EXPECT_EQ(d.shape, (std::vector<Axis>{{.name = "time", .unit = "s", .size = 7, .step = 0.001}}));
    EXPECT_EQ(d.sample_rate, Rational(1000, 7));
    EXPECT_EQ(o.outputs[0].samples<f32>().size(), 28U);
    EXPECT_EQ(marks(o.outputs[0]), (Places{0, 1, 3}));
    const auto back = run("vector_to_stream", {}, {o.outputs[0]});
    EXPECT_EQ(back.outputs[0].samples<f32>(), counting<f32>(28).samples<f32>());
    EXPECT_TRUE(back.outputs[0].description.shape.empty());
    EXPECT_EQ(back.outputs[0].description.sample_rate, Rational(1000));
    EXPECT_EQ(marks(back.outputs[0]), (Places{0, 7, 21}));
    expect_chunks_do_not_matter("stream_to_vector", {{"size", 7}}, {input()});
    expect_chunks_do_not_matter("vector_to_stream", {}, {o.outputs[0]});
    expect_lengths<f32>("stream_to_vector", {{"size", 10}}, [](auto n) { return n / 10; });
    expect_refused("stream_to_vector", {{"size", 2}}, {o.outputs[0]}, "a name that no axis of items of 7 bins of time has",
                   "time");
    // Axes that are there stay behind the new one.
    Stream pairs = counting<f32>(12);
    pairs.description.shape = {{.name = "channel", .unit = "", .size = 2}};
    EXPECT_EQ(items_text(run("stream_to_vector", {{"size", 3}}, {pairs}).outputs[0].description.shape),
              "items of 3 bins of time x 2 channels");
}

TEST(VectorToStream, OfASpectrumIsOnNoFrequency) {
    Stream in = Stream::of(std::vector<cf32>(6, 1), Rational(1000));
    in.description.center_frequency = 1e8;
    in.description.shape = {{.name = "frequency", .unit = "Hz", .size = 3}};
    EXPECT_FALSE(run("vector_to_stream", {}, {in}).outputs[0].description.center_frequency);
    in.description.shape = {{.name = "channel", .unit = "", .size = 3}};
    EXPECT_EQ(run("vector_to_stream", {}, {in}).outputs[0].description.center_frequency, 1e8);
}

TEST(Selector, PassesOneStreamWhichMayChange) {
    Stream a = counting<f32>(6), b = of({10, 11, 12, 13, 14, 15, 16});
    a.description.center_frequency = 100;
    b.description.center_frequency = 200;
    EXPECT_EQ(made<f32>("selector", {{"selected", 1}}, {a, b}), (std::vector<f32>{10, 11, 12, 13, 14, 15}));
    Options options;
    options.changes = {{"selected", 1, at_sample(2)}, {"selected", 0, at_sample(5)}, {"selected", 2, at_sample(5)}};
    for (const std::uint64_t seed : {0, 1, 2}) {
        options.seed = seed;
        const auto o = run("selector", {}, {a, b}, options);
        EXPECT_EQ(o.outputs[0].samples<f32>(), (std::vector<f32>{0, 1, 12, 13, 14, 5}));
        EXPECT_EQ(o.outputs[0].retunings, (std::vector<Stream::Retuning>{{2, 200}, {5, 100}}));
        EXPECT_NE(o.answers[2].find("an input from 0 to 1"), std::string::npos) << o.answers[2];
    }
    expect_chunks_do_not_matter("selector", {{"selected", 1}}, {a, b});
    expect_refused("selector", {{"selected", 2}}, {a, b}, "an input from 0 to 1", "2");
}

TEST(Throttle, LetsSamplesPassUnchangedAtItsRate) {
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(made<cf32>("throttle", {{"rate", 20e3}}, {input()}), vectors().samples("in"));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    EXPECT_GE(took.count(), 1009 / 20e3) << "a clock shows no less";
    expect_chunks_do_not_matter("throttle", {{"rate", 1e6}}, {input()});
    Stream none = input();
    none.description.sample_rate.reset();
    EXPECT_THROW(run("throttle", {}, {none}), Refused);
    expect_refused("throttle", {{"rate", 0.5}}, {input()}, "a frequency >= 1 Hz", "0.5 Hz");
}
