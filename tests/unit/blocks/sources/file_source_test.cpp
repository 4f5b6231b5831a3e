#include <gmock/gmock.h>

#include <numeric>

#include "tests/unit/blocks/files.hpp"

namespace flowspan::test {
namespace {
using testing::HasSubstr;

/// 0, 1, 2, … as ci16, in SigMF; captures as JSON.
std::string recorded(const Folder& folder, std::size_t length, const std::string& captures = "[]",
                     const std::string& more = "") {
    std::vector<Complex<i16>> samples(length);
    for (std::size_t k = 0; k < length; ++k) samples[k] = {i16(k), i16(-int(k))};
    folder.write("a.sigmf-data", bytes_of(samples));
    return folder.write("a.sigmf-meta",
                        R"({"global": {"core:datatype": "ci16_le", "core:version": "1.2.0", "core:sample_rate": 1000)" + more +
                            R"(}, "captures": )" + captures + R"(, "annotations": []})");
}

Stream read(const std::string& path, Value::Map parameters = {}, Options options = reading()) {
    parameters["path"] = path;
    return run("file_source", parameters, {}, options).outputs.at(0);
}

std::string refusal(const std::string& path, const Value::Map& parameters = {}) {
    return sentence_of([&] { read(path, parameters); });
}

std::vector<int> real_parts(const Stream& stream) {
    std::vector<int> parts;
    for (const auto& sample : stream.samples<Complex<i16>>()) parts.push_back(sample.re);
    return parts;
}

std::vector<int> range(int from, int to) {
    std::vector<int> numbers(std::size_t(to - from));
    std::iota(numbers.begin(), numbers.end(), from);
    return numbers;
}

TEST(FileSource, GivesTheSamplesAsTheyAreAndSaysWhatTheyAre) {
    const Folder folder;
    const std::string path = recorded(
        folder, 997, R"([{"core:sample_start": 0, "core:frequency": 98.5e6, "core:datetime": "2020-01-01T00:00:00.5Z"}])");
    const Stream stream = read(path);
    EXPECT_EQ(stream.description.type, SampleType::ci16);
    EXPECT_EQ(stream.description.sample_rate, Rational(1000));
    EXPECT_EQ(stream.description.center_frequency, 98.5e6);
    EXPECT_EQ(rfc3339(*stream.description.utc), "2020-01-01T00:00:00.5Z");
    EXPECT_EQ(real_parts(stream), range(0, 997));
}

TEST(FileSource, EveryTypeComesOutInTheMachinesOrder) {
    const Folder folder;
    const std::string big("\x01\x02\x03\x04\x05\x06\x07\x08\x11\x12\x13\x14\x15\x16\x17\x18", 16);
    const auto bytes = [&](const std::string& datatype) {
        const Stream s = read(folder.write("a.bin", big), {{"datatype", datatype}});
        return std::string(reinterpret_cast<const char*>(s.bytes.data()), s.bytes.size());
    };
    EXPECT_EQ(bytes("ci16_le"), big);
    EXPECT_EQ(bytes("cu8"), big);
    EXPECT_EQ(bytes("ci16_be"), "\x02\x01\x04\x03\x06\x05\x08\x07\x12\x11\x14\x13\x16\x15\x18\x17");
    EXPECT_EQ(bytes("cf32_be"), "\x04\x03\x02\x01\x08\x07\x06\x05\x14\x13\x12\x11\x18\x17\x16\x15");
    EXPECT_EQ(bytes("rf64_be"), "\x08\x07\x06\x05\x04\x03\x02\x01\x18\x17\x16\x15\x14\x13\x12\x11");
}

TEST(FileSource, AwkwardLengthsAndCallsGiveTheSameSamples) {
    const Folder folder;
    for (const int length : {0, 1, 2, 997, 1000003}) {
        const std::string path = recorded(folder, std::size_t(length));
        const Stream whole = read(path);
        EXPECT_EQ(whole.bytes.size(), std::size_t(length) * 4);
        if (length > 1000) continue;
        for (const std::size_t max_chunk : {1, 13, 0}) {
            Options options = reading();
            options.seed = 5;
            options.max_chunk = max_chunk;
            EXPECT_TRUE(read(path, {}, options).bytes == whole.bytes);
        }
    }
}

TEST(FileSource, ReadsAPartWithoutRenumbering) {
    const Folder folder;
    const std::string path = recorded(folder, 100, R"([{"core:sample_start": 0, "core:datetime": "2020-01-01T00:00:00Z"}])");
    EXPECT_EQ(real_parts(read(path, {{"from", "10"}, {"duration", "5"}})), range(10, 15));
    EXPECT_EQ(real_parts(read(path, {{"from", "20 ms"}, {"duration", "0.0101 s"}})), range(20, 31));
    EXPECT_EQ(real_parts(read(path, {{"from", "2020-01-01T00:00:00.090Z"}})), range(90, 100));
    EXPECT_EQ(real_parts(read(path, {{"from", "10"}, {"duration", "2020-01-01T00:00:00.020Z"}})), range(10, 20));
    EXPECT_EQ(real_parts(read(path, {{"from", "90"}, {"duration", "1000"}})), range(90, 100));
    EXPECT_EQ(real_parts(read(path, {{"from", "100"}})), range(0, 0));
    EXPECT_EQ(rfc3339(*read(path, {{"from", "50"}}).description.utc), "2020-01-01T00:00:00Z") << "the time of index 0";
    EXPECT_THAT(refusal(path, {{"from", "101"}}),
                HasSubstr("from: expected a place within the recording of 100 samples, got 101"));
    EXPECT_THAT(
        refusal(path, {{"duration", "soon"}}),
        HasSubstr("duration: expected a number of samples, seconds as 2.5 s, or UTC as 2019-08-29T19:08:20Z, got soon"));
}

constexpr const char* with_gap = R"([{"core:sample_start": 0, "core:global_index": 500, "core:frequency": 1e6},
                                     {"core:sample_start": 40, "core:global_index": 547, "core:frequency": 1e6}])";

