// Where the bytes of a recording come from: a file, what is packed in one, or stdin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

struct archive;  // of libarchive

namespace flowspan::io {

class Bytes {
public:
    virtual ~Bytes() = default;
    /// Reads at `offset`; returns how many bytes, fewer than asked at the end alone, or where none are there yet (stdin: then
    /// 0, and not ended()). Of what is no file, `offset` never goes back.
    virtual std::size_t read(std::uint64_t offset, std::span<std::byte> to) = 0;
    virtual bool ended() const { return true; }
    virtual std::optional<std::string> hash() { return {}; }
};

/// A file of at least `least` bytes, else a Failure that says so; its bytes are there, or are a Failure.
std::unique_ptr<Bytes> file_bytes(const std::string& path, std::uint64_t least, bool hash);

/// The one thing that is packed in a file by gzip, xz, zstd, bzip2 or lzma, or the one file of a zip archive; `member` else:
/// of a tar or zip archive. Throws Failure (ExitCode::file) where that is not what the file is, or it is damaged.
std::unique_ptr<Bytes> packed_bytes(const std::string& path, const std::string& member = {});

/// Unpacks with libarchive what the file begins as, and that once: what comes of it may look like anything, as samples do. True
/// for a zip archive, which needs no unpacking.
bool unpack_once(archive* reader, const std::string& path);

/// What comes in by stdin. A call waits a few milliseconds at most.
std::unique_ptr<Bytes> stdin_bytes();

}  // namespace flowspan::io
