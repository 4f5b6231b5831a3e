// What is known of many files, in a few bytes each: 100,000 recordings of one channel take some 3 MB on every rank.
#pragma once

#include <flowspan/recording.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace flowspan::io {

/// Packs the facts of files in the order in which they come; but for warnings, the identity and files of their own.
class PackedFiles {
public:
    void add(const RecordingFacts& file);
    std::string take() {
        packed_.shrink_to_fit();
        return std::move(packed_);
    }

private:
    void put_number(std::uint64_t number);
    void put_text(std::string_view text, std::string_view before);
    void put_head(const RecordingFacts& file);
    void put_capture(const Capture& capture);

    std::string packed_;
    RecordingFacts last_;
};

/// Goes through packed files in their order. A copy goes on from the same place.
class FilesInOrder {
public:
    explicit FilesInOrder(std::shared_ptr<const std::string> packed) : packed_(std::move(packed)) {}
    /// The next file is file(); false: there is none.
    bool next();
    const RecordingFacts& file() const { return file_; }

private:
    std::uint64_t number();
    std::string text(const std::string& before);
    void head();
    Capture capture();

    std::shared_ptr<const std::string> packed_;
    std::size_t at_ = 0;
    RecordingFacts file_;
};

}  // namespace flowspan::io
