#include "kernels/simd.hpp"
#include "kernels/volk/volk.hpp"

#include <hwy/highway.h>
#include <volk/volk.h>

#include <limits>
#include <string_view>

namespace flowspan::kernels {
namespace {

/// An implementation of VOLK's by its name, for the levels "avx2" and "avx512": below, VOLK is no faster than a loop, and its
/// implementations for AVX-512 are slower than those for AVX on what is in the cache and not aligned to 64 bytes.
class Routine {
public:
    Routine(const volk_func_desc_t& known, const char* implementation) : name(implementation) {
        for (std::size_t k = 0; k < known.n_impls; ++k) there_ = there_ || std::string_view(known.impl_names[k]) == name;
    }
    /// Whether it is to make n samples: at the present level, of more than the call is worth.
    bool makes(std::size_t n) const {
        return there_ && n >= 64 && n <= std::numeric_limits<unsigned>::max() &&
               (hwy::SupportedTargets() & (HWY_AVX2 | HWY_AVX3)) != 0;
    }
    const char* name;

private:
    bool there_ = false;  // in this machine's VOLK
};

}  // namespace

void add(const f32* a, const f32* b, f32* out, std::size_t n) {
    static const Routine avx(volk_32f_x2_add_32f_get_func_desc(), "u_avx");
    if (avx.makes(n)) return volk_32f_x2_add_32f_manual(out, a, b, unsigned(n), avx.name);
    reference::add(a, b, out, n);
}
void subtract(const f32* a, const f32* b, f32* out, std::size_t n) {
    static const Routine avx(volk_32f_x2_subtract_32f_get_func_desc(), "u_avx");
    if (avx.makes(n)) return volk_32f_x2_subtract_32f_manual(out, a, b, unsigned(n), avx.name);
    reference::subtract(a, b, out, n);
}
void multiply(const f32* a, const f32* b, f32* out, std::size_t n) {
    static const Routine avx(volk_32f_x2_multiply_32f_get_func_desc(), "u_avx");
    if (avx.makes(n)) return volk_32f_x2_multiply_32f_manual(out, a, b, unsigned(n), avx.name);
    reference::multiply(a, b, out, n);
}
void divide(const f32* a, const f32* b, f32* out, std::size_t n) {
    static const Routine avx(volk_32f_x2_divide_32f_get_func_desc(), "u_avx");
    if (avx.makes(n)) return volk_32f_x2_divide_32f_manual(out, a, b, unsigned(n), avx.name);
    reference::divide(a, b, out, n);
}
void multiply(const cf32* a, const cf32* b, cf32* out, std::size_t n) {
    static const Routine avx(volk_32fc_x2_multiply_32fc_get_func_desc(), "u_avx");
    if (avx.makes(n)) return volk_32fc_x2_multiply_32fc_manual(out, a, b, unsigned(n), avx.name);
    reference::multiply(a, b, out, n);
}
void scale(const f32* in, f32 factor, f32* out, std::size_t n) {
    static const Routine avx(volk_32f_s32f_multiply_32f_get_func_desc(), "u_avx");
    if (avx.makes(n)) return volk_32f_s32f_multiply_32f_manual(out, in, factor, unsigned(n), avx.name);
    reference::scale(in, factor, out, n);
}
void square_root(const f32* in, f32* out, std::size_t n) {
    static const Routine avx(volk_32f_sqrt_32f_get_func_desc(), "u_avx");
    if (avx.makes(n)) return volk_32f_sqrt_32f_manual(out, in, unsigned(n), avx.name);
    reference::square_root(in, out, n);
}
void interleave(const f32* re, const f32* im, cf32* out, std::size_t n) {
    static const Routine avx(volk_32f_x2_interleave_32fc_get_func_desc(), "u_avx");
    if (avx.makes(n)) return volk_32f_x2_interleave_32fc_manual(out, re, im, unsigned(n), avx.name);
    reference::interleave(re, im, out, n);
}
void to_floats(const i8* in, f32* out, std::size_t n, f32 unit) {
    static const Routine avx2(volk_8i_s32f_convert_32f_get_func_desc(), "u_avx2");
    if (avx2.makes(n)) return volk_8i_s32f_convert_32f_manual(out, in, unit, unsigned(n), avx2.name);
    reference::to_floats(in, out, n, unit);
}
void to_floats(const i16* in, f32* out, std::size_t n, f32 unit) {
    static const Routine avx2(volk_16i_s32f_convert_32f_get_func_desc(), "u_avx2");
    if (avx2.makes(n)) return volk_16i_s32f_convert_32f_manual(out, in, unit, unsigned(n), avx2.name);
    reference::to_floats(in, out, n, unit);
}

}  // namespace flowspan::kernels
