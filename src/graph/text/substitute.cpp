#include "graph/text/substitute.hpp"

#include "core/mistakes/collect.hpp"
#include "core/numbers/nearest_unit.hpp"
#include "core/numbers/quantity.hpp"
#include "core/process/alive.hpp"
#include "graph/resolve/names.hpp"
#include "graph/text/expression.hpp"
#include "graph/text/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

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

/// A value as it could stand in the file, for people.
std::string as_written(const Node& node) {
    if (node.kind != Node::Kind::list) return shown(node);
    std::vector<std::string> items;
    for (const Node& item : node.items) items.push_back(as_written(item));
    return "[" + joined(items, ", ") + "]";
}

void set_place(Node& node, const Position& at, const std::vector<std::string>& context) {
    node.at = at;
    node.context = context;
    for (Node& item : node.items) set_place(item, at, context);
    for (auto& [name, value] : node.entries) set_place(value, at, context);
}

/// Whether the text asks for a name otherwise than by `${name}`.
bool uses_names(const std::string& text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (text[i] != '$') continue;
        if (text[i + 1] == '$')
            ++i;
        else if (reference_length(std::string_view(text).substr(i + 1)) > 0)
            return true;
    }
    return false;
}

/// The place of a mistake within an expression, where its text still is the one in the file.
Position fault(const Node& node, std::size_t offset) { return node.context.empty() ? inside(node, offset) : node.at; }

std::optional<std::pair<std::string, std::string>> range_ends(const std::string& text) {
    const std::size_t dots = text.find("..");
    if (dots == std::string::npos) return std::nullopt;
    const std::string_view whole(text);
    return std::pair(std::string(trimmed(whole.substr(0, dots))), std::string(trimmed(whole.substr(dots + 2))));
}

}  // namespace

std::string place_of(const Position& at) {
    return at.line > 0 ? fmt::format("{}:{}:{}", at.file, at.line, at.column) : at.file;
}

bool Chain::closes(const void* owner, const std::string& name, std::string& text) const {
    const std::pair<const void*, std::string> wanted(owner, name);
    const auto first = std::find(names_.begin(), names_.end(), wanted);
    if (first == names_.end()) return false;
    text.clear();
    for (auto one = first; one != names_.end(); ++one) text += one->second + " -> ";
    text += name;
    return true;
}

std::string Chain::limit() { return fmt::format("at most {} names, each for the sake of the next", most); }

Node override_value(const Override& override, Diagnostics& found) {
    const std::string origin = override.origin();
    Node node;
    const std::string_view text = trimmed(override.value);
    if (!text.empty() && text.front() == '[') {
        Diagnostics wrong;
        if (collect(wrong, [&] { node = read_document(std::string(text), origin); })) {
            set_place(node, {origin, 0, 0, {}}, {});
            return node;
        }
        for (Diagnostic& one : wrong) one.at = {origin, 0, 0, {}};
        append(found, wrong);
    }
    node.kind = Node::Kind::scalar;
    node.text = std::string(text);
    node.at = {origin, 0, 0, {}};
    return node;
}

void Names::refuse(const Node& at, const std::string& key, std::string expected, std::string got, std::string hint) {
    found_.push_back({at.at, key, std::move(expected), std::move(got), std::move(hint), at.context});
}

std::vector<std::string> Names::known() const {
    std::vector<std::string> all = order_;
    if (outer_ != nullptr) all.insert(all.end(), outer_->order_.begin(), outer_->order_.end());
    return all;
}

bool Names::stands_for_something(const std::string& name) const {
    const std::size_t dot = name.find('.');
    if (dot != std::string::npos) return blocks_.known && blocks_.known(name.substr(0, dot));
    return name == "index" || entries_.contains(name) || (outer_ != nullptr && outer_->entries_.contains(name));
}

