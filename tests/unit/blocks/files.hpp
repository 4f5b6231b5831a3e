// Blocks that read and write files: what is in the folder afterwards, however the calls are cut.
#pragma once

#include <flowspan/test.hpp>

#include "io/recording/recording_reader.hpp"
#include "tests/unit/io/folder.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace flowspan::test {

using Files = std::map<std::string, std::string>;

inline Files files_of(const Folder& folder) {
    Files files;
    for (const std::string& name : folder.names()) files[name] = content_of(folder / name);
    return files;
}

/// Runs a sink in a folder of its own.
struct Written {
    Files files;
    Value results;
};
inline Written written(const std::string& type, const Value::Map& parameters, const std::vector<Stream>& inputs,
                       Options options = {}) {
    const Folder folder;
    options.out = folder.path();
    const Outcome outcome = run(type, parameters, inputs, options);
    return {files_of(folder), outcome.results};
}

/// The same files, byte for byte, and the same results however the calls are cut. Returns them.
inline Written written_in_any_chunks(const std::string& type, const Value::Map& parameters, const std::vector<Stream>& inputs) {
    const Written whole = written(type, parameters, inputs);
    for (const std::size_t max_chunk : {1, 7, 1000, 0}) {
        for (std::uint64_t seed = 1; seed <= 2; ++seed) {
            Options options;
            options.seed = seed;
            options.max_chunk = max_chunk;
            const Written pieces = written(type, parameters, inputs, options);
            EXPECT_TRUE(pieces.files == whole.files) << type << " chunk " << max_chunk << " seed " << seed;
            EXPECT_TRUE(pieces.results == whole.results) << type << " chunk " << max_chunk << " seed " << seed;
        }
    }
    return whole;
}

inline Options reading() {
    Options options;
    options.recordings = io::read_recording;
    options.max_outputs = std::uint64_t{1} << 40;
    return options;
}

template <class T>
std::string bytes_of(const std::vector<T>& samples) {
    return {reinterpret_cast<const char*>(samples.data()), samples.size() * sizeof(T)};
}

/// 0, 1, 2, … as samples, at 1 kHz.
inline std::vector<cf32> ramp(std::size_t length) {
    std::vector<cf32> samples;
    for (std::size_t k = 0; k < length; ++k) samples.emplace_back(float(k), -float(k));
    return samples;
}

}  // namespace flowspan::test
