#include "io/names/name.hpp"

#include "io/names/dates.hpp"
#include "io/names/numbers.hpp"
#include "io/recording/recording_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <regex>
#include <string_view>
#include <utility>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return text;
}

void set_date(Named& named, const std::optional<Dated>& dated) {
    if (!dated) return;
    named.utc = dated->utc;
    named.utc_digits = dated->digits;
}

void set_numbers(Named& named, const std::string& rate, const std::string& frequency) {
    if (!rate.empty()) named.rate = named_number(rate, 0);
    named.frequency = named_number(frequency, 0);
    if (named.rate && !rate_of(named.rate->value)) named.rate.reset();
    if (named.frequency && !is_frequency(named.frequency->value)) named.frequency.reset();
}

/// gqrx_20190829_190820_433920000_1800000_fc.raw, with any text before `.raw`: UTC, frequency, rate; complex float.
bool read_gqrx(const std::string& name, Named& named) {
    static const std::regex form(
        R"(gqrx_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_(\d{1,15})_(\d{1,10})_fc(?:[^0-9A-Za-z].*)?\.raw)", std::regex::icase);
    std::smatch m;
    if (!std::regex_match(name, m, form)) return false;
    const auto dated = date_of(m[1], m[2], m[3], m[4], m[5], m[6]);
    if (!dated) return false;  // the 13th month: no name of Gqrx
    set_date(named, dated);
    set_numbers(named, m[8], m[7]);
    named.datatype = Datatype{SampleType::cf32, false};
    return true;
}

/// 2024-01-19_14-51-51_1152000SPS_2212021000Hz.s16, all of them complex; behind the seconds there may be milliseconds ("-534"),
/// or, from versions with a mistake, the time in seconds since 1970 ("-1691258565.534000").
bool read_satdump(const std::string& name, Named& named) {
    static const std::regex form(
        R"((\d{4})-(\d\d)-(\d\d)_(\d\d)-(\d\d)-(\d\d)(?:-(\d{3})|-\d+\.(\d{1,9}))?_(\d+(?:\.\d+)?)SPS_)"
        R"((\d+(?:\.\d+)?)Hz.*\.([A-Za-z0-9]+))",
        std::regex::icase);
    static constexpr std::array<std::pair<std::string_view, SampleType>, 5> types{{{"s8", SampleType::ci8},
                                                                                   {"u8", SampleType::cu8},
                                                                                   {"s16", SampleType::ci16},
                                                                                   {"w16", SampleType::ci16},
                                                                                   {"f32", SampleType::cf32}}};
    std::smatch m;
    if (!std::regex_match(name, m, form)) return false;
    const auto dated = date_of(m[1], m[2], m[3], m[4], m[5], m[6], m[7].matched ? m[7] : m[8]);
    if (!dated) return false;
    set_date(named, dated);
    set_numbers(named, m[9], m[10]);
    const std::string extension = lower(m[11]);
    if (const auto type = type_of_extension(extension)) named.datatype = Datatype{*type, false};
    for (const auto& [text, type] : types)
        if (text == extension) named.datatype = Datatype{type, false};
    return true;
}

/// 20211008T150350Z_702000_STATION_iq.wav, of kiwirecorder: UTC, frequency of the dial, which is 0 Hz of `iq` alone.
bool read_kiwi(const std::string& name, Named& named) {
    static const std::regex form(R"((\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z_(\d{1,12})(?:_.*)?_([A-Za-z]+)\.wav)",
                                 std::regex::icase);
    std::smatch m;
    if (!std::regex_match(name, m, form)) return false;
    const auto dated = date_of(m[1], m[2], m[3], m[4], m[5], m[6]);
    if (!dated) return false;
    set_date(named, dated);
    if (lower(m[8]) == "iq") set_numbers(named, "", m[7]);
    return true;
}

/// Name and extension in small letters; "x_433.92MHz" has none.
std::pair<std::string, std::string> split(const std::string& name) {
    const std::string stem = fs::path(name).stem().string(), dotted = fs::path(name).extension().string();
    const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    if (dotted.size() > 1 && is_digit(stem.back()) && is_digit(dotted[1])) return {name, ""};
    return {stem, lower(dotted.empty() ? "" : dotted.substr(1))};
}

/// Samples without a header may end in these.
bool may_be_raw(const std::string& extension) {
    static constexpr std::array<std::string_view, 7> names{"", "raw", "bin", "iq", "dat", "data", "pcm"};
    return std::find(names.begin(), names.end(), extension) != names.end();
}

