#include "io/products/hdf5_writer.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <numeric>
#include <random>

#include "folder.hpp"
#include "io/publish/product.hpp"

namespace flowspan::io {
namespace {
using test::content_of;
using test::Folder;
using test::sentence_of;
using testing::ElementsAre;

/// A file as the HDF5 library reads it.
class Reader {
public:
    explicit Reader(const std::string& path)
        : file_(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)), data_(H5Dopen2(file_, "data", H5P_DEFAULT)) {}
    ~Reader() {
        H5Dclose(data_);
        if (owns_) H5Fclose(file_);
    }
    std::vector<hsize_t> shape() const {
        const hid_t space = H5Dget_space(data_);
        std::vector<hsize_t> sizes(std::size_t(H5Sget_simple_extent_ndims(space)));
        H5Sget_simple_extent_dims(space, sizes.data(), nullptr);
        H5Sclose(space);
        return sizes;
    }
    template <class T>
    std::vector<T> all(hid_t type) const {
        const auto sizes = shape();
        std::vector<T> values(std::accumulate(sizes.begin(), sizes.end(), std::size_t{1}, std::multiplies<>()));
        H5Dread(data_, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
        return values;
    }
    double number(const char* name) const {
        double value = 0;
        const hid_t attribute = H5Aopen(data_, name, H5P_DEFAULT);
        H5Aread(attribute, H5T_NATIVE_DOUBLE, &value);
        H5Aclose(attribute);
        return value;
    }
    std::string text(const char* name) const {
        const hid_t attribute = H5Aopen(data_, name, H5P_DEFAULT), type = H5Aget_type(attribute);
        char* characters = nullptr;
        H5Aread(attribute, type, static_cast<void*>(&characters));
        std::string value = characters;
        H5free_memory(characters);
        H5Tclose(type);
        H5Aclose(attribute);
        return value;
    }
    /// The scale of an axis: its label, units, NAME, first, step and values, as the HDF5 library finds them.
    struct Scale {
        std::string label, units, name;
        double first = 0, step = 0;
        std::vector<double> values;
        hsize_t bytes = 0;
    };
    Scale scale(unsigned axis) const {
        Scale scale;
        std::vector<char> label(200);
        H5DSget_label(data_, axis, label.data(), label.size());
        scale.label = label.data();
        const hid_t one = H5Dopen2(file_, label.data(), H5P_DEFAULT), space = H5Dget_space(one);
        EXPECT_GT(H5DSis_attached(data_, one, axis), 0);
        EXPECT_EQ(H5DSget_num_scales(data_, axis), 1);
        scale.values.resize(std::size_t(H5Sget_simple_extent_npoints(space)));
        H5Dread(one, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, scale.values.data());
        scale.bytes = H5Dget_storage_size(one);
        std::vector<char> name(200);
        H5DSget_scale_name(one, name.data(), name.size());
        scale.name = name.data();
        const Reader attributes(file_, one);
        scale.units = attributes.text("units");
        scale.first = attributes.number("first");
        scale.step = attributes.number("step");
        H5Sclose(space);
        return scale;
    }
    bool has(const char* name) const { return H5Aexists(data_, name) > 0; }
    hid_t type() const { return H5Dget_type(data_); }

private:
    Reader(hid_t file, hid_t data) : file_(file), data_(data), owns_(false) {}
    hid_t file_, data_;
    bool owns_ = true;
};

std::string write(const Folder& folder, const StreamDescription& stream, std::span<const std::byte> items,
                  std::size_t piece = SIZE_MAX, std::uint64_t first = 0) {
    static int run = 0;
    Publisher publisher(fmt::format("r{}", ++run), true);
    Hdf5Writer writer(publisher.create(folder / "a.h5"), stream);
    for (std::uint64_t index = first; !items.empty();) {
        const auto now = items.first(std::min(items.size(), piece == SIZE_MAX ? piece : piece * stream.item_size()));
        writer.append(index, now);
        index += now.size() / stream.item_size();
        items = items.subspan(now.size());
    }
    writer.complete();
    publisher.publish();
    return folder / "a.h5";
}

StreamDescription stream_of(SampleType type, std::vector<Axis> shape = {}) {
    StreamDescription d;
    d.type = type;
    d.shape = std::move(shape);
    return d;
}

TEST(Hdf5Writer, AnotherReaderFindsSpectraWithTheirAxes) {
    const Folder folder;
    StreamDescription stream = stream_of(SampleType::rf32, {{"frequency", "Hz", 3, -1000, 1000}});
    stream.sample_rate = Rational(200, 3);
    stream.center_frequency = 98.5e6;
    stream.utc = parse_rfc3339("2020-01-01T00:00:00.25Z");
    stream.unit = "1/Hz";
    const std::vector<float> values{1, 2, 3, 4, 5, 6};
    const Reader reader(write(folder, stream, std::as_bytes(std::span(values)), 1, 200));
    EXPECT_THAT(reader.shape(), ElementsAre(2, 3));
    EXPECT_EQ(reader.all<float>(H5T_NATIVE_FLOAT), values);
    EXPECT_EQ(reader.number("sample_rate"), 200.0 / 3);
    EXPECT_EQ(reader.number("sample_rate_numerator"), 200);
    EXPECT_EQ(reader.number("sample_rate_denominator"), 3);
    EXPECT_EQ(reader.number("first_index"), 200);
    EXPECT_EQ(reader.number("center_frequency"), 98.5e6);
    EXPECT_EQ(reader.text("utc"), "2020-01-01T00:00:03.25Z") << "of the first item";
    EXPECT_EQ(reader.text("unit"), "1/Hz");
    EXPECT_EQ(reader.text("axis_1_name"), "frequency");
    EXPECT_EQ(reader.text("axis_1_unit"), "Hz");
    EXPECT_EQ(reader.number("axis_1_first"), -1000);
    EXPECT_EQ(reader.number("axis_1_step"), 1000);
}

TEST(Hdf5Writer, EveryAxisOfSpectraHasAScaleWithItsUnits) {
    const Folder folder;
    StreamDescription stream = stream_of(SampleType::rf32, {{"channel", "", 2, 0, 1}, {"frequency", "Hz", 3, -1000, 500}});
    stream.sample_rate = Rational(200, 3);
    stream.utc = parse_rfc3339("2020-01-01T00:00:00.25Z");
    const std::vector<float> values(24, 1);
    const Reader reader(write(folder, stream, std::as_bytes(std::span(values)), 1, 200));
    const Reader::Scale time = reader.scale(0), channel = reader.scale(1), frequency = reader.scale(2);
    EXPECT_EQ(time.label, "time");
    EXPECT_EQ(time.name, "time");
    EXPECT_EQ(time.units, "seconds since 2020-01-01T00:00:03.25Z");
    EXPECT_THAT(time.values, ElementsAre(0, 0.015, 0.03, 0.045));
    EXPECT_EQ(time.step, 0.015);
    EXPECT_EQ(channel.label, "channel");
    EXPECT_EQ(channel.units, "1");
    EXPECT_THAT(channel.values, ElementsAre(0, 1));
    EXPECT_EQ(frequency.label, "frequency");
    EXPECT_EQ(frequency.units, "Hz");
    EXPECT_THAT(frequency.values, ElementsAre(-1000, -500, 0));
    EXPECT_EQ(frequency.first, -1000);
    EXPECT_EQ(frequency.step, 500);
    EXPECT_EQ(reader.text("units"), "1");
}

TEST(Hdf5Writer, TheScaleOfSamplesTakesNoRoomAndHasNoValues) {
    const Folder folder;
    StreamDescription stream = stream_of(SampleType::rf32);
    stream.sample_rate = Rational(4);
    const std::vector<float> values{1, 2, 3};
    const Reader::Scale time = Reader(write(folder, stream, std::as_bytes(std::span(values)))).scale(0);
    EXPECT_EQ(time.label, "time");
    EXPECT_EQ(time.name, "This is a netCDF dimension but not a netCDF variable.         3");
    EXPECT_EQ(time.units, "s");
    EXPECT_EQ(time.step, 0.25);
    EXPECT_EQ(time.bytes, 0U);
    ASSERT_EQ(time.values.size(), 3U);
    for (const double value : time.values) EXPECT_TRUE(std::isnan(value));
}

TEST(Hdf5Writer, AxesWithoutNamesOfTheirOwnAreNumbered) {
    const Folder folder;
    StreamDescription stream = stream_of(SampleType::rf32, {{"data", "", 1, 0, 1}, {"", "m", 1, 5, 1}, {"a/b", "", 1, 0, 1}});
    const std::vector<float> values{1, 2};
    const Reader reader(write(folder, stream, std::as_bytes(std::span(values)), 1, 7));
    EXPECT_EQ(reader.scale(0).label, "index");
    EXPECT_THAT(reader.scale(0).values, ElementsAre(7, 8));
    EXPECT_EQ(reader.scale(1).label, "axis_1");
    EXPECT_EQ(reader.scale(2).label, "axis_2");
    EXPECT_THAT(reader.scale(2).values, ElementsAre(5));
    EXPECT_EQ(reader.scale(3).label, "a_b");
}

TEST(Hdf5Writer, SaysNothingThatIsNotKnown) {
    const Folder folder;
    const std::vector<std::int16_t> values{1, -2};
    const Reader reader(write(folder, stream_of(SampleType::ri16), std::as_bytes(std::span(values))));
    EXPECT_EQ(reader.all<std::int16_t>(H5T_NATIVE_INT16), values);
    for (const char* name : {"sample_rate", "center_frequency", "utc", "unit", "full_scale"})
        EXPECT_FALSE(reader.has(name)) << name;
}

TEST(Hdf5Writer, ComplexNumbersAreCompoundsOfRAndI) {
    const Folder folder;
    for (const SampleType type : {SampleType::cf32, SampleType::cf64, SampleType::ci8, SampleType::ci16, SampleType::ci32,
                                  SampleType::cu8, SampleType::cu16, SampleType::cu32}) {
        const std::vector<std::byte> bytes(size_of(type) * 5, std::byte{1});
        const Reader reader(write(folder, stream_of(type), bytes));
        const hid_t stored = reader.type();
        EXPECT_EQ(H5Tget_class(stored), H5T_COMPOUND);
        EXPECT_EQ(H5Tget_size(stored), size_of(type));
        for (unsigned k = 0; k < 2; ++k) {
            char* name = H5Tget_member_name(stored, k);
            EXPECT_STREQ(name, k == 0 ? "r" : "i");
            H5free_memory(name);
        }
        H5Tclose(stored);
    }
}

TEST(Hdf5Writer, LengthsAroundAChunkAndAllPiecesGiveTheSameBytes) {
    const Folder folder;
    const StreamDescription stream = stream_of(SampleType::cf32, {{"channel", "", 3, 0, 1}});
    const std::size_t chunk = Hdf5Writer::chunk_items(stream);
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{1}, std::size_t{7}, chunk - 1, chunk, chunk + 1, 3 * chunk + 5}) {
        std::vector<std::int32_t> numbers(length * 6);
        std::iota(numbers.begin(), numbers.end(), 0);
        const auto items = std::as_bytes(std::span(numbers));
        const std::string whole = content_of(write(folder, stream, items));
        EXPECT_THAT(Reader(folder / "a.h5").shape(), ElementsAre(length, 3));
        for (const std::size_t piece : {chunk, chunk / 3 + 1, 2 * chunk + 1})
            EXPECT_TRUE(content_of(write(folder, stream, items, piece)) == whole) << length << " items in pieces of " << piece;
        struct Pair {
            float r, i;
        };
        const Reader reader(folder / "a.h5");
        const hid_t type = reader.type();
        const auto back = reader.all<Pair>(type);
        H5Tclose(type);
        ASSERT_EQ(back.size() * sizeof(Pair), items.size());
        EXPECT_TRUE(length == 0 || std::memcmp(back.data(), numbers.data(), items.size()) == 0);
    }
}

