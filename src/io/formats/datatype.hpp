// Names of sample types in files: SigMF's, with byte order, and those that recorders use as file extensions.
#pragma once

#include <flowspan/types.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace flowspan::io {

struct Datatype {
    SampleType type = SampleType::any;
    bool big_endian = false;
    friend bool operator==(const Datatype&, const Datatype&) = default;
};

/// SigMF's grammar: (r|c)(f32|f64|i32|i16|u32|u16)(_le|_be), or (r|c)(i8|u8) without a suffix. Nothing for anything else.
std::optional<Datatype> parse_sigmf_datatype(std::string_view name);
/// What a person may write for it: SigMF's names, and the same without a suffix for the machine's own byte order.
std::optional<Datatype> parse_datatype(std::string_view name);
/// "ci16_le", "cu8".
std::string sigmf_datatype(SampleType type, bool big_endian = false);
/// The type that an extension says: cf32, cfile, fc32, cs16, sc16, … (without the dot, in any case).
std::optional<SampleType> type_of_extension(std::string_view extension);
/// The type of I, and of Q; the type of which these are. Itself for a type that is so already.
SampleType real_of(SampleType type);
SampleType complex_of(SampleType type);
/// Bytes of one real number of the type: half a complex sample.
std::size_t component_size(SampleType type);

}  // namespace flowspan::io
