#include "kernels/mode_s/mode_s.hpp"

namespace flowspan::kernels::reference {

void powers(const cf32* in, f32* out, std::size_t n) {
    for (std::size_t k = 0; k < n; ++k) out[k] = in[k].real() * in[k].real() + in[k].imag() * in[k].imag();
}

void half_bit_energies(const f32* p, f32* const planes[8], std::size_t n) {
    for (std::size_t k = 0; k < n; ++k) {
        for (std::size_t i = 0; i < 4; ++i) {
            const f32 here = p[4 * k + i] + p[4 * k + i + 1], next = p[4 * k + i + 1] + p[4 * k + i + 2];
            planes[2 * i][k] = here;
            planes[2 * i + 1][k] = (here + next) * 0.5F;
        }
    }
}

void find_preambles(const f32* early, const f32* late, std::size_t n, f32 ratio, std::uint32_t formats, u8* found) {
    for (std::size_t k = 0; k < n; ++k) {
        const f32* e = early + k;
        const f32* l = late + k;
        const f32 pulses = (e[0] + e[1]) + (l[3] + l[4]);
        f32 gaps = l[0];
        for (std::size_t i = 1; i < 8; ++i) {
            if (i > 1) gaps += e[i];
            if (i != 3 && i != 4) gaps += l[i];
        }
        std::uint32_t format = 0;
        for (std::size_t bit = 0; bit < 5; ++bit) format = 2 * format + (e[8 + bit] > l[8 + bit] ? 1U : 0U);
        const bool allowed = ((formats >> format) & 1U) != 0;
        found[k] = pulses * 3 > ratio * gaps && allowed ? u8(1 + format) : u8(0);
    }
}

void read_bits(const f32* early, const f32* late, std::size_t count, u8* bytes) {
    for (std::size_t k = 0; k < count / 8; ++k) bytes[k] = 0;
    for (std::size_t k = 0; k < count; ++k)
        if (early[k] > late[k]) bytes[k / 8] |= u8(0x80U >> (k % 8));
}

}  // namespace flowspan::kernels::reference
