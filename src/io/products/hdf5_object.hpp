// Objects of the HDF5 library, and what it says when something fails.
#pragma once

#include <flowspan/io.hpp>
#include <flowspan/types.hpp>

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <utility>

namespace flowspan::io::hdf5 {

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
    herr_t close() { return id_ < 0 ? 0 : close_(std::exchange(id_, -1)); }

private:
    hid_t id_ = -1;
    herr_t (*close_)(hid_t) = nullptr;
};

/// A component of a sample as it lies in memory, and a sample: of complex ones a compound {r, i}, as h5py and Digital RF have
/// them. Below 0 where HDF5 makes none.
hid_t component_type(SampleType type);
Id sample_type(SampleType type);

/// The system's reason in HDF5's error stack ("No space left on device"), else its innermost message.
std::string reason();

/// Throws Failure, with the product's path and HDF5's reason, where a result is below 0.
void check(std::int64_t result, const Product& product);
Id checked(hid_t id, herr_t (*close)(hid_t), const Product& product);

/// Where attributes are put.
class Attributes {
public:
    Attributes(hid_t object, const Product& product) : object_(object), product_(product) {}
    void add(const std::string& name, double value) const { add(name, H5T_NATIVE_DOUBLE, &value); }
    void add(const std::string& name, std::int64_t value) const { add(name, H5T_NATIVE_INT64, &value); }
    void add(const std::string& name, const std::string& value) const;

private:
    void add(const std::string& name, hid_t type, const void* value) const;
    hid_t object_;
    const Product& product_;
};

}  // namespace flowspan::io::hdf5
