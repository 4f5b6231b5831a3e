#include "io/drf/write/writer.hpp"

#include "io/claim/folder.hpp"
#include "io/drf/write/objects.hpp"
#include "io/publish/digest.hpp"

#include <flowspan/diagnostic.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <filesystem>

namespace flowspan::io::drf {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20;
constexpr std::int64_t metadata_s = 3600;  // a file and a folder an hour
constexpr const char* epoch = "1970-01-01T00:00:00Z";
// As libdigital_rf 2.6 says it, to the letter.
constexpr const char* about_time =
    "All times in this format are in number of samples since the epoch in the epoch attribute.  The first sample time will be "
    "sample_rate * UTC time at first sample.  Attribute init_utc_timestamp records this init UTC time so that a conversion to "
    "any other time is possible given the number of leapseconds difference at init_utc_timestamp.  Leapseconds that occur "
    "during "
    "data recording are included in the data.";

struct About {
    const Cadence& cadence;
    SampleType type;
    std::uint64_t subchannels;
};

/// What drf_properties.h5 and every `rf_data` say.
void add_properties(const NewFile& file, hid_t object, const About& about) {
    const hid_t component = hdf5::component_type(about.type);
    const auto u64 = [&](const char* name, std::int64_t value) { file.attribute(object, name, H5T_STD_U64LE, value); };
    const auto i32 = [&](const char* name, std::int64_t value) { file.attribute(object, name, H5T_STD_I32LE, value); };
    u64("H5Tget_class", H5Tget_class(component));
    u64("H5Tget_size", std::int64_t(H5Tget_size(component)));
    u64("H5Tget_order", H5Tget_order(component));
    u64("H5Tget_precision", std::int64_t(H5Tget_precision(component)));
    u64("H5Tget_offset", H5Tget_offset(component));
    u64("subdir_cadence_secs", about.cadence.folder_s);
    u64("file_cadence_millisecs", about.cadence.file_ms);
    u64("sample_rate_numerator", about.cadence.rate.numerator());
    u64("sample_rate_denominator", about.cadence.rate.denominator());
    i32("is_complex", is_complex(about.type));
    i32("num_subchannels", std::int64_t(about.subchannels));
    i32("is_continuous", 0);
    file.attribute(object, "epoch", epoch);
    file.attribute(object, "digital_rf_time_description", about_time);
    file.attribute(object, "digital_rf_version", "2.6.0");
}

}  // namespace

/// A file that is being written.
struct ChannelWriter::Open {
    NewFile file;
    std::string name;
    std::int64_t ms;
    std::uint64_t rows_per_chunk;
    Id type, data;
    std::uint64_t written = 0;  // rows
};

ChannelWriter::ChannelWriter(std::shared_ptr<Product> product, const Cadence& cadence, SampleType type,
                             std::uint64_t subchannels)
    : product_(std::move(product)),
      cadence_(cadence),
      type_(type),
      subchannels_(subchannels),
      row_bytes_(size_of(type) * std::size_t(subchannels)) {}

ChannelWriter::~ChannelWriter() = default;

void ChannelWriter::make_folder_of(const std::string& name) const {
    make_folder(std::filesystem::path(in_part(name)).parent_path().string());
}

void ChannelWriter::open() {
    if (std::exchange(opened_, true)) return;
    make_folder(product_->part());
    const std::string name = "drf_properties.h5";
    NewFile file(in_part(name), shown(name));
    add_properties(file, file.id(), {cadence_, type_, subchannels_});
    file.close();
}

