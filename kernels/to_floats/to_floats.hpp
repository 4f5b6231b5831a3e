// Unsigned integers of 8 bits, as receivers of 8 bits give them, as floats. (Signed ones: volk/volk.hpp.)
#pragma once

#include <flowspan/types.hpp>

#include <cstddef>

namespace flowspan::kernels {

/// out[i] = (in[i] - 127.5) factor, the same bits at every level. They do not overlap.
void to_floats(const u8* in, f32* out, std::size_t n, f32 factor);

namespace reference {
void to_floats(const u8* in, f32* out, std::size_t n, f32 factor);
}  // namespace reference

}  // namespace flowspan::kernels
