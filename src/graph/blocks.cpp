// The section `blocks:`: types, copies and settings; every copy becomes a block of its own.
#include "core/quantity.hpp"
#include "graph/names.hpp"
#include "graph/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flowspan::graph {
namespace {

constexpr int most_copies = 65536;

/// One block of the file, before it is taken apart into copies.
struct Template {
    std::string name, type;
    Position at;
    Family family;
    bool known = false;  // the type is
    bool certain = true;
    std::vector<const ParameterDeclaration*> declarations;
    std::vector<std::pair<Node, Node>> settings;  // key and value as in the file
    std::vector<Need> needs;

    const ParameterDeclaration* declaration(const std::string& parameter) const {
        for (const auto* one : declarations)
            if (one->name == parameter) return one;
        return nullptr;
    }
    std::vector<std::string> parameter_names() const {
        std::vector<std::string> all;
        for (const auto* one : declarations) all.push_back(one->name);
        return all;
    }
};

/// `--set block.parameter=…`: for one copy, several or all.
struct BlockOverride {
    Selector copies;
    std::string parameter;
    Node value;
};
using Overrides = std::map<std::string, std::vector<BlockOverride>>;

void read_type(Reading& reading, Template& block, const Node& body) {
    const std::string key = "blocks." + block.name;
    const Node* type = body.find("type");
    if (type == nullptr) {
        reading.refuse(block.at, key, "`type:`", "nothing", "`flowspan blocks` lists the types");
        return;
    }
    const auto filled = reading.names.fill(*type, key + ".type");
    if (!filled) return;
    block.type = filled->text;
    block.known = filled->kind == Node::Kind::scalar && reading.catalog.has(block.type);
    if (block.known) {
        block.declarations = reading.catalog.parameters(block.type);
        return;
    }
    std::string hint = hint_for(block.type, reading.catalog.types(), "");
    if (hint.empty()) hint = "`flowspan blocks` lists the types";
    reading.refuse(type->at, key + ".type", "a block type", shown(*filled), hint, filled->context);
}

void read_copies(Reading& reading, Template& block, const Node& body) {
    const Node* copies = body.find("copies");
    if (copies == nullptr) return;
    const std::string key = "blocks." + block.name + ".copies";
    block.family.copied = true;
    const std::string expected = fmt::format("an integer from 1 to {}", most_copies);
    auto filled = reading.names.fill(*copies, key);
    if (filled) filled = reading.names.compute(*filled, key, expected);
    if (!filled) {
        block.certain = false;
        return;
    }
    const auto count = filled->kind == Node::Kind::scalar ? parse_integer(filled->text) : std::nullopt;
    if (!count || *count < 1 || *count > most_copies) {
        reading.refuse(copies->at, key, fmt::format("an integer from 1 to {}", most_copies), shown(*filled), "",
                       filled->context);
        block.certain = false;
        return;
    }
    block.family.copies = int(*count);
}

void read_settings(Reading& reading, Template& block, const Node& body) {
    for (const auto& [name, value] : body.entries) {
        if (name.text == "type" || name.text == "copies") continue;
        if (name.text == "require" || name.text == "prefer") {
            const auto needs = read_needs(reading, value, "blocks." + block.name + "." + name.text, name.text == "prefer");
            block.needs.insert(block.needs.end(), needs.begin(), needs.end());
            continue;
        }
        if (block.known && block.declaration(name.text) == nullptr) {
            std::string hint = hint_for(name.text, {"type", "copies", "require", "prefer"}, "");
            if (hint.empty()) hint = hint_for(name.text, block.parameter_names(), "it has: ");
            reading.refuse(name.at, "blocks." + block.name, "a parameter of " + block.type, name.text, hint);
            block.certain = false;
            continue;
        }
        block.settings.emplace_back(name, value);
    }
}

bool is_computed(const ParameterDeclaration* declaration) {
    if (declaration == nullptr) return false;
    const ParameterKind kind = declaration->kind;
    return kind == ParameterKind::integer || kind == ParameterKind::real || kind == ParameterKind::boolean ||
           kind == ParameterKind::reals;
}

/// A list for a parameter that is no list, or a list of lists for one that is, has one entry a copy.
bool is_per_copy(const Template& block, const ParameterDeclaration* declaration, const Node& value) {
    if (!block.family.copied || value.kind != Node::Kind::list) return false;
    if (declaration == nullptr) return true;
    if (declaration->kind != ParameterKind::reals && declaration->kind != ParameterKind::strings) return true;
    return !value.items.empty() &&
           std::all_of(value.items.begin(), value.items.end(), [](const Node& item) { return item.kind == Node::Kind::list; });
}

/// The value of one parameter for one copy; nothing after a mistake.
std::optional<Node> value_for(Reading& reading, const Template& block, const std::string& parameter, const Node& value,
                              int copy) {
    const std::string key = "blocks." + block.name + "." + parameter;
    auto filled = reading.names.fill(value, key, block.family.copied ? std::optional(copy) : std::nullopt);
    const ParameterDeclaration* declaration = block.declaration(parameter);
    if (filled && is_computed(declaration))
        filled = reading.names.compute(*filled, key, declaration->expectation(),
                                       block.family.copied ? std::optional(copy) : std::nullopt);
    if (!filled || !is_per_copy(block, declaration, *filled)) return filled;
    if (int(filled->items.size()) != block.family.copies) {
        reading.refuse(value.at, key, fmt::format("{} entries, one a copy", block.family.copies),
                       fmt::format("{}", filled->items.size()), "", filled->context);
        return std::nullopt;
    }
    Node entry = filled->items[std::size_t(copy)];
    return entry;
}

void add_copy(Reading& reading, const Template& block, int copy, const std::vector<BlockOverride>& overrides) {
    FlatBlock flat;
    flat.base = block.name;
    flat.name = block.family.copied ? fmt::format("{}[{}]", block.name, copy) : block.name;
    flat.type = block.type;
    flat.copy = copy;
    flat.copies = block.family.copies;
    flat.copied = block.family.copied;
    flat.at = block.at;
    bool certain = block.certain && block.known;
    std::map<std::string, const Node*> values;
    for (const auto& [name, value] : block.settings) values[name.text] = &value;
    for (const BlockOverride& one : overrides) {
        const auto chosen = one.copies.pick(block.family.copies);
        if (chosen && std::find(chosen->begin(), chosen->end(), copy) != chosen->end()) values[one.parameter] = &one.value;
    }
    for (const auto& [parameter, value] : values) {
        if (auto setting = value_for(reading, block, parameter, *value, copy))
            flat.settings.emplace(parameter, std::move(*setting));
        else
            certain = false;
    }
    for (const auto* one : block.declarations) {
        if (one->initial || one->optional || values.contains(one->name)) continue;
        reading.refuse(block.at, "blocks." + block.name + "." + one->name, one->expectation(), "nothing",
                       "give `" + one->name + ":`");
        certain = false;
    }
    std::vector<PortInfo> ports;
    if (certain) {
        const std::size_t before = reading.found.size();
        ports = reading.catalog.ports(flat, reading.found);
        certain = reading.found.size() == before;
    } else {  // its values are looked at all the same, so that all mistakes are found in one go
        for (const auto& [parameter, value] : flat.settings)
            if (const auto* one = block.declaration(parameter))
                read_setting(value, *one, "blocks." + flat.name + "." + parameter, reading.found);
    }
    if (!block.needs.empty()) reading.spec.assignment.needs[int(reading.spec.blocks.size())] = block.needs;
    reading.spec.blocks.push_back(std::move(flat));
    reading.ports.push_back(std::move(ports));
    reading.certain.push_back(certain);
}

void read_overrides(Reading& reading, const std::map<std::string, Template>& blocks, Overrides& into) {
    for (const Override& override : reading.options.overrides) {
        const std::size_t dot = override.key.rfind('.');
        if (dot == std::string::npos) continue;
        const Position at{"--set " + override.key + "=" + override.value, 0, 0, {}};
        std::string why;
        const auto endpoint = parse_endpoint(override.key.substr(0, dot), 0, why);
        if (!endpoint || !endpoint->port.empty()) {
            reading.refuse(at, "", "`block.parameter`, `block[3].parameter` or `block[*].parameter`", override.key);
            continue;
        }
        const auto block = blocks.find(endpoint->block);
        if (block == blocks.end()) {
            reading.refuse(at, "", "a block", endpoint->block,
                           hint_for(endpoint->block, reading.block_names(), "the graph has: "));
            continue;
        }
        const std::string parameter = override.key.substr(dot + 1);
        const Template& family = block->second;
        if (family.known && family.declaration(parameter) == nullptr) {
            reading.refuse(at, "blocks." + family.name, "a parameter of " + family.type, parameter,
                           hint_for(parameter, family.parameter_names(), "it has: "));
            continue;
        }
        Selector copies = endpoint->copies.value_or(Selector{true, {}, "*"});
        if (endpoint->copies && !family.family.copied) {
            reading.refuse(at, "blocks." + family.name, "a block with `copies:`", endpoint->text);
            continue;
        }
        if (!copies.pick(family.family.copies)) {
            reading.refuse(at, "blocks." + family.name, fmt::format("copies 0 to {}", family.family.copies - 1), copies.text);
            continue;
        }
        into[family.name].push_back({std::move(copies), parameter, override_value(override, reading.found)});
    }
}

/// The default of a parameter, as it could stand in the file.
Node default_of(const ParameterDeclaration& declaration) {
    Node node;
    if (!declaration.initial) return node;
    node.kind = Node::Kind::scalar;
    const Value& value = *declaration.initial;
    if (value.is<double>() || value.is<std::int64_t>()) {
        node.text = format_number(value.real());
        if (!declaration.unit.symbol.empty()) node.text += " " + std::string(declaration.unit.symbol);
    } else {
        node.text = value.is<std::string>() ? value.string() : value.json();
    }
    return node;
}

/// `$block.parameter`: from the command line, the file, or the default.
std::optional<Node> parameter_of(Reading& reading, const std::map<std::string, Template>& blocks, const std::string& name,
                                 const std::string& parameter, const Node& use, const std::string& key) {
    const auto found = blocks.find(name);
    if (found == blocks.end()) {
        std::vector<std::string> known;
        for (const auto& [one, block] : blocks) known.push_back(one);
        reading.refuse(use.at, key, "a block", name, hint_for(name, known, "the graph has: "));
        return std::nullopt;
    }
    const Template& block = found->second;
    Node value;
    for (const auto& [word, setting] : block.settings)
        if (word.text == parameter) value = setting;
    for (const Override& override : reading.options.overrides)
        if (override.key == name + "." + parameter) value = override_value(override, reading.found);
    const ParameterDeclaration* declaration = block.declaration(parameter);
    if (value.kind == Node::Kind::null && declaration != nullptr) value = default_of(*declaration);
    if (value.kind == Node::Kind::null) {
        if (block.known)
            reading.refuse(use.at, key, "a parameter of " + name + " that has a value", parameter,
                           hint_for(parameter, block.parameter_names(), "it has: "));
        return std::nullopt;
    }
    value.at = use.at;
    auto filled = reading.names.fill(value, key);
    if (filled && is_computed(declaration)) filled = reading.names.compute(*filled, key, declaration->expectation());
    return filled;
}

}  // namespace

