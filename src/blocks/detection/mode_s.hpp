// Replies of Mode S transponders: frames of 56 or 112 bits whose last 24 are parity (ICAO Annex 10, volume IV, 3.1.2).
#pragma once

#include <flowspan/types.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace flowspan::blocks {

struct ModeSFrame {
    std::array<u8, 14> bytes{};
    std::size_t size = 0;  // 7 or 14

    /// The downlink format: the first five bits.
    int format() const { return bytes[0] >> 3; }
    /// Of formats 11, 17 and 18 the address that the frame announces.
    std::uint32_t announced() const { return std::uint32_t(bytes[1]) << 16 | std::uint32_t(bytes[2]) << 8 | bytes[3]; }
    /// What the parity leaves: 0 for a whole frame of format 17 or 18, the interrogator's code for format 11, the address for
    /// others.
    std::uint32_t remainder() const;
    std::string hex() const;
    friend bool operator==(const ModeSFrame&, const ModeSFrame&) = default;
};

/// How many bits a frame of this format has.
inline std::size_t mode_s_bits(int format) { return format < 16 ? 56 : 112; }

}  // namespace flowspan::blocks