TEST(Hdf5Writer, KeepsNoTimeStamps) {
    const Folder folder;
    const std::vector<float> values(10);
    const hid_t file = H5Fopen(write(folder, stream_of(SampleType::rf32), std::as_bytes(std::span(values))).c_str(),
                               H5F_ACC_RDONLY, H5P_DEFAULT);
    for (const char* name : {"/", "/data"}) {
        H5O_info_t info{};
        ASSERT_GE(H5Oget_info_by_name2(file, name, &info, H5O_INFO_TIME, H5P_DEFAULT), 0);
        EXPECT_EQ(info.mtime, 0) << name;
        EXPECT_EQ(info.ctime, 0) << name;
    }
    H5Fclose(file);
}

TEST(Hdf5Writer, SmallStreamsMakeSmallFiles) {
    const Folder folder;
    const std::vector<float> values(10);
    EXPECT_LT(content_of(write(folder, stream_of(SampleType::rf32), std::as_bytes(std::span(values)))).size(), 10000u);
}

TEST(Hdf5Writer, AFullDiskNamesTheProductAndTheReason) {
    Publisher publisher("r");
    Hdf5Writer writer(publisher.create("/dev/full"), stream_of(SampleType::rf32));
    EXPECT_EQ(sentence_of([&] {
                  writer.open();
                  const std::vector<float> values(1 << 20);
                  writer.append(0, std::as_bytes(std::span(values)));
                  writer.complete();
              }),
              "cannot write /dev/full: No space left on device");
}

