#include "blocks/detection/mode_s.hpp"

namespace flowspan::blocks {
namespace {

/// x^24 + x^23 + … + x^12 + x^10 + x^3 + 1.
constexpr std::uint32_t polynomial = 0xfff409, low_24 = 0xffffff;

constexpr std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t k = 0; k < t.size(); ++k) {
        std::uint32_t c = k << 16;
        for (int bit = 0; bit < 8; ++bit) c = (c << 1) ^ ((c & 0x800000) != 0 ? polynomial : 0);
        t[k] = c & low_24;
    }
    return t;
}();

}  // namespace

std::uint32_t ModeSFrame::remainder() const {
    std::uint32_t c = 0;
    for (std::size_t k = 0; k + 3 < size; ++k) c = ((c << 8) & low_24) ^ table[(c >> 16) ^ bytes[k]];
    return c ^ (std::uint32_t(bytes[size - 3]) << 16 | std::uint32_t(bytes[size - 2]) << 8 | bytes[size - 1]);
}

std::string ModeSFrame::hex() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t k = 0; k < size; ++k) text += {digits[bytes[k] >> 4], digits[bytes[k] & 15]};
    return text;
}

}  // namespace flowspan::blocks
