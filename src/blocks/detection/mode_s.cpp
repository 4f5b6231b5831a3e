#include "blocks/detection/mode_s.hpp"

namespace flowspan::blocks {

u8 ModeSFrame::byte(std::size_t k) const {
    const std::size_t place = k + 14 - size_;
    const auto as_it_comes = u8(place < 8 ? head_ >> (8 * place) : tail_ >> (8 * (place - 8)));
    unsigned turned_round = 0;
    for (unsigned bit = 0; bit < 8; ++bit) turned_round |= (as_it_comes >> bit & 1U) << (7 - bit);
    return u8(turned_round);
}

std::uint32_t ModeSFrame::remainder() const {
    std::uint32_t remainder = 0;
    for (std::uint64_t ones = head_; ones != 0; ones &= ones - 1)
        remainder ^= mode_s_remainders[std::size_t(std::countr_zero(ones))];
    for (std::uint64_t ones = tail_; ones != 0; ones &= ones - 1)
        remainder ^= mode_s_remainders[64 + std::size_t(std::countr_zero(ones))];
    return remainder;
}

std::string ModeSFrame::hex() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t k = 0; k < size_; ++k) text += {digits[byte(k) >> 4], digits[byte(k) & 15]};
    return text;
}

}  // namespace flowspan::blocks