void Names::declare(const Node& parameters, const std::string& key) {
    if (parameters.kind != Node::Kind::map && parameters.kind != Node::Kind::null)
        refuse(parameters, key, "`name: value` lines", shown(parameters));
    for (const auto& [name, value] : parameters.entries) declare_one(name, value, key);
}

void Names::declare_one(const Node& name, const Node& value, const std::string& section) {
    const std::string key = section + "." + name.text;
    if (reference_length(name.text) != name.text.size() || name.text.find('.') != std::string::npos || name.text == "index" ||
        name.text == "env") {
        refuse(name, section, "a name of letters, digits and `_` (and neither `index` nor `env`)", name.text);
        return;
    }
    Entry entry;
    entry.at = name.at;
    entry.key = key;
    if (value.kind != Node::Kind::map) {
        entry.value = value;
        entry.given = value.kind != Node::Kind::null;
        entry.origin = place_of(value.at);
    }
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
            refuse(word, key, "default, unit, range, choices or help", word.text, hint_for(word.text, keys::parameter, ""));
        }
    }
    const auto [first, fresh] = entries_.emplace(name.text, std::move(entry));
    if (fresh)
        order_.push_back(name.text);
    else
        refuse(name, section, "each parameter once",
               fmt::format("`{}` again (first at {})", name.text, place_of(first->second.at)),
               "rename one of them; `--set` gives a parameter of an included file another value");
}

void Names::override_with(const Override& override) {
    const std::size_t before = found_.size();
    Node value = override_value(override, found_);
    const auto entry = entries_.find(override.key);
    if (entry == entries_.end()) {
        refuse(value, "", "a parameter of the graph or `block.parameter`", override.key,
               hint_for(override.key, order_, "the graph has: "));
        doubt(nearest_name(override.key, order_));
        return;
    }
    entry->second.wrong = found_.size() > before;
    entry->second.origin = value.at.file;
    entry->second.given = true;
    entry->second.value = std::move(value);
}

void Names::give(const std::string& name, Node value, const std::string& key) {
    Entry& entry = entries_.at(name);
    entry.origin = place_of(value.at);
    entry.key = key;
    entry.given = true;
    entry.filled = true;
    entry.value = std::move(value);
}

void Names::doubt(const std::string& name) {
    if (const auto entry = entries_.find(name); entry != entries_.end()) entry->second.wrong = true;
}

std::map<std::string, Node> Names::all() {
    std::map<std::string, Node> values;
    for (const std::string& name : order_) {
        if (!has_value(name) && is_unknown(name)) continue;
        Node use;
        use.at = entries_.at(name).at;
        if (const Node* value = resolve(name, use, entries_.at(name).key)) values.emplace(name, *value);
    }
    return values;
}

std::vector<ParameterInfo> Names::infos() const {
    std::vector<ParameterInfo> all;
    for (const std::string& name : order_) {
        const Entry& entry = entries_.at(name);
        ParameterInfo info{name, entry.given ? as_written(entry.value) : "", entry.unit, entry.range.text, entry.help, {}};
        for (const Node& choice : entry.choices.items) info.choices.push_back(choice.text);
        all.push_back(std::move(info));
    }
    return all;
}

const Node* Names::resolve(const std::string& name, const Node& use, const std::string& key) {
    Entry& entry = entries_.at(name);
    if (entry.state == Entry::State::untouched) {
        std::string circle;
        if (chain_.closes(this, "$" + name, circle)) {
            refuse(use, key, "a value that does not depend on itself", circle);
            return nullptr;
        }
        if (chain_.is_full()) {
            refuse(use, key, chain_.limit(), "$" + name);
            return nullptr;
        }
        chain_.push(this, "$" + name);
        settle(name, entry);
        chain_.pop();
        entry.state = Entry::State::done;
    }
    return entry.given && entry.value.kind != Node::Kind::null ? &entry.value : nullptr;
}

