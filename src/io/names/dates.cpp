#include "io/names/dates.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <regex>
#include <stdexcept>
#include <string_view>

namespace flowspan::io {

std::optional<Dated> date_of(const std::string& year, const std::string& month, const std::string& day, const std::string& hour,
                             const std::string& minute, const std::string& second, const std::string& fraction) {
    Dated dated;
    std::string text = year + "-" + month + "-" + day + "T" + hour + ":" + minute + ":" + second;
    if (!fraction.empty()) text += "." + fraction;
    try {
        dated.utc = parse_rfc3339(text + "Z", &dated.digits);
        return dated;
    } catch (const std::invalid_argument&) { return std::nullopt; }
}

std::string month_of(std::string name) {
    static constexpr std::array<std::string_view, 12> names{"jan", "feb", "mar", "apr", "may", "jun",
                                                            "jul", "aug", "sep", "oct", "nov", "dec"};
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return {};
    const auto number = found - names.begin() + 1;
    return (number < 10 ? "0" : "") + std::to_string(number);
}

std::optional<Dated> date_in(const std::string& name) {
    static const std::regex by_number(
        R"((^|[^0-9])((?:19|20)\d\d)([-.]?)(\d\d)\3(\d\d)[Tt_ -]?(\d\d)([-:.]?)(\d\d)\7(\d\d)(?:[.,](\d{1,12}))?([Zz])?(?![0-9]))");
    static const std::regex by_month(
        R"((^|[^0-9])(\d\d)-([A-Za-z]{3})-((?:19|20)\d\d)[ _](\d\d):?(\d\d):?(\d\d)(?:[.,](\d{1,12}))?([Zz])?(?![0-9]))");
    std::smatch m;
    std::optional<Dated> dated;
    if (std::regex_search(name, m, by_number)) {
        dated = date_of(m[2], m[4], m[5], m[6], m[8], m[9], m[10]);
        if (dated) dated->zone = m[11].matched;
    } else if (std::regex_search(name, m, by_month)) {
        dated = date_of(m[4], month_of(m[3]), m[2], m[5], m[6], m[7], m[8]);
        if (dated) dated->zone = m[9].matched;
    }
    return dated;
}

}  // namespace flowspan::io