TEST(FileSource, GapsAreRefusedFilledOrEndAStretch) {
    const Folder folder;
    const std::string path = recorded(folder, 100, with_gap);
    EXPECT_THAT(refusal(path), HasSubstr("captures[1]: expected samples that follow on those before sample 40, got 7 missing"));

    auto filled = range(0, 40);
    filled.resize(47, 0);
    for (const int k : range(40, 100)) filled.push_back(k);
    const Stream zeros = read(path, {{"gaps", "zeros"}});
    EXPECT_EQ(real_parts(zeros), filled);
    EXPECT_TRUE(zeros.stretches.empty());

    const Stream restarted = read(path, {{"gaps", "restart"}});
    EXPECT_EQ(real_parts(restarted), range(0, 100));
    ASSERT_EQ(restarted.stretches.size(), 1u);
    EXPECT_EQ(restarted.stretches[0].index, 40u);
    EXPECT_EQ(restarted.stretches[0].what, (Discontinuity{Break::gap, 7}));
    EXPECT_EQ(restarted.stretches[0].center_frequency, 1e6);
}

TEST(FileSource, ARetuneBringsItsFrequencyAndTime) {
    const Folder folder;
    const std::string path =
        recorded(folder, 100, R"([{"core:sample_start": 0, "core:frequency": 1e6, "core:datetime": "2020-01-01T00:00:00Z"},
        {"core:sample_start": 40, "core:frequency": 2e6, "core:datetime": "2020-01-01T00:00:00.040Z"}])");
    EXPECT_THAT(refusal(path), HasSubstr("captures[1]: expected the centre frequency before it, 1000000 Hz, got 2000000 Hz"));
    const Stream stream = read(path, {{"retune", "restart"}});
    EXPECT_EQ(real_parts(stream), range(0, 100));
    ASSERT_EQ(stream.stretches.size(), 1u);
    EXPECT_EQ(stream.stretches[0].what.kind, Break::retune);
    EXPECT_EQ(stream.stretches[0].center_frequency, 2e6);
    EXPECT_EQ(rfc3339(*stream.stretches[0].utc), "2020-01-01T00:00:00.04Z");
    const Stream later = read(path, {{"retune", "restart"}, {"from", "60"}});
    EXPECT_EQ(later.description.center_frequency, 2e6);
    EXPECT_TRUE(later.stretches.empty());
}

TEST(FileSource, ReadsTwoChannelsOfAWavFileAsRealOnesWhereItIsTold) {
    const Folder folder;
    std::vector<f32> numbers(2 * 997);
    for (std::size_t k = 0; k < numbers.size(); ++k) numbers[k] = f32(k % 100) / 100;
    Stream in = Stream::of(numbers, Rational(8000));
    in.description.shape = {Axis{.name = "channel", .unit = "", .size = 2}};
    Options options;
    options.out = folder / "out";
    run("wav_sink", {{"path", "a.wav"}, {"format", "float"}}, {in}, options);
    const std::string path = options.out + "/a.wav";
    const Stream iq = read(path), real = read(path, {{"datatype", "rf32"}});
    EXPECT_EQ(iq.description.type, SampleType::cf32);
    EXPECT_EQ(real.description.type, SampleType::rf32);
    EXPECT_EQ(real.description.shape, in.description.shape);
    EXPECT_EQ(real.samples<f32>(), numbers);
    EXPECT_THAT(refusal(path, {{"datatype", "ri16"}}),
                HasSubstr("datatype: expected nothing that contradicts the recording's header, which says cf32_le, got ri16"));
}

