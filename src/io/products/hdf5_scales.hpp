// What the axes of an HDF5 dataset are: dimension scales, as h5py, netCDF and xarray understand them.
#pragma once

#include <flowspan/description.hpp>
#include <flowspan/io.hpp>

#include <hdf5.h>

#include <cstdint>
#include <string>

namespace flowspan::io {

/// As other programs write a unit: "1" for a plain number.
std::string units_text(const std::string& unit);

/// Makes a dataset for each axis of `data` (`items` items of this stream from `first` on, and the axes of an item) and attaches
/// it as that axis's scale, with its name as label, and attributes `units`, `first` and `step` (the value at position k is
/// first + k step).
///
/// Axis 0 is `time`: seconds from the first item, "seconds since UTC" where that is known; without a rate it is `index`, the
/// items' absolute indices. Of items of one sample that scale holds no values (it would be larger than the samples): NaN, by
/// netCDF's convention a dimension without a variable. Throws Failure.
void add_scales(hid_t file, hid_t data, const StreamDescription& stream, std::uint64_t first, std::uint64_t items,
                const Product& product);

}  // namespace flowspan::io
