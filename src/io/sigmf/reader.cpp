// SigMF 1.2 (https://github.com/sigmf/SigMF): what a header says, and every mistake in it under its JSON key.
#include "core/files/text.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/sigmf/dataset.hpp"
#include "io/sigmf/object.hpp"

#include <flowspan/io.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>
#include <string_view>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

/// SigMF's own names, and those with a needless or a missing byte order: without one it is little.
std::optional<Datatype> read_datatype(const Object& global, const Value& written, const std::string& form) {
    if (!written.is<std::string>()) return std::nullopt;
    if (const auto plain = parse_sigmf_datatype(written.string())) return plain;
    std::string name = written.string();
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    auto meant = parse_datatype(name);
    if (!meant) return std::nullopt;
    if (!name.ends_with("_be")) meant->big_endian = false;
    global.oddity("core:datatype", form,
                  fmt::format("{}, read as {}", quoted(written), sigmf_datatype(meant->type, meant->big_endian)));
    return meant;
}

/// A list of objects; before SigMF 1.0 an object of versions by name.
void read_extensions(const Object& global) {
    const Value* value = global.find("core:extensions");
    if (value == nullptr) return;
    std::vector<std::pair<std::string, Object>> extensions;
    if (value->is<Value::Map>()) {
        global.oddity("core:extensions", "a list of objects", "an object, whose keys are read as their names");
        for (const auto& [name, one] : value->map())
            extensions.emplace_back(name, global.inner("core:extensions." + name, one));
    } else {
        for (const Object& one : global.objects("core:extensions"))
            extensions.emplace_back(one.text("name").value_or("it"), one);
    }
    for (const auto& [name, one] : extensions) {
        const Value* optional = one.value().find("optional");
        if (optional && optional->is<bool>() && !optional->boolean())
            one.mistake("optional", "true: no extension is supported that must be understood", "false",
                        "the recording says that without " + name + " its samples mislead");
    }
}

void read_global(const Object& global, Recording& r, std::uint64_t& trailing_bytes) {
    const std::string form = "a type such as cf32_le, ci16_le or cu8";
    if (const Value* datatype = global.required("core:datatype", form)) {
        const auto parsed = read_datatype(global, *datatype, form);
        if (!parsed)
            global.mistake("core:datatype", form, quoted(*datatype));
        else
            std::tie(r.type, r.big_endian) = std::pair(parsed->type, parsed->big_endian);
    }
    if (const Value* version = global.required("core:version", "the version of SigMF, such as \"1.2.0\""))
        if (!version->is<std::string>() || !version->string().starts_with("1."))
            r.warnings.push_back("global.core:version is " + quoted(*version) + "; the header is read as SigMF 1.2");
    if (const auto rate = global.number("core:sample_rate")) {
        r.sample_rate = rate_of(*rate);
        if (!r.sample_rate) global.mistake("core:sample_rate", rate_form, fmt::format("{}", *rate));
    }
    if (const auto channels = global.count("core:num_channels")) {
        // More in a sample have no place in memory.
        const std::uint64_t most = (std::uint64_t{1} << 62) / std::max<std::size_t>(1, size_of(r.type));
        if (*channels >= 1 && *channels <= most)
            r.channels = *channels;
        else
            global.mistake("core:num_channels", fmt::format("an integer from 1 to {}", most), fmt::format("{}", *channels));
    }
    r.offset = global.count("core:offset").value_or(0);
    trailing_bytes = global.count("core:trailing_bytes").value_or(0);
    read_extensions(global);
}

void read_captures(const Object& top, Recording& r) {
    for (const Object& object : top.objects("captures")) {
        Capture capture;
        const auto start = object.count("core:sample_start", true);
        if (start && *start < r.offset)
            object.mistake("core:sample_start", fmt::format("at least core:offset, {}", r.offset), fmt::format("{}", *start));
        capture.start = start && *start >= r.offset ? *start - r.offset : 0;
        if (!r.captures.empty() && start && capture.start < r.captures.back().start)
            object.mistake("core:sample_start",
                           fmt::format("at least that of the capture before it, {}", r.captures.back().start + r.offset),
                           fmt::format("{}", *start));
        capture.header_bytes = object.count("core:header_bytes").value_or(0);
        capture.global_index = object.count("core:global_index");
        capture.frequency = object.frequency("core:frequency");
        if (const auto datetime = object.text("core:datetime")) {
            const std::string form = "a UTC time such as 2019-08-29T19:08:20.25Z";
            if (const auto read = read_time(*datetime)) {
                std::tie(capture.utc, capture.utc_digits) = std::pair(read->utc, read->digits);
                if (!read->conforms)
                    object.oddity("core:datetime", form, fmt::format("{}, read as {}", *datetime, rfc3339(read->utc)));
            } else {
                object.mistake("core:datetime", form, *datetime);
            }
        }
        r.captures.push_back(capture);
    }
}

/// Mistakes of one kind in many annotations are one line, with the first of them.
void merge_into(std::vector<std::string>& warnings, const Diagnostics& found) {
    static const std::regex index(R"(\[[0-9]+\])");
    std::map<std::pair<std::string, std::string>, std::pair<const Diagnostic*, std::size_t>> kinds;
    std::vector<decltype(kinds)::const_iterator> order;
    for (const Diagnostic& d : found) {
        const auto [kind, fresh] = kinds.try_emplace({std::regex_replace(d.key, index, "[*]"), d.expected}, &d, 0);
        ++kind->second.second;
        if (fresh) order.push_back(kind);
    }
    for (const auto& kind : order) {
        const auto& [first, count] = kind->second;
        warnings.push_back(fmt::format("{}: expected {}, got {}", first->key, first->expected, first->got));
        if (count > 1) warnings.back() += fmt::format(" ({} more of the kind)", count - 1);
    }
}

