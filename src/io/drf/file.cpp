#include "io/drf/file.hpp"

#include "io/formats/refuse.hpp"

#include <flowspan/diagnostic.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace flowspan::io::drf {
namespace {

struct Known {
    SampleType real, complex;
    hid_t memory;
};

/// Of the component: its type in memory.
std::optional<Known> known_type(hid_t component) {
    const std::size_t size = H5Tget_size(component);
    if (H5Tget_class(component) == H5T_FLOAT) {
        if (size == 4) return Known{SampleType::rf32, SampleType::cf32, H5T_NATIVE_FLOAT};
        if (size == 8) return Known{SampleType::rf64, SampleType::cf64, H5T_NATIVE_DOUBLE};
    }
    if (H5Tget_class(component) == H5T_INTEGER && H5Tget_sign(component) == H5T_SGN_2) {
        if (size == 1) return Known{SampleType::ri8, SampleType::ci8, H5T_NATIVE_INT8};
        if (size == 2) return Known{SampleType::ri16, SampleType::ci16, H5T_NATIVE_INT16};
        if (size == 4) return Known{SampleType::ri32, SampleType::ci32, H5T_NATIVE_INT32};
    }
    if (H5Tget_class(component) == H5T_INTEGER && H5Tget_sign(component) == H5T_SGN_NONE) {
        if (size == 1) return Known{SampleType::ru8, SampleType::cu8, H5T_NATIVE_UINT8};
        if (size == 2) return Known{SampleType::ru16, SampleType::cu16, H5T_NATIVE_UINT16};
        if (size == 4) return Known{SampleType::ru32, SampleType::cu32, H5T_NATIVE_UINT32};
    }
    return std::nullopt;
}

std::string name_of_type(hid_t type) {
    const auto bits = 8 * H5Tget_size(type);
    if (H5Tget_class(type) == H5T_FLOAT) return fmt::format("float of {} bits", bits);
    if (H5Tget_class(type) == H5T_INTEGER) return fmt::format("integers of {} bits", bits);
    return H5Tget_class(type) == H5T_COMPOUND ? "compounds" : "another";
}

/// `r` or `i` of a compound of two.
Id member(hid_t type, const char* name) {
    if (H5Tget_class(type) != H5T_COMPOUND || H5Tget_nmembers(type) != 2) return {};
    const int at = H5Tget_member_index(type, name);
    return at < 0 ? Id() : Id{H5Tget_member_type(type, unsigned(at)), H5Tclose};
}

template <class T>
bool all_fill(std::span<const std::byte> row) {
    for (std::size_t at = 0; at < row.size(); at += sizeof(T)) {
        T value;
        std::memcpy(&value, row.data() + at, sizeof value);
        if constexpr (std::numeric_limits<T>::is_integer) {
            if (value != std::numeric_limits<T>::min()) return false;
        } else if (!std::isnan(value)) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool is_fill(std::span<const std::byte> row, SampleType type) {
    switch (type) {
        case SampleType::rf32:
        case SampleType::cf32:
            return all_fill<float>(row);
        case SampleType::rf64:
        case SampleType::cf64:
            return all_fill<double>(row);
        case SampleType::ri8:
        case SampleType::ci8:
            return all_fill<std::int8_t>(row);
        case SampleType::ri16:
        case SampleType::ci16:
            return all_fill<std::int16_t>(row);
        case SampleType::ri32:
        case SampleType::ci32:
            return all_fill<std::int32_t>(row);
        default:  // unsigned: 0
            return all_fill<std::uint8_t>(row);
    }
}

RfFile::RfFile(const std::string& path, const Properties& properties, std::int64_t ms)
    : path_(path), file_(open_file(path)), data_(open_dataset(file_, "rf_data", path)), subchannels_(properties.subchannels) {
    const std::vector<hsize_t> sizes = sizes_of(data_);
    rank_ = sizes.size();
    const bool flat = rank_ == 1 && subchannels_ == 1;
    if (!flat && (rank_ != 2 || sizes[1] != subchannels_))
        refuse_file(path, fmt::format("`rf_data` of [rows x {}]", subchannels_),
                    fmt::format("one of [{}]", fmt::join(sizes, " x ")));
    rows_ = sizes[0];
    look_at_type(properties);
    look_at_index(properties, ms);
}

void RfFile::look_at_type(const Properties& properties) {
    const Id type{H5Dget_type(data_), H5Tclose};
    const Id r = member(type, "r"), i = member(type, "i");
    if (properties.complex && (!r || !i || H5Tequal(r, i) <= 0))
        refuse_file(path_, "`rf_data` of complex numbers, compounds {r, i} of two alike", name_of_type(type));
    const hid_t component = properties.complex ? hid_t(r) : hid_t(type);
    const auto known = known_type(component);
    if (!known) refuse_file(path_, "`rf_data` of integers of 8, 16 or 32 bits, or floats of 32 or 64", name_of_type(component));
    type_ = properties.complex ? known->complex : known->real;
    big_endian_ = size_of(known->real) > 1 && H5Tget_order(component) == H5T_ORDER_BE;
    if (!properties.complex) {
        memory_type_ = Id{H5Tcopy(known->memory), H5Tclose};
        return;
    }
    memory_type_ = Id{H5Tcreate(H5T_COMPOUND, size_of(type_)), H5Tclose};
    H5Tinsert(memory_type_, "r", 0, known->memory);
    H5Tinsert(memory_type_, "i", size_of(type_) / 2, known->memory);
}

void RfFile::look_at_index(const Properties& properties, std::int64_t ms) {
    const Id index = open_dataset(file_, "rf_data_index", path_);
    const std::vector<hsize_t> sizes = sizes_of(index);
    const std::uint64_t first = properties.cadence.first_sample(ms), length = properties.cadence.length_of(ms);
    const auto wrong = [&](const std::string& got) {
        refuse_file(path_,
                    fmt::format("an `rf_data_index` of samples {} to {}, whose rows follow on each other", first,
                                first + length - (length > 0 ? 1 : 0)),
                    got, "was it moved, or is it damaged?");
    };
    if (sizes.size() != 2 || sizes[1] != 2) wrong(fmt::format("one of [{}]", fmt::join(sizes, " x ")));
    if (sizes[0] > length || rows_ > length) wrong(fmt::format("{} rows in {} pieces", rows_, sizes[0]));
    std::vector<std::array<std::uint64_t, 2>> pairs(sizes[0]);
    if (!pairs.empty() && H5Dread(index, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, pairs.data()) < 0)
        wrong("one that cannot be read");
    std::uint64_t next = first, row = 0;
    for (std::size_t k = 0; k < pairs.size(); ++k) {
        const std::uint64_t end = k + 1 < pairs.size() ? pairs[k + 1][1] : rows_;
        const auto [sample, at] = pairs[k];
        if (at != row || end <= at || end > rows_ || sample < next || sample >= first + length ||
            end - at > first + length - sample)
            wrong(fmt::format("sample {} in row {}", sample, at));
        runs_.push_back({sample, at, end - at});
        next = sample + (end - at);
        row = end;
    }
    if (row != rows_) wrong(fmt::format("{} rows of which it says nothing", rows_));
    filled_ = properties.continuous && runs_.size() == 1 && rows_ == length;
}

bool RfFile::contiguous() const {
    const Id how{H5Dget_create_plist(data_), H5Pclose};
    return H5Pget_layout(how) == H5D_CONTIGUOUS;
}

void RfFile::read(std::uint64_t row, std::span<std::byte> to) const {
    const std::array<hsize_t, 2> start{row, 0}, count{to.size() / (size_of(type_) * subchannels_), subchannels_};
    const Id in_file{H5Dget_space(data_), H5Sclose}, in_memory{H5Screate_simple(int(rank_), count.data(), nullptr), H5Sclose};
    if (H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) < 0 ||
        H5Dread(data_, memory_type_, in_memory, in_file, H5P_DEFAULT, to.data()) < 0)
        throw Failure(ExitCode::file, fmt::format("cannot read {}: rows {} to {} are damaged, or the file was cut off", path_,
                                                  row, row + count[0] - 1));
}

}  // namespace flowspan::io::drf
