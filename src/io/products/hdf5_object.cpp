#include "io/products/hdf5_object.hpp"

#include <flowspan/diagnostic.hpp>

#include <fmt/format.h>

namespace flowspan::io::hdf5 {

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
