// Sample types: the C++ type that block code uses, its run-time tag, and the name that people write.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace flowspan {

/// A complex number of integers, I first, as recorders store it.
template <class T>
struct Complex {
    T re{}, im{};
    friend bool operator==(const Complex&, const Complex&) = default;
};

using f32 = float;
using f64 = double;
using i8 = std::int8_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using cf32 = std::complex<float>;
using cf64 = std::complex<double>;
using ci8 = Complex<i8>;
using ci16 = Complex<i16>;
using ci32 = Complex<i32>;
using cu8 = Complex<u8>;
using cu16 = Complex<u16>;
using cu32 = Complex<u32>;

/// Marks a port whose sample type is only known once the graph is described.
struct Any {};

/// SigMF's names without the byte order: streams are always in the machine's own order.
enum class SampleType : std::uint8_t {
    any,
    rf32,
    rf64,
    ri8,
    ri16,
    ri32,
    ru8,
    ru16,
    ru32,
    cf32,
    cf64,
    ci8,
    ci16,
    ci32,
    cu8,
    cu16,
    cu32
};

template <class T>
inline constexpr SampleType sample_type_of = SampleType::any;
template <>
inline constexpr SampleType sample_type_of<f32> = SampleType::rf32;
template <>
inline constexpr SampleType sample_type_of<f64> = SampleType::rf64;
template <>
inline constexpr SampleType sample_type_of<i8> = SampleType::ri8;
template <>
inline constexpr SampleType sample_type_of<i16> = SampleType::ri16;
template <>
inline constexpr SampleType sample_type_of<i32> = SampleType::ri32;
template <>
inline constexpr SampleType sample_type_of<u8> = SampleType::ru8;
template <>
inline constexpr SampleType sample_type_of<u16> = SampleType::ru16;
template <>
inline constexpr SampleType sample_type_of<u32> = SampleType::ru32;
template <>
inline constexpr SampleType sample_type_of<cf32> = SampleType::cf32;
template <>
inline constexpr SampleType sample_type_of<cf64> = SampleType::cf64;
template <>
inline constexpr SampleType sample_type_of<ci8> = SampleType::ci8;
template <>
inline constexpr SampleType sample_type_of<ci16> = SampleType::ci16;
template <>
inline constexpr SampleType sample_type_of<ci32> = SampleType::ci32;
template <>
inline constexpr SampleType sample_type_of<cu8> = SampleType::cu8;
template <>
inline constexpr SampleType sample_type_of<cu16> = SampleType::cu16;
template <>
inline constexpr SampleType sample_type_of<cu32> = SampleType::cu32;

/// Bytes of one sample; 0 for `any`.
std::size_t size_of(SampleType type);
bool is_complex(SampleType type);
bool is_integer(SampleType type);
/// "cf32", "ci16", …
std::string_view name_of(SampleType type);
/// Understands "cf32" and the plain C++ names ("f32" is rf32); nothing for anything else.
std::optional<SampleType> parse_sample_type(std::string_view name);
/// The floating-point type that an integer type turns into implicitly (ci16 -> cf32, ru8 -> rf32); itself for floats.
SampleType float_of(SampleType type);

}  // namespace flowspan
