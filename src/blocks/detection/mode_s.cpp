#include "blocks/detection/mode_s.hpp"

#include <array>

namespace flowspan::blocks {
namespace {

/// x^24 + x^23 + … + x^12 + x^10 + x^3 + 1.
constexpr std::uint32_t polynomial = 0xfff409, low_24 = 0xffffff;

constexpr std::uint32_t turned_round(std::uint32_t byte) {
    std::uint32_t turned = 0;
    for (int bit = 0; bit < 8; ++bit) turned |= (byte >> bit & 1) << (7 - bit);
    return turned;
}

/// table[k][v]: what byte v, its first bit the least significant, leaves with k bytes behind it, the parity among them.
constexpr std::array<std::array<std::uint32_t, 256>, 14> table = [] {
    std::array<std::array<std::uint32_t, 256>, 14> t{};
    for (std::uint32_t v = 0; v < 256; ++v) {
        const std::uint32_t byte = turned_round(v);
        for (std::size_t k = 0; k < 3; ++k) t[k][v] = byte << (8 * k);
        std::uint32_t c = byte << 16;
        for (std::size_t k = 3; k < t.size(); ++k) {
            for (int bit = 0; bit < 8; ++bit) c = ((c << 1) ^ ((c & 0x800000) != 0 ? polynomial : 0)) & low_24;
            t[k][v] = c;
        }
    }
    return t;
}();

/// The remainder of n bytes with `behind` bytes behind the first.
template <std::size_t n>
std::uint32_t remainder_of(std::uint64_t bytes, std::size_t behind) {
    std::uint32_t c = 0;
#pragma GCC unroll 8
    for (std::size_t k = 0; k < n; ++k) c ^= table[behind - k][bytes >> (8 * k) & 0xff];
    return c;
}

}  // namespace

u8 ModeSFrame::byte(std::size_t k) const {
    return u8(turned_round(std::uint32_t((k < 8 ? head_ >> (8 * k) : tail_ >> (8 * (k - 8))) & 0xff)));
}

std::uint32_t ModeSFrame::remainder() const {
    return size_ == 14 ? remainder_of<8>(head_, 13) ^ remainder_of<6>(tail_, 5) : remainder_of<7>(head_, 6);
}

std::string ModeSFrame::hex() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t k = 0; k < size_; ++k) text += {digits[byte(k) >> 4], digits[byte(k) & 15]};
    return text;
}

}  // namespace flowspan::blocks
