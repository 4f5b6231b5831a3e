// Replies of Mode S transponders: frames of 56 or 112 bits whose last 24 are parity (ICAO Annex 10, volume IV, 3.1.2).
#pragma once

#include <flowspan/types.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace flowspan::blocks {

/// What each of 112 bits leaves alone when it is divided by the polynomial of the parity, x^24 + x^23 + … + x^12 + x^10 + x^3 +
/// 1.
inline constexpr std::array<std::uint32_t, 112> mode_s_remainders = [] {
    std::array<std::uint32_t, 112> remainders{};
    std::uint32_t remainder = 1;
    for (std::size_t k = 112; k-- > 0;) {
        remainders[k] = remainder;
        remainder = (remainder << 1 ^ (remainder >> 23) * 0xfff409) & 0xffffff;
    }
    return remainders;
}();

class ModeSFrame {
public:
    ModeSFrame() = default;
    /// Of bits as they come, the first one the least significant: 64, and what follows them. The first of all says how many a
    /// frame has. (Without branches, which nobody could foretell.)
    ModeSFrame(std::uint64_t first_64, std::uint64_t others)
        : head_(first_64 << (~first_64 & 1) * 56),
          tail_(((others & -(first_64 & 1)) | (first_64 >> 8 & -(~first_64 & 1))) & (~std::uint64_t{0} >> 16)),
          size_(7 + 7 * (first_64 & 1)) {}

    std::size_t bits() const { return 8 * size_; }
    u8 byte(std::size_t k) const;
    /// The downlink format: the first five bits.
    int format() const { return byte(0) >> 3; }
    /// Of formats 11, 17 and 18 the address that the frame announces.
    std::uint32_t announced() const { return std::uint32_t(byte(1)) << 16 | std::uint32_t(byte(2)) << 8 | byte(3); }
    /// What the parity leaves: 0 for a whole frame of format 17 or 18, the interrogator's code for format 11, the address for
    /// others.
    std::uint32_t remainder() const;
    /// Whether that is 0. Of those where it is not, 31 of 32 are found out by the first bits of it.
    bool is_whole() const { return !leaves(first_bits) && !leaves(other_bits); }
    std::string hex() const;
    friend bool operator==(const ModeSFrame&, const ModeSFrame&) = default;

private:
    static constexpr std::make_index_sequence<5> first_bits{};
    static constexpr std::integer_sequence<std::size_t, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23>
        other_bits{};
    /// Whether any of these bits of the remainder is 1.
    template <std::size_t... bit>
    bool leaves(std::index_sequence<bit...>) const {
        return ((ones(std::integral_constant<std::size_t, bit>()) | ...) & 1) != 0;
    }
    /// How many ones there are whose sum, modulo 2, is this bit of the remainder.
    template <std::size_t bit>
    int ones(std::integral_constant<std::size_t, bit>) const {
        constexpr auto mask = [](std::size_t from, std::size_t to) {
            std::uint64_t m = 0;
            for (std::size_t k = from; k < to; ++k) m |= std::uint64_t(mode_s_remainders[k] >> bit & 1) << (k - from);
            return m;
        };
        constexpr std::uint64_t of_head = mask(0, 64), of_tail = mask(64, 112);
        return std::popcount((head_ & of_head) ^ (tail_ & of_tail));
    }

    std::uint64_t head_ = 0, tail_ = 0;  // 112 bits as they come, zeros in front of a short frame among them
    std::size_t size_ = 0;               // bytes: 7 or 14
};

}  // namespace flowspan::blocks
