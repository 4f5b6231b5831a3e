#include "batch/units/lists/texts.hpp"

#include "io/recording/layout.hpp"

namespace flowspan::batch {

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

void check_extent(const std::string& text, const Position& at, const std::string& key, Diagnostics& found) {
    if (io::parse_extent(text)) return;
    found.push_back({at,
                     key,
                     "a number of samples, seconds as 2.5 s, or UTC as 2019-08-29T19:08:20Z",
                     text.empty() ? "nothing" : text,
                     "",
                     {}});
}

bool is_utf8(std::string_view text) {
    for (std::size_t k = 0; k < text.size();) {
        const auto first = static_cast<unsigned char>(text[k]);
        const std::size_t more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : 3;
        if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || k + more >= text.size()) return false;
        for (std::size_t i = 1; i <= more; ++i)
            if ((static_cast<unsigned char>(text[k + i]) & 0xc0U) != 0x80U) return false;
        k += more + 1;
    }
    return true;
}

}  // namespace flowspan::batch
