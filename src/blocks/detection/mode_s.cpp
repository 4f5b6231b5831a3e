#include "blocks/detection/mode_s.hpp"

#include "kernels/mode_s/mode_s.hpp"

namespace flowspan::blocks {
namespace {

/// table[k][v]: what byte k of 14 leaves if it is v, its first bit the least significant.
constexpr auto table = [] {
    std::array<std::array<std::uint32_t, 256>, 14> t{};
    for (std::size_t k = 0; k < t.size(); ++k)
        for (std::size_t v = 0; v < 256; ++v)
            for (std::size_t bit = 0; bit < 8; ++bit)
                if ((v >> bit & 1) != 0) t[k][v] ^= kernels::mode_s_remainders[8 * k + bit];
    return t;
}();

}  // namespace

ModeSFrame::ModeSFrame(std::uint64_t first_64, std::uint64_t others) {
    const bool is_long = (first_64 & 1) != 0;
    size_ = is_long ? 14 : 7;
    head_ = is_long ? first_64 : first_64 << 56;
    tail_ = (is_long ? others : first_64 >> 8) & (~std::uint64_t{0} >> 16);
}

u8 ModeSFrame::byte(std::size_t k) const {
    unsigned turned_round = 0;
    for (unsigned bit = 0; bit < 8; ++bit) turned_round |= (raw(k + 14 - size_) >> bit & 1U) << (7 - bit);
    return u8(turned_round);
}

std::uint32_t ModeSFrame::remainder() const {
    std::uint32_t remainder = 0;
    for (std::size_t k = 0; k < table.size(); ++k) remainder ^= table[k][raw(k)];
    return remainder;
}

std::string ModeSFrame::hex() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text(2 * size_, '0');
    for (std::size_t k = 0; k < size_; ++k) {
        text[2 * k] = digits[byte(k) >> 4];
        text[2 * k + 1] = digits[byte(k) & 15];
    }
    return text;
}

}  // namespace flowspan::blocks