TEST(Hdf5Writer, ADiskThatFillsWhileItWritesNamesTheReason) {
    const Folder folder;
    const auto in_little_room = [&] {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit room{300000, 300000};
        setrlimit(RLIMIT_FSIZE, &room);
        Publisher publisher("r");
        Hdf5Writer writer(publisher.create(folder / "a.h5"), stream_of(SampleType::rf32));
        const std::vector<float> values(1 << 20);
        const std::string sentence = sentence_of([&] {
            writer.append(0, std::as_bytes(std::span(values)));
            writer.complete();
        });
        _exit(sentence == "cannot write " + (folder / "a.h5") + ": File too large" ? 0 : 1);
    };
    const pid_t child = fork();  // the limit is one of a whole process
    if (child == 0) in_little_room();
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Hdf5Writer, APathThatCannotBeWrittenIsRefusedAtOnce) {
    const Folder folder;
    Publisher publisher("r");
    Hdf5Writer writer(publisher.create(folder / "sub/a.h5"), stream_of(SampleType::rf32));
    std::filesystem::remove(folder / "sub");
    EXPECT_EQ(sentence_of([&] { writer.open(); }), "cannot create " + (folder / "sub/a.h5") + ": No such file or directory");
}

}  // namespace
}  // namespace flowspan::io
