#include "core/type_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace flowspan {
namespace {

struct Entry {
    SampleType type;
    std::string_view name;
    std::size_t size;
    bool complex, integer;
    SampleType as_float;
    std::string_view cpp, gnuradio, numpy;  // "" where there is none
};

using enum SampleType;
constexpr std::array<Entry, 17> table{{
    {any, "any", 0, false, false, any, "", "", ""},
    {rf32, "rf32", 4, false, false, rf32, "float", "float f32", "float32"},
    {rf64, "rf64", 8, false, false, rf64, "double", "f64", "float64"},
    {ri8, "ri8", 1, false, true, rf32, "std::int8_t", "s8", "int8"},
    {ri16, "ri16", 2, false, true, rf32, "std::int16_t", "short s16", "int16"},
    {ri32, "ri32", 4, false, true, rf32, "std::int32_t", "int s32", "int32"},
    {ru8, "ru8", 1, false, true, rf32, "std::uint8_t", "byte", "uint8"},
    {ru16, "ru16", 2, false, true, rf32, "std::uint16_t", "", "uint16"},
    {ru32, "ru32", 4, false, true, rf32, "std::uint32_t", "", "uint32"},
    {cf32, "cf32", 8, true, false, cf32, "std::complex<float>", "complex fc32", "complex64"},
    {cf64, "cf64", 16, true, false, cf64, "std::complex<double>", "fc64", "complex128"},
    {ci8, "ci8", 2, true, true, cf32, "flowspan::Complex<std::int8_t>", "sc8", ""},
    {ci16, "ci16", 4, true, true, cf32, "flowspan::Complex<std::int16_t>", "sc16", ""},
    {ci32, "ci32", 8, true, true, cf32, "flowspan::Complex<std::int32_t>", "sc32", ""},
    {cu8, "cu8", 2, true, true, cf32, "flowspan::Complex<std::uint8_t>", "", ""},
    {cu16, "cu16", 4, true, true, cf32, "flowspan::Complex<std::uint16_t>", "", ""},
    {cu32, "cu32", 8, true, true, cf32, "flowspan::Complex<std::uint32_t>", "", ""},
}};

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        words.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

const Entry& entry(SampleType type) { return table[std::size_t(type)]; }

}  // namespace

std::size_t size_of(SampleType type) { return entry(type).size; }
bool is_complex(SampleType type) { return entry(type).complex; }
bool is_integer(SampleType type) { return entry(type).integer; }
std::string_view name_of(SampleType type) { return entry(type).name; }
SampleType float_of(SampleType type) { return entry(type).as_float; }

std::optional<SampleType> parse_sample_type(std::string_view name) {
    for (const Entry& e : table) {
        if (e.type == any) continue;
        if (e.name == name || (!e.complex && e.name.substr(1) == name)) return e.type;
    }
    return std::nullopt;
}

std::vector<TypeNames> type_names() {
    std::vector<TypeNames> all;
    for (const Entry& e : table)
        if (e.type != any) all.push_back({e.type, e.name, e.cpp, words_of(e.gnuradio), e.numpy});
    return all;
}

std::string hint_of_type(std::string_view name) {
    const auto said = [&](std::string_view whose, std::string_view type) {
        return fmt::format("{} `{}` is `{}`", whose, name, type);
    };
    const std::string standard = "std::" + std::string(name);
    for (const TypeNames& t : type_names()) {
        for (const std::string_view word : t.gnuradio)
            if (word == name) return said("GNU Radio's", t.name);
        if (!name.empty() && t.numpy == name) return said("NumPy's", t.name);
        if (t.cpp == name || t.cpp == standard) return said("C++'s", t.name);
    }
    return "";
}

}  // namespace flowspan
