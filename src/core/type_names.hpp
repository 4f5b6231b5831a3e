// What sample types are called elsewhere: one table for messages and for docs/reference/types.md.
#pragma once

#include <flowspan/types.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace flowspan {

struct TypeNames {
    SampleType type;
    std::string_view name;                   // "cf32"; SigMF's is this with the byte order: io::sigmf_datatype
    std::string_view cpp;                    // "std::complex<float>"; flowspan::cf32 names it, too
    std::vector<std::string_view> gnuradio;  // "complex", "fc32"; none where GNU Radio has no such stream
    std::string_view numpy;                  // "complex64"; "" where NumPy has no such type
};
/// All that a stream may have.
std::vector<TypeNames> type_names();

/// "GNU Radio's `complex` is `cf32`", for a name that flowspan does not know; "" where nobody else does, either.
std::string hint_of_type(std::string_view name);

}  // namespace flowspan