TEST(FileSource, RefusesWhatItCannotReadBeforeTheRun) {
    const Folder folder;
    const std::string raw = folder.write("a.iq", "1234567890");
    EXPECT_THAT(refusal(raw), HasSubstr("expected `datatype` for a recording whose name does not say it, got " + raw));
    EXPECT_THAT(refusal(raw, {{"datatype", "iq16"}}),
                HasSubstr("datatype: expected a sample type such as cf32, ci16, cu8 or ci16_be, got iq16"));
    EXPECT_THAT(
        refusal(raw, {{"datatype", "complex"}}),
        HasSubstr("datatype: expected a sample type such as cf32, ci16, cu8 or ci16_be, got complex\n   hint: GNU Radio's "
                  "`complex` is `cf32`"));
    EXPECT_EQ(read(raw, {{"datatype", "cu8"}, {"sample_rate", 250e3}, {"center_frequency", 1e9}}).description.center_frequency,
              1e9);
    const std::string path = recorded(folder, 10);
    EXPECT_THAT(refusal(path, {{"datatype", "cf32"}}),
                HasSubstr("datatype: expected nothing that contradicts the recording's header, which says ci16_le, got cf32"));
    EXPECT_THAT(refusal(path, {{"sample_rate", 2000.0}}),
                HasSubstr("sample_rate: expected nothing that contradicts the recording's header, which says 1000 Hz"));
    const std::string meta_only = recorded(folder, 10, "[]", R"(, "core:metadata_only": true)");
    EXPECT_THAT(refusal(meta_only), HasSubstr("path: expected a recording with samples"));
}

TEST(FileSource, ATailThatIsNoSampleIsAWarningOrAnError) {
    const Folder folder;
    const std::string raw = folder.write("a.iq", "1234567890");
    const std::string sigmf = recorded(folder, 2);
    folder.write("a.sigmf-data", "1234567890");
    const std::string wav = folder.write("a.wav", std::string("RIFF\x2e\0\0\0WAVEfmt \x10\0\0\0\1\0\2\0\xe8\3\0\0\xa0\x0f\0\0"
                                                              "\4\0\x10\0data\x0a\0\0\0001234567890",
                                                              54));
    for (const auto& [path, data] : {std::pair(raw, raw), {sigmf, folder / "a.sigmf-data"}, {wav, wav}}) {
        Value::Map parameters{{"path", path}};
        if (path == raw) parameters["datatype"] = "ci16";
        const Outcome outcome = run("file_source", parameters, {}, reading());
        EXPECT_EQ(outcome.outputs.at(0).bytes.size(), 8u);
        EXPECT_THAT(
            outcome.warnings,
            testing::ElementsAre(path + ": 2 bytes behind the last whole ci16_le sample of 4 are left out: is it cut off, "
                                        "or of another type?"));
        parameters["tail"] = "error";
        EXPECT_EQ(sentence_of([&] { run("file_source", parameters, {}, reading()); }),
                  data +
                      ": expected a whole number of ci16_le samples of 4 bytes, got 2 bytes behind the last of 2\n"
                      "   hint: is it cut off, or of another `datatype`? `tail: warn` leaves them out");
    }
    EXPECT_THAT(run("file_source", {{"path", raw}, {"datatype", "cu8"}, {"tail", "error"}}, {}, reading()).warnings,
                testing::ElementsAre());
}

// What a recording holds is input (3), what is asked of it usage (2); of both it is usage.
TEST(FileSource, WhatAPolicyRefusesOfARecordingIsAMatterOfInput) {
    const auto code_of = [](const Value::Map& parameters) {
        try {
            run("file_source", parameters, {}, reading());
        } catch (const Refused& refused) { return refused.code(); } catch (const Failure& failure) {
            return failure.code();
        }
        return ExitCode::done;
    };
    const Folder folder;
    const std::string cut = folder.write("a.ci16", "0123456789");
    EXPECT_EQ(code_of({{"path", cut}, {"tail", "error"}}), ExitCode::file);
    EXPECT_EQ(code_of({{"path", cut}, {"tail", "error"}, {"from", "soon"}}), ExitCode::usage);
    const std::string gap = recorded(folder, 100, R"([{"core:sample_start": 0, "core:global_index": 0},
        {"core:sample_start": 40, "core:global_index": 50}])");
    EXPECT_EQ(code_of({{"path", gap}}), ExitCode::file);
    EXPECT_EQ(code_of({{"path", gap}, {"gaps", "zeros"}}), ExitCode::done);
    const std::string tuned = recorded(folder, 100, R"([{"core:sample_start": 0, "core:frequency": 1e6},
        {"core:sample_start": 40, "core:frequency": 2e6}])");
    EXPECT_EQ(code_of({{"path", tuned}}), ExitCode::file);
    EXPECT_EQ(code_of({{"path", tuned}, {"retune", "restart"}}), ExitCode::done);
}

