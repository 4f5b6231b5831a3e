#include "io/products/hdf5_object.hpp"

#include <flowspan/diagnostic.hpp>

#include <fmt/format.h>

namespace flowspan::io::hdf5 {

hid_t component_type(SampleType type) {
    switch (type) {
        case SampleType::rf32:
        case SampleType::cf32:
            return H5T_NATIVE_FLOAT;
        case SampleType::rf64:
        case SampleType::cf64:
            return H5T_NATIVE_DOUBLE;
        case SampleType::ri8:
        case SampleType::ci8:
            return H5T_NATIVE_INT8;
        case SampleType::ri16:
        case SampleType::ci16:
            return H5T_NATIVE_INT16;
        case SampleType::ri32:
        case SampleType::ci32:
            return H5T_NATIVE_INT32;
        case SampleType::ru8:
        case SampleType::cu8:
            return H5T_NATIVE_UINT8;
        case SampleType::ru16:
        case SampleType::cu16:
            return H5T_NATIVE_UINT16;
        case SampleType::ru32:
        case SampleType::cu32:
            return H5T_NATIVE_UINT32;
        case SampleType::any:
            break;
    }
    return -1;
}

Id sample_type(SampleType type) {
    if (!is_complex(type)) return {H5Tcopy(component_type(type)), H5Tclose};
    Id pair{H5Tcreate(H5T_COMPOUND, size_of(type)), H5Tclose};
    const bool made = H5Tinsert(pair, "r", 0, component_type(type)) >= 0 &&
                      H5Tinsert(pair, "i", size_of(type) / 2, component_type(type)) >= 0;
    return made ? std::move(pair) : Id();
}

// "… error message = 'No space left on device', …"
std::string reason() {
    std::string found;
    const auto look = [](unsigned, const H5E_error2_t* error, void* to) -> herr_t {
        auto& text = *static_cast<std::string*>(to);
        const std::string message = error->desc ? error->desc : "";
        const std::string mark = "error message = '";
        if (const auto at = message.find(mark); at != std::string::npos)
            text = message.substr(at + mark.size(), message.find('\'', at + mark.size()) - at - mark.size());
        else if (text.empty())
            text = message;
        return 0;
    };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, look, &found);
    return found.empty() ? "HDF5 gives no reason" : found.substr(0, 200);
}

void check(std::int64_t result, const Product& product) {
    if (result < 0) throw Failure(ExitCode::file, fmt::format("cannot write {}: {}", product.path(), reason()));
}

Id checked(hid_t id, herr_t (*close)(hid_t), const Product& product) {
    check(id, product);
    return {id, close};
}

void Attributes::add(const std::string& name, const std::string& value) const {
    const Id type = checked(H5Tcopy(H5T_C_S1), H5Tclose, product_);
    check(H5Tset_size(type, H5T_VARIABLE), product_);  // the kind that readers hand out as text
    check(H5Tset_cset(type, H5T_CSET_UTF8), product_);
    const char* characters = value.c_str();
    add(name, type, &characters);
}

void Attributes::add(const std::string& name, hid_t type, const void* value) const {
    const Id space = checked(H5Screate(H5S_SCALAR), H5Sclose, product_);
    const Id attribute = checked(H5Acreate2(object_, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, product_);
    check(H5Awrite(attribute, type, value), product_);
}

}  // namespace flowspan::io::hdf5
