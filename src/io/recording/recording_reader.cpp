#include "io/recording/recording_reader.hpp"

#include "io/formats/formats.hpp"
#include "io/recording/flat_reader.hpp"
#include "io/sigmf/archive.hpp"
#include "io/sigmf/collection.hpp"

#include <flowspan/io.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <regex>
#include <span>
#include <stdexcept>
#include <vector>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

/// A number with a suffix, as "433.92M" or "250ksps" in a name; the scale of the suffix is applied.
struct Token {
    double value = 0;
    enum class Kind { frequency, rate } kind = Kind::frequency;
    bool plain = false;  // the suffix is only M or k: a hint, no statement
};

std::optional<Token> parse_token(const std::string& text) {
    static const std::regex form(R"((\d+(?:\.\d+)?)(M|k|[GMk]?Hz|[Mk]?sps))");
    std::smatch match;
    if (!std::regex_match(text, match, form)) return std::nullopt;
    const std::string suffix = match[2];
    Token token{std::strtod(match[1].str().c_str(), nullptr), Token::Kind::frequency, suffix.size() == 1};
    token.value *= suffix[0] == 'G' ? 1e9 : suffix[0] == 'M' ? 1e6 : suffix[0] == 'k' ? 1e3 : 1;
    if (suffix == "k" || suffix.ends_with("sps")) token.kind = Token::Kind::rate;
    return token;
}

/// Rate and frequency from names as rtl_433 writes them: g001_433.92M_250k.cu8, x_2457MHz_20Msps.cf32. A bare M and k count
/// only together: one of them alone may mean anything.
void read_tokens(const std::string& stem, Recording& recording) {
    std::optional<Token> frequency, rate;
    for (std::size_t begin = 0; begin <= stem.size();) {
        const std::size_t end = std::min(stem.find('_', begin), stem.size());
        if (const auto token = parse_token(stem.substr(begin, end - begin)))
            (token->kind == Token::Kind::frequency ? frequency : rate) = token;
        begin = end + 1;
    }
    const bool both = frequency && rate;
    // Nonsense is no statement.
    if (frequency && (!frequency->plain || both) && is_frequency(frequency->value)) recording.frequency = frequency->value;
    if (rate && (!rate->plain || both)) recording.sample_rate = rate_of(rate->value);
}

/// gqrx_20190829_190820_433920000_1800000_fc.raw: UTC, frequency, rate; complex float.
bool read_gqrx_name(const std::string& name, Recording& recording) {
    static const std::regex form(R"(gqrx_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_(\d{1,15})_(\d{1,10})_fc\.raw)");
    std::smatch match;
    if (!std::regex_match(name, match, form)) return false;
    Capture capture;
    try {
        capture.utc = parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:{}Z", match[1].str(), match[2].str(), match[3].str(),
                                                match[4].str(), match[5].str(), match[6].str()));
    } catch (const std::invalid_argument&) {
        return false;  // the 13th month: no name of Gqrx
    }
    recording.type = SampleType::cf32;
    recording.frequency = capture.frequency = std::stod(match[7]);
    recording.sample_rate = rate_of(std::stod(match[8]));
    recording.captures = {capture};
    return true;
}

}  // namespace

std::optional<Rational> rate_of(double hz) {
    if (!(hz >= 1e-6 && hz <= 1e12)) return std::nullopt;
    return Rational::nearest(hz);
}

bool is_frequency(double hz) { return std::abs(hz) <= 1e15; }

bool is_named_as_raw(const std::string& path) {
    const fs::path name = fs::path(path).filename();
    const std::string extension = extension_of(path);
    if (!extension.empty() && type_of_extension(extension)) return true;
    Recording none;
    return extension == "raw" && read_gqrx_name(name.string(), none);
}

namespace {

[[noreturn]] void refuse_unread(const std::string& path, const Unread& unread) {
    Diagnostic mistake;
    mistake.at.file = path;
    mistake.expected = "a recording in a format that flowspan reads";
    mistake.got = unread.name;
    mistake.hint = unread.hint;
    throw Refused(std::move(mistake), ExitCode::file);
}

}  // namespace

const RecordingFormat* format_of(const std::string& path, std::span<const std::byte> head) {
    for (const auto& format : formats())
        if (format->holds(head)) return format.get();
    if (const auto unread = known_unread(path, head)) refuse_unread(path, *unread);
    for (const auto& format : formats())
        if (format->named(path)) return format.get();
    return nullptr;
}