/// The only type that a part of the name says in SigMF's words or as an unmistakable extension: "…_ci16_le.raw", "x_cs16.bin".
std::optional<Datatype> datatype_in(const std::string& stem) {
    static const std::regex form(R"([^A-Za-z0-9]((?:[cr][iuf]|cs|sc|fc)(?:8|16|32|64))(_le|_be)?(?![A-Za-z0-9]))",
                                 std::regex::icase);
    std::optional<Datatype> only;
    for (auto m = std::sregex_iterator(stem.begin(), stem.end(), form); m != std::sregex_iterator(); ++m) {
        if (m->position() == 0) continue;  // ".cf32" is a hidden file
        const std::string word = lower((*m)[1]), order = lower((*m)[2]);
        auto found = parse_datatype(word + order);
        if (!found)
            if (const auto type = type_of_extension(word)) found = Datatype{*type, order == "_be" && component_size(*type) > 1};
        if (!found) continue;
        if (only && *only != *found) return std::nullopt;
        only = found;
    }
    return only;
}

void read_types(const std::string& stem, const std::string& extension, Named& named) {
    const auto type = type_of_extension(extension);
    const auto within = type || may_be_raw(extension) ? datatype_in(stem) : std::nullopt;
    if (type) named.datatype = Datatype{*type, within && within->type == *type && within->big_endian};
    if (!named.datatype) named.datatype = within;
    if (within && *within != *named.datatype)
        named.doubts.push_back(fmt::format("its name says {} and ends in .{}: read as {}",
                                           sigmf_datatype(within->type, within->big_endian), extension,
                                           sigmf_datatype(named.datatype->type, named.datatype->big_endian)));
}

/// Demodulated audio, as SDR# and HDSDR name it: the frequency is that of the dial.
bool is_audio(const std::string& stem) {
    static const std::regex form(R"((^|[^A-Za-z0-9])AF(?![A-Za-z0-9]))");
    return std::regex_search(stem, form);
}

}  // namespace

Named read_name(const std::string& name) {
    Named named;
    if (read_gqrx(name, named) || read_satdump(name, named) || read_kiwi(name, named)) return named;
    const auto [stem, extension] = split(name);
    read_types(stem, extension, named);
    read_numbers(stem, named);
    if (is_audio(stem)) named.frequency.reset();
    const auto dated = date_in(name);
    set_date(named, dated);
    static const std::regex by_console(R"(\d\d-[A-Za-z]{3}-\d{4} \d{6}\.\d{3} .*)");
    named.zone_guessed = dated && !dated->zone && !std::regex_match(stem, by_console);
    return named;
}

bool says_type(const std::string& name) {
    const std::string extension = split(name).second;
    return type_of_extension(extension) || (may_be_raw(extension) && read_name(name).datatype);
}

bool differs(const NamedNumber& named, double said) { return !(std::abs(named.value - said) < named.unit); }

std::string hertz_text(double hz) { return fmt::format("{:.12g} Hz", hz); }

void complete_by_name(RecordingFacts& r, const Named& named) {
    const auto contradiction = [&](const std::string& says, const std::string& header) {
        r.warnings.push_back(fmt::format("its name says {}, its header {}: the header counts", says, header));
    };
    if (named.rate && !r.sample_rate) {
        r.sample_rate = rate_of(named.rate->value);
        if (r.sample_rate) r.from_name.push_back("sample_rate");
    } else if (named.rate && differs(*named.rate, r.sample_rate->value())) {
        contradiction(hertz_text(named.rate->value) + " of rate", hertz_text(r.sample_rate->value()));
    }
    if (named.utc && r.captures.empty()) r.captures.emplace_back();
    if (named.frequency && !r.frequency) {
        r.frequency = named.frequency->value;
        for (Capture& capture : r.captures) capture.frequency = r.frequency;
        r.from_name.push_back("frequency");
    } else if (named.frequency && differs(*named.frequency, *r.frequency)) {
        contradiction(hertz_text(named.frequency->value) + " of centre frequency", hertz_text(*r.frequency));
    }
    if (named.utc && !r.captures[0].utc) {
        r.captures[0].utc = named.utc;
        r.captures[0].utc_digits = named.utc_digits;
        r.from_name.push_back("datetime");
        if (named.zone_guessed)
            r.warnings.push_back("its name says a time without its zone: read as UTC, " + rfc3339(*named.utc));
    } else if (named.utc && std::abs((*named.utc - *r.captures[0].utc).value()) > 5) {
        // (Recorders name a file a moment before or after its first sample, by a clock of their own.)
        contradiction(rfc3339(*named.utc), rfc3339(*r.captures[0].utc));
    }
    r.warnings.insert(r.warnings.end(), named.doubts.begin(), named.doubts.end());
}

void complete_audio_by_name(RecordingFacts& r) {
    Named named = read_name(fs::path(r.path).filename().string());
    if (!is_complex(r.type)) named.frequency.reset();
    complete_by_name(r, named);
}

void forget_name(RecordingFacts& r) {
    if (r.is_from_name("datatype")) r.type = SampleType::any, r.big_endian = false, r.length = 0;
    if (r.is_from_name("sample_rate")) r.sample_rate.reset();
    for (Capture& capture : r.captures) {
        if (r.is_from_name("frequency")) capture.frequency.reset();
        if (r.is_from_name("datetime")) capture.utc.reset();
    }
    if (r.is_from_name("frequency")) r.frequency.reset();
    r.from_name.clear();
}

}  // namespace flowspan::io
