// Digital RF channels, made by HDF5 itself: as libdigital_rf lays them out.
#pragma once

#include "tests/unit/io/folder.hpp"

#include <hdf5.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::test {

struct RfChannel {
    std::string folder;  // of the channel
    std::uint64_t numerator = 100, denominator = 1, folder_s = 10, file_ms = 1000, subchannels = 1;
    bool complex = true, continuous = false;
    hid_t component = H5T_STD_I16LE;
    std::string epoch = "1970-01-01T00:00:00Z", version = "2.6.0";

    /// drf_properties.h5
    void write_properties() const {
        std::filesystem::create_directories(folder);
        const hid_t file = H5Fcreate((folder + "/drf_properties.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        attributes(file);
        H5Fclose(file);
    }
    /// FOLDER/NAME with rows as they lie in memory of `memory` (the component's native type), and pairs of sample and row.
    void write_file(const std::string& name, const void* rows, std::uint64_t count, hid_t memory,
                    const std::vector<std::array<std::uint64_t, 2>>& index, bool sparse = false) const {
        const std::filesystem::path path = std::filesystem::path(folder) / name;
        std::filesystem::create_directories(path.parent_path());
        const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        const std::array<hsize_t, 2> sizes{count, subchannels};
        const hid_t space = H5Screate_simple(2, sizes.data(), nullptr), how = H5Pcreate(H5P_DATASET_CREATE);
        const std::array<hsize_t, 2> chunk{std::max<hsize_t>(1, std::min<hsize_t>(count, 1000)), subchannels};
        if (!continuous || sparse) H5Pset_chunk(how, 2, chunk.data());
        const hid_t stored = type_of(component), in_memory = type_of(memory);
        const hid_t data = H5Dcreate2(file, "rf_data", stored, space, H5P_DEFAULT, how, H5P_DEFAULT);
        if (data < 0) throw std::runtime_error(path.string());
        if (!sparse && count > 0) H5Dwrite(data, in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows);
        if (sparse) write_last(data, in_memory, rows, count);
        attributes(data);
        const std::array<hsize_t, 2> pairs{index.size(), 2};
        const hid_t pair_space = H5Screate_simple(2, pairs.data(), nullptr);
        const hid_t where = H5Dcreate2(file, "rf_data_index", H5T_STD_U64LE, pair_space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        if (!index.empty()) H5Dwrite(where, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, index.data());
        for (const hid_t set : {where, data}) H5Dclose(set);
        for (const hid_t s : {space, pair_space}) H5Sclose(s);
        if (complex) H5Tclose(stored), H5Tclose(in_memory);
        H5Pclose(how);
        H5Fclose(file);
    }
    /// metadata/NAME, a centre frequency a sample.
    void write_metadata(const std::string& name, const std::vector<std::pair<std::uint64_t, double>>& tunings,
                        const char* field = "center_frequencies") const {
        const std::filesystem::path path = std::filesystem::path(folder) / "metadata" / name;
        std::filesystem::create_directories(path.parent_path());
        const hid_t about =
            H5Fcreate((folder + "/metadata/dmd_properties.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        integer(about, "sample_rate_numerator", numerator);
        integer(about, "sample_rate_denominator", denominator);
        text(about, "file_name", "metadata");
        H5Fclose(about);
        const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        const std::array<hsize_t, 1> one{1};
        const hid_t space = H5Screate_simple(1, one.data(), nullptr);
        for (const auto& [sample, frequency] : tunings) {
            const hid_t group = H5Gcreate2(file, std::to_string(sample).c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
            const hid_t data = H5Dcreate2(group, field, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
            H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &frequency);
            H5Dclose(data);
            H5Gclose(group);
        }
        H5Sclose(space);
        H5Fclose(file);
    }

private:
    hid_t type_of(hid_t number) const {
        if (!complex) return number;
        const hid_t pair = H5Tcreate(H5T_COMPOUND, 2 * H5Tget_size(number));
        H5Tinsert(pair, "r", 0, number);
        H5Tinsert(pair, "i", H5Tget_size(number), number);
        return pair;
    }
    /// The last eight rows; those before lie nowhere, and are 0.
    static void write_last(hid_t data, hid_t memory, const void* rows, std::uint64_t count) {
        const std::array<hsize_t, 2> start{count - 8, 0}, eight{8, 1};
        const hid_t there = H5Dget_space(data), here = H5Screate_simple(2, eight.data(), nullptr);
        H5Sselect_hyperslab(there, H5S_SELECT_SET, start.data(), nullptr, eight.data(), nullptr);
        H5Dwrite(data, memory, here, there, H5P_DEFAULT, rows);
        H5Sclose(there);
        H5Sclose(here);
    }
    void attributes(hid_t object) const {
        integer(object, "sample_rate_numerator", numerator);
        integer(object, "sample_rate_denominator", denominator);
        integer(object, "subdir_cadence_secs", folder_s);
        integer(object, "file_cadence_millisecs", file_ms);
        integer(object, "num_subchannels", subchannels);
        integer(object, "is_complex", complex ? 1 : 0);
        integer(object, "is_continuous", continuous ? 1 : 0);
        text(object, "epoch", epoch);
        text(object, "digital_rf_version", version);
    }
    static void integer(hid_t object, const char* name, std::uint64_t value) {
        const hid_t space = H5Screate(H5S_SCALAR);
        const hid_t a = H5Acreate2(object, name, H5T_STD_U64LE, space, H5P_DEFAULT, H5P_DEFAULT);
        H5Awrite(a, H5T_NATIVE_UINT64, &value);
        H5Aclose(a);
        H5Sclose(space);
    }
    static void text(hid_t object, const char* name, const std::string& value) {
        const hid_t space = H5Screate(H5S_SCALAR), type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, value.size() + 1);
        const hid_t a = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
        H5Awrite(a, type, value.c_str());
        H5Aclose(a);
        H5Tclose(type);
        H5Sclose(space);
    }
};

}  // namespace flowspan::test