NamedAs named_as(const std::string& path) {
    const std::string extension = extension_of(path);
    if (extension == "sigmf-meta") return NamedAs::sigmf_meta;
    if (extension == "sigmf-data") return NamedAs::sigmf_data;
    if (extension == "sigmf-collection") return NamedAs::sigmf_collection;
    const bool known = std::any_of(formats().begin(), formats().end(), [&](const auto& f) { return f->named(path); });
    return known ? NamedAs::recording : NamedAs::other;
}

namespace {

std::vector<std::byte> head_of(const std::string& path) {
    constexpr std::uint64_t most = 4096;
    const File file = File::open_to_read(path);
    std::vector<std::byte> head(std::size_t(std::min(most, file.size())));
    file.read(0, head);
    return head;
}

Recording read_stdin() {
    Recording recording;
    recording.path = recording.data_path = recording.identity = "-";
    recording.format = "raw";
    recording.seeks = recording.length_known = false;
    return recording;
}

Recording read_file(const std::string& path) {
    if (path == "-") return read_stdin();
    const NamedAs named = named_as(path);
    if (named == NamedAs::sigmf_meta) return read_sigmf(path);
    if (named == NamedAs::sigmf_data) {
        Recording recording = read_sigmf(fs::path(path).replace_extension(".sigmf-meta").string());
        recording.path = path;
        return recording;
    }
    if (named == NamedAs::sigmf_collection) refuse_collection(path);
    if (const auto within = archive_path(path); within && within->name) return read_sigmf_archive(path);
    const std::vector<std::byte> head = head_of(path);
    const RecordingFormat* const format = format_of(path, head);
    if (format == nullptr) return read_raw(path);
    Recording recording = format->facts(path);
    if (named == NamedAs::recording && !format->named(path))
        recording.warnings.push_back(
            fmt::format("by its name it is something else; it is read as {}, as which it begins", recording.format));
    return recording;
}

}  // namespace

Recording read_recording(const std::string& path) {
    Recording recording = read_file(path);
    if (path == "-") return recording;
    const std::string& file = recording.data_path.empty() ? recording.path : recording.data_path;
    std::error_code none;
    recording.identity = fs::weakly_canonical(file, none).string();
    if (none) recording.identity = fs::path(file).lexically_normal().string();
    if (const auto within = archive_path(path); within && within->name) recording.identity += "#" + *within->name;
    return recording;
}

Recording read_raw(const std::string& path) {
    Recording recording = named_raw(path);
    recording.data_bytes = File::open_to_read(path).size();
    RecordingFacts& facts = recording;
    if (facts.type != SampleType::any) facts = as_datatype(facts, {facts.type, facts.big_endian});
    return recording;
}

Recording named_raw(const std::string& path) {
    Recording recording;
    recording.path = recording.data_path = path;
    recording.format = "raw";
    const fs::path name = fs::path(path).filename();
    if (!read_gqrx_name(name.string(), recording)) {
        const std::string extension = name.extension().string();
        recording.type = type_of_extension(extension.empty() ? "" : extension.substr(1)).value_or(SampleType::any);
        read_tokens(name.stem().string(), recording);
    }
    return recording;
}

RecordingFacts as_datatype(const RecordingFacts& recording, const Datatype& datatype) {
    RecordingFacts seen = recording;
    seen.type = datatype.type;
    seen.big_endian = datatype.big_endian;
    const std::uint64_t size = size_of(datatype.type) * recording.channels;
    seen.length = recording.data_bytes / size;
    seen.tail_bytes = recording.data_bytes - seen.length * size;
    return seen;
}

void refuse_tail(const RecordingFacts& r) {
    Diagnostic odd;
    odd.at.file = r.data_path;
    odd.expected =
        fmt::format("a whole number of {} samples of {} bytes", sigmf_datatype(r.type, r.big_endian), stored_bytes(r));
    odd.got = fmt::format("{} byte{} behind the last of {}", r.tail_bytes, r.tail_bytes == 1 ? "" : "s", r.length);
    odd.hint = "is it cut off, or of another `datatype`? `tail: warn` leaves them out";
    throw Refused(std::move(odd), ExitCode::file);
}

}  // namespace flowspan::io
