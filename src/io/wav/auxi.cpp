#include "io/wav/auxi.hpp"

#include "io/names/dates.hpp"
#include "io/recording/recording_reader.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <regex>
#include <string_view>
#include <type_traits>

namespace flowspan::io::wav {
namespace {

using Attributes = std::map<std::string, std::string>;

/// What XML is written in; "" where it is none.
const char* encoding_of(std::string_view bytes) {
    using namespace std::string_view_literals;
    if (bytes.starts_with("\xff\xfe"sv) || bytes.starts_with("<\0?\0"sv)) return "UTF-16LE";
    if (bytes.starts_with("\xfe\xff"sv) || bytes.starts_with("\0<\0?"sv)) return "UTF-16BE";
    if (bytes.starts_with("\xef\xbb\xbf"sv) || bytes.starts_with("<?xml"sv) || bytes.starts_with("<SDR"sv)) return "UTF-8";
    return "";
}

struct Found {
    XML_Parser parser = nullptr;
    Attributes attributes;
    bool any = false;
};

void element(void* data, const char* name, const char** attributes) {
    auto& found = *static_cast<Found*>(data);
    if (std::string_view(name) != "Definition") return;
    for (; *attributes != nullptr; attributes += 2) found.attributes.emplace(attributes[0], attributes[1]);
    found.any = true;
    XML_StopParser(found.parser, XML_FALSE);
}

/// Of the first element `Definition`; what stands behind it need not be XML. Nothing where there is none.
std::optional<Attributes> definition(const std::string& bytes, const char* encoding) {
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser(XML_ParserCreate(encoding),
                                                                                               XML_ParserFree);
    if (parser == nullptr) throw std::bad_alloc();
    Found found{parser.get(), {}, false};
    XML_SetUserData(parser.get(), &found);
    XML_SetStartElementHandler(parser.get(), element);
    XML_Parse(parser.get(), bytes.data(), int(bytes.size()), 0);
    if (!found.any) return std::nullopt;
    return found.attributes;
}

std::optional<double> number_of(const Attributes& attributes, const std::string& key) {
    const auto found = attributes.find(key);
    if (found == attributes.end()) return std::nullopt;
    double value = 0;
    const char* const end = found->second.data() + found->second.size();
    const auto [rest, error] = std::from_chars(found->second.data(), end, value);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return value;
}

/// "05-10-2020 11:57:35.959", day first, or as RFC 3339 has it.
std::optional<Dated> console_date(const std::string& text) {
    static const std::regex day_first(R"((\d\d)[-./](\d\d)[-./](\d{4})[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?Z?)");
    std::smatch m;
    if (std::regex_match(text, m, day_first)) return date_of(m[3], m[2], m[1], m[4], m[5], m[6], m[7]);
    return date_in(text);
}

Auxi read_xml(const std::string& bytes, const char* encoding) {
    Auxi said;
    const auto attributes = definition(bytes, encoding);
    if (!attributes) {
        said.warnings.emplace_back("its chunk `auxi` is XML without an element `Definition`: passed over");
        return said;
    }
    said.frequency = number_of(*attributes, "RadioCenterFreq");
    if (said.frequency && !is_frequency(*said.frequency)) said.frequency.reset();
    said.sample_rate = number_of(*attributes, "SampleRate");
    const auto text = attributes->find("CurrentTimeUTC");
    const auto dated = text == attributes->end() ? std::nullopt : console_date(text->second);
    const auto seconds = number_of(*attributes, "UTCSeconds");
    if (dated) said.start = dated->utc, said.digits = dated->digits;
    if (!seconds || !(*seconds > 0 && *seconds < 0x1p40)) return said;
    const Time since = Time(Rational::nearest(*seconds, 1'000'000));
    if (said.start && std::abs((*said.start - since).value()) >= 1)
        said.warnings.push_back(fmt::format("its chunk `auxi` says {} by CurrentTimeUTC and {} by UTCSeconds: the first counts",
                                            rfc3339(*said.start), rfc3339(since)));
    if (!said.start) said.start = since, said.digits = since.fraction() == Rational(0) ? 0 : 6;
    return said;
}

std::uint64_t number(const std::string& bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t k = size; k-- > 0;) value = value << 8 | std::uint8_t(bytes[at + k]);
    return value;
}

/// SYSTEMTIME: year, month, weekday, day, hour, minute, second, millisecond, 16 bits each.
std::optional<Dated> system_time(const std::string& bytes, std::size_t at) {
    const auto field = [&](std::size_t k) { return number(bytes, at + 2 * k, 2); };
    if (field(0) < 1990 || field(0) > 2099 || field(2) > 6 || field(7) > 999) return std::nullopt;
    const auto two = [&](std::size_t k) { return fmt::format("{:02}", field(k)); };
    return date_of(fmt::format("{}", field(0)), two(1), two(3), two(4), two(5), two(6), fmt::format("{:03}", field(7)));
}

}  // namespace

Auxi read_auxi(const std::string& bytes) {
    if (const char* encoding = encoding_of(bytes); *encoding != '\0') return read_xml(bytes, encoding);
    Auxi said;
    const auto start = bytes.size() >= 36 ? system_time(bytes, 0) : std::nullopt;
    if (!start || !system_time(bytes, 16)) {
        said.warnings.emplace_back("its chunk `auxi` says no plausible times: passed over");
        return said;
    }
    said.start = start->utc;
    said.digits = start->digits;
    said.frequency = double(number(bytes, 32, 4));
    said.frequency_in_32_bits = true;
    return said;
}

}  // namespace flowspan::io::wav
