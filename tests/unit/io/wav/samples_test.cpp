// Samples of audio files that libsndfile wrote, and of those that only recorders write.
#include "io/formats/formats.hpp"
#include "io/recording/recording_reader.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sndfile.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>

#include "tests/unit/io/folder.hpp"
#include "tests/unit/io/wav/kiwi.hpp"
#include "tests/unit/io/wav/wave.hpp"

namespace flowspan::io {
namespace {
using namespace test_wav;
using test::Folder;
using test::sentence_of;
using testing::HasSubstr;
using testing::IsEmpty;

/// Numbers of `count` samples of all channels, left-aligned in 32 bits.
std::vector<int> noise(std::size_t count) {
    std::mt19937 random(7);
    std::vector<int> numbers(count);
    for (int& number : numbers) number = int(random());
    numbers[0] = INT32_MIN, numbers[1] = INT32_MAX, numbers[2] = 0;
    return numbers;
}

std::string write(const std::string& path, int format, int channels, const std::vector<int>& numbers) {
    SF_INFO info{};
    info.samplerate = 48000, info.channels = channels, info.format = format;
    SNDFILE* const file = sf_open(path.c_str(), SFM_WRITE, &info);
    if (file == nullptr) throw std::runtime_error(sf_strerror(nullptr));
    std::vector<double> reals(numbers.size());
    for (std::size_t k = 0; k < numbers.size(); ++k) reals[k] = double(numbers[k]) / 0x1p31;
    const int subtype = format & SF_FORMAT_SUBMASK;
    if (subtype == SF_FORMAT_FLOAT || subtype == SF_FORMAT_DOUBLE)
        sf_write_double(file, reals.data(), sf_count_t(reals.size()));
    else
        sf_write_int(file, numbers.data(), sf_count_t(numbers.size()));
    sf_close(file);
    return path;
}

std::string bytes_of(SampleReader& reader, const Recording& r, std::uint64_t first, std::uint64_t count) {
    std::string bytes(std::size_t(count * size_of(r.type) * r.channels), '?');
    reader.read(first, std::as_writable_bytes(std::span(bytes)));
    return bytes;
}

std::string all_of(const Recording& r) { return bytes_of(*open_samples(r, false), r, 0, r.length); }

/// Left-aligned numbers as a type of our own holds them.
template <class T>
std::string as(const std::vector<int>& numbers, int bits) {
    std::string bytes;
    for (const int number : numbers) {
        const T value = T(std::is_floating_point_v<T> ? T(double(number) / 0x1p31) : T(number >> (32 - bits)));
        bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    return bytes;
}
std::string upper_24(const std::vector<int>& numbers) {
    std::vector<int> cut(numbers);
    for (int& number : cut) number &= ~0xff;
    return as<std::int32_t>(cut, 32);
}

struct Encoding {
    int subtype;
    SampleType complex, real;
    std::string (*expected)(const std::vector<int>&);
};
const Encoding encodings[] = {
    {SF_FORMAT_PCM_U8, SampleType::ci8, SampleType::ri8, [](const std::vector<int>& n) { return as<std::int8_t>(n, 8); }},
    {SF_FORMAT_PCM_16, SampleType::ci16, SampleType::ri16, [](const std::vector<int>& n) { return as<std::int16_t>(n, 16); }},
    {SF_FORMAT_PCM_24, SampleType::ci32, SampleType::ri32, upper_24},
    {SF_FORMAT_PCM_32, SampleType::ci32, SampleType::ri32, [](const std::vector<int>& n) { return as<std::int32_t>(n, 32); }},
    {SF_FORMAT_FLOAT, SampleType::cf32, SampleType::rf32, [](const std::vector<int>& n) { return as<float>(n, 32); }},
    {SF_FORMAT_DOUBLE, SampleType::cf64, SampleType::rf64, [](const std::vector<int>& n) { return as<double>(n, 32); }},
};

TEST(WavSamples, AreThoseThatLibsndfileWroteInAllItsContainers) {
    const Folder folder;
    for (const int container : {SF_FORMAT_WAV, SF_FORMAT_WAVEX, SF_FORMAT_RF64, SF_FORMAT_W64})
        for (const Encoding& e : encodings)
            for (const int channels : {1, 2, 3, 4, 6}) {
                const std::string where = fmt::format("{:x} {:x} {}", container, e.subtype, channels);
                const auto numbers = noise(std::size_t(channels) * 997);
                const std::string path = write(folder / "a.wav", container | e.subtype, channels, numbers);
                const Recording r = read_recording(path);
                const bool iq = channels % 2 == 0;
                EXPECT_EQ(r.type, iq ? e.complex : e.real) << where;
                EXPECT_EQ(r.channels, std::uint64_t(iq ? channels / 2 : channels)) << where;
                EXPECT_EQ(r.length, 997U) << where;
                EXPECT_EQ(r.sample_rate, Rational(48000)) << where;
                EXPECT_EQ(r.format, "wav") << where;
                EXPECT_THAT(r.warnings, IsEmpty()) << where;
                EXPECT_TRUE(all_of(r) == e.expected(numbers)) << where;
            }
}

TEST(WavSamples, OfEightBitsAreSilentAtTheirMiddle) {
    const Folder folder;
    const Recording r = read_recording(folder.write("a.wav", wave("RIFF", 1, 2, 8, std::string(4, '\x80'), 4)));
    EXPECT_EQ(all_of(r), std::string(4, '\0'));
}

TEST(WavSamples, OfManyChunksAreReadInAnyPieces) {
    const Folder folder;
    auto blocks = kiwi_blocks(40, 1000, 0);
    blocks[13].samples = 100;
    blocks[14].samples = 1;
    const Recording r = read_recording(folder.write("a.wav", kiwi_file(blocks)));
    std::string expected;
    for (const KiwiBlock& block : blocks)
        for (std::uint64_t k = block.first; k < block.first + block.samples; ++k) expected += little(k, 2) + little(0 - k, 2);
    ASSERT_EQ(expected.size(), r.length * 4);
    EXPECT_TRUE(all_of(r) == expected);
    const auto reader = open_samples(r, false);
    std::mt19937 random(1);
    for (int k = 0; k < 200; ++k) {
        const std::uint64_t first = random() % r.length, count = random() % (r.length - first + 1);
        EXPECT_TRUE(bytes_of(*reader, r, first, count) == expected.substr(first * 4, count * 4)) << first << " " << count;
    }
}

TEST(WavSamples, OfManyChunksAreNotReadPacked) {
    const Folder folder;
    folder.write("a.wav", kiwi_file(kiwi_blocks(3, 1000, 0)));
    ASSERT_EQ(std::system(("gzip -nf " + (folder / "a.wav")).c_str()), 0);
    EXPECT_EQ(sentence_of([&] { read_recording(folder / "a.wav.gz"); }),
              (folder / "a.wav.gz") +
                  ": expected a packed recording whose samples lie one behind the other, got one in many chunks\n"
                  "   hint: unpack it first");
    folder.write("HDSDR_20190829_190820Z_433920kHz_RF.wav", wave("RIFF", 1, 2, 16, "abcdefgh", 8));
    ASSERT_EQ(std::system(("gzip -nf " + (folder / "HDSDR_20190829_190820Z_433920kHz_RF.wav")).c_str()), 0);
    EXPECT_EQ(read_recording(folder / "HDSDR_20190829_190820Z_433920kHz_RF.wav.gz").frequency, 433.92e6);
}

// Recordings of amateur satellites, where they are at hand.
TEST(WavSamples, OfRealFilesAreThoseOfLibsndfile) {
    const char* const named = std::getenv("FLOWSPAN_DATA");
    const std::filesystem::path data = named != nullptr ? named : FLOWSPAN_SOURCE_DIR "/../shared/data";
    int read = 0;
    for (const char* name : {"us01.wav", "gr01.wav", "swiatowid-ax25.wav"}) {
        const std::string path = (data / name).string();
        if (!std::filesystem::exists(path)) continue;
        ++read;
        const Recording r = read_recording(path);
        EXPECT_EQ(r.type, SampleType::ri16) << name;
        EXPECT_THAT(r.warnings, IsEmpty()) << name;
        SF_INFO info{};
        SNDFILE* const file = sf_open(path.c_str(), SFM_READ, &info);
        ASSERT_NE(file, nullptr) << name;
        std::string expected(std::size_t(info.frames) * 2, '?');
        sf_readf_short(file, reinterpret_cast<short*>(expected.data()), info.frames);
        sf_close(file);
        EXPECT_EQ(r.sample_rate, Rational(info.samplerate)) << name;
        EXPECT_TRUE(all_of(r) == expected) << name;
    }
    if (read == 0) GTEST_SKIP() << "no recordings at " << data << "; FLOWSPAN_DATA names their folder";
}

TEST(AudioSamples, OfFlacAreThoseThatWereWritten) {
    const Folder folder;
    for (const auto& [subtype, type, expected] : {std::tuple(SF_FORMAT_PCM_S8, SampleType::ri8, encodings[0].expected),
                                                  {SF_FORMAT_PCM_16, SampleType::ri16, encodings[1].expected},
                                                  {SF_FORMAT_PCM_24, SampleType::ri32, encodings[2].expected}})
        for (const int channels : {1, 2, 5}) {
            const auto numbers = noise(std::size_t(channels) * 9973);
            const Recording r = read_recording(write(folder / "a_433.92MHz.flac", SF_FORMAT_FLAC | subtype, channels, numbers));
            EXPECT_EQ(r.format, "flac");
            EXPECT_EQ(r.type, type);
            EXPECT_EQ(r.channels, std::uint64_t(channels));
            EXPECT_EQ(r.length, 9973U);
            EXPECT_FALSE(r.frequency.has_value()) << "that of a dial";
            const std::string whole = expected(numbers);
            EXPECT_TRUE(all_of(r) == whole) << channels;
            const auto reader = open_samples(r, false);
            const std::size_t item = size_of(r.type) * r.channels;
            for (const std::uint64_t first : {9000U, 1U, 4096U, 4095U, 0U})
                EXPECT_TRUE(bytes_of(*reader, r, first, 500) == whole.substr(first * item, 500 * item)) << first;
        }
}

TEST(AudioSamples, OfOggAreThoseOfLibsndfileWhereverOneBegins) {
    const Folder folder;
    for (const int subtype : {SF_FORMAT_VORBIS, SF_FORMAT_OPUS}) {
        std::vector<int> numbers(2 * 48000);
        for (std::size_t k = 0; k < numbers.size(); ++k) numbers[k] = int(1e9 * std::sin(double(k / 2 * (k % 2 + 1)) / 30));
        const Recording r = read_recording(write(folder / "a.ogg", SF_FORMAT_OGG | subtype, 2, numbers));
        EXPECT_EQ(r.format, "ogg");
        EXPECT_EQ(r.type, SampleType::rf32);
        EXPECT_EQ(r.channels, 2U);
        SF_INFO info{};
        SNDFILE* const file = sf_open((folder / "a.ogg").c_str(), SFM_READ, &info);
        std::vector<float> expected(std::size_t(info.frames) * 2);
        sf_readf_float(file, expected.data(), info.frames);
        sf_close(file);
        EXPECT_EQ(r.length, std::uint64_t(info.frames));
        const std::string whole(reinterpret_cast<const char*>(expected.data()), expected.size() * 4);
        EXPECT_TRUE(all_of(r) == whole);
        const auto reader = open_samples(r, false);
        for (const std::uint64_t first : {30001U, 7U, 47000U, 7U})
            EXPECT_TRUE(bytes_of(*reader, r, first, 500) == whole.substr(first * 8, 4000)) << first;
    }
}

TEST(AudioSamples, OfWhatIsCutOffOrNothingAreRefused) {
    const Folder folder;
    write(folder / "a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 1, noise(50000));
    const auto size = std::filesystem::file_size(folder / "a.flac");
    std::filesystem::resize_file(folder / "a.flac", size / 2);
    const Recording r = read_recording(folder / "a.flac");
    EXPECT_THAT(sentence_of([&] { all_of(r); }), HasSubstr("a.flac: it ends at sample "));
    EXPECT_THAT(sentence_of([&] { read_recording(folder.write("b.flac", "fLaC")); }),
                HasSubstr("b.flac: expected FLAC or Ogg that libsndfile reads, got "));
    EXPECT_THAT(sentence_of([&] { read_recording(folder.write("b.ogg", "OggS")); }),
                HasSubstr("b.ogg: expected FLAC or Ogg that libsndfile reads, got "));
}

}  // namespace
}  // namespace flowspan::io
