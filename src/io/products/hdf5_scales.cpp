#include "io/products/hdf5_scales.hpp"

#include "io/products/hdf5_object.hpp"

#include <fmt/format.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <limits>
#include <set>
#include <vector>

namespace flowspan::io {

using namespace hdf5;

namespace {

constexpr std::size_t at_a_time = 65536;  // values

struct Scale {
    std::string name, units;
    std::uint64_t size = 0;
    double first = 0, step = 1;
    std::optional<Rational> rate{};  // of a time: its values are exact ratios, rounded once
    bool values = true;

    double at(std::uint64_t k) const { return rate ? Time::of(std::int64_t(k), *rate).value() : first + double(k) * step; }
};

Scale scale_of_items(const StreamDescription& stream, std::uint64_t first, std::uint64_t items) {
    Scale scale{"index", "1", items, double(first), 1, {}, !stream.shape.empty()};
    if (!stream.sample_rate) return scale;
    const Rational& rate = *stream.sample_rate;
    scale.name = "time";
    scale.units = stream.utc ? "seconds since " + rfc3339(moved(*stream.utc, Time::of(std::int64_t(first), rate))) : "s";
    scale.first = 0;
    scale.step = double(rate.denominator()) / double(rate.numerator());
    scale.rate = rate;
    return scale;
}

/// A name that can be a dataset's, and is nobody else's.
std::string dataset_name(const Axis& axis, std::size_t number, const std::set<std::string>& taken) {
    std::string name = axis.name;
    std::replace(name.begin(), name.end(), '/', '_');
    if (name.empty() || name == "." || name == ".." || taken.contains(name)) name = fmt::format("axis_{}", number);
    while (taken.contains(name)) name += "_";
    return name;
}

void write_values(hid_t dataset, const Scale& scale, const Product& product) {
    const Id file_space = checked(H5Dget_space(dataset), H5Sclose, product);
    std::vector<double> values;
    for (std::uint64_t from = 0; from < scale.size; from += values.size()) {
        values.resize(std::size_t(std::min<std::uint64_t>(at_a_time, scale.size - from)));
        for (std::size_t k = 0; k < values.size(); ++k) values[k] = scale.at(from + k);
        const hsize_t start = from, count = values.size();
        check(H5Sselect_hyperslab(file_space, H5S_SELECT_SET, &start, nullptr, &count, nullptr), product);
        const Id memory = checked(H5Screate_simple(1, &count, nullptr), H5Sclose, product);
        check(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, file_space, H5P_DEFAULT, values.data()), product);
    }
}

void add_scale(hid_t file, hid_t data, unsigned axis, const Scale& scale, const Product& product) {
    const hsize_t size = scale.size;
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    const Id space = checked(H5Screate_simple(1, &size, nullptr), H5Sclose, product);
    const Id create = checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, product);
    check(H5Pset_obj_track_times(create, false), product);
    check(H5Pset_fill_value(create, H5T_NATIVE_DOUBLE, &unknown), product);
    Id dataset = checked(H5Dcreate2(file, scale.name.c_str(), H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, create, H5P_DEFAULT),
                         H5Dclose, product);
    if (scale.values) write_values(dataset, scale, product);
    const Attributes attributes(dataset, product);
    attributes.add("units", scale.units);
    attributes.add("first", scale.first);
    attributes.add("step", scale.step);
    const std::string name =
        scale.values ? scale.name : fmt::format("This is a netCDF dimension but not a netCDF variable.{:10}", scale.size);
    check(H5DSset_scale(dataset, name.c_str()), product);
    check(H5DSattach_scale(data, dataset, axis), product);
    check(H5DSset_label(data, axis, scale.name.c_str()), product);
    check(dataset.close(), product);
}

}  // namespace

std::string units_text(const std::string& unit) { return unit.empty() ? "1" : unit; }

void add_scales(hid_t file, hid_t data, const StreamDescription& stream, std::uint64_t first, std::uint64_t items,
                const Product& product) {
    const Scale of_items = scale_of_items(stream, first, items);
    add_scale(file, data, 0, of_items, product);
    std::set<std::string> taken{"data", of_items.name};
    for (std::size_t k = 0; k < stream.shape.size(); ++k) {
        const Axis& axis = stream.shape[k];
        const std::string name = dataset_name(axis, k + 1, taken);
        taken.insert(name);
        add_scale(file, data, unsigned(k + 1), {name, units_text(axis.unit), axis.size, axis.first, axis.step}, product);
    }
}

}  // namespace flowspan::io
