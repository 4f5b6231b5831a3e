#include "io/names/pattern.hpp"

#include "io/names/dates.hpp"
#include "io/names/numbers.hpp"
#include "io/recording/recording_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

/// A pattern as a regular expression, and what its groups are: names of fields, and of parts of a time as "%Y".
struct Form {
    std::string expression;
    std::vector<std::string> groups;
    std::set<std::string> fields;
    std::map<std::string, char> prefixes;  // of numbers, where the pattern says them

    void group(const std::string& what, const std::string& of) {
        expression += "(" + of + ")";
        groups.push_back(what);
    }
    void text(std::string_view letters) {
        for (const char c : letters) {
            if (std::string_view("^$\\.*+?()[]{}|").find(c) != std::string_view::npos) expression += '\\';
            expression += c;
        }
    }
};

void add_time(Form& form, std::string_view format) {
    static const std::map<char, std::string> parts{{'Y', R"(\d{4})"},    {'y', R"(\d{2})"},    {'m', R"(\d{2})"},
                                                   {'d', R"(\d{2})"},    {'j', R"(\d{3})"},    {'b', "[A-Za-z]{3}"},
                                                   {'H', R"(\d{2})"},    {'M', R"(\d{2})"},    {'S', R"(\d{2})"},
                                                   {'f', R"(\d{1,12})"}, {'s', R"(\d{1,12})"}, {'Z', "Z|UTC|GMT"}};
    std::set<char> seen;
    for (std::size_t k = 0; k < format.size(); ++k) {
        if (format[k] != '%') {
            form.text(format.substr(k, 1));
            continue;
        }
        const char letter = ++k < format.size() ? format[k] : '\0';
        const auto part = parts.find(letter);
        if (letter == '%')
            form.text("%");
        else if (part == parts.end() || !seen.insert(letter).second)
            throw std::invalid_argument("a time of %Y %y %m %d %j %b %H %M %S %f %s %Z %%, each at most once");
        else
            form.group(std::string("%") + letter, part->second);
    }
    const auto any = [&](std::string_view letters) {
        return std::any_of(letters.begin(), letters.end(), [&](char c) { return seen.contains(c); });
    };
    if (!seen.contains('s') && !(any("Yy") && (seen.contains('j') || (seen.contains('d') && any("mb")))))
        throw std::invalid_argument("a time with a whole date: %Y%m%d, %Y%j or %s");
}

/// The prefix that stands behind a field, alone or ahead of Hz or sps.
char prefix_in(std::string_view behind) {
    static const std::regex form(R"(([kKmMgG])(?:[hH][zZ]|[sS][pP][sS])?(?![A-Za-z]).*)");
    std::cmatch m;
    return std::regex_match(behind.data(), behind.data() + behind.size(), m, form) ? *m[1].first : '\0';
}

void add_field(Form& form, const std::string& field, std::string_view behind) {
    const std::size_t colon = field.find(':');
    const std::string name = field.substr(0, colon);
    if (!form.fields.insert(name).second) throw std::invalid_argument("each field at most once");
    if (name == "datetime" && colon != std::string::npos) {
        add_time(form, std::string_view(field).substr(colon + 1));
    } else if (name == "datetime") {
        form.group(name, R"([0-9A-Za-z_ .,:-]{13,40}?)");
    } else if ((name == "frequency" || name == "rate") && colon == std::string::npos) {
        form.group(name, R"(\d+(?:\.\d+)?(?:[eE]\d{1,3})?)");
        form.prefixes[name] = prefix_in(behind);
        if (form.prefixes[name] == '\0') form.group(name + " prefix", "[kKmMgG]?");
    } else if (name == "datatype" && colon == std::string::npos) {
        form.group(name, "[A-Za-z0-9]+(?:_[lb]e)?");
    } else {
        throw std::invalid_argument("the fields datetime (with or without a format), frequency, rate and datatype");
    }
}

