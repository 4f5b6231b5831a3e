#include "graph/mistakes/bare_names.hpp"

#include "core/numbers/quantity.hpp"
#include "graph/text/keys.hpp"

#include <algorithm>
#include <cctype>

namespace flowspan::graph {
namespace {

bool begins_word(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; }

/// A word that may follow a number: `kHz` of `2 kHz`.
bool is_unit(const std::string& word) {
    const auto all = unit_symbols();
    return std::find(all.begin(), all.end(), word) != all.end();
}

}  // namespace

std::string with_dollars(const std::string& text, const std::function<bool(const std::string& name)>& is_known) {
    std::string result;
    bool any = false;
    for (std::size_t i = 0; i < text.size();) {
        const bool follows = i > 0 && (is_in_word(text[i - 1]) || text[i - 1] == '$' || text[i - 1] == '{');
        if (!begins_word(text[i]) || follows) {
            result += text[i++];
            continue;
        }
        std::size_t end = i;
        while (end < text.size() && is_in_word(text[end])) ++end;
        const std::string word = text.substr(i, end - i);
        if (is_known(word)) {
            result += "$" + word;
            any = true;
        } else if (std::find(keys::functions.begin(), keys::functions.end(), word) != keys::functions.end() || is_unit(word)) {
            result += word;
        } else {
            return {};
        }
        i = end;
    }
    return any ? result : std::string();
}

}  // namespace flowspan::graph