/// Annotations do not touch samples: what is wrong with them is worth a warning, not a refusal.
void check_annotations(const Object& top, Recording& r, bool has_data, const std::string& file) {
    Object::Findings found;
    const Object lenient(top.value(), "", file, found);
    std::uint64_t before = 0;
    for (const Object& object : lenient.objects("annotations")) {
        const auto start = object.count("core:sample_start", true);
        const auto count = object.count("core:sample_count");
        if (start && *start < before)
            object.mistake("core:sample_start", "annotations sorted by it", fmt::format("{}", *start));
        if (start) before = *start;
        if (has_data && start && *start + count.value_or(0) > r.offset + r.length)
            object.mistake("core:sample_start", fmt::format("an annotation within the {} samples", r.length),
                           fmt::format("one that ends at {}", *start + count.value_or(0)));
        const auto low = object.number("core:freq_lower_edge"), high = object.number("core:freq_upper_edge");
        if (low.has_value() != high.has_value())
            object.mistake(low ? "core:freq_upper_edge" : "core:freq_lower_edge", "both frequency edges or neither", "one");
    }
    found.wrong.insert(found.wrong.end(), found.odd.begin(), found.odd.end());
    merge_into(r.warnings, found.wrong);
}

void measure(const Object& top, Recording& r, std::uint64_t data_bytes, std::uint64_t trailing_bytes) {
    const std::uint64_t item = size_of(r.type) * r.channels;
    std::uint64_t other = trailing_bytes;
    for (const auto& capture : r.captures) other += std::min(capture.header_bytes, data_bytes + 1);  // (no overflow)
    if (other > data_bytes) {
        top.mistake("core:header_bytes and core:trailing_bytes", fmt::format("a data file of at least {} bytes", other),
                    fmt::format("one of {}", data_bytes), "is it cut off?");
        return;
    }
    r.length = (data_bytes - other) / item;
    r.tail_bytes = data_bytes - other - r.length * item;
    for (std::size_t k = 0; k < r.captures.size(); ++k)
        if (r.captures[k].start > r.length)
            top.mistake(fmt::format("captures[{}].core:sample_start", k),
                        fmt::format("at most the {} samples of the data file", r.length),
                        fmt::format("{}", r.captures[k].start + r.offset), "is the data file cut off?");
}

}  // namespace

Value parse_sigmf(const std::string& text, const std::string& file) {
    const auto refuse = [&](std::string expected, std::string got) {
        Diagnostic d;
        d.at.file = file;
        d.expected = std::move(expected);
        d.got = std::move(got);
        throw Refused(std::move(d), ExitCode::file);
    };
    if (text.size() > most_header_bytes) refuse("a SigMF header of at most 256 MiB", "a larger one");
    try {
        return Value::from_json(text);
    } catch (const std::invalid_argument& mistake) { refuse("a SigMF header in JSON", mistake.what()); }
    return {};
}

Recording interpret_sigmf(const Value& header, const std::string& file, std::optional<std::uint64_t> data_bytes,
                          std::uint64_t data_offset) {
    Object::Findings found;
    Recording r;
    r.format = "sigmf";
    r.header = header;
    const Object top(header, "", file, found);
    if (!top.is_map()) throw Refused(std::move(found.wrong), ExitCode::file);
    std::uint64_t trailing_bytes = 0;
    if (const Value* value = top.required("global", "an object")) {
        const Object global(*value, "global", file, found);
        if (global.is_map()) read_global(global, r, trailing_bytes);
    }
    for (const char* list : {"captures", "annotations"})
        if (header.find(list) == nullptr) r.warnings.push_back(fmt::format("{}: expected a list, got nothing", list));
    read_captures(top, r);
    // The whole of an archive lies before and after the data: positions count from its start.
    if (r.captures.empty() && data_offset != 0) r.captures.emplace_back();
    if (found.wrong.empty() && data_bytes) measure(top, r, *data_bytes, trailing_bytes);
    if (!found.wrong.empty()) throw Refused(std::move(found.wrong), ExitCode::file);
    merge_into(r.warnings, found.odd);
    check_annotations(top, r, data_bytes.has_value(), file);
    r.data_bytes = data_bytes.value_or(0);
    if (!r.captures.empty()) {
        r.captures.front().header_bytes += data_offset;
        r.frequency = r.captures.front().frequency;
    }
    return r;
}

Recording read_sigmf(const std::string& meta_path) {
    const Value header = parse_sigmf(read_text(meta_path, most_header_bytes), meta_path);
    const Dataset data = dataset_of(header, meta_path);
    Recording r = interpret_sigmf(header, meta_path,
                                  data.path.empty() ? std::nullopt : std::optional(File::open_to_read(data.path).size()));
    if (data.although_left_out) r.warnings.push_back(dataset_beats);
    r.path = meta_path;
    r.data_path = data.path;
    return r;
}

}  // namespace flowspan::io
