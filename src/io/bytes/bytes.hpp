// Where the bytes of a recording come from: a file, what is packed in one, or stdin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

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

/// What comes one after the other.
class BytesInOrder : public Bytes {
public:
    std::size_t read(std::uint64_t offset, std::span<std::byte> to) final;

protected:
    /// The next ones: some of as many as there is room for; 0 at the end, or where none are there yet.
    virtual std::size_t take(std::span<std::byte> to) = 0;

private:
    std::uint64_t at_ = 0;
};

/// A file of at least `least` bytes, else a Failure that says so; its bytes are there, or are a Failure.
std::unique_ptr<Bytes> file_bytes(const std::string& path, std::uint64_t least, bool hash);

/// The one thing that is packed in a file by gzip, xz, zstd, bzip2 or lzma, or the one file of a zip archive; `member` else:
/// of a tar or zip archive. Throws Failure (ExitCode::file) where that is not what the file is, or it is damaged.
std::unique_ptr<Bytes> packed_bytes(const std::string& path, const std::string& member = {});

/// Whether a file that begins so is something that is packed.
bool is_packed(std::span<const std::byte> head);

/// What comes in by stdin. A call waits a few milliseconds at most.
std::unique_ptr<Bytes> stdin_bytes();

}  // namespace flowspan::io
