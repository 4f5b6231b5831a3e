#include "io/products/hdf5_writer.hpp"

#include "io/products/hdf5_object.hpp"
#include "io/products/hdf5_scales.hpp"
#include "io/writing/any_order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace flowspan::io {

using namespace hdf5;

namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20;

Id data_type(SampleType type, const Product& product) {
    Id made = sample_type(type);
    check(made, product);
    return made;
}

}  // namespace

struct Hdf5Writer::Handles {
    Id file, type, data;
};

Hdf5Writer::Hdf5Writer(std::shared_ptr<Product> product, StreamDescription stream)
    : product_(std::move(product)), stream_(std::move(stream)) {}

Hdf5Writer::~Hdf5Writer() = default;

std::size_t Hdf5Writer::chunk_items(const StreamDescription& stream) {
    return std::max<std::size_t>(1, chunk_bytes / std::max<std::size_t>(1, stream.item_size()));
}

std::uint64_t Hdf5Writer::items() const { return written_ + chunk_.size() / std::max<std::size_t>(1, stream_.item_size()); }

void Hdf5Writer::open() {
    if (handles_) return;
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // errors become Failures, not lines on stderr
    // HDF5 finds out only when it flushes that a path cannot be written, and says it in its own words; so one byte goes first.
    check_any_order(product_->part(), "HDF5");
    File probe = File::create(product_->part(), product_->path());
    probe.append(std::array<std::byte, 1>{});
    probe.close();
    handles_ = std::make_unique<Handles>();
    const Id access = checked(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, *product_);
    check(H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18), *product_);
    check(H5Pset_fclose_degree(access, H5F_CLOSE_STRONG), *product_);
    const Id create = checked(H5Pcreate(H5P_FILE_CREATE), H5Pclose, *product_);
    check(H5Pset_obj_track_times(create, false), *product_);
    handles_->file = checked(H5Fcreate(product_->part().c_str(), H5F_ACC_TRUNC, create, access), H5Fclose, *product_);
    handles_->type = data_type(stream_.type, *product_);
}

void Hdf5Writer::create_data(std::uint64_t chunk_items) {
    std::vector<hsize_t> now{0}, most{H5S_UNLIMITED}, chunk{std::max<hsize_t>(1, chunk_items)};
    for (const Axis& axis : stream_.shape)
        for (auto* sizes : {&now, &most, &chunk}) sizes->push_back(axis.size);
    const Id space = checked(H5Screate_simple(int(now.size()), now.data(), most.data()), H5Sclose, *product_);
    const Id create = checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, *product_);
    check(H5Pset_chunk(create, int(chunk.size()), chunk.data()), *product_);
    check(H5Pset_obj_track_times(create, false), *product_);
    check(H5Pset_fill_time(create, H5D_FILL_TIME_NEVER), *product_);
    handles_->data = checked(H5Dcreate2(handles_->file, "data", handles_->type, space, H5P_DEFAULT, create, H5P_DEFAULT),
                             H5Dclose, *product_);
    write_attributes();
}

void Hdf5Writer::write_attributes() {
    const Attributes attributes(handles_->data, *product_);
    attributes.add("first_index", std::int64_t(first_index_));
    if (stream_.sample_rate) {
        attributes.add("sample_rate", stream_.sample_rate->value());
        attributes.add("sample_rate_numerator", stream_.sample_rate->numerator());
        attributes.add("sample_rate_denominator", stream_.sample_rate->denominator());
    }
    if (stream_.center_frequency) attributes.add("center_frequency", *stream_.center_frequency);
    if (stream_.utc && (stream_.sample_rate || first_index_ == 0))
        attributes.add("utc", rfc3339(first_index_ == 0
                                          ? *stream_.utc
                                          : moved(*stream_.utc, Time::of(std::int64_t(first_index_), *stream_.sample_rate))));
    attributes.add("units", units_text(stream_.unit));
    if (!stream_.unit.empty()) attributes.add("unit", stream_.unit);
    if (stream_.full_scale) attributes.add("full_scale", *stream_.full_scale);
    for (std::size_t k = 0; k < stream_.shape.size(); ++k) {
        const Axis& axis = stream_.shape[k];
        const std::string prefix = fmt::format("axis_{}_", k + 1);
        attributes.add(prefix + "name", axis.name);
        attributes.add(prefix + "unit", axis.unit);
        attributes.add(prefix + "first", axis.first);
        attributes.add(prefix + "step", axis.step);
    }
}

void Hdf5Writer::write_chunk(std::span<const std::byte> items) {
    const hsize_t count = items.size() / stream_.item_size();
    std::vector<hsize_t> size{written_ + count}, start{written_}, extent{count};
    for (const Axis& axis : stream_.shape) {
        size.push_back(axis.size);
        start.push_back(0);
        extent.push_back(axis.size);
    }
    check(H5Dset_extent(handles_->data, size.data()), *product_);
    const Id file_space = checked(H5Dget_space(handles_->data), H5Sclose, *product_);
    check(H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr), *product_);
    const Id memory_space = checked(H5Screate_simple(int(extent.size()), extent.data(), nullptr), H5Sclose, *product_);
    check(H5Dwrite(handles_->data, handles_->type, memory_space, file_space, H5P_DEFAULT, items.data()), *product_);
    written_ += count;
}

void Hdf5Writer::append(std::uint64_t index, std::span<const std::byte> items) {
    open();
    if (!std::exchange(begun_, true)) first_index_ = index;
    const std::size_t whole = chunk_items(stream_) * stream_.item_size();
    while (!items.empty()) {
        // What comes in whole chunks goes out from where it lies.
        const bool direct = chunk_.empty() && items.size() >= whole;
        const auto taken = items.first(std::min(items.size(), whole - chunk_.size()));
        items = items.subspan(taken.size());
        if (!direct) chunk_.insert(chunk_.end(), taken.begin(), taken.end());
        if (!direct && chunk_.size() < whole) return;
        if (handles_->data < 0) create_data(chunk_items(stream_));
        write_chunk(direct ? taken : std::span<const std::byte>(chunk_));
        chunk_.clear();
    }
}

void Hdf5Writer::complete() {
    if (std::exchange(finished_, true)) return;
    open();
    // A stream shorter than a chunk gets a chunk of its size.
    if (handles_->data < 0) create_data(chunk_.size() / stream_.item_size());
    if (!chunk_.empty()) write_chunk(chunk_);
    chunk_.clear();
    add_scales(handles_->file, handles_->data, stream_, first_index_, written_, *product_);
    check(handles_->data.close(), *product_);
    check(H5Fflush(handles_->file, H5F_SCOPE_GLOBAL), *product_);
    check(handles_->file.close(), *product_);
    product_->holds(written_, stream_.items_word(), stream_.seconds(written_));
    product_->complete();
}

}  // namespace flowspan::io
