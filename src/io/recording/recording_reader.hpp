// Reading what a recording's header, or its name, says about it.
#pragma once

#include "io/formats/datatype.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/recording.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace flowspan::io {

/// Reads the header of a recording and looks at the size of its data; no samples are read.
///
/// SigMF by its names (`.sigmf-meta`, `.sigmf-data`), which say what is whose; any other file by what it begins with, then by
/// its name, by the first of formats() that knows it; else raw samples, about which the name may say the type (`.cf32`,
/// `.cs16`, …) and, as rtl_433 and Gqrx write it, rate and frequency. What is not said stays unset.
///
/// Throws Refused with every mistake of the header (exit code 3), each under its JSON key, and for formats that are known and
/// not read; Failure when a file cannot be read.
Recording read_recording(const std::string& path);

/// What the name of a file says about what it holds; in any case of its letters.
enum class NamedAs : std::uint8_t { other, sigmf_meta, sigmf_data, sigmf_collection, recording };
/// `other`: `read_recording` knows it by its content, or takes it as samples of unknown type.
NamedAs named_as(const std::string& path);

/// A headerless recording seen as samples of this type: its length follows from the size of the file.
RecordingFacts as_datatype(const RecordingFacts& recording, const Datatype& datatype);

/// Refuses a recording that ends within a sample.
[[noreturn]] void refuse_tail(const RecordingFacts& recording);
/// The same as a warning.
std::string tail_text(const RecordingFacts& recording);

Recording read_sigmf(const std::string& meta_path);
Recording read_sigmf_archive(const std::string& path);
Recording read_wav(const std::string& path);
bool looks_like_wav(std::span<const std::byte> head);
Recording read_raw(const std::string& path);
/// What the name alone says.
Recording named_raw(const std::string& path);
/// Whether the name of a file without a header says of what type its samples are.
bool is_named_as_raw(const std::string& path);

/// What a rate and a centre frequency may be, whatever says them.
inline constexpr const char* rate_form = "a number of samples per second from 1e-6 to 1e12";
inline constexpr const char* frequency_form = "a frequency from -1e15 to 1e15 Hz";
std::optional<Rational> rate_of(double hz);
bool is_frequency(double hz);

/// What a header may take; a claim of more is not believed.
inline constexpr std::size_t most_header_bytes = std::size_t{256} << 20;

/// A SigMF header as a value. Throws Refused when it is larger, no JSON, or nested too deep.
Value parse_sigmf(const std::string& text, const std::string& file);

/// What a SigMF header says, with `data_bytes` bytes of data (which may begin at `data_offset` of a larger file; nothing: it
/// stands alone, metadata only). `file` is the name for messages. Fills everything but the paths.
Recording interpret_sigmf(const Value& header, const std::string& file, std::optional<std::uint64_t> data_bytes,
                          std::uint64_t data_offset = 0);

/// For people: several lines, as `flowspan info` prints them.
std::string describe_recording(const Recording& recording);
/// The same in few words: path, format, samples, rate, frequency, length, begin, what is odd.
using RecordingLine = std::array<std::string, 8>;
RecordingLine line_of_recording(const Recording& recording);
/// For programs: the same facts in plain units, as `flowspan info --json` prints them.
Value recording_info(const Recording& recording);

}  // namespace flowspan::io
