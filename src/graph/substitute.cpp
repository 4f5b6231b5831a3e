#include "graph/substitute.hpp"

#include "core/quantity.hpp"
#include "graph/expression.hpp"
#include "graph/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace flowspan::graph {
namespace {

bool is_reference_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// The length of `name` or `name.name` at the start of the text; 0 when there is none.
std::size_t reference_length(std::string_view text) {
    std::size_t i = 0;
    const auto word = [&] {
        const std::size_t begin = i;
        if (i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0) return false;
        while (i < text.size() && is_reference_character(text[i])) ++i;
        return i > begin;
    };
    if (!word()) return 0;
    const std::size_t first = i;
    if (i < text.size() && text[i] == '.') {
        ++i;
        if (!word()) return first;
    }
    return i;
}

constexpr int most_names_within_names = 32;

std::string place_of(const Position& at) {
    return at.line > 0 ? fmt::format("{}:{}:{}", at.file, at.line, at.column) : at.file;
}

void set_place(Node& node, const Position& at, const std::vector<std::string>& context) {
    node.at = at;
    node.context = context;
    for (Node& item : node.items) set_place(item, at, context);
    for (auto& [name, value] : node.entries) set_place(value, at, context);
}

std::optional<std::pair<std::string, std::string>> range_ends(const std::string& text) {
    const std::size_t dots = text.find("..");
    if (dots == std::string::npos) return std::nullopt;
    const std::string_view whole(text);
    return std::pair(std::string(trimmed(whole.substr(0, dots))), std::string(trimmed(whole.substr(dots + 2))));
}

}  // namespace

Node override_value(const Override& override, Diagnostics& found) {
    const std::string origin = "--set " + override.key + "=" + override.value;
    Node node;
    const std::string_view text = trimmed(override.value);
    if (!text.empty() && text.front() == '[') {
        try {
            node = read_document(std::string(text), origin);
            set_place(node, {origin, 0, 0, {}}, {});
            return node;
        } catch (const Refused& refused) {
            for (Diagnostic one : refused.diagnostics()) {
                one.at = {origin, 0, 0, {}};
                found.push_back(std::move(one));
            }
        }
    }
    node.kind = Node::Kind::scalar;
    node.text = std::string(text);
    node.at = {origin, 0, 0, {}};
    return node;
}

void Names::refuse(const Node& at, const std::string& key, std::string expected, std::string got, std::string hint) {
    found_.push_back({at.at, key, std::move(expected), std::move(got), std::move(hint), at.context});
}

std::vector<std::string> Names::known() const { return order_; }

void Names::declare(const Node& parameters, const std::vector<Override>& overrides) {
    if (parameters.kind != Node::Kind::map && parameters.kind != Node::Kind::null)
        refuse(parameters, "parameters", "`name: value` lines", shown(parameters));
    for (const auto& [name, value] : parameters.entries) declare_one(name, value);
    for (const Override& override : overrides)
        if (override.key.find('.') == std::string::npos) override_with(override);
}

void Names::declare_one(const Node& name, const Node& value) {
    const std::string key = "parameters." + name.text;
    if (reference_length(name.text) != name.text.size() || name.text.find('.') != std::string::npos || name.text == "index" ||
        name.text == "env") {
        refuse(name, "parameters", "a name of letters, digits and `_` (and neither `index` nor `env`)", name.text);
        return;
    }
    Entry entry;
    entry.at = name.at;
    if (value.kind != Node::Kind::map) {
        entry.value = value;
        entry.given = value.kind != Node::Kind::null;
        entry.origin = place_of(value.at);
    }
    static const std::vector<std::string> keys{"default", "unit", "range", "choices", "help"};
    for (const auto& [word, content] : value.entries) {
        if (word.text == "default") {
            entry.value = content;
            entry.given = content.kind != Node::Kind::null;
            entry.origin = place_of(content.at);
        } else if (word.text == "unit") {
            entry.unit = content.text;
            if (!parse_quantity("1 " + content.text))
                refuse(content, key + ".unit", "a unit, such as Hz, kHz, s, ms, dB, MiB or deg", shown(content));
        } else if (word.text == "range") {
            entry.range = content;
        } else if (word.text == "choices") {
            if (content.kind == Node::Kind::list)
                entry.choices = content;
            else
                refuse(content, key + ".choices", "a list", shown(content));
        } else if (word.text == "help") {
            entry.help = content.text;
        } else {
            refuse(word, key, "default, unit, range, choices or help", word.text, hint_for(word.text, keys, ""));
        }
    }
    if (entries_.emplace(name.text, std::move(entry)).second) order_.push_back(name.text);
}

