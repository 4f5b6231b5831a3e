// A SigMF archive: an uncompressed tar of recordings, in any folders. Their samples are read where they lie.
#pragma once

#include <optional>
#include <string>

namespace flowspan::io {

/// "file.sigmf#name": one recording of an archive.
struct ArchivePath {
    std::string file;
    std::optional<std::string> name;
};
/// Nothing for a path that names no archive. A file whose own name has a `#` in it is that file.
std::optional<ArchivePath> archive_path(const std::string& path);

}  // namespace flowspan::io
