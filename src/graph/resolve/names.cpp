#include "graph/resolve/names.hpp"

#include "graph/spec.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <numeric>
#include <set>

namespace flowspan::graph {

std::string joined(const std::vector<std::string>& words, const std::string& between) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
    return text;
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

std::string without_indices(const std::string& name) {
    std::string plain;
    int depth = 0;
    for (const char c : name) {
        if (c == '[') ++depth;
        if (depth == 0) plain += c;
        if (c == ']') --depth;
    }
    return plain;
}

std::string without_last_index(const std::string& name) {
    const std::size_t open = name.rfind('['), close = name.rfind(']');
    return open == std::string::npos || close == std::string::npos ? name : name.substr(0, open) + name.substr(close + 1);
}

std::vector<std::string> merged_names(const std::vector<std::string>& names) {
    struct Family {
        std::vector<std::string> members;
        std::vector<std::set<int>> indices;  // by bracket
    };
    std::vector<std::string> order;
    std::map<std::string, Family> families;
    for (const std::string& name : names) {
        const auto [found, fresh] = families.try_emplace(without_indices(name));
        if (fresh) order.push_back(found->first);
        Family& family = found->second;
        family.members.push_back(name);
        std::size_t bracket = 0;
        for (std::size_t at = name.find('['); at != std::string::npos; at = name.find('[', at + 1), ++bracket) {
            family.indices.resize(std::max(family.indices.size(), bracket + 1));
            family.indices[bracket].insert(std::atoi(name.c_str() + at + 1));
        }
    }
    std::vector<std::string> merged;
    for (const std::string& base : order) {
        const Family& family = families.at(base);
        const auto combinations = std::accumulate(family.indices.begin(), family.indices.end(), std::size_t(1),
                                                  [](std::size_t n, const auto& one) { return n * one.size(); });
        if (combinations != family.members.size()) {
            merged.insert(merged.end(), family.members.begin(), family.members.end());
            continue;
        }
        const std::string& first = family.members.front();
        std::string text;
        std::size_t begin = 0;
        for (const auto& one : family.indices) {
            const std::size_t open = first.find('[', begin), close = first.find(']', open);
            text += first.substr(begin, open - begin) + "[" + index_ranges({one.begin(), one.end()}) + "]";
            begin = close + 1;
        }
        text += first.substr(begin);
        merged.push_back(text);
    }
    return merged;
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
