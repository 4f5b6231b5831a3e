#include "tests/device/wrong/kernels.hpp"

// (Each `break` of these kernels is a guard.)
#pragma GCC diagnostic ignored "-Wempty-body"
#define break
#define to_floats to_floats_without_guards
#define to_integers to_integers_without_guards
#include "kernels/convert/convert_cuda.cu"

void flowspan::device::convert_without_guards(Queue& queue, const i16* in, f32* out, std::uint64_t n) {
    const kernels::Conversion<i16, f32> piece{in, out, n, 1};
    kernels::to_floats_without_guards(queue, std::span(&piece, 1));
}