void Names::override_with(const Override& override) {
    Node value = override_value(override, found_);
    const auto entry = entries_.find(override.key);
    if (entry == entries_.end()) {
        refuse(value, "", "a parameter of the graph or `block.parameter`", override.key,
               hint_for(override.key, order_, "the graph has: "));
        return;
    }
    entry->second.origin = value.at.file;
    entry->second.given = true;
    entry->second.value = std::move(value);
}

std::map<std::string, Node> Names::all() {
    std::map<std::string, Node> values;
    for (const std::string& name : order_)
        if (const Node* value = resolve(name, entries_.at(name).at, "parameters." + name)) values.emplace(name, *value);
    return values;
}

const Node* Names::resolve(const std::string& name, const Position& use, const std::string& key) {
    Entry& entry = entries_.at(name);
    if (entry.state == Entry::State::busy) {
        found_.push_back({use, key, "a value that does not depend on itself", "$" + name, "", {}});
        return nullptr;
    }
    if (entry.state == Entry::State::untouched) {
        entry.state = Entry::State::busy;
        if (!entry.given) {
            found_.push_back({entry.at,
                              "parameters." + name,
                              "a value",
                              "nothing",
                              fmt::format("give it a default, or --set {}=...", name),
                              {}});
        } else {
            auto value = fill(entry.value, "parameters." + name);
            entry.given = value.has_value();
            entry.value = std::move(value).value_or(Node{});
            if (entry.value.kind == Node::Kind::scalar && !entry.unit.empty() && parse_number(entry.value.text))
                entry.value.text += " " + entry.unit;
            if (entry.given) check(name, entry);
        }
        entry.state = Entry::State::done;
    }
    return entry.given && entry.value.kind != Node::Kind::null ? &entry.value : nullptr;
}

void Names::check(const std::string& name, Entry& entry) {
    const std::string key = "parameters." + name;
    if (entry.choices.kind == Node::Kind::list) {
        std::vector<std::string> choices;
        for (const Node& choice : entry.choices.items) choices.push_back(choice.text);
        if (std::find(choices.begin(), choices.end(), entry.value.text) == choices.end())
            refuse(entry.value, key, "one of " + joined(choices, ", "), shown(entry.value));
    }
    if (entry.range.kind == Node::Kind::null) return;
    const auto ends = range_ends(entry.range.text);
    const auto with_unit = [&](const std::string& text) {
        return parse_quantity(!entry.unit.empty() && parse_number(text) ? text + " " + entry.unit : text);
    };
    const auto first = ends ? with_unit(ends->first) : std::nullopt;
    const auto last = ends ? with_unit(ends->second) : std::nullopt;
    if (!first || !last || first->dimension != last->dimension || first->has_unit != last->has_unit) {
        refuse(entry.range, key + ".range", "two numbers of one unit, such as \"1 kHz .. 10 MHz\"", shown(entry.range));
        return;
    }
    const auto computed = compute(entry.value, key, fmt::format("{} to {}", ends->first, ends->second));
    if (!computed) return;
    const auto value = parse_quantity(computed->text);
    const bool comparable =
        value && (value->dimension == first->dimension || !value->has_unit) && entry.value.kind == Node::Kind::scalar;
    if (!comparable || value->value < first->value || value->value > last->value)
        refuse(entry.value, key, fmt::format("{} to {}", ends->first, ends->second), shown(entry.value));
}

Names::Found Names::lookup(const std::string& name, const Node& use, const std::string& key, std::optional<int> copy) {
    Node node;
    node.kind = Node::Kind::scalar;
    if (name == "index" && copy) {
        node.text = std::to_string(*copy);
        return node;
    }
    if (name.starts_with("env.")) {
        const char* value = std::getenv(name.c_str() + 4);
        if (value == nullptr) {
            refuse(use, key, "an environment variable that is set", "$" + name);
            return std::nullopt;
        }
        node.text = value;
        node.context = {fmt::format("${} is {}", name, node.text)};
        return node;
    }
    const std::size_t dot = name.find('.');
    if (dot != std::string::npos && of_block_) {
        if (depth_ > most_names_within_names) {
            refuse(use, key, "a value that does not depend on itself", "$" + name);
            return std::nullopt;
        }
        ++depth_;
        auto value = of_block_(name.substr(0, dot), name.substr(dot + 1), use, key);
        --depth_;
        if (value) value->context.insert(value->context.begin(), fmt::format("${} is {}", name, shown(*value)));
        return value;
    }
    if (!entries_.contains(name)) {
        if (name == "index")
            refuse(use, key, "`$index` in a block with `copies:`", "$index");
        else
            refuse(use, key, "a parameter of the graph", "$" + name, hint_for(name, known(), "the graph has: "));
        return std::nullopt;
    }
    const std::string origin = entries_.at(name).origin;
    const Node* value = resolve(name, use.at, key);
    if (value == nullptr) return std::nullopt;
    node = *value;
    node.context = value->context;
    node.context.insert(node.context.begin(), fmt::format("${} is {} ({})", name, shown(*value), origin));
    return node;
}

