#include <flowspan/types.hpp>

#include <array>

namespace flowspan {
namespace {

struct Entry {
    SampleType type;
    std::string_view name;
    std::size_t size;
    bool complex, integer;
    SampleType as_float;
};

using enum SampleType;
constexpr std::array<Entry, 17> table{{
    {any, "any", 0, false, false, any},
    {rf32, "rf32", 4, false, false, rf32},
    {rf64, "rf64", 8, false, false, rf64},
    {ri8, "ri8", 1, false, true, rf32},
    {ri16, "ri16", 2, false, true, rf32},
    {ri32, "ri32", 4, false, true, rf32},
    {ru8, "ru8", 1, false, true, rf32},
    {ru16, "ru16", 2, false, true, rf32},
    {ru32, "ru32", 4, false, true, rf32},
    {cf32, "cf32", 8, true, false, cf32},
    {cf64, "cf64", 16, true, false, cf64},
    {ci8, "ci8", 2, true, true, cf32},
    {ci16, "ci16", 4, true, true, cf32},
    {ci32, "ci32", 8, true, true, cf32},
    {cu8, "cu8", 2, true, true, cf32},
    {cu16, "cu16", 4, true, true, cf32},
    {cu32, "cu32", 8, true, true, cf32},
}};

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

}  // namespace flowspan