TEST(FileSource, ARecordingThatShrankSinceItsHeaderWasReadEndsTheRun) {
    const Folder folder;
    const std::string path = recorded(folder, 100);
    Options options = reading();
    options.recordings = [&](const std::string& p) {
        Recording r = io::read_recording(p);
        std::filesystem::resize_file(folder / "a.sigmf-data", 396);
        return r;
    };
    EXPECT_EQ(sentence_of([&] { read(path, {}, options); }),
              "cannot read " + (folder / "a.sigmf-data") + ": it has 396 bytes, expected 400");
}

TEST(FileSource, ComparesTheDataWithTheChecksumOfItsHeaderWhenAsked) {
    const Folder folder;
    // SHA-512 of the bytes 00 00 00 00 01 00 ff ff, by sha512sum.
    const std::string sum =
        "26a0f38c061b1f27d09e9cc5f353c1b52755c0707aafe4976a9df46a167f4e65eca99c9dbda1d3352f6c3479788c081fc4b29fc3c84d9a0c0db8a0"
        "39df59c6ef";
    const std::string good = recorded(folder, 2, "[]", R"(, "core:sha512": ")" + sum + R"(")");
    EXPECT_EQ(real_parts(read(good, {{"checksum", true}})), range(0, 2));
    EXPECT_EQ(real_parts(read(good, {{"checksum", true}, {"from", "1"}})), range(1, 2)) << "whatever part is read";
    folder.write("a.sigmf-data", std::string("\0\0\0\0\1\0\xff\xfe", 8));
    EXPECT_EQ(read(good).bytes.size(), 8u) << "nobody looks where it is not asked for";
    const std::string sentence = sentence_of([&] { read(good, {{"checksum", true}}); });
    EXPECT_THAT(sentence,
                HasSubstr("a.sigmf-data is not what its header was written for: core:sha512 is " + sum + ", the data's is "));
    EXPECT_THAT(refusal(recorded(folder, 2), {{"checksum", true}}),
                HasSubstr("checksum: expected a SigMF header with core:sha512, got true\n   hint: `file_sink` writes one with "
                          "`checksum: true`"));
}

TEST(FileSource, ChecksTheSamplesWithinAnArchive) {
    const Folder folder;
    const std::string sum =
        "26a0f38c061b1f27d09e9cc5f353c1b52755c0707aafe4976a9df46a167f4e65eca99c9dbda1d3352f6c3479788c081fc4b29fc3c84d9a0c0db8a0"
        "39df59c6ef";
    recorded(folder, 2, R"([{"core:sample_start": 0}])", R"(, "core:sha512": ")" + sum + R"(")");
    ASSERT_EQ(std::system(("tar -cf " + (folder / "b.sigmf") + " -C " + folder.path() + " a.sigmf-meta a.sigmf-data").c_str()),
              0);
    EXPECT_EQ(real_parts(read(folder / "b.sigmf", {{"checksum", true}})), range(0, 2));
    ASSERT_EQ(std::system(("gzip -f " + (folder / "b.sigmf")).c_str()), 0);
    EXPECT_EQ(real_parts(read(folder / "b.sigmf.gz", {{"checksum", true}})), range(0, 2)) << "as they are unpacked";
}

TEST(FileSource, ReadsSamplesWhereTheyLieInWavFiles) {
    const std::vector<float> numbers{0, 0.5F, -0.25F, 1};
    const Folder out;
    Options options;
    options.out = out.path();
    run("wav_sink", {{"path", "a.wav"}, {"format", "float"}},
        {Stream::of(std::vector<cf32>{{0, 0.5F}, {-0.25F, 1}}, Rational(48000))}, options);
    const Stream stream = read(out / "a.wav");
    EXPECT_EQ(stream.description.type, SampleType::cf32);
    EXPECT_EQ(stream.description.sample_rate, Rational(48000));
    EXPECT_EQ(bytes_of(stream.samples<cf32>()), bytes_of(numbers));
}

}  // namespace
}  // namespace flowspan::test
