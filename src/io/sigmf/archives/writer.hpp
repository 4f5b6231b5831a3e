// A SigMF archive of one recording, written as its samples come: the data first, its header filled in at the end.
//
// Layout: POSIX.1-2001 (pax): each member has an extended header with its path and size, so that neither is too large.
#pragma once

#include "io/publish/digest.hpp"
#include "io/writing/data_file.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace flowspan::io {

/// What stands before a member: as many bytes whatever its size. Owner and time are those of nobody: equal recordings make
/// equal archives.
std::string tar_header(const std::string& name, std::uint64_t bytes);
/// What stands behind a member's bytes, up to the next.
std::string tar_padding(std::uint64_t bytes);

/// All calls on the I/O thread.
class ArchiveWriter {
public:
    /// `name`: of the recording, without extension. `expected`: bytes of the samples; 0: not known.
    ArchiveWriter(std::shared_ptr<Product> product, std::string name, bool checksum, std::uint64_t expected);
    void open();
    void append(std::span<const std::byte> samples);
    /// `meta`: the header's text, given the SHA-512 of the samples ("" where none was asked for).
    void complete(const std::function<std::string(const std::string& sha512)>& meta);

private:
    DataFile file_;
    std::string name_;
    std::unique_ptr<Sha512> hash_;
    std::uint64_t bytes_ = 0;
    bool open_ = false;
};

}  // namespace flowspan::io
