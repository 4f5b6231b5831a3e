// Reading HDF5: identifiers that close themselves, attributes, and sentences about what is wrong. Debian's HDF5 has a lock of
// its own around each call, so any thread may use it.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::io::drf {

/// An HDF5 identifier and how it is closed.
class Id {
public:
    Id() = default;
    Id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
    Id(Id&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
    Id& operator=(Id&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~Id() {
        if (id_ >= 0) close_(id_);
    }
    explicit operator bool() const { return id_ >= 0; }
    operator hid_t() const { return id_; }  // NOLINT(google-explicit-constructor): it is one

private:
    hid_t id_ = -1;
    herr_t (*close_)(hid_t) = nullptr;
};

/// The system's reason in HDF5's error stack ("No space left on device"), else its innermost message.
std::string reason();

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