/// Fills the value in and checks it.
void Names::settle(const std::string& name, Entry& entry) {
    const std::size_t before = found_.size(), doubts = chain_.doubts();
    if (!entry.given) {
        const std::string hint = outer_ == nullptr ? fmt::format("give it a default, or --set {}=...", name)
                                                   : fmt::format("give it a default, or `{}:` where the group is used", name);
        found_.push_back({entry.at, entry.key, "a value", "nothing", hint, {}});
        return;
    }
    if (!entry.filled) {
        auto value = evaluate_all(entry.value, entry.key);
        entry.given = value.has_value();
        entry.value = std::move(value).value_or(Node{});
    }
    if (entry.value.kind == Node::Kind::scalar && !entry.unit.empty() && parse_number(entry.value.text))
        entry.value.text += " " + entry.unit;
    if (entry.given) check(entry);
    entry.wrong = entry.wrong || found_.size() > before || chain_.doubts() > doubts;
}

void Names::check(const Entry& entry) {
    const std::string& key = entry.key;
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
        refuse(entry.value, key, fmt::format("{} to {}", ends->first, ends->second), shown(entry.value),
               hint_for_quantity(computed->text, {"", first->dimension, 1}));
}

Names::Found Names::lookup_variable(const std::string& name, const Node& use, const std::string& key) {
    const auto value = outside_.variable(name.substr(name.find('.') + 1));
    if (!value) {
        refuse(use, key, "an environment variable that is set", "$" + name);
        return std::nullopt;
    }
    Node node;
    node.kind = Node::Kind::scalar;
    node.text = *value;
    node.context = {fmt::format("${} is {}", name, node.text)};
    return node;
}

Names::Found Names::lookup_parameter(const std::string& name, const Node& use, const std::string& key) {
    const std::string origin = entries_.at(name).origin;
    const Node* value = resolve(name, use, key);
    if (value == nullptr) return std::nullopt;
    if (entries_.at(name).wrong) chain_.doubt();
    Node node = *value;
    if (node.from.empty() && node.at.line > 0) node.from = node.at.file;
    node.context.insert(node.context.begin(), fmt::format("${} is {} ({})", name, shown(*value), origin));
    return node;
}

bool Names::has_value(const std::string& name) const {
    const auto entry = entries_.find(name);
    return entry != entries_.end() && entry->second.given;
}

bool Names::is_unknown(const std::string& name) const {
    if (forgotten_.contains(name)) return true;
    if (!unknown_allowed_) return false;
    if (entries_.contains(name)) return own_unknown_ || !has_value(name);
    return outer_ == nullptr || !outer_->has_value(name);
}

Names::Found Names::lookup(const std::string& name, const Node& use, const std::string& key, std::optional<int> copy) {
    if (is_unknown(name)) return std::nullopt;
    if (name == "index" && (copy || index_)) {
        Node node;
        node.kind = Node::Kind::scalar;
        node.text = std::to_string(copy ? *copy : *index_);
        return node;
    }
    if (name.starts_with("env.")) return lookup_variable(name, use, key);
    if (const std::size_t dot = name.find('.'); dot != std::string::npos) {
        const std::string block = name.substr(0, dot);
        Names* where = outer_ != nullptr && blocks_.known && !blocks_.known(block) ? outer_ : this;
        if (!where->blocks_.value) {
            refuse(use, key, "a parameter of the graph", "$" + name);
            return std::nullopt;
        }
        auto value = where->blocks_.value(block, name.substr(dot + 1), use, key);
        if (value) value->context.insert(value->context.begin(), fmt::format("${} is {}", name, shown(*value)));
        return value;
    }
    if (entries_.contains(name)) return lookup_parameter(name, use, key);
    if (outer_ != nullptr && outer_->entries_.contains(name)) return outer_->lookup_parameter(name, use, key);
    if (name == "index")
        refuse(use, key, "`$index` in a block with `copies:`", "$index");
    else
        refuse(use, key, outer_ == nullptr ? "a parameter of the graph" : "a parameter of the group or the graph", "$" + name,
               hint_for(name, known(), outer_ == nullptr ? "the graph has: " : "there are: "));
    return std::nullopt;
}

