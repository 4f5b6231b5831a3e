// Reading HDF5: files, attributes, and sentences about what is wrong. Debian's HDF5 has a lock of
// its own around each call, so any thread may use it.
#pragma once

#include "io/products/hdf5_object.hpp"

#include <hdf5.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::io::drf {

using hdf5::Id;

/// A file to read. Throws Failure where the system does not give it, Refused where it is no whole HDF5 file.
Id open_file(const std::string& path);
/// Throws Refused: PATH: expected a dataset `NAME`, got none.
Id open_dataset(hid_t file, const std::string& name, const std::string& path);
/// Sizes of a dataset; empty for a scalar.
std::vector<hsize_t> sizes_of(hid_t dataset);

/// An attribute of an object. Throws Refused for one that is not there, or of another kind.
std::int64_t integer(hid_t object, const char* name, const std::string& path);
std::string text(hid_t object, const char* name, const std::string& path);
/// Numbers of a dataset as doubles; nothing where there is none, it holds no numbers, or more than `most`.
std::optional<std::vector<double>> numbers(hid_t object, const char* name, std::size_t most);

}  // namespace flowspan::io::drf
