// Writing HDF5: files, attributes and datasets as Digital RF has them. What goes wrong is a Failure that names the file.
#pragma once

#include "io/drf/hdf5.hpp"

#include <flowspan/types.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::io::drf {

/// A new file; `shown` is its name for messages.
class NewFile {
public:
    NewFile(const std::string& path, std::string shown);
    /// Throws Failure for a result below 0.
    void check(std::int64_t result) const;
    Id made(hid_t id, herr_t (*close)(hid_t)) const;
    hid_t id() const { return file_; }

    void attribute(hid_t object, const char* name, hid_t stored, std::int64_t value) const;
    void attribute(hid_t object, const char* name, const std::string& value) const;
    /// A dataset without limits, of these sizes, which is written whole.
    void dataset(hid_t group, const char* name, hid_t stored, hid_t memory, const std::vector<hsize_t>& sizes,
                 const void* values) const;
    /// Throws what a destructor could not.
    void close();

private:
    std::string shown_;
    Id file_;
};

/// A sample in memory: of complex ones a compound {r, i}.
Id sample_type(SampleType type, const NewFile& file);

}  // namespace flowspan::io::drf
