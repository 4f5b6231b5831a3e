#include "kernels/to_floats/to_floats.hpp"

namespace flowspan::kernels::reference {

void to_floats(const u8* in, f32* out, std::size_t n, f32 factor) {
    for (std::size_t k = 0; k < n; ++k) out[k] = (f32(in[k]) - 127.5F) * factor;
}

}  // namespace flowspan::kernels::reference
