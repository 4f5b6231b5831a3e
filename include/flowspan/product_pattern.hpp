// Names of products that nobody can count before the run.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace flowspan {

/// The names of a block's products of which there is one a stretch, a burst, a minute: a folder, and a file name with places
/// that differ.
/// `{"out", {"burst-", ProductPattern::Field::digits, ".wav"}}` has out/burst-7.wav and out/burst-007.wav.
struct ProductPattern {
    enum class Field : std::uint8_t {
        digits,   // one or more
        stretch,  // 2 and up, no leading zero
        time,     // as `{datetime}` writes it: RFC 3339, whole or cut off, or "no-time"
    };
    using Piece = std::variant<std::string, Field>;

    std::string folder;
    std::vector<Piece> name;
    /// They are NAME.N.EXT beside the block's product NAME.EXT, or parts with consecutive numbers: overwriting removes those
    /// which are not made again.
    bool numbered = false;

    friend bool operator==(const ProductPattern&, const ProductPattern&) = default;
};

}  // namespace flowspan
