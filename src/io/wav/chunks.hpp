// The chunks of RIFF, RF64, BW64 and Wave64 files: their heads, not what they hold.
//
// Layouts: Microsoft's RIFF specification (1991); EBU Tech 3306 (RF64: sizes beyond 4 GiB stand in a chunk `ds64`); ITU-R
// BS.2088 (BW64); Sony Pictures Digital's Wave64 (names are GUIDs, sizes 64 bits that count the head, all at multiples of 8).
#pragma once

#include <flowspan/io.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace flowspan::io::wav {

struct Chunk {
    std::string name;                 // "data"; of a GUID its first four bytes
    std::uint64_t at = 0, bytes = 0;  // what it holds: where, and how much it says
    std::uint64_t next = 0;           // where the next one begins
};

enum class Container { riff, rf64, wave64 };

/// A file seen as chunks. Numbers are little-endian.
class Chunks {
public:
    /// Throws Refused for a file that does not begin as one of these.
    explicit Chunks(const std::string& path);
    Container container() const { return container_; }
    const std::string& path() const { return file_.path(); }
    std::uint64_t size() const { return size_; }
    std::uint64_t first() const { return container_ == Container::wave64 ? 40 : 12; }

    /// Throws Refused where the file ends before.
    std::uint64_t number(std::uint64_t offset, std::size_t bytes) const;
    std::string text(std::uint64_t offset, std::size_t bytes) const;
    /// The chunk whose head is here; nothing where the file ends within the head, or the name is none.
    std::optional<Chunk> chunk(std::uint64_t offset) const;
    /// From here to the end of the file. Nothing where it is no list of chunks that ends with the file.
    std::optional<std::vector<Chunk>> list_from(std::uint64_t offset) const;
    /// Behind a chunk that holds so many bytes from `at` on.
    std::optional<std::vector<Chunk>> list_behind(std::uint64_t at, std::uint64_t bytes) const;

private:
    std::uint64_t padded(std::uint64_t offset) const;

    File file_;
    std::uint64_t size_;
    Container container_ = Container::riff;
};

inline constexpr std::size_t most_chunks = 1000;  // a file of zeros is one of endless empty chunks

}  // namespace flowspan::io::wav
