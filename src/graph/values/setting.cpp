#include "core/numbers/nearest_unit.hpp"
#include "core/numbers/quantity.hpp"
#include "core/type_names.hpp"
#include "graph/resolve/names.hpp"
#include "graph/spec.hpp"
#include "graph/values/lists.hpp"

#include <fmt/format.h>

namespace flowspan::graph {
namespace {

struct Mistakes {
    const ParameterDeclaration& declaration;
    const std::string& key;
    Diagnostics& found;

    std::nullopt_t add(const Node& node, std::string got, std::string hint = {}) const {
        found.push_back({node.at, key, declaration.expectation(), std::move(got), std::move(hint), node.context});
        return std::nullopt;
    }
    std::nullopt_t wrong(const Node& node) const {
        const bool text = declaration.kind == ParameterKind::string || declaration.kind == ParameterKind::strings ||
                          declaration.kind == ParameterKind::input_path || declaration.kind == ParameterKind::product_path;
        if (is_list(declaration) && node.kind == Node::Kind::list)
            return add(node, shown(node),
                       "write one list, with no lists in it (where there are `copies`, one for each of them)");
        const bool flow = node.kind == Node::Kind::map || node.kind == Node::Kind::list;
        return add(node, shown(node), text && flow ? "quote it if it is a text" : "");
    }
};

std::optional<double> read_number(const Node& node, const Mistakes& mistakes) {
    if (node.kind != Node::Kind::scalar) return mistakes.wrong(node);
    std::string why;
    const auto value = read_quantity(node.text, mistakes.declaration.unit, &why);
    if (!value)
        return mistakes.add(node, why.empty() ? shown(node) : why, hint_for_quantity(node.text, mistakes.declaration.unit));
    return value;
}

std::optional<Value> read_integer(const Node& node, const Mistakes& mistakes) {
    if (node.kind != Node::Kind::scalar) return mistakes.wrong(node);
    if (const auto exact = parse_integer(node.text)) return Value(*exact);
    const auto value = read_number(node, mistakes);
    if (!value) return std::nullopt;
    const auto integral = parse_integer(format_number(*value));
    if (!integral) return mistakes.add(node, shown(node));
    return Value(*integral);
}

/// SigMF's long names say the byte order, too: streams are always in the machine's own.
std::optional<Value> read_sample_type(const Node& node, const Mistakes& mistakes) {
    if (node.kind != Node::Kind::scalar) return mistakes.wrong(node);
    std::string name = node.text;
    if (name.ends_with("_le")) name.resize(name.size() - 3);
    const auto type = parse_sample_type(name);
    if (!type) return mistakes.add(node, shown(node), hint_of_type(name));
    return Value(name_of(*type));
}

std::optional<Value> read_reals(const Node& node, const Mistakes& mistakes) {
    Value::Doubles numbers;
    if (node.kind == Node::Kind::scalar) {  // one number is a list of one
        const auto number = read_number(node, mistakes);
        if (!number) return std::nullopt;
        return Value(Value::Doubles{*number});
    }
    if (node.kind != Node::Kind::list) return mistakes.wrong(node);
    bool good = true;
    for (const Node& item : node.items) {
        const auto number = read_number(item, mistakes);
        good = good && number.has_value();
        numbers.push_back(number.value_or(0));
    }
    if (!good) return std::nullopt;
    return Value(std::move(numbers));
}

std::optional<Value> read_complex(const Node& node, const Mistakes& mistakes) {
    const auto number = node.kind == Node::Kind::scalar ? parse_complex(node.text) : std::nullopt;
    if (!number) return mistakes.wrong(node);
    return Value(*number);
}

std::optional<Value> read_complexes(const Node& node, const Mistakes& mistakes) {
    if (node.kind != Node::Kind::list) {  // one number is a list of one
        auto number = read_complex(node, mistakes);
        if (!number) return std::nullopt;
        return Value(Value::List{std::move(*number)});
    }
    Value::List numbers;
    for (const Node& item : node.items)
        if (auto number = read_complex(item, mistakes)) numbers.push_back(std::move(*number));
    if (numbers.size() < node.items.size()) return std::nullopt;
    return Value(std::move(numbers));
}

std::optional<Value> read_strings(const Node& node, const Mistakes& mistakes) {
    if (node.kind == Node::Kind::scalar) return Value(Value::List{Value(node.text)});
    if (node.kind != Node::Kind::list) return mistakes.wrong(node);
    Value::List texts;
    bool good = true;
    for (const Node& item : node.items) {
        if (item.kind != Node::Kind::scalar) {
            mistakes.wrong(item);
            good = false;
        }
        texts.emplace_back(item.text);
    }
    if (!good) return std::nullopt;
    return Value(std::move(texts));
}

/// Files that are one recording.
std::optional<Value> read_paths(const Node& node, const Mistakes& mistakes) {
    std::string paths;
    for (const Node& item : node.items) {
        if (item.kind != Node::Kind::scalar || item.text.empty()) return mistakes.wrong(item);
        if (!paths.empty()) paths += InputPath::between;
        paths += item.text;
    }
    if (paths.empty()) return mistakes.wrong(node);
    return Value(std::move(paths));
}

}  // namespace

std::optional<Value> read_setting(const Node& node, const ParameterDeclaration& declaration, const std::string& key,
                                  Diagnostics& found) {
    const Mistakes mistakes{declaration, key, found};
    switch (declaration.kind) {
        case ParameterKind::boolean: {
            const auto value = node.kind == Node::Kind::scalar ? parse_boolean(node.text) : std::nullopt;
            if (!value) return mistakes.wrong(node);
            return Value(*value);
        }
        case ParameterKind::integer:
            return read_integer(node, mistakes);
        case ParameterKind::real: {
            const auto value = read_number(node, mistakes);
            if (!value) return std::nullopt;
            return Value(*value);
        }
        case ParameterKind::complex:
            return read_complex(node, mistakes);
        case ParameterKind::reals:
            return read_reals(node, mistakes);
        case ParameterKind::complexes:
            return read_complexes(node, mistakes);
        case ParameterKind::strings:
            return read_strings(node, mistakes);
        case ParameterKind::sample_type:
            return read_sample_type(node, mistakes);
        case ParameterKind::input_path:
            if (node.kind == Node::Kind::list) return read_paths(node, mistakes);
            break;
        case ParameterKind::string:
        case ParameterKind::product_path:
            break;
    }
    if (node.kind != Node::Kind::scalar) return mistakes.wrong(node);
    if (declaration.kind != ParameterKind::string && node.text.empty()) return mistakes.wrong(node);
    return Value(node.text);
}

}  // namespace flowspan::graph
