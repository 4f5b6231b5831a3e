// Floats as integers: scaled, rounded half to even, saturated, and a count of what that altered.
//
// No alignment is asked for. The same bits and counts at every level and for any n.
#pragma once

#include <flowspan/types.hpp>

#include <cstddef>
#include <cstdint>

namespace flowspan::kernels {

struct Saturation {
    std::uint64_t clipped = 0;     // finite numbers beyond the ends of the type
    std::uint64_t not_finite = 0;  // infinities become the ends, NaN what 0 does
    f32 most = 0, least = 0;       // the greatest and the least finite number in, or 0 if that is more or less
};

/// out[i] = in[i] scale + offset, computed in f32.
Saturation to_integers(const f32* in, f32 scale, f32 offset, i8* out, std::size_t n);
Saturation to_integers(const f32* in, f32 scale, f32 offset, u8* out, std::size_t n);
Saturation to_integers(const f32* in, f32 scale, f32 offset, i16* out, std::size_t n);

namespace reference {
Saturation to_integers(const f32* in, f32 scale, f32 offset, i8* out, std::size_t n);
Saturation to_integers(const f32* in, f32 scale, f32 offset, u8* out, std::size_t n);
Saturation to_integers(const f32* in, f32 scale, f32 offset, i16* out, std::size_t n);
}  // namespace reference

}  // namespace flowspan::kernels
