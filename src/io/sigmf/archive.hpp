// SigMF archives, and archives that are packed.
#pragma once

#include <flowspan/recording.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace flowspan::io {

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
