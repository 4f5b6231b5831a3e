#include "graph/resolve/endpoint.hpp"

#include "core/numbers/quantity.hpp"
#include "graph/resolve/names.hpp"

#include <algorithm>
#include <limits>

namespace flowspan::graph {
namespace {

std::optional<int> index_of(std::string_view text) {
    text = trimmed(text);
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    const auto value = parse_integer(text);
    if (!value || *value > std::numeric_limits<int>::max() - 1) return std::nullopt;
    return int(*value);
}

std::optional<Selector> parse_selector(const std::string& text) {
    Selector selector;
    selector.text = std::string(trimmed(text));
    if (selector.text == "*") {
        selector.all = true;
        return selector;
    }
    for (const auto& [piece, offset] : split_outside_brackets(text, ",")) {
        const std::size_t dash = piece.find('-');
        const auto first = index_of(std::string_view(piece).substr(0, dash));
        const auto last = dash == std::string::npos ? first : index_of(std::string_view(piece).substr(dash + 1));
        if (!first || !last || *last < *first) return std::nullopt;
        selector.ranges.emplace_back(*first, *last);
    }
    return selector;
}

/// Moves past a name and an optional selector behind it.
struct Scanner {
    const std::string& text;
    std::size_t at = 0;

    std::string name() {
        const std::size_t begin = at;
        while (at < text.size() && is_name_character(text[at])) ++at;
        return text.substr(begin, at - begin);
    }
    bool selector(std::optional<Selector>& into, std::string& why) {
        if (at >= text.size() || text[at] != '[') return true;
        const std::size_t end = text.find(']', at);
        if (end == std::string::npos) {
            why = "a `]`";
            return false;
        }
        into = parse_selector(text.substr(at + 1, end - at - 1));
        at = end + 1;
        if (!into) why = "`[*]`, `[3]`, `[0-7]` or `[1,4]`";
        return into.has_value();
    }
};

}  // namespace

std::optional<std::vector<int>> Selector::pick(int size) const {
    std::vector<int> picked;
    if (all)
        for (int i = 0; i < size; ++i) picked.push_back(i);
    for (const auto& [first, last] : ranges) {
        if (last >= size) return std::nullopt;
        if (picked.size() + std::size_t(last - first) >= std::size_t(size)) return std::nullopt;
        for (int i = first; i <= last; ++i) picked.push_back(i);
    }
    return picked;
}

bool Selector::has(int index) const {
    return all || std::any_of(ranges.begin(), ranges.end(),
                              [&](const auto& range) { return range.first <= index && index <= range.second; });
}

int Selector::size() const {
    std::int64_t n = 0;
    for (const auto& [first, last] : ranges) n += std::int64_t(last) - first + 1;
    return int(std::min<std::int64_t>(n, std::numeric_limits<int>::max()));
}

std::optional<Endpoint> parse_endpoint(const std::string& text, std::size_t offset, std::string& why) {
    Endpoint endpoint;
    endpoint.text = text;
    endpoint.offset = offset;
    Scanner scanner{text};
    endpoint.block = scanner.name();
    if (!is_name(endpoint.block)) {
        why = "a block, such as `name`, `name.port` or `name[*]`";
        return std::nullopt;
    }
    if (!scanner.selector(endpoint.copies, why)) return std::nullopt;
    if (scanner.at < text.size() && text[scanner.at] == '.') {
        ++scanner.at;
        endpoint.port = scanner.name();
        if (!is_name(endpoint.port)) {
            why = "a port after the dot";
            return std::nullopt;
        }
        if (!scanner.selector(endpoint.ports, why)) return std::nullopt;
    }
    if (scanner.at != text.size()) {
        why = "a block, such as `name`, `name.port` or `name[*]`";
        return std::nullopt;
    }
    return endpoint;
}

std::optional<Path> parse_path(const std::string& text, std::size_t offset, std::string& why) {
    Path path{text, offset, {}};
    Scanner scanner{text};
    for (;;) {
        PathStep step;
        step.name = scanner.name();
        if (!is_name(step.name)) break;
        if (!scanner.selector(step.copies, why)) return std::nullopt;
        path.steps.push_back(std::move(step));
        if (scanner.at == text.size()) return path;
        if (text[scanner.at] != '.') break;
        ++scanner.at;
    }
    why = "a block, such as `name` or `name[*]`";
    return std::nullopt;
}

std::vector<std::pair<std::string, std::size_t>> split_outside_brackets(const std::string& text, const std::string& separator) {
    std::vector<std::pair<std::string, std::size_t>> pieces;
    const auto add = [&](std::size_t begin, std::size_t end) {
        const std::string_view whole(text);
        const std::string_view piece = trimmed(whole.substr(begin, end - begin));
        pieces.emplace_back(std::string(piece), piece.empty() ? begin : std::size_t(piece.data() - whole.data()));
    };
    std::size_t begin = 0;
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '[') ++depth;
        if (text[i] == ']') --depth;
        if (depth <= 0 && text.compare(i, separator.size(), separator) == 0) {
            add(begin, i);
            i += separator.size() - 1;
            begin = i + 1;
        }
    }
    add(begin, text.size());
    return pieces;
}

}  // namespace flowspan::graph
