// Recordings whose end is found by reading, however the calls are cut.
#include "tests/unit/blocks/files.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>

namespace flowspan {
namespace {
using namespace test;

/// The file packed by a program that every system has; the file itself is gone.
std::string packed(const std::string& path) {
    EXPECT_EQ(std::system(("gzip -f '" + path + "'").c_str()), 0);
    return path + ".gz";
}

Outcome read(const std::string& path, Value::Map more, Options options) {
    more["path"] = path;
    return run("file_source", more, {}, options);
}

Options cut(std::size_t max_chunk, std::uint64_t seed) {
    Options options = reading();
    options.max_chunk = max_chunk;
    options.seed = seed;
    return options;
}

TEST(PackedFileSource, GivesTheSameSamplesAsTheFileInAnyChunks) {
    const Folder folder;
    const std::string data = bytes_of(ramp(5000));
    const std::string path = packed(folder.write("a_1Msps.cf32", data));
    for (const std::size_t max_chunk : {0, 1, 7, 1000})
        for (std::uint64_t seed = 1; seed <= 2; ++seed) {
            const Outcome all = read(path, {}, cut(max_chunk, seed));
            ASSERT_EQ(all.outputs.size(), 1U);
            EXPECT_EQ(std::string(reinterpret_cast<const char*>(all.outputs[0].bytes.data()), all.outputs[0].bytes.size()),
                      data);
            EXPECT_EQ(all.outputs[0].description.sample_rate, Rational(1'000'000));
            EXPECT_TRUE(all.warnings.empty());
        }
}

TEST(PackedFileSource, FromAndDurationWorkBySkipping) {
    const Folder folder;
    const std::string data = bytes_of(ramp(5000));
    const std::string path = packed(folder.write("a_1ksps.cf32", data));
    for (const std::size_t max_chunk : {0, 7}) {
        const Outcome part = read(path, {{"from", "2.5 s"}, {"duration", "1 s"}}, cut(max_chunk, 1));
        EXPECT_EQ(std::string(reinterpret_cast<const char*>(part.outputs[0].bytes.data()), part.outputs[0].bytes.size()),
                  data.substr(2500 * 8, 1000 * 8));
        EXPECT_EQ(part.outputs[0].first, 2500U);
        EXPECT_TRUE(part.warnings.empty());
        const Outcome beyond = read(path, {{"from", "4000"}, {"duration", "2000"}}, cut(max_chunk, 1));
        EXPECT_EQ(beyond.outputs[0].bytes.size(), 8000U);
        EXPECT_THAT(beyond.warnings,
                    testing::ElementsAre("`duration: 2000` goes beyond the end of " + path + ": 1000 samples are there"));
        const Outcome none = read(path, {{"from", "7000"}}, cut(max_chunk, 1));
        EXPECT_TRUE(none.outputs[0].bytes.empty());
        EXPECT_THAT(none.warnings, testing::ElementsAre(path + " gives no sample: it ends before `from: 7000`"));
    }
}

TEST(PackedFileSource, ATailThatIsNoWholeSampleIsSaid) {
    const Folder folder;
    const std::string path = packed(folder.write("a.cf32", bytes_of(ramp(3)) + "12345"));
    const Outcome all = read(path, {}, reading());
    EXPECT_EQ(all.outputs[0].bytes.size(), 24U);
    EXPECT_THAT(all.warnings, testing::ElementsAre(path + ": the last 5 bytes are no whole sample of 8, and left out"));
}

TEST(PackedFileSource, AFileThatIsCutFailsTheRun) {
    const Folder folder;
    std::string noise;
    std::uint32_t state = 1;
    for (int k = 0; k < 200'000; ++k) noise += char((state = state * 1664525 + 1013904223) >> 24);
    const std::string path = packed(folder.write("a.cu8", noise));
    const std::string whole = content_of(path);
    folder.write("a.cu8.gz", whole.substr(0, whole.size() / 2));
    EXPECT_THAT(sentence_of([&] { read(path, {}, reading()); }),
                testing::StartsWith("cannot read " + path + ": truncated gzip input"));
}

TEST(PackedFileSource, WhatIsPackedIsKnownByItsContent) {
    const Folder folder;
    const auto little = [](std::uint64_t value, std::size_t bytes) {
        std::string text;
        for (std::size_t k = 0; k < bytes; ++k) text += char(value >> (8 * k) & 0xff);
        return text;
    };
    const std::string wav = "RIFF" + little(44, 4) + "WAVEfmt " + little(16, 4) + little(1, 2) + little(2, 2) +
                            little(48000, 4) + little(192000, 4) + little(4, 2) + little(16, 2) + "data" + little(8, 4) +
                            "abcdefgh";
    const Outcome all = read(packed(folder.write("a.bin", wav)), {}, reading());
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(all.outputs[0].bytes.data()), all.outputs[0].bytes.size()), "abcdefgh");
    EXPECT_EQ(all.outputs[0].description.length, 2);
    EXPECT_EQ(all.outputs[0].description.type, SampleType::ci16);
    const std::string twice = packed(packed(folder.write("b.cu8", "1234")));
    EXPECT_EQ(sentence_of([&] { read(twice, {}, reading()); }),
              twice + ": expected a recording that is packed once, got one that is packed again");
}

/// A source of our own: makes some items a call, sometimes none, and begins a stretch at the 100th.
struct Dripping final : Block {
    Output<f32> out{*this, "out"};
    void describe() override {
        StreamDescription d;
        d.sample_rate = Rational(1000);
        out.describe(d);
        open_end();
    }
    void work(std::size_t n) override {
        ++calls_;
        const std::uint64_t end = out.index() < 100 ? 100 : 250;
        const std::size_t made = calls_ % 3 == 0 ? 0 : std::min<std::uint64_t>({n, 1 + calls_ % 13, end - out.index()});
        for (std::size_t k = 0; k < made; ++k) out[std::ptrdiff_t(k)] = f32(out.index() + k);
        out.produce(made);
        if (out.index() + made == 100 && made > 0) out.stretch_at(100, {Break::gap, 7});
        if (out.index() + made == 250) out.ends();
    }
    std::uint64_t calls_ = 0;
};

TEST(OpenEnd, ASourceMayMakeAnyNumberAndLearnOfGapsAndItsEnd) {
    Registry registry = built_in_blocks();
    registry.add<Dripping>("dripping", "");
    for (const std::size_t max_chunk : {0, 1, 7}) {
        Options options = cut(max_chunk, 1);
        options.registry = &registry;
        const Outcome all = run("dripping", {}, {}, options);
        const std::vector<f32> samples = all.outputs[0].samples<f32>();
        ASSERT_EQ(samples.size(), 250U);
        for (std::size_t k = 0; k < samples.size(); ++k) ASSERT_EQ(samples[k], f32(k));
        ASSERT_EQ(all.outputs[0].stretches.size(), 1U);
        EXPECT_EQ(all.outputs[0].stretches[0].index, 100U);
        EXPECT_EQ(all.outputs[0].stretches[0].what, (Discontinuity{Break::gap, 7}));
    }
}

}  // namespace
}  // namespace flowspan