std::optional<Node> Names::fill_scalar(const Node& node, const std::string& key, std::optional<int> copy) {
    const std::string& text = node.text;
    if (text.find('$') == std::string::npos) return node;
    if (text.size() > 1 && text[0] == '$' && reference_length(std::string_view(text).substr(1)) == text.size() - 1) {
        auto value = lookup(text.substr(1), node, key, copy);
        if (!value) return std::nullopt;
        const std::vector<std::string> context = value->context;
        set_place(*value, node.at, context);
        if (value->from == node.at.file) value->from.clear();
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
    if (node.kind != Node::Kind::scalar || parse_quantity(node.text) || parse_complex(node.text) || parse_boolean(node.text))
        return node;
    Node result = node;
    const Lookup lookup_value = [&](const std::string& name) -> std::optional<Computed> {
        auto value = lookup(name, node, key, copy);
        if (!value) return std::nullopt;
        result.context.insert(result.context.end(), value->context.begin(), value->context.end());
        if (const auto boolean = parse_boolean(value->text)) return Computed{*boolean ? 1.0 : 0.0, Dimension::none, true};
        const auto quantity = value->kind == Node::Kind::scalar ? parse_quantity(value->text) : std::nullopt;
        if (quantity) return Computed{quantity->value, quantity->dimension, false};
        Mistake ignored;  // an expression without names, such as `3 * 4`
        const Lookup nothing = [](const std::string&) { return std::optional<Computed>(); };
        if (auto computed = value->kind == Node::Kind::scalar ? evaluate(value->text, nothing, ignored) : std::nullopt)
            return computed;
        refuse(node, key, "a number for $" + name, shown(*value));
        return std::nullopt;
    };
    const CountOf count = [&](const std::string& name) -> std::optional<std::size_t> {
        const auto value = lookup(name, node, key, copy);
        if (!value) return std::nullopt;
        result.context.insert(result.context.end(), value->context.begin(), value->context.end());
        return value->kind == Node::Kind::list ? value->items.size() : 1;
    };
    Mistake mistake;
    const auto computed = evaluate(node.text, lookup_value, mistake, count);
    if (computed) {
        result.text = computed->text();
        result.context.insert(result.context.begin(), fmt::format("{} is {}", node.text, result.text));
        return result;
    }
    if (mistake.syntax && node.text.find('$') == std::string::npos) return node;
    if (!mistake.why.empty())
        found_.push_back(
            {fault(node, mistake.offset), key, expected, fmt::format("{} ({})", node.text, mistake.why), {}, result.context});
    return std::nullopt;
}

std::optional<Node> Names::evaluate_all(const Node& node, const std::string& key, std::optional<int> copy) {
    if (node.kind == Node::Kind::list || node.kind == Node::Kind::map) {
        Node filled = node;
        bool good = true;
        const auto each = [&](Node& part) {
            auto value = evaluate_all(part, key, copy);
            good = good && value;
            if (value) part = std::move(*value);
        };
        for (Node& item : filled.items) each(item);
        for (auto& [name, value] : filled.entries) each(value);
        if (!good) return std::nullopt;
        return filled;
    }
    auto filled = fill(node, key, copy);
    if (!filled || node.kind != Node::Kind::scalar || filled->text != node.text || !uses_names(node.text)) return filled;
    // Only what reads as an expression is one: `costs $5` stays a text.
    Mistake mistake;
    const Lookup anything = [](const std::string&) { return std::optional(Computed{1, Dimension::none, false}); };
    if (!evaluate(node.text, anything, mistake) && mistake.syntax) return filled;
    return compute(*filled, key, "a value", copy);
}

std::optional<Node> Names::fill(const Node& node, const std::string& key, std::optional<int> copy) {
    still_here();
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
