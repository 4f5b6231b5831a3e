// SigMF 1.2 (https://github.com/sigmf/SigMF): what a header says, and every mistake in it under its JSON key.
#include "core/files/text.hpp"
#include "io/recording/recording_reader.hpp"

#include <flowspan/io.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>
#include <string_view>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

std::string quoted(const Value& value) {
    const std::string text = value.json();
    return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

/// One JSON object of the header: reads its keys and notes what is wrong with them.
class Object {
public:
    Object(const Value& value, std::string name, const std::string& file, Diagnostics& found)
        : value_(value), name_(std::move(name)), file_(file), found_(found) {}

    void mistake(const std::string& key, std::string expected, std::string got, std::string hint = {}) const {
        Diagnostic d;
        d.at.file = file_;
        d.key = name_.empty() ? key : key.empty() ? name_ : name_ + "." + key;
        d.expected = std::move(expected);
        d.got = std::move(got);
        d.hint = std::move(hint);
        found_.push_back(std::move(d));
    }
    bool is_map() const {
        if (!value_.is<Value::Map>()) mistake("", "an object", quoted(value_));
        return value_.is<Value::Map>();
    }
    /// Notes the absence of a required key.
    const Value* required(const std::string& key, const std::string& expected) const {
        const Value* value = value_.find(key);
        if (!value) mistake(key, expected, "nothing");
        return value;
    }
    std::optional<std::uint64_t> count(const std::string& key, bool must = false) const {
        const std::string expected = "an integer >= 0";
        const Value* value = must ? required(key, expected) : value_.find(key);
        if (!value) return std::nullopt;
        // Some writers store integers as 5.0.
        const bool whole = value->is<double>() && std::floor(value->real()) == value->real() && value->real() < 0x1p63;
        if (value->is<std::int64_t>() && value->integer() >= 0) return std::uint64_t(value->integer());
        if (whole && value->real() >= 0) return std::uint64_t(value->real());
        const bool large = value->is<double>() && value->real() >= 0x1p63;
        mistake(key, large ? "an integer below 2^63" : expected, quoted(*value));
        return std::nullopt;
    }
    std::optional<double> frequency(const std::string& key) const {
        const auto value = number(key);
        if (!value || is_frequency(*value)) return value;
        mistake(key, frequency_form, fmt::format("{}", *value));
        return std::nullopt;
    }
    std::optional<double> number(const std::string& key) const {
        const Value* value = value_.find(key);
        if (!value) return std::nullopt;
        if (value->is<double>() || value->is<std::int64_t>()) return value->real();
        mistake(key, "a number", quoted(*value));
        return std::nullopt;
    }
    std::optional<std::string> text(const std::string& key) const {
        const Value* value = value_.find(key);
        if (!value) return std::nullopt;
        if (value->is<std::string>()) return value->string();
        mistake(key, "a text", quoted(*value));
        return std::nullopt;
    }
    /// The objects of a list; an absent list is empty.
    std::vector<Object> objects(const std::string& key) const {
        std::vector<Object> list;
        const Value* value = value_.find(key);
        if (!value) return list;
        if (!value->is<Value::List>()) {
            mistake(key, "a list", quoted(*value));
            return list;
        }
        for (const auto& element : value->list()) {
            Object object(element, fmt::format("{}[{}]", name_.empty() ? key : name_ + "." + key, list.size()), file_, found_);
            if (!object.is_map()) return {};
            list.push_back(std::move(object));
        }
        return list;
    }
    const Value& value() const { return value_; }

private:
    const Value& value_;
    std::string name_;
    const std::string& file_;
    Diagnostics& found_;
};

void read_global(const Object& global, Recording& r, std::uint64_t& trailing_bytes) {
    const std::string form = "a type such as cf32_le, ci16_le or cu8";
    if (const Value* datatype = global.required("core:datatype", form)) {
        const auto parsed = datatype->is<std::string>() ? parse_sigmf_datatype(datatype->string()) : std::nullopt;
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
    for (const Object& extension : global.objects("core:extensions")) {
        const Value* optional = extension.value().find("optional");
        if (optional && optional->is<bool>() && !optional->boolean())
            extension.mistake(
                "optional", "true: no extension is supported that must be understood", "false",
                "the recording says that without " + extension.text("name").value_or("it") + " its samples mislead");
    }
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
            try {
                capture.utc = parse_rfc3339(*datetime, &capture.utc_digits);
            } catch (const std::invalid_argument&) {
                object.mistake("core:datetime", "a UTC time such as 2019-08-29T19:08:20.25Z", *datetime);
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
    Diagnostics found;
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
    merge_into(r.warnings, found);
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
    if (const std::uint64_t odd = data_bytes - other - r.length * item; odd != 0)
        top.mistake("",
                    fmt::format("a data file with a whole number of {} samples of {} bytes",
                                sigmf_datatype(r.type, r.big_endian), item),
                    fmt::format("{} bytes, {} too many", data_bytes, odd), "is it cut off?");
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
    Diagnostics found;
    Recording r;
    r.format = "sigmf";
    r.header = header;
    const Object top(header, "", file, found);
    if (!top.is_map()) throw Refused(std::move(found), ExitCode::file);
    std::uint64_t trailing_bytes = 0;
    if (const Value* value = top.required("global", "an object")) {
        const Object global(*value, "global", file, found);
        if (global.is_map()) read_global(global, r, trailing_bytes);
    }
    for (const char* list : {"captures", "annotations"})
        if (!header.find(list)) r.warnings.push_back(fmt::format("{}: expected a list, got nothing", list));
    read_captures(top, r);
    // The whole of an archive lies before and after the data: positions count from its start.
    if (r.captures.empty() && data_offset != 0) r.captures.emplace_back();
    if (found.empty() && data_bytes) measure(top, r, *data_bytes, trailing_bytes);
    if (found.empty()) check_annotations(top, r, data_bytes.has_value(), file);
    if (!found.empty()) throw Refused(std::move(found), ExitCode::file);
    r.data_bytes = data_bytes.value_or(0);
    if (!r.captures.empty()) {
        r.captures.front().header_bytes += data_offset;
        r.frequency = r.captures.front().frequency;
    }
    return r;
}

Recording read_sigmf(const std::string& meta_path) {
    const Value header = parse_sigmf(read_text(meta_path, most_header_bytes), meta_path);

    const Value* global = header.is<Value::Map>() ? header.find("global") : nullptr;
    const auto entry = [&](const char* key) { return global && global->is<Value::Map>() ? global->find(key) : nullptr; };
    const Value* only = entry("core:metadata_only");
    std::string data_path = fs::path(meta_path).replace_extension(".sigmf-data").string();
    bool metadata_only = only && only->is<bool>() && only->boolean();
    // What we have written elsewhere tells where its samples are.
    const Value* dataset = entry(metadata_only ? "flowspan:dataset" : "core:dataset");
    if (dataset && dataset->is<std::string>()) {
        data_path = (fs::path(meta_path).parent_path() / dataset->string()).lexically_normal().string();
        std::error_code none;
        metadata_only = metadata_only && !fs::is_regular_file(data_path, none);
    }
    Recording r =
        interpret_sigmf(header, meta_path, metadata_only ? std::nullopt : std::optional(File::open_to_read(data_path).size()));
    r.path = meta_path;
    if (!metadata_only) r.data_path = data_path;
    return r;
}

}  // namespace flowspan::io
