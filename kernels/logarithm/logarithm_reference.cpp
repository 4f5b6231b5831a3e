#include "kernels/logarithm/logarithm.hpp"

#include <flowspan/kernels.hpp>

namespace flowspan::kernels::reference {

void scaled_log10(const f32* in, double factor, f32* out, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[i] = f32(factor * log10(double(in[i])));
}

}  // namespace flowspan::kernels::reference
