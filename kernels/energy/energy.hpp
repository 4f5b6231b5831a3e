// Energy of samples: the sum of |x[i]|^2, declared in <flowspan/kernels.hpp>.
//
// Order: real and imaginary parts count as floats in a row; float i goes to partial sum i mod 8, and these are added as
// ((0+4)+(2+6)) + ((1+5)+(3+7)). A float's square is exact in double precision, so the bits are the same at every level.
#pragma once

#include <flowspan/kernels.hpp>

namespace flowspan::kernels::reference {
/// A plain sum from the first to the last.
double energy(const f32* in, std::size_t n);
}  // namespace flowspan::kernels::reference
