// The XXH3-128 of a file that is read from its beginning to its end, computed as it is read.
#pragma once

#include "io/publish/digest.hpp"

#include <flowspan/io.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace flowspan::io {

/// All calls on the I/O thread. What the samples' reader passes over (headers, bytes between captures) is read here, as long as
/// it is little; a file of which more is passed over has not been read whole.
class WholeHash {
public:
    /// These bytes of the file have been read.
    void read(const File& file, std::uint64_t offset, std::span<const std::byte> bytes);
    /// The 32 digits that `xxh128sum FILE` prints; nothing where the file was not read whole.
    std::optional<std::string> finish(const File& file);

private:
    static constexpr std::uint64_t most_passed_over = std::uint64_t(1) << 20;  // bytes
    bool catch_up(const File& file, std::uint64_t offset);

    Xxh128 hash_;
    std::uint64_t at_ = 0, passed_over_ = 0;
    bool whole_ = true;
};

}  // namespace flowspan::io
