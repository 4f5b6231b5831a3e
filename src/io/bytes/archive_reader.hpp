// What is the same wherever libarchive reads.
#pragma once

#include <flowspan/diagnostic.hpp>

#include <archive.h>

#include <memory>
#include <string>

#include <fmt/format.h>

namespace flowspan::io {

struct CloseArchive {
    void operator()(archive* a) const { archive_read_free(a); }
};
using ArchiveReader = std::unique_ptr<archive, CloseArchive>;

/// "cannot read PATH: …", what libarchive says, or `otherwise` where it says nothing.
[[noreturn]] inline void fail_archive(const std::string& path, archive* a, const char* otherwise) {
    const char* const reason = archive_error_string(a);
    throw Failure(ExitCode::file, fmt::format("cannot read {}: {}", path, reason != nullptr ? reason : otherwise));
}

/// Unpacks what the file begins as, and that once: what comes of it may look like anything, as samples do. True for a zip
/// archive, which needs no unpacking.
bool unpack_once(archive* reader, const std::string& path);

inline constexpr const char* nothing_packed = "it is nothing packed";

}  // namespace flowspan::io
