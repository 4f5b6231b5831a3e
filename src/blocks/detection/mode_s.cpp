#include "blocks/detection/mode_s.hpp"

namespace flowspan::blocks {
namespace {

/// x^24 + x^23 + … + x^12 + x^10 + x^3 + 1.
constexpr std::uint32_t polynomial = 0xfff409, low_24 = 0xffffff;

/// table[k][v]: what byte v leaves with k bytes behind it, the parity among them.
constexpr std::array<std::array<std::uint32_t, 256>, 14> table = [] {
    std::array<std::array<std::uint32_t, 256>, 14> t{};
    for (std::uint32_t v = 0; v < 256; ++v) {
        for (std::size_t k = 0; k < 3; ++k) t[k][v] = v << (8 * k);
        std::uint32_t c = v << 16;
        for (std::size_t k = 3; k < t.size(); ++k) {
            for (int bit = 0; bit < 8; ++bit) c = ((c << 1) ^ ((c & 0x800000) != 0 ? polynomial : 0)) & low_24;
            t[k][v] = c;
        }
    }
    return t;
}();

}  // namespace

std::uint32_t ModeSFrame::remainder() const {
    std::uint32_t c = 0;
    for (std::size_t k = 0; k < size; ++k) c ^= table[size - 1 - k][bytes[k]];
    return c;
}

std::string ModeSFrame::hex() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t k = 0; k < size; ++k) text += {digits[bytes[k] >> 4], digits[bytes[k] & 15]};
    return text;
}

}  // namespace flowspan::blocks
