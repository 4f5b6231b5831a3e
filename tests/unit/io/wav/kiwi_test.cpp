// Recordings of KiwiSDR as kiwirecorder.py --kiwi-wav writes them: chunks `kiwi` and `data` in turn.
#include "io/recording/recording_reader.hpp"
#include "io/wav/blocks.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>

#include "tests/unit/io/folder.hpp"
#include "tests/unit/io/wav/kiwi.hpp"
#include "tests/unit/io/wav/wave.hpp"

namespace flowspan::io {
namespace {
using namespace test_wav;
using test::Folder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* name = "20211008T150350Z_702000_STATION_iq.wav";
// 2021-10-08 is a Friday: its 15:03:50 UTC is second 5 x 86400 + 54230 of the week, and GPS is ahead by 18.
constexpr std::int64_t first_second = 5 * 86400 + 54230 + 18;

Recording read(const Folder& folder, const std::string& content, const std::string& as = name) {
    return read_recording(folder.write(as, content));
}

TEST(Kiwi, AllChunksAreOneRecordingWithTheTimeOfItsFirstStamp) {
    const Folder folder;
    const Recording r = read(folder, kiwi_file(kiwi_blocks(40, first_second, 250'000'000)));
    EXPECT_EQ(r.type, SampleType::ci16);
    EXPECT_EQ(r.length, 40U * 512);
    EXPECT_EQ(r.sample_rate, Rational(12000));
    EXPECT_EQ(r.frequency, 702000.0);
    ASSERT_THAT(r.captures, SizeIs(1));
    EXPECT_EQ(rfc3339(*r.captures[0].utc), "2021-10-08T15:03:50.25Z");
    EXPECT_EQ(r.captures[0].frequency, 702000.0);
    EXPECT_FALSE(r.captures[0].global_index.has_value());
    EXPECT_THAT(r.warnings, IsEmpty());
    EXPECT_THAT(r.header.at("blocks").list(), SizeIs(1)) << "facts stay small";
}

TEST(Kiwi, JumpsOfTheStampsAreGaps) {
    const Folder folder;
    auto blocks = kiwi_blocks(40, first_second, 250'000'000);
    blocks.erase(blocks.begin() + 7, blocks.begin() + 10);
    blocks.erase(blocks.begin() + 20);
    const Recording r = read(folder, kiwi_file(blocks));
    EXPECT_EQ(r.length, 36U * 512);
    ASSERT_THAT(r.captures, SizeIs(3));
    EXPECT_EQ(r.captures[1].start, 7U * 512);
    EXPECT_EQ(r.captures[1].global_index, 10U * 512);
    EXPECT_EQ(r.captures[2].start, 20U * 512);
    EXPECT_EQ(r.captures[2].global_index, 24U * 512);
    EXPECT_EQ(rfc3339(*r.captures[1].utc), "2021-10-08T15:03:50.676666667Z")
        << "0.25 s + 5120 / 12000 s, to the stamp's nanosecond";
    EXPECT_THAT(r.warnings, IsEmpty());
}

TEST(Kiwi, StampsThatRunBackAreSamplesTwice) {
    const Folder folder;
    auto blocks = kiwi_blocks(4, first_second, 0);
    blocks.insert(blocks.begin() + 1, blocks[0]);
    const Recording r = read(folder, kiwi_file(blocks));
    ASSERT_THAT(r.captures, SizeIs(2));
    EXPECT_EQ(r.captures[1].start, 512U);
    EXPECT_EQ(*r.captures[1].global_index, *r.captures[0].global_index);
}

TEST(Kiwi, AClockThatIsOffIsNoGapAndIsSaid) {
    const Folder folder;
    const double rate = 12001.12;  // as receivers have it: 93 ppm
    const Recording r = read(folder, kiwi_file(kiwi_blocks(2000, first_second, 0, rate)));
    EXPECT_THAT(r.captures, SizeIs(1));
    EXPECT_EQ(r.sample_rate, Rational(12000));
    EXPECT_THAT(r.warnings,
                ElementsAre(HasSubstr("its GNSS stamps say 12001.12 samples per second, its header 12000: the header "
                                      "counts, so times are off by 0.008 s at its end")));
    // A gap within is as long as that clock counts: 1000 blocks.
    auto blocks = kiwi_blocks(2000, first_second, 0, rate);
    blocks.erase(blocks.begin() + 500, blocks.begin() + 1500);
    const Recording gap = read(folder, kiwi_file(blocks));
    ASSERT_THAT(gap.captures, SizeIs(2));
    EXPECT_EQ(*gap.captures[1].global_index, 1500U * 512);
}

TEST(Kiwi, AWeekThatEndsWithinIsNoJump) {
    const Folder folder;
    const Recording r = read(folder, kiwi_file(kiwi_blocks(40, 604799, 500'000'000)), "20211009T235941Z_702000_iq.wav");
    ASSERT_THAT(r.captures, SizeIs(1));
    EXPECT_EQ(rfc3339(*r.captures[0].utc), "2021-10-09T23:59:41.5Z");
}

TEST(Kiwi, WithoutADateInItsNameItHasGapsAndNoTime) {
    const Folder folder;
    auto blocks = kiwi_blocks(10, first_second, 0);
    blocks.erase(blocks.begin() + 3);
    const Recording r = read(folder, kiwi_file(blocks), "a.wav");
    ASSERT_THAT(r.captures, SizeIs(2));
    EXPECT_FALSE(r.captures[0].utc.has_value());
    EXPECT_FALSE(r.captures[1].utc.has_value());
    EXPECT_EQ(r.captures[1].global_index, 4U * 512);
    EXPECT_FALSE(r.frequency.has_value());
}

TEST(Kiwi, WithoutAFixThereAreNoStamps) {
    const Folder folder;
    auto blocks = kiwi_blocks(10, first_second, 0);
    for (KiwiBlock& block : blocks) block.since_fix = 255, block.second = 0;
    const Recording none = read(folder, kiwi_file(blocks));
    EXPECT_EQ(none.length, 10U * 512);
    ASSERT_THAT(none.captures, SizeIs(1));
    EXPECT_EQ(rfc3339(*none.captures[0].utc), "2021-10-08T15:03:50Z") << "of its name";
    // The first fix comes late: the beginning is as much earlier.
    auto late = kiwi_blocks(10, first_second, 0);
    for (std::size_t k = 0; k < 3; ++k) late[k].since_fix = 255, late[k].second = 0;
    const Recording r = read(folder, kiwi_file(late));
    ASSERT_THAT(r.captures, SizeIs(1));
    EXPECT_NEAR((*r.captures[0].utc - parse_rfc3339("2021-10-08T15:03:50Z")).value(), 0, 2e-9);
}

TEST(Kiwi, AFileThatIsCutOffEndsWithItsLastWholeSample) {
    const Folder folder;
    const std::string whole = kiwi_file(kiwi_blocks(3, first_second, 0));
    const std::size_t stride = 8 + 10 + 8 + 2048, first = whole.size() - 3 * stride;
    // At every byte of heads, and some between.
    for (std::size_t bytes = first + stride; bytes < whole.size(); bytes += (bytes - first) % stride < 34 ? 1 : 93) {
        const Recording r = read(folder, whole.substr(0, bytes));
        const std::size_t blocks = (bytes - first) / stride, rest = (bytes - first) % stride;
        EXPECT_EQ(r.length, 512 * blocks + (rest > 26 ? (rest - 26) / 4 : 0)) << bytes;
        if (rest == 5) { EXPECT_THAT(r.warnings, ElementsAre("its last 5 bytes are no chunk: left out")); }
        if (rest == 26 + 7) {
            EXPECT_THAT(r.warnings, ElementsAre("its last chunk is cut off: it says 2048 bytes, 7 are there",
                                                "3 bytes of its data chunks are no whole samples: left out"));
        }
        EXPECT_EQ(r.warnings.empty(), rest == 0 || rest == 18) << bytes;
    }
}

TEST(Kiwi, ANameOfAnotherTimeIsAWarning) {
    const Folder folder;
    const Recording r = read(folder, kiwi_file(kiwi_blocks(3, first_second + 3600, 0)));
    EXPECT_EQ(rfc3339(*r.captures[0].utc), "2021-10-08T16:03:50Z");
    EXPECT_THAT(r.warnings,
                ElementsAre("its name says 2021-10-08T15:03:50Z, its header 2021-10-08T16:03:50Z: the header counts"));
}

TEST(Kiwi, OtherSizesOfChunksAreRunsOfTheirOwn) {
    const Folder folder;
    auto blocks = kiwi_blocks(5, first_second, 0);
    blocks[1].samples = blocks[2].samples = 100;
    for (KiwiBlock& block : blocks) block.since_fix = 255;
    const Recording r = read(folder, kiwi_file(blocks));
    EXPECT_EQ(r.length, 3U * 512 + 200);
    EXPECT_THAT(r.header.at("blocks").list(), SizeIs(3));
}

}  // namespace
}  // namespace flowspan::io