void ChannelWriter::begin_file(std::int64_t ms, std::uint64_t sample) {
    const std::string name = file_name(cadence_, ms);
    if (files_ == 0) {
        first_second_ = std::uint64_t(Time::of(std::int64_t(sample), cadence_.rate).whole());
        uuid_ = sha256(fmt::format("{} {} {} {}", sample, cadence_.rate.text(), name_of(type_), subchannels_)).substr(0, 32);
    }
    make_folder_of(name);
    const std::uint64_t rows = std::clamp<std::uint64_t>(chunk_bytes / row_bytes_, 1, cadence_.length_of(ms));
    file_ = std::make_unique<Open>(Open{NewFile(in_part(name), shown(name)), name, ms, rows, {}, {}});
    const NewFile& file = file_->file;
    file_->type = sample_type(type_, file);
    const std::array<hsize_t, 2> none{0, subchannels_}, most{cadence_.length_of(ms), subchannels_}, chunk{rows, subchannels_};
    const Id space = file.made(H5Screate_simple(2, none.data(), most.data()), H5Sclose);
    const Id how = file.made(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    file.check(H5Pset_chunk(how, 2, chunk.data()));
    file.check(H5Pset_obj_track_times(how, false));
    file_->data = file.made(H5Dcreate2(file.id(), "rf_data", file_->type, space, H5P_DEFAULT, how, H5P_DEFAULT), H5Dclose);
    add_properties(file, file_->data, {cadence_, type_, subchannels_});
    file.attribute(file_->data, "sequence_num", H5T_STD_I32LE, std::int64_t(files_));
    file.attribute(file_->data, "init_utc_timestamp", H5T_STD_U64LE, std::int64_t(first_second_));
    file.attribute(file_->data, "computer_time", H5T_STD_U64LE, ms / 1000);  // the clock would make other bytes
    file.attribute(file_->data, "uuid_str", uuid_);
    ++files_;
}

void ChannelWriter::write_chunk() {
    if (chunk_.empty()) return;
    const std::array<hsize_t, 2> start{file_->written, 0}, count{chunk_.size() / row_bytes_, subchannels_},
        size{start[0] + count[0], subchannels_};
    const NewFile& file = file_->file;
    file.check(H5Dset_extent(file_->data, size.data()));
    const Id there = file.made(H5Dget_space(file_->data), H5Sclose),
             here = file.made(H5Screate_simple(2, count.data(), nullptr), H5Sclose);
    file.check(H5Sselect_hyperslab(there, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr));
    file.check(H5Dwrite(file_->data, file_->type, here, there, H5P_DEFAULT, chunk_.data()));
    file_->written += count[0];
    chunk_.clear();
}

/// In whole chunks, so that the file does not tell how they came in.
void ChannelWriter::take(std::span<const std::byte> rows) {
    while (!rows.empty()) {
        const auto part = rows.first(std::min(rows.size(), file_->rows_per_chunk * row_bytes_ - chunk_.size()));
        chunk_.insert(chunk_.end(), part.begin(), part.end());
        rows = rows.subspan(part.size());
        if (chunk_.size() == file_->rows_per_chunk * row_bytes_) write_chunk();
    }
}

void ChannelWriter::end_file() {
    if (!file_) return;
    write_chunk();
    file_->file.dataset(file_->file.id(), "rf_data_index", H5T_STD_U64LE, H5T_NATIVE_UINT64, {index_.size(), 2}, index_.data());
    file_->data = Id();
    file_->file.close();
    file_.reset();
    index_.clear();
}

void ChannelWriter::append(std::uint64_t sample, std::span<const std::byte> rows, std::optional<double> frequency) {
    open();
    if (rows.empty()) return;
    if (frequency && (tunings_.empty() || tunings_.back().second != *frequency)) tunings_.emplace_back(sample, *frequency);
    while (!rows.empty()) {
        const std::int64_t ms = cadence_.file_of(sample);
        if (file_ && file_->ms != ms) end_file();
        if (!file_) begin_file(ms, sample);
        if (index_.empty() || sample != next_) index_.push_back({sample, file_->written + chunk_.size() / row_bytes_});
        const std::uint64_t room = cadence_.first_sample(ms + cadence_.file_ms) - sample;
        const auto part = rows.first(std::min<std::uint64_t>(rows.size() / row_bytes_, room) * row_bytes_);
        take(part);
        sample += part.size() / row_bytes_;
        next_ = sample;
        rows = rows.subspan(part.size());
    }
}

void ChannelWriter::write_metadata() {
    const std::string about = "metadata/dmd_properties.h5";
    make_folder_of(about);
    NewFile file(in_part(about), shown(about));
    const auto i64 = [&](const char* name, std::int64_t value) { file.attribute(file.id(), name, H5T_STD_I64LE, value); };
    i64("subdir_cadence_secs", metadata_s);
    i64("file_cadence_secs", metadata_s);
    i64("sample_rate_numerator", cadence_.rate.numerator());
    i64("sample_rate_denominator", cadence_.rate.denominator());
    file.attribute(file.id(), "file_name", "metadata");
    file.attribute(file.id(), "digital_metadata_version", "2.5");
    std::array<char, 128> field{"center_frequencies"};
    const Id text = file.made(H5Tcopy(H5T_C_S1), H5Tclose), column = file.made(H5Tcreate(H5T_COMPOUND, field.size()), H5Tclose);
    file.check(H5Tset_size(text, field.size()));
    file.check(H5Tset_strpad(text, H5T_STR_NULLPAD));
    file.check(H5Tinsert(column, "column", 0, text));
    file.dataset(file.id(), "fields", column, column, {1}, field.data());
    file.close();
    for (auto first = tunings_.begin(); first != tunings_.end();) {
        const auto second_of = [&](const auto& tuning) {
            return Time::of(std::int64_t(tuning.first), cadence_.rate).whole() / metadata_s * metadata_s;
        };
        const std::int64_t second = second_of(*first);
        const auto end = std::find_if(first, tunings_.end(), [&](const auto& t) { return second_of(t) != second; });
        write_tunings(second, {first, end});
        first = end;
    }
}

void ChannelWriter::write_tunings(std::int64_t second, std::span<const std::pair<std::uint64_t, double>> tunings) {
    const std::string name = fmt::format("metadata/{}/metadata@{}.h5", folder_name(second), second);
    make_folder_of(name);
    NewFile file(in_part(name), shown(name));
    const Id how = file.made(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
    file.check(H5Pset_obj_track_times(how, false));
    for (const auto& [sample, frequency] : tunings) {
        const Id group =
            file.made(H5Gcreate2(file.id(), std::to_string(sample).c_str(), H5P_DEFAULT, how, H5P_DEFAULT), H5Gclose);
        const std::vector<double> all(std::size_t(subchannels_), frequency);
        file.dataset(group, "center_frequencies", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, {all.size()}, all.data());
    }
    file.close();
}

void ChannelWriter::complete() {
    open();
    end_file();
    if (!tunings_.empty()) write_metadata();
    product_->complete();
}

}  // namespace flowspan::io::drf
