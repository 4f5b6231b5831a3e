// SigMF archives: tars of recordings, in any folders, whose samples are read where they lie; and archives that are packed.
#pragma once

#include <flowspan/recording.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::io {

/// "file.sigmf#name": one recording of an archive.
struct ArchivePath {
    std::string file;
    std::optional<std::string> name;
};
/// Nothing for a path that is not named as an archive. A file whose own name has a `#` in it is that file.
std::optional<ArchivePath> archive_path(const std::string& path);

/// A file in something that is packed: "" and 0 of what has no names (gzip, xz, zstd, bzip2) and is no tar or zip archive.
struct PackedFile {
    std::string name;
    std::uint64_t bytes = 0;
};
/// In the order in which they lie there. Throws Failure (ExitCode::file) where it cannot be unpacked.
std::vector<PackedFile> packed_files(const std::string& path);

/// The one recording of a SigMF archive that is packed (`.sigmf.gz`, `.sigmf.xz`, `.sigmf.zip`). Throws Refused.
Recording read_packed_sigmf(const std::string& path);

}  // namespace flowspan::io