void read_blocks(Reading& reading, const Node& blocks) {
    if (blocks.kind != Node::Kind::map) {
        if (blocks.at.line > 0) reading.refuse(blocks.at, "blocks", "`name: {type: ...}` lines", shown(blocks));
        return;
    }
    std::map<std::string, Template> templates;
    std::vector<Template*> in_order;
    std::vector<std::pair<Template*, const Node*>> bodies;
    for (const auto& [name, body] : blocks.entries) {
        if (!is_name(name.text)) {
            reading.refuse(name.at, "blocks", "a name of letters, digits, `_` and `-`", shown(name));
            continue;
        }
        Template& block = templates[name.text];
        block.name = name.text;
        block.at = name.at;
        in_order.push_back(&block);
        if (body.kind != Node::Kind::map) {
            reading.refuse(body.kind == Node::Kind::null ? name.at : body.at, "blocks." + name.text, "`{type: ...}`",
                           shown(body));
            continue;
        }
        read_type(reading, block, body);
        read_settings(reading, block, body);
        bodies.emplace_back(&block, &body);
    }
    reading.names.set_blocks(
        [&](const std::string& block, const std::string& parameter, const Node& use, const std::string& key) {
            return parameter_of(reading, templates, block, parameter, use, key);
        });
    for (const auto& [block, body] : bodies) read_copies(reading, *block, *body);
    for (const Template* block : in_order) reading.families.emplace(block->name, block->family);
    Overrides overrides;
    read_overrides(reading, templates, overrides);
    for (const Template* block : in_order) {
        reading.families[block->name].first = int(reading.spec.blocks.size());
        for (int copy = 0; copy < block->family.copies; ++copy) add_copy(reading, *block, copy, overrides[block->name]);
    }
    reading.names.set_blocks({});
}

}  // namespace flowspan::graph
