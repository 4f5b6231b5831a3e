// Every implementation of VOLK's routines that this machine offers makes the bits of the plain loop, of whole arrays and of
// pieces of any length at any place.
#include "kernels/volk/volk.hpp"

#include "tests/unit/kernels/levels.hpp"

#include <volk/volk.h>

#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <string>

using namespace flowspan;
using namespace flowspan::kernels;

namespace {

constexpr std::size_t length = 3011;

/// Numbers of all sizes, with what is special among them.
std::vector<f32> numbers(std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<f32> x(2 * length);
    for (f32& v : x) v = std::ldexp(f32(random()) / 2147483648.0F - 1, int(random() % 60) - 30);
    const f32 special[] = {
        0.0F, -0.0F, 1e-40F, -3e38F, std::numeric_limits<f32>::infinity(), std::numeric_limits<f32>::denorm_min()};
    for (std::size_t k = 0; k < x.size(); k += 7) x[k] = special[random() % 6];
    return x;
}

/// A routine on `count` samples from sample `first` on: of `implementation`, else the plain loop.
struct Case {
    std::string name;
    volk_func_desc_t known;
    std::function<void(const char* implementation, std::size_t first, std::size_t count)> make;
    std::vector<f32>* out;
};

struct Arrays {
    std::vector<f32> a = numbers(1), b = numbers(2), positive = numbers(3);
    std::vector<f32> out = std::vector<f32>(4 * length), imag = std::vector<f32>(2 * length);
    std::vector<i16> shorts = std::vector<i16>(2 * length);
    std::vector<i8> bytes = std::vector<i8>(2 * length);
    Arrays() {
        std::mt19937 random(4);
        for (i16& v : shorts) v = i16(random());
        for (i8& v : bytes) v = i8(random());
        for (f32& v : positive) v = std::abs(v);
    }
    const cf32* ca() const { return reinterpret_cast<const cf32*>(a.data()); }
    const cf32* cb() const { return reinterpret_cast<const cf32*>(b.data()); }
    cf32* cout() { return reinterpret_cast<cf32*>(out.data()); }
};

using Real = void (*)(const f32*, const f32*, f32*, std::size_t);
using VolkReal = void (*)(f32*, const f32*, const f32*, unsigned, const char*);

Case of_two(Arrays& s, const std::string& name, volk_func_desc_t known, Real plain, VolkReal volk) {
    return {name, known,
            [&s, plain, volk](const char* which, std::size_t i, std::size_t n) {
                if (which == nullptr) return plain(&s.a[i], &s.b[i], &s.out[i], n);
                volk(&s.out[i], &s.a[i], &s.b[i], unsigned(n), which);
            },
            &s.out};
}

std::vector<Case> cases(Arrays& s) {
    namespace plain = reference;
    return {
        of_two(s, "add", volk_32f_x2_add_32f_get_func_desc(), plain::add, volk_32f_x2_add_32f_manual),
        of_two(s, "subtract", volk_32f_x2_subtract_32f_get_func_desc(), plain::subtract, volk_32f_x2_subtract_32f_manual),
        of_two(s, "multiply", volk_32f_x2_multiply_32f_get_func_desc(), plain::multiply, volk_32f_x2_multiply_32f_manual),
        of_two(s, "divide", volk_32f_x2_divide_32f_get_func_desc(), plain::divide, volk_32f_x2_divide_32f_manual),
        {"multiply complex", volk_32fc_x2_multiply_32fc_get_func_desc(),
         [&s](const char* which, std::size_t i, std::size_t n) {
             if (which == nullptr) return plain::multiply(s.ca() + i, s.cb() + i, s.cout() + i, n);
             volk_32fc_x2_multiply_32fc_manual(s.cout() + i, s.ca() + i, s.cb() + i, unsigned(n), which);
         },
         &s.out},
        {"scale", volk_32f_s32f_multiply_32f_get_func_desc(),
         [&s](const char* which, std::size_t i, std::size_t n) {
             if (which == nullptr) return plain::scale(&s.a[i], 0.3F, &s.out[i], n);
             volk_32f_s32f_multiply_32f_manual(&s.out[i], &s.a[i], 0.3F, unsigned(n), which);
         },
         &s.out},
        {"square root", volk_32f_sqrt_32f_get_func_desc(),
         [&s](const char* which, std::size_t i, std::size_t n) {
             if (which == nullptr) return plain::square_root(&s.positive[i], &s.out[i], n);
             volk_32f_sqrt_32f_manual(&s.out[i], &s.positive[i], unsigned(n), which);
         },
         &s.out},
        {"interleave", volk_32f_x2_interleave_32fc_get_func_desc(),
         [&s](const char* which, std::size_t i, std::size_t n) {
             if (which == nullptr) return plain::interleave(&s.a[i], &s.b[i], s.cout() + i, n);
             volk_32f_x2_interleave_32fc_manual(s.cout() + i, &s.a[i], &s.b[i], unsigned(n), which);
         },
         &s.out},
        {"to floats of 16 bits", volk_16i_s32f_convert_32f_get_func_desc(),
         [&s](const char* which, std::size_t i, std::size_t n) {
             if (which == nullptr) return plain::to_floats(&s.shorts[i], &s.out[i], n, 2048);
             volk_16i_s32f_convert_32f_manual(&s.out[i], &s.shorts[i], 2048, unsigned(n), which);
         },
         &s.out},
        {"to floats of 8 bits", volk_8i_s32f_convert_32f_get_func_desc(),
         [&s](const char* which, std::size_t i, std::size_t n) {
             if (which == nullptr) return plain::to_floats(&s.bytes[i], &s.out[i], n, 128);
             volk_8i_s32f_convert_32f_manual(&s.out[i], &s.bytes[i], 128, unsigned(n), which);
         },
         &s.out},
    };
}

/// Infinity less infinity is a NaN, of which either sign may leave.
std::vector<f32> with_one_nan(std::vector<f32> x) {
    for (f32& v : x)
        if (std::isnan(v)) v = std::numeric_limits<f32>::quiet_NaN();
    return x;
}

// (Never asked for are those that fuse, Orc's, which make 0 of subnormal numbers, and those that want memory of an alignment.)
bool is_taken(const std::string& implementation) {
    const auto has = [&](const char* word) { return implementation.find(word) != std::string::npos; };
    return !has("fma") && !has("orc") && !implementation.starts_with("a_");
}

TEST(Volk, EveryImplementationMakesTheBitsOfTheLoopWholeAndInPieces) {
    Arrays s;
    std::mt19937 random(5);
    for (const Case& c : cases(s)) {
        std::fill(s.out.begin(), s.out.end(), 0.0F);
        c.make(nullptr, 0, length);
        const std::vector<f32> expected = with_one_nan(s.out);
        int implementations = 0;
        for (std::size_t k = 0; k < c.known.n_impls; ++k) {
            const char* name = c.known.impl_names[k];
            if (!is_taken(name)) continue;
            ++implementations;
            SCOPED_TRACE(c.name + " " + name);
            std::fill(s.out.begin(), s.out.end(), 0.0F);
            c.make(name, 0, length);
            EXPECT_TRUE(same_bytes(with_one_nan(s.out), expected));
            for (const std::size_t longest : {3U, 70U, 1000U}) {
                std::fill(s.out.begin(), s.out.end(), 0.0F);
                for (std::size_t first = 0; first < length;) {
                    const std::size_t n = std::min<std::size_t>(length - first, 1 + random() % longest);
                    c.make(name, first, n);
                    first += n;
                }
                EXPECT_TRUE(same_bytes(with_one_nan(s.out), expected)) << "in pieces of at most " << longest;
            }
        }
        EXPECT_GE(implementations, 1) << c.name;
    }
}

// What blocks call, at every level and on memory of any alignment.
TEST(Volk, ComesToTheSameAtEveryLevel) {
    Arrays s;
    for (const std::size_t n :
         {std::size_t(0), std::size_t(1), std::size_t(63), std::size_t(64), std::size_t(65), length - 1}) {
        for (const std::size_t at : {0U, 1U}) {
            const auto made = [&](auto make) {
                return [&s, make] {
                    std::fill(s.out.begin(), s.out.end(), 0.0F);
                    make();
                    return with_one_nan(s.out);
                };
            };
            const f32 *a = &s.a[at], *b = &s.b[at], *positive = &s.positive[at];
            const cf32 *ca = s.ca() + at, *cb = s.cb() + at;
            f32* out = &s.out[at];
            cf32* cout = s.cout() + at;
            expect_same_at_levels(made([&] { add(a, b, out, n); }));
            expect_same_at_levels(made([&] { subtract(a, b, out, n); }));
            expect_same_at_levels(made([&] { multiply(a, b, out, n); }));
            expect_same_at_levels(made([&] { divide(a, b, out, n); }));
            expect_same_at_levels(made([&] { multiply(ca, cb, cout, n); }));
            expect_same_at_levels(made([&] { scale(a, 0.7F, out, n); }));
            expect_same_at_levels(made([&] { square_root(positive, out, n); }));
            expect_same_at_levels(made([&] { interleave(a, b, cout, n); }));
            expect_same_at_levels(made([&] { to_floats(&s.shorts[at], out, n, 32768); }));
            expect_same_at_levels(made([&] { to_floats(&s.bytes[at], out, n, 128); }));
        }
    }
}

TEST(Volk, WorksInPlace) {
    Arrays s;
    for (std::size_t k = 0; k < length; ++k) s.out[k] = s.a[k];
    add(s.out.data(), s.b.data(), s.out.data(), length);
    std::vector<f32> expected(4 * length);
    reference::add(s.a.data(), s.b.data(), expected.data(), length);
    EXPECT_TRUE(same_bytes(with_one_nan(s.out), with_one_nan(expected)));
}

}  // namespace
