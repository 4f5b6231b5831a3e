#include "graph/names.hpp"

#include "graph/spec.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace flowspan::graph {
namespace {

/// Insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal string alignment).
std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t(0));
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t k = 1; k <= b.size(); ++k) {
            const std::size_t replaced = above[k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1);
            row[k] = std::min({above[k] + 1, row[k - 1] + 1, replaced});
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) row[k] = std::min(row[k], before[k - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

}  // namespace

std::string nearest_name(const std::string& name, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = name.size() / 3 + 1;
    for (const std::string& candidate : known) {
        const std::size_t longer = std::max(candidate.size(), name.size()), shorter = std::min(candidate.size(), name.size());
        if (longer - shorter >= best_distance) continue;
        const std::size_t distance = edit_distance(name, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
    return text;
}

std::string hint_for(const std::string& name, const std::vector<std::string>& known, const std::string& otherwise) {
    const std::string nearest = nearest_name(name, known);
    if (!nearest.empty()) return "did you mean `" + nearest + "`?";
    if (known.empty() || otherwise.empty()) return {};
    return otherwise + joined(known, ", ");
}

bool is_name(std::string_view text) {
    if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front())) != 0 || text.front() == '-') return false;
    return std::all_of(text.begin(), text.end(), is_name_character);
}

bool is_name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\n')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n')) text.remove_suffix(1);
    return text;
}

std::string shown(const Node& node) {
    switch (node.kind) {
        case Node::Kind::null:
            return "nothing";
        case Node::Kind::list:
            return "a list";
        case Node::Kind::map:
            return "a map";
        case Node::Kind::scalar:
            break;
    }
    return node.text.empty() ? "an empty text" : node.text;
}

std::string index_ranges(std::vector<int> indices) {
    std::sort(indices.begin(), indices.end());
    std::string text;
    for (std::size_t i = 0; i < indices.size();) {
        std::size_t k = i;
        while (k + 1 < indices.size() && indices[k + 1] <= indices[k] + 1) ++k;
        text += (text.empty() ? "" : ",") + std::to_string(indices[i]);
        if (indices[k] > indices[i]) text += "-" + std::to_string(indices[k]);
        i = k + 1;
    }
    return text;
}

}  // namespace flowspan::graph
