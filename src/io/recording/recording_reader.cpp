#include "io/recording/recording_reader.hpp"

#include "io/sigmf/archive.hpp"
#include "io/sigmf/collection.hpp"

#include <flowspan/io.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <regex>
#include <stdexcept>

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

NamedAs named_as(const std::string& path) {
    if (archive_path(path)) return NamedAs::sigmf_archive;
    const fs::path name = fs::path(path).filename();
    std::string extension = name.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    if (extension == ".sigmf-meta") return NamedAs::sigmf_meta;
    if (extension == ".sigmf-data") return NamedAs::sigmf_data;
    if (extension == ".sigmf-collection") return NamedAs::sigmf_collection;
    if (extension == ".wav") return NamedAs::wav;
    if (!extension.empty() && type_of_extension(extension.substr(1))) return NamedAs::typed_raw;
    Recording none;
    return extension == ".raw" && read_gqrx_name(name.string(), none) ? NamedAs::typed_raw : NamedAs::other;
}

namespace {

Recording read_by_name(const std::string& path) {
    const NamedAs named = named_as(path);
    if (named == NamedAs::sigmf_meta) return read_sigmf(path);
    if (named == NamedAs::sigmf_data) {
        Recording recording = read_sigmf(fs::path(path).replace_extension(".sigmf-meta").string());
        recording.path = path;
        return recording;
    }
    if (named == NamedAs::sigmf_archive) return read_sigmf_archive(path);
    if (named == NamedAs::wav) return read_wav(path);
    if (named == NamedAs::sigmf_collection) refuse_collection(path);
    return read_raw(path);
}

}  // namespace

Recording read_recording(const std::string& path) {
    Recording recording = read_by_name(path);
    const std::string& file = recording.data_path.empty() ? recording.path : recording.data_path;
    std::error_code none;
    recording.identity = fs::weakly_canonical(file, none).string();
    if (none) recording.identity = fs::path(file).lexically_normal().string();
    if (const auto within = archive_path(path); within && within->name) recording.identity += "#" + *within->name;
    return recording;
}

Recording read_raw(const std::string& path) {
    Recording recording;
    recording.path = recording.data_path = path;
    recording.format = "raw";
    recording.data_bytes = File::open_to_read(path).size();
    const fs::path name = fs::path(path).filename();
    if (!read_gqrx_name(name.string(), recording)) {
        const std::string extension = name.extension().string();
        recording.type = type_of_extension(extension.empty() ? "" : extension.substr(1)).value_or(SampleType::any);
        read_tokens(name.stem().string(), recording);
    }
    RecordingFacts& facts = recording;
    if (facts.type != SampleType::any) facts = as_datatype(facts, {facts.type, facts.big_endian});
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
    odd.expected = fmt::format("a whole number of {} samples of {} bytes", sigmf_datatype(r.type, r.big_endian),
                               size_of(r.type) * r.channels);
    odd.got = fmt::format("{} byte{} behind the last of {}", r.tail_bytes, r.tail_bytes == 1 ? "" : "s", r.length);
    odd.hint = "is it cut off, or of another `datatype`? `tail: warn` leaves them out";
    throw Refused(std::move(odd), ExitCode::file);
}

}  // namespace flowspan::io
