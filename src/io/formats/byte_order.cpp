#include "io/formats/byte_order.hpp"

#include <cstdint>
#include <cstring>

namespace flowspan::io {
namespace {

template <class T>
void swap_all(std::span<std::byte> numbers, T (*swap)(T)) {
    for (std::size_t at = 0; at + sizeof(T) <= numbers.size(); at += sizeof(T)) {
        T number;
        std::memcpy(&number, numbers.data() + at, sizeof(T));
        number = swap(number);
        std::memcpy(numbers.data() + at, &number, sizeof(T));
    }
}

}  // namespace

void swap_bytes(std::span<std::byte> numbers, std::size_t size) {
    if (size == 2) swap_all<std::uint16_t>(numbers, [](std::uint16_t v) { return __builtin_bswap16(v); });
    if (size == 4) swap_all<std::uint32_t>(numbers, [](std::uint32_t v) { return __builtin_bswap32(v); });
    if (size == 8) swap_all<std::uint64_t>(numbers, [](std::uint64_t v) { return __builtin_bswap64(v); });
}

}  // namespace flowspan::io