std::optional<Node> Names::fill_scalar(const Node& node, const std::string& key, std::optional<int> copy) {
    const std::string& text = node.text;
    if (text.find('$') == std::string::npos) return node;
    if (text.size() > 1 && text[0] == '$' && reference_length(std::string_view(text).substr(1)) == text.size() - 1) {
        auto value = lookup(text.substr(1), node, key, copy);
        if (!value) return std::nullopt;
        const std::vector<std::string> context = value->context;
        set_place(*value, node.at, context);
        return *value;
    }
    Node filled = node;
    filled.text.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '$' || i + 1 == text.size() || (text[i + 1] != '{' && text[i + 1] != '$')) {
            filled.text += text[i];
            continue;
        }
        if (text[i + 1] == '$') {
            filled.text += text[++i];
            continue;
        }
        const std::size_t end = text.find('}', i);
        const std::string name = text.substr(i + 2, end == std::string::npos ? end : end - i - 2);
        if (end == std::string::npos || name.empty() || reference_length(name) != name.size()) {
            refuse(node, key, "`${name}`", shown(node), "a dollar sign is written `$$`");
            return std::nullopt;
        }
        const auto value = lookup(name, node, key, copy);
        if (!value) return std::nullopt;
        if (value->kind != Node::Kind::scalar) refuse(node, key, "a text for ${" + name + "}", shown(*value));
        filled.text += value->text;
        filled.context.insert(filled.context.end(), value->context.begin(), value->context.end());
        i = end;
    }
    return filled;
}

std::optional<Node> Names::compute(const Node& node, const std::string& key, const std::string& expected,
                                   std::optional<int> copy) {
    if (node.kind == Node::Kind::list) {
        Node filled = node;
        bool good = true;
        for (Node& item : filled.items) {
            auto value = compute(item, key, expected, copy);
            good = good && value;
            if (value) item = std::move(*value);
        }
        if (!good) return std::nullopt;
        return filled;
    }
    if (node.kind != Node::Kind::scalar || parse_quantity(node.text) || parse_boolean(node.text)) return node;
    Node result = node;
    const Lookup lookup_value = [&](const std::string& name) -> std::optional<Computed> {
        auto value = lookup(name, node, key, copy);
        if (!value) return std::nullopt;
        result.context.insert(result.context.end(), value->context.begin(), value->context.end());
        if (depth_ > most_names_within_names) {
            refuse(node, key, "a value that does not depend on itself", "$" + name);
            return std::nullopt;
        }
        value->at = node.at;
        ++depth_;
        const auto computed = compute(*value, key, expected, copy);
        --depth_;
        if (!computed) return std::nullopt;
        if (const auto boolean = parse_boolean(computed->text)) return Computed{*boolean ? 1.0 : 0.0, Dimension::none, true};
        const auto quantity = computed->kind == Node::Kind::scalar ? parse_quantity(computed->text) : std::nullopt;
        if (!quantity) {
            refuse(node, key, "a number for $" + name, shown(*value));
            return std::nullopt;
        }
        return Computed{quantity->value, quantity->dimension, false};
    };
    std::string why;
    const auto computed = evaluate(node.text, lookup_value, why);
    if (computed) {
        result.text = computed->text();
        result.context.insert(result.context.begin(), fmt::format("{} is {}", node.text, result.text));
        return result;
    }
    if (!why.empty() && node.text.find('$') == std::string::npos) return node;
    if (!why.empty()) refuse(node, key, expected, fmt::format("{} ({})", node.text, why));
    return std::nullopt;
}

std::optional<Node> Names::fill(const Node& node, const std::string& key, std::optional<int> copy) {
    if (node.kind == Node::Kind::scalar) return fill_scalar(node, key, copy);
    Node filled = node;
    bool good = true;
    const auto fill_in = [&](Node& part) {
        auto value = fill(part, key, copy);
        good = good && value;
        if (value) part = std::move(*value);
    };
    for (Node& item : filled.items) fill_in(item);
    for (auto& [name, value] : filled.entries) fill_in(value);
    if (!good) return std::nullopt;
    return filled;
}

}  // namespace flowspan::graph
