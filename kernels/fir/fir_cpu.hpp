// How the CPU keeps taps; sums.hpp says in which orders.
#pragma once

#include "kernels/aligned.hpp"
#include "kernels/fir/fir.hpp"

namespace flowspan::kernels {

template <class S>
struct Fir<S>::Cpu {
    AlignedVector<float> taps;
};

template <class S>
struct InterpolatedFir<S>::Cpu {
    AlignedVector<float> taps;
};

struct ComplexFir::Cpu {
    AlignedVector<float> real, imag;
};

}  // namespace flowspan::kernels
