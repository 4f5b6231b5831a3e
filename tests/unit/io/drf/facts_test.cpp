// What is known of a Digital RF channel before its samples are read.
#include "io/formats/formats.hpp"
#include "io/recording/layout.hpp"
#include "io/recording/recording_reader.hpp"
#include "tests/unit/io/drf/channel.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace flowspan::io {
namespace {
using namespace test;
using testing::ElementsAre;
using testing::StartsWith;

using Rows = std::vector<std::int16_t>;

/// `count` rows of I = k, Q = -k from `first` on.
Rows counted(int first, int count) {
    Rows rows;
    for (int k = first; k < first + count; ++k) rows.insert(rows.end(), {std::int16_t(k), std::int16_t(-k)});
    return rows;
}
Rows fill(int count) { return Rows(std::size_t(2 * count), INT16_MIN); }
Rows joined(std::initializer_list<Rows> parts) {
    Rows all;
    for (const Rows& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

/// 100 samples a second and a file, from 1,000,000 s on.
struct Channel : RfChannel {
    explicit Channel(const Folder& at) {
        folder = at / "ch0";
        write_properties();
    }
    void file(int second, const Rows& rows, const std::vector<std::array<std::uint64_t, 2>>& index) const {
        write_file("1970-01-12T13-46-" + std::to_string(40 + second / 10 * 10) + "/rf@" + std::to_string(1'000'000 + second) +
                       ".000.h5",
                   rows.data(), rows.size() / 2, H5T_NATIVE_INT16, index);
    }
    void full(int second, const Rows& rows) const { file(second, rows, {{100'000'000 + 100 * std::uint64_t(second), 0}}); }
};

std::vector<std::int16_t> samples_of(const Recording& r, std::uint64_t first, std::uint64_t count,
                                     std::vector<std::pair<std::uint64_t, std::uint64_t>>* missing = nullptr) {
    const auto reader = open_samples(r, false);
    std::vector<std::int16_t> numbers(std::size_t(count * 2 * r.channels));
    EXPECT_EQ(reader->read(first, std::as_writable_bytes(std::span(numbers))), numbers.size() * 2);
    for (const auto& m : reader->missing())
        if (missing != nullptr) missing->emplace_back(m.first, m.count);
    return numbers;
}

TEST(DigitalRf, FilesThatFollowOnEachOtherAreOneCaptureWithAnExactTime) {
    const Folder folder;
    const Channel channel(folder);
    channel.full(9, counted(0, 100));
    channel.full(10, counted(100, 100));
    const Recording r = read_recording(channel.folder);
    EXPECT_EQ(r.format, "digital_rf");
    EXPECT_EQ(r.type, SampleType::ci16);
    EXPECT_EQ(r.length, 200U);
    EXPECT_EQ(r.sample_rate, Rational(100));
    ASSERT_EQ(r.captures.size(), 1U);
    EXPECT_EQ(r.captures[0].utc, Time(1'000'009, Rational()));
    EXPECT_EQ(r.captures[0].global_index, 100'000'900U);
    EXPECT_EQ(samples_of(r, 95, 10), counted(95, 10));
    EXPECT_TRUE(r.warnings.empty());
}

TEST(DigitalRf, RowsThatTheIndexSaysAreMissingAreGaps) {
    const Folder folder;
    const Channel channel(folder);
    channel.file(0, counted(0, 60),
                 {{100'000'010, 0}, {100'000'050, 20}, {100'000'060, 30}});  // adjacent ones may be contiguous
    channel.file(3, counted(60, 5), {{100'000'300, 0}});
    const Recording r = read_recording(channel.folder);
    EXPECT_EQ(r.length, 65U);
    ASSERT_EQ(r.captures.size(), 3U);
    EXPECT_EQ(r.captures[1].start, 20U);
    EXPECT_EQ(r.captures[2].start, 60U);
    EXPECT_EQ(lay_out(r, Gaps::zeros, Retunes::error).length, 295U);
    EXPECT_EQ(r.captures[1].utc, Time(1'000'000, Rational(1, 2)));
    EXPECT_EQ(samples_of(r, 0, 65), counted(0, 65));
    EXPECT_FALSE(r.missing_inside);
}

TEST(DigitalRf, AContinuousChannelEndsWhereItsFillBegins) {
    const Folder folder;
    Channel channel(folder);
    channel.continuous = true;
    channel.write_properties();
    channel.full(0, fill(100));
    channel.full(1, joined({fill(30), counted(0, 70)}));
    channel.full(2, joined({counted(70, 40), fill(7), counted(117, 53)}));
    channel.full(5, joined({counted(200, 1), fill(99)}));
    channel.full(6, fill(100));
    const Recording r = read_recording(channel.folder);
    EXPECT_TRUE(r.missing_inside);
    EXPECT_EQ(r.length, 171U);
    ASSERT_EQ(r.captures.size(), 2U);
    EXPECT_EQ(r.captures[0].global_index, 100'000'130U);
    EXPECT_EQ(r.captures[1].global_index, 100'000'500U);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> missing;
    EXPECT_EQ(samples_of(r, 0, 171, &missing), joined({counted(0, 110), Rows(14, 0), counted(117, 53), counted(200, 1)}));
    EXPECT_THAT(missing, ElementsAre(std::pair<std::uint64_t, std::uint64_t>(110, 7)));
}

TEST(DigitalRf, OneComponentThatIsNoFillMakesARowData) {
    const Folder folder;
    RfChannel channel{.folder = folder / "ch0", .file_ms = 100, .subchannels = 2, .complex = true, .continuous = true};
    channel.component = H5T_IEEE_F32LE;
    channel.write_properties();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> rows(40, 1.0F);
    std::fill(rows.begin() + 8, rows.begin() + 16, nan);   // rows 2 and 3
    std::fill(rows.begin() + 20, rows.begin() + 23, nan);  // row 5, but for one
    rows[30] = nan;                                        // one of row 7
    channel.write_file("1970-01-01T00-00-00/rf@0.000.h5", rows.data(), 10, H5T_NATIVE_FLOAT, {{0, 0}});
    const Recording r = read_recording(channel.folder);
    EXPECT_EQ(r.type, SampleType::cf32);
    EXPECT_EQ(r.channels, 2U);
    const auto reader = open_samples(r, false);
    std::vector<float> got(40);
    reader->read(0, std::as_writable_bytes(std::span(got)));
    ASSERT_EQ(reader->missing().size(), 1U);
    EXPECT_EQ(reader->missing()[0].first, 2U);
    EXPECT_EQ(reader->missing()[0].count, 2U);
    EXPECT_EQ(got[8], 0.0F);
    EXPECT_TRUE(std::isnan(got[20]) && std::isnan(got[30]));
}

TEST(DigitalRf, AnyComponentIsReadInThisMachinesOrder) {
    struct Case {
        hid_t stored;
        bool complex;
        SampleType type;
        bool big;
    };
    for (const Case& c :
         {Case{H5T_STD_I8LE, true, SampleType::ci8, false}, Case{H5T_STD_U8LE, true, SampleType::cu8, false},
          Case{H5T_STD_I16BE, true, SampleType::ci16, true}, Case{H5T_STD_U16LE, false, SampleType::ru16, false},
          Case{H5T_STD_I32BE, false, SampleType::ri32, true}, Case{H5T_STD_U32LE, true, SampleType::cu32, false},
          Case{H5T_IEEE_F32BE, true, SampleType::cf32, true}, Case{H5T_IEEE_F64LE, false, SampleType::rf64, false}}) {
        const Folder folder;
        RfChannel channel{.folder = folder / "ch0", .complex = c.complex};
        channel.component = c.stored;
        channel.write_properties();
        std::vector<double> rows(20);
        for (std::size_t k = 0; k < rows.size(); ++k) rows[k] = double(k + 1);
        channel.write_file("1970-01-01T00-00-00/rf@0.000.h5", rows.data(), c.complex ? 10 : 20, H5T_NATIVE_DOUBLE, {{0, 0}});
        const Recording r = read_recording(channel.folder);
        EXPECT_EQ(r.type, c.type);
        EXPECT_EQ(r.big_endian, c.big) << name_of(c.type);
        std::vector<std::byte> got(size_of(c.type) * 3);
        open_samples(r, false)->read(2, got);
        const std::size_t part = size_of(c.type) / (c.complex ? 2 : 1);
        for (std::size_t k = 0; k < got.size() / part; ++k) {
            const double expected = double(2 * (c.complex ? 2 : 1) + k + 1);
            double value = 0;
            const std::byte* const at = got.data() + k * part;
            if (c.type == SampleType::cf32) {
                float f = 0;
                std::memcpy(&f, at, 4);
                value = f;
            } else if (c.type == SampleType::rf64) {
                std::memcpy(&value, at, 8);
            } else {
                std::uint32_t i = 0;
                std::memcpy(&i, at, part);
                value = i;
            }
            EXPECT_EQ(value, expected) << name_of(c.type) << " " << k;
        }
    }
}

TEST(DigitalRf, FilesOfARationalRateHoldAsManySamplesAsBeginInThem) {
    const Folder folder;
    RfChannel channel{.folder = folder / "ch0", .numerator = 200, .denominator = 3};
    channel.write_properties();
    // Samples 67 x 15 ms and on: the second that begins at 1 s has samples 67 to 133 (1.005 s to 1.995 s).
    const Rows rows = counted(0, 67);
    channel.write_file("1970-01-01T00-00-00/rf@1.000.h5", rows.data(), 67, H5T_NATIVE_INT16, {{67, 0}});
    channel.write_file("1970-01-01T00-00-00/rf@2.000.h5", rows.data(), 66, H5T_NATIVE_INT16, {{134, 0}});
    const Recording r = read_recording(channel.folder);
    ASSERT_EQ(r.captures.size(), 1U);
    EXPECT_EQ(r.captures[0].utc, Time(1, Rational(1, 200)));
    EXPECT_EQ(r.length, 133U);
    EXPECT_EQ(samples_of(r, 66, 2), joined({counted(66, 1), counted(0, 1)}));
    channel.write_file("1970-01-01T00-00-00/rf@2.000.h5", rows.data(), 67, H5T_NATIVE_INT16, {{134, 0}});
    EXPECT_EQ(sentence_of([&] { read_recording(channel.folder); }),
              channel.folder +
                  "/1970-01-01T00-00-00/rf@2.000.h5: expected an `rf_data_index` of samples 134 to 199, whose rows "
                  "follow on each other, got 67 rows in 1 pieces\n   hint: was it moved, or is it damaged?");
}

TEST(DigitalRf, AnotherCentreFrequencyBeginsACapture) {
    const Folder folder;
    const Channel channel(folder);
    channel.full(0, counted(0, 100));
    channel.full(1, counted(100, 100));
    channel.write_metadata("1970-01-12T13-46-40/metadata@999990.h5", {{99'999'000, 4e8}});
    channel.write_metadata("1970-01-12T13-46-40/metadata@1000000.h5", {{100'000'020, 4e8}, {100'000'150, 4.5e8}});
    const Recording r = read_recording(channel.folder);
    EXPECT_EQ(r.frequency, 4e8);
    ASSERT_EQ(r.captures.size(), 2U);
    EXPECT_EQ(r.captures[0].frequency, 4e8);
    EXPECT_EQ(r.captures[1].start, 150U);
    EXPECT_EQ(r.captures[1].frequency, 4.5e8);
    EXPECT_EQ(r.captures[1].utc, Time(1'000'001, Rational(1, 2)));
}

TEST(DigitalRf, TheFolderAboveIsReadWhereItHoldsOneChannel) {
    const Folder folder;
    const Channel channel(folder);
    channel.full(0, counted(0, 100));
    EXPECT_EQ(read_recording(folder.path()).length, 100U);
    RfChannel{.folder = folder / "ch1"}.write_properties();
    EXPECT_EQ(
        sentence_of([&] { read_recording(folder.path()); }),
        folder.path() + ": expected one Digital RF channel, got 2: ch0, ch1\n   hint: name one, as " + folder.path() + "/ch0");
    EXPECT_EQ(sentence_of([&] { read_recording(folder / "ch1"); }),
              folder / "ch1" +
                  ": expected a Digital RF channel with samples, got one without a file rf@….h5 in its folders of times");
    const std::string file = channel.folder + "/1970-01-12T13-46-40/rf@1000000.000.h5";
    EXPECT_EQ(
        sentence_of([&] { read_recording(file); }),
        file +
            ": expected a recording in a format that flowspan reads, got one file of a Digital RF channel\n   hint: name the "
            "folder of the channel, " +
            channel.folder);
    EXPECT_THAT(sentence_of([&] { read_recording(channel.folder + "/drf_properties.h5"); }),
                testing::EndsWith("name its folder, " + channel.folder));
}

TEST(DigitalRf, FilesThatAreBeingWrittenAreLeftOut) {
    const Folder folder;
    const Channel channel(folder);
    channel.full(0, counted(0, 100));
    folder.write("ch0/1970-01-12T13-46-40/tmp.rf@1000001.000.h5", "half");
    EXPECT_THAT(read_recording(channel.folder).warnings,
                ElementsAre("1 file that is being written or was never finished (tmp.rf@…) is left out"));
}

TEST(DigitalRf, AFileThatIsCutOffAnywhereIsRefused) {
    const Folder folder;
    Channel channel(folder);
    channel.write_metadata("1970-01-12T13-46-40/metadata@1000000.h5", {{100'000'000, 4e8}});
    for (const bool continuous : {false, true}) {
        channel.continuous = continuous;
        channel.write_properties();
        for (int second = 0; second < 3; ++second) channel.full(second, counted(100 * second, 100));
        for (const std::string name : {"drf_properties.h5", "1970-01-12T13-46-40/rf@1000000.000.h5",
                                       "1970-01-12T13-46-40/rf@1000001.000.h5", "1970-01-12T13-46-40/rf@1000002.000.h5",
                                       "metadata/dmd_properties.h5", "metadata/1970-01-12T13-46-40/metadata@1000000.h5"}) {
            const std::string path = channel.folder + "/" + name, whole = content_of(path);
            for (std::size_t bytes = 0; bytes < whole.size(); bytes += bytes < 100 ? 1 : 173) {
                std::filesystem::resize_file(path, bytes);
                EXPECT_THAT(sentence_of([&] { read_recording(channel.folder); }),
                            StartsWith(path + ": expected a whole HDF5 file"))
                    << bytes;
                folder.write("ch0/" + name, whole);
            }
        }
    }
}

TEST(DigitalRf, WhatContradictsItselfIsRefused) {
    const Folder folder;
    const Channel channel(folder);
    const std::string name = "1970-01-12T13-46-40/rf@1000000.000.h5", path = channel.folder + "/" + name;
    const auto refused = [&](const std::vector<std::array<std::uint64_t, 2>>& index) {
        channel.file(0, counted(0, 50), index);
        return sentence_of([&] { read_recording(channel.folder); });
    };
    const std::string begin = path +
                              ": expected an `rf_data_index` of samples 100000000 to 100000099, whose rows follow on each "
                              "other, got ",
                      end = "\n   hint: was it moved, or is it damaged?";
    EXPECT_EQ(refused({{99'999'999, 0}}), begin + "sample 99999999 in row 0" + end);
    EXPECT_EQ(refused({{100'000'051, 0}}), begin + "sample 100000051 in row 0" + end);
    EXPECT_EQ(refused({{100'000'000, 1}}), begin + "sample 100000000 in row 1" + end);
    EXPECT_EQ(refused({{100'000'000, 0}, {100'000'020, 30}}), begin + "sample 100000020 in row 30" + end);
    EXPECT_EQ(refused({{100'000'000, 0}, {100'000'020, 60}}), begin + "sample 100000000 in row 0" + end);
    EXPECT_EQ(refused({}), begin + "50 rows of which it says nothing" + end);
}

}  // namespace
}  // namespace flowspan::io
