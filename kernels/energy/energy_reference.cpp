#include "kernels/energy/energy.hpp"

namespace flowspan::kernels::reference {
double energy(const f32* in, std::size_t n) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += double(in[i]) * double(in[i]);
    return sum;
}
}  // namespace flowspan::kernels::reference