Form form_of(const std::string& pattern) {
    Form form;
    for (std::size_t at = 0; at < pattern.size();) {
        const std::size_t special = std::min(pattern.find_first_of("{}*", at), pattern.size());
        form.text(std::string_view(pattern).substr(at, special - at));
        if (special == pattern.size()) break;
        at = special + 1;
        if (pattern[special] == '*') {
            form.expression += ".*";
            continue;
        }
        if (at < pattern.size() && pattern[at] == pattern[special]) {  // "{{" is a brace, as in paths of products
            form.text(std::string_view(pattern).substr(at++, 1));
            continue;
        }
        const std::size_t end = pattern[special] == '{' ? pattern.find('}', at) : std::string::npos;
        if (end == std::string::npos) throw std::invalid_argument("braces in pairs");
        add_field(form, pattern.substr(at, end - at), std::string_view(pattern).substr(end + 1));
        at = end + 1;
    }
    if (form.groups.empty()) throw std::invalid_argument("one field at least");
    return form;
}

using Parts = std::map<std::string, std::string>;

std::string part(const Parts& parts, const std::string& key, const std::string& otherwise = "") {
    const auto found = parts.find(key);
    return found == parts.end() ? otherwise : found->second;
}

std::optional<Dated> time_of(const Parts& parts) {
    if (parts.contains("datetime")) return date_in(parts.at("datetime"));
    const std::string fraction = part(parts, "%f");
    if (parts.contains("%s")) {
        std::int64_t seconds = 0;
        const std::string& text = parts.at("%s");
        std::from_chars(text.data(), text.data() + text.size(), seconds);
        const auto epoch = date_of("1970", "01", "01", "00", "00", "00", fraction);
        return Dated{Time(seconds, Rational(0)) + epoch->utc, epoch->digits, true};
    }
    std::string year = part(parts, "%Y"), month = part(parts, "%m"), day = part(parts, "%d");
    if (year.empty()) year = (part(parts, "%y") < "70" ? "20" : "19") + part(parts, "%y");
    if (parts.contains("%b")) month = month_of(parts.at("%b"));
    const std::string of_year = part(parts, "%j");
    if (!of_year.empty()) month = day = "01";
    auto dated = date_of(year, month, day, part(parts, "%H", "00"), part(parts, "%M", "00"), part(parts, "%S", "00"), fraction);
    if (!dated || of_year.empty()) return dated;
    const Time later = dated->utc + Time(std::int64_t{86400} * (std::stoi(of_year) - 1), Rational(0));
    if (std::stoi(of_year) < 1 || rfc3339(later).substr(0, 4) != year) return std::nullopt;
    dated->utc = later;
    return dated;
}

std::optional<NamedNumber> number_of(const Parts& parts, const Form& form, const std::string& name) {
    char prefix = form.prefixes.at(name);
    if (const std::string said = part(parts, name + " prefix"); !said.empty()) prefix = said[0];
    return named_number(parts.at(name), prefix);
}

std::optional<Datatype> datatype_of(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    if (auto datatype = parse_datatype(text)) return datatype;
    if (const auto type = type_of_extension(text)) return Datatype{*type, false};
    return std::nullopt;
}

std::optional<Named> named_by(const Parts& parts, const Form& form) {
    Named named;
    if (parts.contains("datetime") ||
        std::any_of(parts.begin(), parts.end(), [](const auto& p) { return p.first[0] == '%'; })) {
        const auto dated = time_of(parts);
        if (!dated) return std::nullopt;
        named.utc = dated->utc;
        named.utc_digits = dated->digits;
    }
    if (parts.contains("frequency")) {
        named.frequency = number_of(parts, form, "frequency");
        if (!named.frequency || !is_frequency(named.frequency->value)) return std::nullopt;
    }
    if (parts.contains("rate")) {
        named.rate = number_of(parts, form, "rate");
        if (!named.rate || !rate_of(named.rate->value)) return std::nullopt;
    }
    if (parts.contains("datatype")) {
        named.datatype = datatype_of(parts.at("datatype"));
        if (!named.datatype) return std::nullopt;
    }
    return named;
}

}  // namespace

std::optional<Named> match_name(const std::string& pattern, const std::string& name) {
    const Form form = form_of(pattern);
    const std::regex expression(form.expression);
    for (const std::string& seen : {name, fs::path(name).stem().string()}) {
        std::smatch m;
        if (!std::regex_match(seen, m, expression)) continue;
        Parts parts;
        for (std::size_t k = 0; k < form.groups.size(); ++k) parts[form.groups[k]] = m[k + 1];
        if (auto named = named_by(parts, form)) return named;
    }
    return std::nullopt;
}

}  // namespace flowspan::io
