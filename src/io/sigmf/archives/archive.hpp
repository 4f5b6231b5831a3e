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

/// Files beside those of the sender, by macOS, that hold his attributes.
bool is_apple_double(const std::string& name);

/// A file in something that is packed: "" and 0 of what has no names (gzip, xz, zstd, bzip2) and is no tar or zip archive.
struct PackedFile {
    std::string name;
    std::uint64_t bytes = 0;
    std::string text;  // of the first SigMF header
    bool is_header() const { return name.ends_with(".sigmf-meta"); }
};
/// In the order in which they lie there; all is unpacked for it, once. Throws Failure (ExitCode::file) where it cannot be.
std::vector<PackedFile> packed_files(const std::string& path);

/// The one recording of a SigMF archive that is packed (`.sigmf.gz`, `.sigmf.xz`, `.sigmf.zip`), of its files. Throws Refused.
Recording read_packed_sigmf(const std::string& path, const std::vector<PackedFile>& files);

}  // namespace flowspan::io
