#include "io/drf/hdf5.hpp"

#include "core/files/file_kind.hpp"
#include "io/formats/refuse.hpp"

#include <flowspan/io.hpp>

#include <fmt/format.h>

namespace flowspan::io::drf {
namespace {

Id attribute(hid_t object, const char* name, const std::string& path) {
    Id found{H5Aexists(object, name) > 0 ? H5Aopen(object, name, H5P_DEFAULT) : -1, H5Aclose};
    if (!found) refuse_file(path, fmt::format("an attribute `{}`", name), "none", "is it of Digital RF 2?");
    return found;
}

bool is_one_value(hid_t attribute) {
    const Id space{H5Aget_space(attribute), H5Sclose};
    return H5Sget_simple_extent_npoints(space) == 1;
}

}  // namespace

Id open_file(const std::string& path) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // errors become sentences, not lines on stderr
    if (kind_of(path) != FileKind::regular) File::open_to_read(path);
    const Id access{H5Pcreate(H5P_FILE_ACCESS), H5Pclose};
    H5Pset_file_locking(access, false, true);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    Id file{H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose};
    if (file) return file;
    const std::string why = hdf5::reason();
    File::open_to_read(path);  // says what the system has against it
    refuse_file(path, "a whole HDF5 file", why, "was it cut off?");
}

Id open_dataset(hid_t file, const std::string& name, const std::string& path) {
    Id dataset{H5Lexists(file, name.c_str(), H5P_DEFAULT) > 0 ? H5Dopen2(file, name.c_str(), H5P_DEFAULT) : -1, H5Dclose};
    if (!dataset) refuse_file(path, fmt::format("a dataset `{}`", name), "none");
    return dataset;
}

std::vector<hsize_t> sizes_of(hid_t dataset) {
    const Id space{H5Dget_space(dataset), H5Sclose};
    const int rank = H5Sget_simple_extent_ndims(space);
    std::vector<hsize_t> sizes(rank > 0 ? std::size_t(rank) : 0);
    if (rank > 0) H5Sget_simple_extent_dims(space, sizes.data(), nullptr);
    return sizes;
}

std::int64_t integer(hid_t object, const char* name, const std::string& path) {
    const Id found = attribute(object, name, path);
    const Id type{H5Aget_type(found), H5Tclose};
    std::int64_t value = 0;
    if (H5Tget_class(type) != H5T_INTEGER || !is_one_value(found) || H5Aread(found, H5T_NATIVE_INT64, &value) < 0)
        refuse_file(path, fmt::format("an integer as attribute `{}`", name), "something else");
    return value;
}

std::string text(hid_t object, const char* name, const std::string& path) {
    const Id found = attribute(object, name, path);
    const Id type{H5Aget_type(found), H5Tclose};
    const auto wrong = [&] { refuse_file(path, fmt::format("a text as attribute `{}`", name), "something else"); };
    if (H5Tget_class(type) != H5T_STRING || !is_one_value(found)) wrong();
    if (H5Tis_variable_str(type) > 0) {
        char* characters = nullptr;
        if (H5Aread(found, type, &characters) < 0 || characters == nullptr) wrong();
        std::string value(characters);
        H5free_memory(characters);
        return value;
    }
    std::string value(H5Tget_size(type), '\0');
    if (H5Aread(found, type, value.data()) < 0) wrong();
    return value.substr(0, value.find('\0'));
}

std::optional<std::vector<double>> numbers(hid_t object, const char* name, std::size_t most) {
    const Id dataset{H5Dopen2(object, name, H5P_DEFAULT), H5Dclose};
    if (!dataset) return std::nullopt;
    const Id type{H5Dget_type(dataset), H5Tclose}, space{H5Dget_space(dataset), H5Sclose};
    const auto kind = H5Tget_class(type);
    const hssize_t count = H5Sget_simple_extent_npoints(space);
    if ((kind != H5T_INTEGER && kind != H5T_FLOAT) || count < 0 || std::size_t(count) > most) return std::nullopt;
    std::vector<double> values(std::size_t(count), 0.0);
    if (count > 0 && H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) return std::nullopt;
    return values;
}

}  // namespace flowspan::io::drf
