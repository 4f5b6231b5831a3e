// Replies of Mode S transponders: frames of 56 or 112 bits whose last 24 are parity (ICAO Annex 10, volume IV, 3.1.2).
#pragma once

#include <flowspan/types.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace flowspan::blocks {

class ModeSFrame {
public:
    ModeSFrame() = default;
    /// Of bits as they come, the first one the least significant: 64, and what follows them. The first of all says how many a
    /// frame has.
    ModeSFrame(std::uint64_t first_64, std::uint64_t others);

    std::size_t bits() const { return 8 * size_; }
    u8 byte(std::size_t k) const;
    /// The downlink format: the first five bits.
    int format() const { return byte(0) >> 3; }
    /// Of formats 11, 17 and 18 the address that the frame announces.
    std::uint32_t announced() const { return std::uint32_t(byte(1)) << 16 | std::uint32_t(byte(2)) << 8 | byte(3); }
    /// What the parity leaves: 0 for a whole frame of format 17 or 18, the interrogator's code for format 11, the address for
    /// others.
    std::uint32_t remainder() const;
    std::string hex() const;
    friend bool operator==(const ModeSFrame&, const ModeSFrame&) = default;

private:
    /// Byte k of 14, zeros in front of a short frame among them; its first bit is the least significant.
    u8 raw(std::size_t k) const { return u8(k < 8 ? head_ >> (8 * k) : tail_ >> (8 * (k - 8))); }

    std::size_t size_ = 0;  // bytes: 7 or 14
    std::uint64_t head_ = 0, tail_ = 0;
};

}  // namespace flowspan::blocks
