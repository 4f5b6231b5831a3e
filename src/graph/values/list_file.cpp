// A list that stands in a file: `taps: taps.npy`, `table: pass.csv`.
#include "core/numbers/quantity.hpp"
#include "graph/resolve/names.hpp"
#include "graph/text/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <utility>

namespace flowspan::graph {
namespace {

constexpr std::size_t most_numbers = std::size_t{1} << 22;

bool is_separator(char c) { return std::string_view(" \t\r\n,;()[]").find(c) != std::string_view::npos; }

std::string line_of(std::string_view text, std::size_t place) {
    return std::to_string(1 + std::count(text.begin(), text.begin() + std::ptrdiff_t(place), '\n'));
}

void add_scalar(Node& list, std::string text) {
    Node& item = list.items.emplace_back();
    item.kind = Node::Kind::scalar;
    item.text = std::move(text);
    item.at = list.at;
}

}  // namespace

bool names_a_list(const Node& node) {
    if (node.kind != Node::Kind::scalar || node.text.size() < 5 || node.text.find('\n') != std::string::npos) return false;
    std::string end = node.text.substr(node.text.size() - 4);
    std::transform(end.begin(), end.end(), end.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return end == ".npy" || end == ".txt" || end == ".csv";
}

std::vector<std::complex<double>> numbers_in(std::string_view text, const std::string& file) {
    std::vector<std::complex<double>> numbers;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '#' || text[i] == '%') i = std::min(text.find('\n', i), text.size());
        if (i == text.size()) break;
        if (is_separator(text[i])) {
            ++i;
            continue;
        }
        std::size_t end = i;
        while (end < text.size() && !is_separator(text[end]) && text[end] != '#' && text[end] != '%') ++end;
        const std::string_view word = text.substr(i, end - i);
        const auto number = parse_complex(word);
        if (!number)
            throw Refused(Diagnostic{{},
                                     "",
                                     "numbers, such as 0.5 or 1+2j",
                                     fmt::format("{} in line {} of {}", word.substr(0, 40), line_of(text, i), file),
                                     {},
                                     {}});
        if (numbers.size() == most_numbers)
            throw Refused(Diagnostic{{}, "", fmt::format("at most {} numbers", most_numbers), "more in " + file, {}, {}});
        numbers.push_back(*number);
        i = end;
    }
    return numbers;
}

namespace {

/// Whether `items` are such as the parameter takes, each as a scalar.
std::optional<Node> read_numbers(Reading& reading, Node list, const std::string& path, const ParameterDeclaration& declaration,
                                 const std::string& key) {
    for (const std::complex<double>& number : reading.outside->numbers_of(path)) {
        if (declaration.kind != ParameterKind::complexes && number.imag() != 0) {
            reading.refuse(list.at, key, declaration.expectation(), fmt::format("{} in {}", format_complex(number), path), "",
                           list.context);
            return std::nullopt;
        }
        add_scalar(list, format_complex(number));
    }
    return list;
}

/// A line each; `#` begins a comment.
Node read_lines(Reading& reading, Node list, const std::string& path) {
    std::istringstream text(reading.outside->text_of(path));
    for (std::string line; std::getline(text, line);) {
        line.resize(std::min(line.find('#'), line.size()));
        if (const std::string_view content = trimmed(line); !content.empty()) add_scalar(list, std::string(content));
    }
    return list;
}

}  // namespace

std::optional<Node> list_of_file(Reading& reading, const Node& node, const ParameterDeclaration& declaration,
                                 const std::string& key) {
    const std::string path = path_from(node, node.text);
    Node list = node;
    list.kind = Node::Kind::list;
    list.text.clear();
    try {
        if (declaration.kind == ParameterKind::strings) return read_lines(reading, std::move(list), path);
        return read_numbers(reading, std::move(list), path, declaration, key);
    } catch (const Refused& refused) {
        const Diagnostic& why = refused.diagnostics().front();
        reading.refuse(node.at, key, why.expected, why.got, why.hint, node.context);
    } catch (const Failure& failure) {
        reading.refuse(node.at, key, declaration.expectation() + ", or a file of them", failure.what(), "", node.context);
    }
    return std::nullopt;
}

}  // namespace flowspan::graph
