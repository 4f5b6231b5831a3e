// The section `schedule:`: what changes while the graph runs, and where.
#include "core/numbers/quantity.hpp"
#include "graph/resolve/names.hpp"
#include "graph/text/keys.hpp"
#include "graph/text/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace flowspan::graph {
namespace {

/// Arguments of commands have no declaration here: a number, true or false, a text, or a list of them.
Value plain_value(const Node& node) {
    if (node.kind == Node::Kind::list) {
        Value::List list;
        for (const Node& item : node.items) list.push_back(plain_value(item));
        return list;
    }
    if (node.quoted) return node.text;
    if (const auto yes = parse_boolean(node.text)) return *yes;
    if (const auto integer = parse_integer(node.text)) return *integer;
    if (const auto quantity = parse_quantity(node.text)) return quantity->value;
    return node.text;
}

class ScheduleReader {
public:
    explicit ScheduleReader(Reading& reading) : reading_(reading) {}

    void read(const Node& schedule) {
        if (schedule.kind == Node::Kind::null) return;
        if (schedule.kind != Node::Kind::list) {
            refuse(schedule, "schedule", "a list of changes such as {at: 480000, set: gain.constant, to: 2}", shown(schedule));
            return;
        }
        for (std::size_t k = 0; k < schedule.items.size(); ++k) read_line(schedule.items[k], fmt::format("schedule[{}]", k));
    }

private:
    void refuse(const Node& at, std::string key, std::string expected, std::string got, std::string hint = {}) {
        reading_.refuse(at.at, std::move(key), std::move(expected), std::move(got), std::move(hint), at.context);
    }

    void read_line(const Node& line, const std::string& key) {
        if (line.kind != Node::Kind::map) {
            refuse(line, key, "{at: …, set: block.parameter, to: …} or {at: …, call: block.command, with: […]}", shown(line));
            return;
        }
        for (const auto& [name, value] : line.entries) {
            if (std::find(keys::change.begin(), keys::change.end(), name.text) == keys::change.end())
                refuse(name, key, "one of " + joined(keys::change, ", "), name.text,
                       hint_for(name.text, keys::change, "keys: "));
        }
        const Node *at = line.find("at"), *set = line.find("set"), *call = line.find("call");
        if (at == nullptr) refuse(line, key + ".at", "the place where it takes effect", "nothing");
        if ((set == nullptr) == (call == nullptr)) refuse(line, key, "`set:` or `call:`", set == nullptr ? "neither" : "both");
        const Node* foreign = line.find(set != nullptr ? "with" : "to");
        if (foreign != nullptr && (set == nullptr) != (call == nullptr))
            refuse(*foreign, key, set != nullptr ? "`to:` with `set:`" : "`with:` with `call:`",
                   set != nullptr ? "with" : "to");
        if (at == nullptr || (set == nullptr) == (call == nullptr)) return;
        ScheduledChange change;
        change.at = line.at;
        change.key = key;
        change.command = call != nullptr;
        const bool placed = read_when(*at, key + ".at", change),
                   named = read_target(set != nullptr ? *set : *call, key, change);
        if (named && read_value(line, key, change) && placed) reading_.spec.schedule.push_back(std::move(change));
    }

    bool read_when(const Node& at, const std::string& key, ScheduledChange& change) {
        const auto filled = reading_.names.fill(at, key);
        if (!filled) return false;
        try {
            if (filled->kind == Node::Kind::scalar) {
                change.when = When::from(filled->text);
                return true;
            }
        } catch (const std::invalid_argument&) {}
        refuse(at, key, "a sample index, a time such as 1.5 s, or UTC such as 2026-01-31T12:00:00Z", shown(*filled));
        return false;
    }

    /// `block.parameter`, `block[*].parameter`, `group[3].block.parameter`.
    bool read_target(const Node& target, const std::string& line, ScheduledChange& change) {
        const std::string key = line + (change.command ? ".call" : ".set");
        const std::size_t dot = target.kind == Node::Kind::scalar ? target.text.rfind('.') : std::string::npos;
        if (dot == std::string::npos || target.text.find(']', dot) != std::string::npos) {
            refuse(target, key, change.command ? "`block.command`" : "`block.parameter`", shown(target));
            return false;
        }
        change.name = target.text.substr(dot + 1);
        const auto selections = select_blocks(reading_, target, target.text.substr(0, dot), 0, key);
        if (!selections) return false;
        for (const auto& selection : *selections)
            change.blocks.insert(change.blocks.end(), selection.blocks.begin(), selection.blocks.end());
        if (change.command) return true;
        for (const int block : change.blocks) {
            if (declaration_of(block, change.name) != nullptr) continue;
            const FlatBlock& flat = reading_.spec.blocks[std::size_t(block)];
            if (!reading_.catalog.has(flat.type)) return false;  // said where it stands
            const KnownNames known = changeable_parameters(flat.name, reading_.catalog.parameters(flat.type));
            refuse(target, key, known.what, change.name, known.hint(change.name));
            return false;
        }
        return true;
    }

    const ParameterDeclaration* declaration_of(int block, const std::string& name) const {
        const FlatBlock& flat = reading_.spec.blocks[std::size_t(block)];
        if (!reading_.catalog.has(flat.type)) return nullptr;
        for (const ParameterDeclaration* d : reading_.catalog.parameters(flat.type))
            if (d->name == name && d->when == Change::running) return d;
        return nullptr;
    }

    bool read_value(const Node& line, const std::string& key, ScheduledChange& change) {
        if (change.command) {
            const Node* with = line.find("with");
            const auto filled =
                with == nullptr ? std::optional<Node>(Node{}) : reading_.names.evaluate_all(*with, key + ".with");
            if (!filled) return false;
            if (filled->kind == Node::Kind::null)
                change.value = Value::List{};
            else
                change.value =
                    filled->kind == Node::Kind::list ? plain_value(*filled) : Value(Value::List{plain_value(*filled)});
            return true;
        }
        const Node* to = line.find("to");
        if (to == nullptr) {
            refuse(line, key + ".to", "the new value", "nothing");
            return false;
        }
        if (change.blocks.empty()) return false;  // of a block that is not enabled
        const ParameterDeclaration& declaration = *declaration_of(change.blocks.front(), change.name);
        const bool computed = declaration.kind == ParameterKind::boolean || declaration.kind == ParameterKind::integer ||
                              declaration.kind == ParameterKind::real || declaration.kind == ParameterKind::complex;
        const auto filled = computed ? reading_.names.compute(*to, key + ".to", declaration.expectation())
                                     : reading_.names.fill(*to, key + ".to");
        if (!filled) return false;
        const auto value = read_setting(*filled, declaration, key + ".to", reading_.found);
        if (value) change.value = *value;
        return value.has_value();
    }

    Reading& reading_;
};

}  // namespace

void read_schedule(Reading& reading, const Node& schedule) { ScheduleReader(reading).read(schedule); }

}  // namespace flowspan::graph
