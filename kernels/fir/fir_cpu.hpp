// How the CPU keeps taps; see fir_cpu.cpp for the orders.
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

/// Rows of taps, as InterpolatedFir keeps them.
struct PhaseTable {
    const float* taps = nullptr;
    std::size_t length = 0;  // floats a row
    std::size_t phases = 1, edge_row = 0;
    std::uint64_t edge = 0;
};

struct ComplexFir::Cpu {
    AlignedVector<float> real, imag;
};

}  // namespace flowspan::kernels
