#include "io/formats/datatype.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <utility>

namespace flowspan::io {

std::optional<Datatype> parse_datatype(std::string_view name) {
    Datatype datatype{SampleType::any, std::endian::native == std::endian::big};
    if (name.ends_with("_le") || name.ends_with("_be")) {
        datatype.big_endian = name.ends_with("_be");
        name.remove_suffix(3);
    }
    // Types of one byte have no order, and the plain C++ names ("f32") are none of SigMF's.
    const auto type = parse_sample_type(name);
    if (!type || *type == SampleType::any || name_of(*type) != name) return std::nullopt;
    datatype.type = *type;
    if (component_size(*type) == 1) datatype.big_endian = false;
    return datatype;
}

std::optional<Datatype> parse_sigmf_datatype(std::string_view name) {
    const bool suffixed = name.ends_with("_le") || name.ends_with("_be");
    const auto datatype = parse_datatype(name);
    if (!datatype || suffixed == (component_size(datatype->type) == 1)) return std::nullopt;
    return datatype;
}

std::string sigmf_datatype(SampleType type, bool big_endian) {
    std::string name(name_of(type));
    if (component_size(type) == 1) return name;
    return name + (big_endian ? "_be" : "_le");
}

std::optional<SampleType> type_of_extension(std::string_view extension) {
    // SigMF's names; those of inspectrum and rtl_433 (https://github.com/merbanan/rtl_433, fileformat.h); HackRF's transfers;
    // Universal Radio Hacker's `complex…`, which counts the bits of I and Q together.
    static constexpr auto known = std::to_array<std::pair<std::string_view, SampleType>>({
        {"cf32", SampleType::cf32},    {"fc32", SampleType::cf32},  {"cfile", SampleType::cf32},
        {"complex", SampleType::cf32}, {"cf64", SampleType::cf64},  {"fc64", SampleType::cf64},
        {"cs32", SampleType::ci32},    {"sc32", SampleType::ci32},  {"ci32", SampleType::ci32},
        {"c32", SampleType::ci32},     {"cs16", SampleType::ci16},  {"sc16", SampleType::ci16},
        {"ci16", SampleType::ci16},    {"c16", SampleType::ci16},   {"complex32s", SampleType::ci16},
        {"cs8", SampleType::ci8},      {"sc8", SampleType::ci8},    {"ci8", SampleType::ci8},
        {"c8", SampleType::ci8},       {"hackrf", SampleType::ci8}, {"complex16s", SampleType::ci8},
        {"cu32", SampleType::cu32},    {"cu16", SampleType::cu16},  {"complex32u", SampleType::cu16},
        {"cu8", SampleType::cu8},      {"uc8", SampleType::cu8},    {"complex16u", SampleType::cu8},
        {"rf32", SampleType::rf32},    {"f32", SampleType::rf32},   {"rf64", SampleType::rf64},
        {"f64", SampleType::rf64},     {"ri32", SampleType::ri32},  {"s32", SampleType::ri32},
        {"ri16", SampleType::ri16},    {"s16", SampleType::ri16},   {"ri8", SampleType::ri8},
        {"s8", SampleType::ri8},       {"ru32", SampleType::ru32},  {"u32", SampleType::ru32},
        {"ru16", SampleType::ru16},    {"u16", SampleType::ru16},   {"ru8", SampleType::ru8},
        {"u8", SampleType::ru8},
    });
    std::string lower(extension);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    for (const auto& [name, type] : known)
        if (name == lower) return type;
    return std::nullopt;
}

SampleType real_of(SampleType type) { return parse_sample_type("r" + std::string(name_of(type).substr(1))).value_or(type); }

SampleType complex_of(SampleType type) { return parse_sample_type("c" + std::string(name_of(type).substr(1))).value_or(type); }

std::size_t component_size(SampleType type) { return size_of(type) / (is_complex(type) ? 2 : 1); }

}  // namespace flowspan::io
