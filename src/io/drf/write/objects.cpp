#include "io/drf/write/objects.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/io.hpp>

#include <fmt/format.h>

#include <utility>

namespace flowspan::io::drf {

NewFile::NewFile(const std::string& path, std::string shown) : shown_(std::move(shown)) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // errors become Failures, not lines on stderr
    File::create(path, shown_).close();           // says in plain words what is in the way
    const Id access = made(H5Pcreate(H5P_FILE_ACCESS), H5Pclose), create = made(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
    check(H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18));
    check(H5Pset_fclose_degree(access, H5F_CLOSE_STRONG));
    check(H5Pset_obj_track_times(create, false));
    file_ = made(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, create, access), H5Fclose);
}

void NewFile::check(std::int64_t result) const {
    if (result < 0) throw Failure(ExitCode::file, fmt::format("cannot write {}: {}", shown_, hdf5::reason()));
}

Id NewFile::made(hid_t id, herr_t (*close)(hid_t)) const {
    check(id);
    return {id, close};
}

void NewFile::attribute(hid_t object, const char* name, hid_t stored, std::int64_t value) const {
    const Id space = made(H5Screate(H5S_SCALAR), H5Sclose);
    const Id one = made(H5Acreate2(object, name, stored, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    check(H5Awrite(one, H5T_NATIVE_INT64, &value));
}

void NewFile::attribute(hid_t object, const char* name, const std::string& value) const {
    const Id space = made(H5Screate(H5S_SCALAR), H5Sclose), type = made(H5Tcopy(H5T_C_S1), H5Tclose);
    check(H5Tset_size(type, value.size() + 1));
    const Id one = made(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    check(H5Awrite(one, type, value.c_str()));
}

void NewFile::dataset(hid_t group, const char* name, hid_t stored, hid_t memory, const std::vector<hsize_t>& sizes,
                      const void* values) const {
    const Id space = made(H5Screate_simple(int(sizes.size()), sizes.data(), nullptr), H5Sclose);
    const Id how = made(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    check(H5Pset_obj_track_times(how, false));
    const Id data = made(H5Dcreate2(group, name, stored, space, H5P_DEFAULT, how, H5P_DEFAULT), H5Dclose);
    check(H5Dwrite(data, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
}

void NewFile::close() {
    check(H5Fflush(file_, H5F_SCOPE_GLOBAL));
    file_ = Id();
}

Id sample_type(SampleType type, const NewFile& file) {
    Id made = hdf5::sample_type(type);
    file.check(made);
    return made;
}

}  // namespace flowspan::io::drf
