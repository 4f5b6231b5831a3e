// What `flowspan info` says about a recording.
#include "io/recording/flat_reader.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/series/series.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

namespace flowspan::io {
namespace {

/// "433.92 MHz", "2 MS/s": the prefix that leaves the shortest number.
std::string with_prefix(double value, std::string_view unit) {
    static constexpr std::array<std::pair<double, const char*>, 4> prefixes{{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}}};
    for (const auto& [scale, prefix] : prefixes)
        if (std::abs(value) >= scale || scale == 1) return fmt::format("{:.12g} {}{}", value / scale, prefix, unit);
    return {};
}

std::string datatype_text(const Recording& r) {
    if (r.type == SampleType::any) return "not known: give `datatype`";
    std::string text = sigmf_datatype(r.type, r.big_endian);
    if (r.channels > 1) text += fmt::format(", {} channels", r.channels);
    return text;
}

std::string capture_text(const Capture& capture) {
    std::string text = fmt::format("from sample {}", capture.start);
    if (capture.frequency) text += ", " + with_prefix(*capture.frequency, "Hz");
    if (capture.utc) text += ", " + rfc3339(*capture.utc);
    if (capture.global_index) text += fmt::format(", global index {}", *capture.global_index);
    return text;
}

std::string header_text(const Recording& r, std::string_view key) {
    const Value* global = r.header.is<Value::Map>() ? r.header.find("global") : nullptr;
    const Value* value = global && global->is<Value::Map>() ? global->find(key) : nullptr;
    return value && value->is<std::string>() ? value->string() : std::string{};
}

std::size_t annotations_of(const Recording& r) {
    const Value* list = r.header.is<Value::Map>() ? r.header.find("annotations") : nullptr;
    return list && list->is<Value::List>() ? list->list().size() : 0;
}

}  // namespace

std::string tail_text(const RecordingFacts& r) {
    const std::uint64_t size = stored_bytes(r), n = r.tail_bytes;
    return fmt::format("{} byte{} behind the last whole {} sample of {} {} left out: is it cut off, or of another type?", n,
                       n == 1 ? "" : "s", sigmf_datatype(r.type, r.big_endian), size, n == 1 ? "is" : "are");
}

namespace {

std::vector<std::string> warnings_of(const Recording& r) {
    std::vector<std::string> all = r.warnings;
    if (r.tail_bytes > 0) all.push_back(tail_text(r));
    return all;
}

}  // namespace

std::string describe_recording(const Recording& r) {
    constexpr std::size_t shown_captures = 10;
    std::string text = r.path + "\n";
    const auto line = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) text += fmt::format("  {:<12} {}\n", name, value);
    };
    line("format", r.format);
    line("data", r.data_path.empty() ? "none (metadata only)" : fmt::format("{}, {} bytes", r.data_path, r.data_bytes));
    line("samples", datatype_text(r));
    if (r.files) line("files", fmt::format("{}", count_files(r)));
    if (r.type != SampleType::any)
        line("length", r.sample_rate ? fmt::format("{} samples, {:.6g} s", r.length, double(r.length) / r.sample_rate->value())
                                     : fmt::format("{} samples", r.length));
    line("rate", r.sample_rate ? with_prefix(r.sample_rate->value(), "S/s") : "not known: give `sample_rate`");
    line("frequency", r.frequency ? with_prefix(*r.frequency, "Hz") : "not known");
    for (const auto& [name, key] : {std::pair("description", "core:description"),
                                    {"author", "core:author"},
                                    {"recorder", "core:recorder"},
                                    {"hardware", "core:hw"},
                                    {"licence", "core:license"}})
        line(name, header_text(r, key));
    for (std::size_t k = 0; k < r.captures.size() && k < shown_captures; ++k)
        line(fmt::format("capture {}", k), capture_text(r.captures[k]));
    if (r.captures.size() > shown_captures) line("", fmt::format("… {} more captures", r.captures.size() - shown_captures));
    if (const std::size_t n = annotations_of(r)) line("annotations", fmt::format("{}", n));
    for (const auto& warning : warnings_of(r)) line("warning", warning);
    return text;
}

RecordingLine line_of_recording(const Recording& r) {
    const std::vector<std::string> warnings = warnings_of(r);
    const std::string type = r.type == SampleType::any ? "type not known" : datatype_text(r);
    const std::string length = r.type == SampleType::any ? fmt::format("{} bytes", r.data_bytes)
                               : !r.length_known         ? "length not known"
                               : r.sample_rate           ? fmt::format("{:.6g} s", double(r.length) / r.sample_rate->value())
                                                         : fmt::format("{} samples", r.length);
    const bool timed = !r.captures.empty() && r.captures.front().utc;
    return {r.path,
            r.files ? fmt::format("{} files", count_files(r)) : r.format,
            type,
            r.sample_rate ? with_prefix(r.sample_rate->value(), "S/s") : "-",
            r.frequency ? with_prefix(*r.frequency, "Hz") : "-",
            length,
            timed ? rfc3339(*r.captures.front().utc) : "-",
            warnings.empty() ? "" : fmt::format("warning: {}{}", warnings[0], warnings.size() > 1 ? ", …" : "")};
}

Value recording_info(const Recording& r) {
    const std::vector<std::string> warnings = warnings_of(r);
    Value::Map m{{"path", r.path},
                 {"format", r.format},
                 {"data", r.data_path},
                 {"data_bytes", std::int64_t(r.data_bytes)},
                 {"channels", std::int64_t(r.channels)},
                 {"length", std::int64_t(r.length)},
                 {"header", r.header},
                 {"warnings", Value::List(warnings.begin(), warnings.end())}};
    if (r.type != SampleType::any) m["datatype"] = sigmf_datatype(r.type, r.big_endian);
    if (r.sample_rate) m["sample_rate"] = r.sample_rate->value();
    if (r.sample_rate) m["seconds"] = double(r.length) / r.sample_rate->value();
    if (r.frequency) m["frequency"] = *r.frequency;
    if (!r.captures.empty() && r.captures.front().utc) m["datetime"] = rfc3339(*r.captures.front().utc);
    if (r.files) m["files"] = std::int64_t(count_files(r));
    Value::List captures;
    for (const auto& capture : r.captures) {
        Value::Map c{{"start", std::int64_t(capture.start)}};
        if (capture.frequency) c["frequency"] = *capture.frequency;
        if (capture.utc) c["datetime"] = rfc3339(*capture.utc);
        if (capture.global_index) c["global_index"] = std::int64_t(*capture.global_index);
        captures.emplace_back(std::move(c));
    }
    m["captures"] = std::move(captures);
    return m;
}

}  // namespace flowspan::io
