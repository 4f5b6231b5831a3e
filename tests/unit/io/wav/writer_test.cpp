#include "io/wav/writer.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sndfile.h>

#include <cmath>
#include <limits>
#include <random>

#include "io/publish/product.hpp"
#include "tests/unit/io/folder.hpp"

namespace flowspan::io {
namespace {
using test::content_of;
using test::Folder;
using test::sentence_of;
using testing::ElementsAre;

struct Sound {
    SF_INFO info{};
    std::vector<int> numbers;  // left-aligned in 32 bits, as libsndfile gives them
    std::vector<float> floats;
};

/// What libsndfile reads.
Sound read(const std::string& path) {
    Sound sound;
    SNDFILE* file = sf_open(path.c_str(), SFM_READ, &sound.info);
    if (!file) throw std::runtime_error(sf_strerror(nullptr));
    const auto count = std::size_t(sound.info.frames * sound.info.channels);
    sound.numbers.resize(count);
    sound.floats.resize(count);
    sf_read_int(file, sound.numbers.data(), sf_count_t(count));
    sf_seek(file, 0, SEEK_SET);
    sf_read_float(file, sound.floats.data(), sf_count_t(count));
    sf_close(file);
    return sound;
}

std::string write(const Folder& folder, const std::vector<float>& numbers, const WavFormat& format,
                  PcmStatistics* statistics = nullptr, std::size_t piece = SIZE_MAX, float gain = 1) {
    static int run = 0;
    Publisher publisher(fmt::format("r{}", ++run), true);
    WavWriter writer(publisher.create(folder / "a.wav"), format);
    for (std::size_t at = 0; at < numbers.size(); at += std::min(piece, numbers.size() - at))
        writer.append(std::span(numbers).subspan(at, std::min(piece, numbers.size() - at)), gain);
    writer.complete();
    publisher.publish();
    if (statistics) *statistics = writer.statistics();
    return folder / "a.wav";
}

TEST(WavWriter, LibsndfileReadsWhatWasWritten) {
    const Folder folder;
    const std::vector<float> numbers{0, 0.5F, -0.5F, 0.25F, -1, 1.0F / 32768};
    const Sound mono = read(write(folder, numbers, {1, 48000, WavEncoding::pcm16}));
    EXPECT_EQ(mono.info.samplerate, 48000);
    EXPECT_EQ(mono.info.channels, 1);
    EXPECT_EQ(mono.info.format & SF_FORMAT_SUBMASK, SF_FORMAT_PCM_16);
    EXPECT_THAT(mono.numbers, ElementsAre(0, 1 << 30, -(1 << 30), 1 << 29, INT32_MIN, 1 << 16));

    const Sound stereo = read(write(folder, numbers, {2, 44100, WavEncoding::pcm24}));
    EXPECT_EQ(stereo.info.frames, 3);
    EXPECT_EQ(stereo.info.format & SF_FORMAT_SUBMASK, SF_FORMAT_PCM_24);
    EXPECT_THAT(stereo.numbers, ElementsAre(0, 1 << 30, -(1 << 30), 1 << 29, INT32_MIN, 1 << 16));

    const Sound floats = read(write(folder, {0.1F, -3}, {1, 8000, WavEncoding::float32}));
    EXPECT_EQ(floats.info.format & SF_FORMAT_SUBMASK, SF_FORMAT_FLOAT);
    EXPECT_THAT(floats.floats, ElementsAre(0.1F, -3.0F));
}

TEST(WavWriter, RoundsHalfToEvenSaturatesAndCountsClips) {
    const Folder folder;
    const float lsb = 1.0F / 32768, nan = std::numeric_limits<float>::quiet_NaN(),
                infinity = std::numeric_limits<float>::infinity();
    PcmStatistics statistics;
    const Sound sound =
        read(write(folder, {0.5F * lsb, 1.5F * lsb, -0.5F * lsb, 1.0F, 1.5F, -2, infinity, nan}, {}, &statistics));
    std::vector<int> pcm;
    for (const int n : sound.numbers) pcm.push_back(n >> 16);
    EXPECT_THAT(pcm, ElementsAre(0, 2, 0, 32767, 32767, -32768, 32767, 0));
    EXPECT_EQ(statistics.clipped, 3u) << "1.0 itself is one more than the largest";
    EXPECT_EQ(statistics.not_finite, 2u);
    EXPECT_EQ(statistics.peak, 2);
}

TEST(WavWriter, AppliesTheGainBeforeItCountsClips) {
    const Folder folder;
    PcmStatistics statistics;
    const Sound sound = read(write(folder, {0.5F, 0.25F}, {}, &statistics, SIZE_MAX, 4));
    EXPECT_EQ(sound.numbers[1] >> 16, 32767);
    EXPECT_EQ(statistics.clipped, 2u);
    EXPECT_EQ(statistics.peak, 2.0);
}

TEST(WavWriter, AwkwardLengthsAndPiecesGiveTheSameBytes) {
    const Folder folder;
    std::minstd_rand random(1);
    for (const std::size_t length : {0, 1, 7, 16384, 32771}) {
        std::vector<float> numbers(length);
        for (float& n : numbers) n = float(random()) / float(std::minstd_rand::max()) - 0.5F;
        for (const auto encoding : {WavEncoding::pcm16, WavEncoding::pcm24, WavEncoding::float32}) {
            const std::string whole = content_of(write(folder, numbers, {1, 48000, encoding}));
            EXPECT_EQ(content_of(write(folder, numbers, {1, 48000, encoding}, nullptr, 13)), whole);
            EXPECT_EQ(read(folder / "a.wav").info.frames, sf_count_t(length));
            EXPECT_EQ(whole.size() % 2, 0u);
        }
    }
}

TEST(WavWriter, AFullDiskNamesTheProduct) {
    Publisher publisher("r");
    WavWriter writer(publisher.create("/dev/full"), {});
    EXPECT_EQ(sentence_of([&] { writer.open(); }), "cannot write /dev/full: No space left on device");
}

TEST(WavWriter, BeyondFourGigabytesTheFileIsRf64) {
    const Folder folder;  // holds a sparse file
    const std::uint64_t frames = (std::uint64_t{1} << 32) / 8 + 3;
    const std::string header = wav_header({2, 192000, WavEncoding::float32}, frames * 8);
    EXPECT_EQ(header.substr(0, 4), "RF64");
    folder.write("big.wav", header);
    std::filesystem::resize_file(folder / "big.wav", header.size() + frames * 8);
    SF_INFO info{};
    SNDFILE* file = sf_open((folder / "big.wav").c_str(), SFM_READ, &info);
    ASSERT_NE(file, nullptr) << sf_strerror(nullptr);
    EXPECT_EQ(info.format & SF_FORMAT_TYPEMASK, SF_FORMAT_RF64);
    EXPECT_EQ(std::uint64_t(info.frames), frames);
    EXPECT_EQ(info.samplerate, 192000);
    sf_close(file);
}

TEST(WavWriter, TurnsToRf64ByItselfWhereItIsTooLong) {
    const Folder folder;
    const std::uint64_t most = 80 - 8 + 200;  // the header without its first 8 bytes, and 200 of samples
    for (const std::size_t frames : {99, 100, 101, 5000}) {
        std::vector<float> numbers(frames);
        for (std::size_t k = 0; k < frames; ++k) numbers[k] = float(k % 100) / 128;
        Publisher publisher(fmt::format("large{}", frames), true);
        WavWriter writer(publisher.create(folder / "a.wav"), {1, 8000, WavEncoding::pcm16}, most);
        for (const float& number : numbers) writer.append({&number, 1});
        writer.complete();
        publisher.publish();
        const std::string bytes = content_of(folder / "a.wav");
        EXPECT_EQ(bytes.substr(0, 4), frames > 100 ? "RF64" : "RIFF") << frames;
        EXPECT_EQ(bytes.substr(12, 4), frames > 100 ? "ds64" : "JUNK") << frames;
        EXPECT_EQ(bytes.size(), 80 + 2 * frames);
        const Sound sound = read(folder / "a.wav");
        EXPECT_EQ(sound.info.format & SF_FORMAT_TYPEMASK, frames > 100 ? SF_FORMAT_RF64 : SF_FORMAT_WAV) << frames;
        EXPECT_EQ(std::size_t(sound.info.frames), frames);
        EXPECT_EQ(sound.floats, numbers);
    }
}

}  // namespace
}  // namespace flowspan::io
