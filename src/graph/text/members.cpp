// What stands under `blocks:`, in the graph and in groups: types, copies, `enabled:`, and `$block.parameter`.
#include "core/numbers/quantity.hpp"
#include "graph/mistakes/from_gnuradio.hpp"
#include "graph/resolve/names.hpp"
#include "graph/resolve/needs.hpp"
#include "graph/text/keys.hpp"
#include "graph/text/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flowspan::graph {
namespace {

/// "receive[3].demod": names with an index or in a group, as the flat graph has them.
bool is_flat_name(const std::string& text) {
    std::string why;
    const auto path = parse_path(text, 0, why);
    if (!path || (path->steps.size() == 1 && !path->steps[0].copies)) return false;
    return std::all_of(path->steps.begin(), path->steps.end(), [](const PathStep& step) {
        return !step.copies || (step.copies->size() == 1 && step.copies->text.find('-') == std::string::npos);
    });
}

bool is_own_key(const std::string& key) { return std::find(keys::block.begin(), keys::block.end(), key) != keys::block.end(); }

void read_type(Reading& reading, Scope& scope, Member& member, const Node& type) {
    const std::string key = scope.member_key(member.name);
    const auto filled = scope.names.fill(type, key + ".type");
    if (!filled) return;
    member.type = filled->text;
    member.known = filled->kind == Node::Kind::scalar && reading.catalog.has(member.type);
    if (member.known) {
        member.declarations = reading.catalog.parameters(member.type);
        return;
    }
    std::string hint = hint_for_type(member.type, reading.catalog.types());
    if (hint.empty() && reading.groups.contains(member.type)) hint = fmt::format("a group is used by `group: {}`", member.type);
    if (hint.empty()) hint = "`flowspan blocks` lists the types; those of a plug-in come with --plugin FILE";
    reading.refuse(type.at, key + ".type", "a block type", shown(*filled), hint, filled->context);
}

void read_group_name(Reading& reading, Scope& scope, Member& member, const Node& group) {
    const std::string key = scope.member_key(member.name) + ".group";
    const auto filled = scope.names.fill(group, key);
    if (!filled) return;
    const auto found = reading.groups.find(filled->text);
    if (filled->kind != Node::Kind::scalar || found == reading.groups.end()) {
        std::vector<std::string> known;
        for (const auto& [name, one] : reading.groups) known.push_back(name);
        std::string hint = hint_for(filled->text, known, "there are: ");
        if (reading.catalog.has(filled->text)) hint = fmt::format("a block is written `type: {}`", filled->text);
        reading.refuse(group.at, key, "a group", shown(*filled), hint, filled->context);
        return;
    }
    std::size_t depth = 0;
    std::string circle = filled->text;
    for (const GroupUse* use = scope.use.get(); use != nullptr; use = use->around.get(), ++depth) {
        circle = use->group + " -> " + circle;
        if (use->group != filled->text) continue;
        reading.refuse(group.at, key, "a group that does not contain itself", circle);
        return;
    }
    if (depth >= deepest_groups) {
        reading.refuse(group.at, key, fmt::format("at most {} groups within each other", deepest_groups), filled->text);
        return;
    }
    found->second.used = true;
    member.known = found->second.good;
    member.group = &found->second;
}

void read_kind(Reading& reading, Scope& scope, Member& member) {
    const Node *type = member.body->find("type"), *group = member.body->find("group");
    if (type != nullptr && group != nullptr)
        reading.refuse(group->at, scope.member_key(member.name), "`type:` or `group:`", "both");
    if (type != nullptr)
        read_type(reading, scope, member, *type);
    else if (group != nullptr)
        read_group_name(reading, scope, member, *group);
    else
        reading.refuse(member.at, scope.member_key(member.name), reading.groups.empty() ? "`type:`" : "`type:` or `group:`",
                       "nothing", "`flowspan blocks` lists the types");
}

void read_settings(Reading& reading, Scope& scope, Member& member) {
    for (const auto& [name, value] : member.body->entries) {
        if (is_own_key(name.text)) continue;
        if (std::find(keys::needing.begin(), keys::needing.end(), name.text) != keys::needing.end()) {
            const std::string key = scope.member_key(member.name) + "." + name.text;
            const auto needs = read_needs(reading, scope.names, value, key, name.text == "prefer");
            member.needs.insert(member.needs.end(), needs.begin(), needs.end());
            continue;
        }
        if (member.known && !member.has_parameter(name.text)) {
            std::string hint =
                hint_for(name.text,
                         {member.group != nullptr ? "group" : "type", "copies", "enabled", "device", "require", "prefer"}, "");
            const KnownNames known = member.known_parameters();
            member.may_be_copied = member.may_be_copied || nearest_name(name.text, {"copies"}) == "copies";
            if (member.group == nullptr && !hint.empty())
                member.complete = false;
            else
                member.mean(name.text);
            if (member.group != nullptr) member.may_mean.insert(name.text);  // it may lack in the group
            if (hint.empty()) hint = known.hint(name.text);
            reading.refuse(name.at, scope.member_key(member.name), known.what, name.text, hint);
            continue;
        }
        member.settings.emplace_back(&name, &value);
    }
}

void read_copies(Reading& reading, Scope& scope, Member& member) {
    const Node* copies = member.body->find("copies");
    if (copies == nullptr) return;
    const std::string key = scope.member_key(member.name) + ".copies";
    const std::string expected = fmt::format("an integer from 1 to {}", most_copies);
    member.copied = true;
    if (member.flat) {
        reading.refuse(copies->at, key, "no `copies:` beside a full name", shown(*copies));
        return;
    }
    auto filled = scope.names.fill(*copies, key);
    if (filled) filled = scope.names.compute(*filled, key, expected);
    const auto count = filled && filled->kind == Node::Kind::scalar ? parse_integer(filled->text) : std::nullopt;
    if (!count || *count < 1 || *count > most_copies) {
        if (filled) reading.refuse(copies->at, key, expected, shown(*filled), "", filled->context);
        member.certain = false;
        member.copies = copies_of_lists(member);
        return;
    }
    member.copies = int(*count);
}

void read_enabled(Reading& reading, Scope& scope, Member& member) {
    const Node* enabled = member.body->find("enabled");
    if (enabled == nullptr) return;
    const std::string key = scope.member_key(member.name) + ".enabled", expected = "true, false, or a comparison";
    auto filled = scope.names.fill(*enabled, key);
    if (filled) filled = scope.names.compute(*filled, key, expected);
    if (!filled) {
        member.certain = false;
        return;
    }
    const auto answer = filled->kind == Node::Kind::scalar ? parse_boolean(filled->text) : std::nullopt;
    if (!answer) {
        reading.refuse(enabled->at, key, expected, shown(*filled), "", filled->context);
        member.certain = false;
    }
    member.enabled = answer.value_or(true);
}

void read_device(Reading& reading, Scope& scope, Member& member) {
    const Node* device = member.body->find("device");
    if (device == nullptr) return;
    const std::string key = scope.member_key(member.name) + ".device";
    const auto filled = scope.names.fill(*device, key);
    if (!filled) return;
    if (filled->kind == Node::Kind::scalar) member.device = parse_device(filled->text);
    if (!member.device)
        reading.refuse(device->at, key, "one of " + joined(keys::devices, ", "), shown(*filled),
                       filled->kind != Node::Kind::scalar ? ""
                       : filled->text == "gpu"            ? "did you mean `cuda`?"
                                                          : hint_for(filled->text, keys::devices, ""),
                       filled->context);
}

/// What is wrong with an override once the copies are known; the others stay, and those that go astray within a group.
void check_overrides(Reading& reading, Member& member) {
    for (const std::string& parameter : member.lost) member.mean(parameter);
    std::erase_if(member.overrides, [&](PathOverride& one) {
        const std::string key = "blocks." + without_indices(one.path.text);
        const auto lose = [&] {
            member.mean(one.parameter);
            one.astray = true;
            one.path.steps[one.depth].copies.reset();
            return one.arrived() || member.group == nullptr;
        };
        const auto refuse = [&](std::string expected, std::string got, std::string hint = {}) {
            reading.refuse(one.value.at, key, std::move(expected), std::move(got), std::move(hint));
            return lose();
        };
        if (one.astray) return lose();
        if (one.arrived() && member.known && !member.has_parameter(one.parameter))
            return refuse(member.known_parameters().what, one.parameter, member.known_parameters().hint(one.parameter));
        if (!one.arrived() && member.known && member.group == nullptr)
            return refuse("a group", fmt::format("{}, a block ({})", member.name, member.type));
        if (!one.step().copies) return false;
        if (!member.copied) return refuse("a block with `copies:`", one.path.text);
        if (!one.step().copies->pick(member.copies))
            return refuse(fmt::format("copies 0 to {}", member.copies - 1), one.step().copies->text);
        return false;
    });
}

/// What was to be set was not found: in doubt is the block of the nearest name, or any that has such a parameter.
void lose_override(Scope& scope, const std::string& block, const std::string& parameter) {
    Member* member = scope.find(block);
    if (member == nullptr) member = scope.find(nearest_name(block, scope.member_names()));
    if (member != nullptr) return member->lost.push_back(parameter);
    for (Member* any : scope.order) any->lost.push_back(parameter);
}

void distribute_overrides(Reading& reading, Scope& scope) {
    if (scope.group == nullptr)
        for (const auto& [block, parameter] : reading.lost_overrides) lose_override(scope, block, parameter);
    for (const PathOverride& one : scope.overrides) {
        // In a flat graph the full name is one word.
        const auto whole = scope.has_flat_names ? scope.members.find(one.path.text) : scope.members.end();
        Member* member = whole != scope.members.end() ? &whole->second : scope.find(one.step().name);
        if (member == nullptr) {
            lose_override(scope, one.step().name, one.parameter);
            reading.refuse(one.value.at, "", "a block", one.step().name,
                           hint_for(one.step().name, scope.member_names(),
                                    scope.group == nullptr ? "the graph has: " : "group " + scope.group->name + " has: "));
            continue;
        }
        PathOverride mine = one;
        if (whole != scope.members.end()) {
            mine.path.steps = {{one.path.text, {}}};
            mine.depth = 0;
        }
        member->overrides.push_back(std::move(mine));
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

/// `$block.parameter` while it is asked for.
struct Asked {
    Reading& reading;
    Scope& scope;
    Member& member;
    const std::string& parameter;
    const Node& use;
    const std::string& key;

    std::string name() const { return "$" + member.name + "." + parameter; }
    std::nullopt_t refuse(std::string expected, std::string got, std::string hint = {}) const {
        reading.refuse(use.at, key, std::move(expected), std::move(got), std::move(hint), use.context);
        return std::nullopt;
    }
    /// As written, in the file or on the command line.
    const Node* written() const {
        const Node* value = nullptr;
        for (const auto& [word, setting] : member.settings)
            if (word->text == parameter) value = setting;
        for (const PathOverride& one : member.overrides)
            if (one.arrived() && one.parameter == parameter && (!one.step().copies || one.step().copies->all))
                value = &one.value;
        return value;
    }
    std::optional<Node> evaluate(const Node& value) const {
        const bool varies = value.kind == Node::Kind::list || value.text.find("$index") != std::string::npos ||
                            value.text.find("${index}") != std::string::npos;
        if (member.copied && varies) return refuse("a parameter that is the same in all copies", name());
        const ParameterDeclaration* declaration = member.declaration(parameter);
        auto result = value_for(reading, scope, member, parameter, value, declaration, 0);
        if (result && result->from.empty() && value.at.line > 0) result->from = value.at.file;
        return result;
    }
    bool is_fact() const { return std::find(keys::facts.begin(), keys::facts.end(), parameter) != keys::facts.end(); }
    /// What the recording's header, or the source itself, says.
    std::optional<Node> fact() const {
        const bool rate = parameter == "sample_rate", length = parameter == "length";
        if (member.group != nullptr || !member.known || !is_fact()) return std::nullopt;
        if (!member.facts) {
            FlatBlock block;
            block.name = block.base = scope.prefix + member.name;
            block.type = member.type;
            block.at = member.at;
            for (const auto& [word, value] : settings_of(member, 0)) {
                auto setting = value_for(reading, scope, member, word, *value, member.declaration(word), 0);
                if (!setting) return std::nullopt;
                block.settings.emplace(word, std::move(*setting));
            }
            const std::size_t before = reading.found.size();
            member.facts = reading.outside->facts_of(block, reading.found);
            member.facts_wrong = reading.found.size() > before;
        }
        Node node;
        node.kind = Node::Kind::scalar;
        const auto& number = rate ? member.facts->sample_rate : member.facts->center_frequency;
        if (length && member.facts->length)
            node.text = std::to_string(*member.facts->length);
        else if (!length && number)
            node.text = format_number(*number) + " Hz";
        else
            return std::nullopt;
        return node;
    }
    std::optional<Node> group_default() const {
        if (!member.group->has_parameter(parameter)) return std::nullopt;
        Chain& chain = reading.chain;
        Names names(reading.found, *reading.outside, chain, &reading.names);
        names.declare(*member.group->section("parameters"), "groups." + member.group->name + ".parameters");
        const Node* value = names.value_of(parameter, use, key);
        return value == nullptr ? std::nullopt : std::optional<Node>(*value);
    }
    std::optional<Node> find() const {
        if (const Node* value = written(); value != nullptr && value->kind != Node::Kind::null) return evaluate(*value);
        if (member.may_mean.contains(parameter)) reading.chain.doubt();
        if (member.group != nullptr && member.known) {
            if (auto value = group_default()) return value;
        } else if (const ParameterDeclaration* declaration = member.declaration(parameter);
                   declaration != nullptr && declaration->initial) {
            return default_of(*declaration);
        }
        const std::size_t before = reading.found.size();
        if (auto value = fact()) return value;
        if (!member.known || reading.found.size() > before || (is_fact() && member.facts_wrong)) return std::nullopt;
        if (is_fact() && member.declaration("path") != nullptr)
            return refuse(fmt::format("a `{}` that the recording of {} says", parameter, member.name), name(),
                          member.has_parameter(parameter) ? fmt::format("give {} a `{}:`, or --set {}{}.{}=...", member.name,
                                                                        parameter, scope.prefix, member.name, parameter)
                                                          : "");
        return refuse("a parameter of " + member.name + " that has a value", parameter,
                      member.known_parameters().hint(parameter));
    }
};

std::optional<Node> parameter_of(Reading& reading, Scope& scope, const std::string& block, const std::string& parameter,
                                 const Node& use, const std::string& key) {
    Member* member = scope.find(block);
    if (member == nullptr) {
        reading.refuse(use.at, key, "a block", block, hint_for(block, scope.member_names(), "the graph has: "));
        return std::nullopt;
    }
    if (const auto known = member->values.find(parameter); known != member->values.end()) {
        if (member->doubted.contains(parameter)) reading.chain.doubt();
        return known->second;
    }
    const Asked asked{reading, scope, *member, parameter, use, key};
    std::string circle;
    if (reading.chain.closes(member, asked.name(), circle))
        return asked.refuse("a value that does not depend on itself", circle);
    if (reading.chain.is_full()) return asked.refuse(Chain::limit(), asked.name());
    reading.chain.push(member, asked.name());
    const std::size_t doubts = reading.chain.doubts();
    auto value = asked.find();
    reading.chain.pop();
    if (reading.chain.doubts() > doubts) member->doubted.insert(parameter);
    if (value) member->values.emplace(parameter, value);
    return value;
}

}  // namespace

const ParameterDeclaration* Member::declaration(const std::string& parameter) const {
    for (const auto* one : declarations)
        if (one->name == parameter) return one;
    return nullptr;
}

std::vector<std::string> Member::parameter_names() const {
    if (group != nullptr) return group->parameter_names();
    std::vector<std::string> all;
    for (const auto* one : declarations) all.push_back(one->name);
    return all;
}

void Member::mean(const std::string& parameter) {
    const std::string near = nearest_name(parameter, parameter_names());
    if (!near.empty()) may_mean.insert(near);
}

bool Member::has_parameter(const std::string& parameter) const {
    return group != nullptr ? group->has_parameter(parameter) : declaration(parameter) != nullptr;
}

namespace {

/// Of a line under `blocks:` that is no block: it may stand too far in or out.
std::string hint_of_indent(const Node& blocks, const Node& name, const Node& body) {
    if (std::find(keys::sections.begin(), keys::sections.end(), name.text) != keys::sections.end())
        return fmt::format("the section `{}:` begins in the first column", name.text);
    if (body.kind == Node::Kind::null) return fmt::format("what belongs to `{}:` stands further in", name.text);
    const Node* before = nullptr;  // the nearest above that has nothing in it, of those that are no blocks
    for (const auto& [other, content] : blocks.entries) {
        if (&other == &name) break;
        if (content.kind == Node::Kind::null) before = &other;
        if (content.kind == Node::Kind::map) before = nullptr;
    }
    return before == nullptr ? "" : fmt::format("indent it if it belongs to `{}:`", before->text);
}

}  // namespace

void register_members(Reading& reading, Scope& scope, const Node& blocks) {
    const std::string section = scope.section("blocks");
    if (blocks.kind != Node::Kind::map) {
        if (blocks.at.line > 0) reading.refuse(blocks.at, section, "`name: {type: ...}` lines", shown(blocks));
        return;
    }
    for (const auto& [name, body] : blocks.entries) {
        const bool flat = scope.group == nullptr && is_flat_name(name.text);
        if (!flat && !is_name(name.text)) {
            reading.refuse(name.at, section, "a name of letters, digits, `_` and `-`", shown(name));
            continue;
        }
        if (scope.group != nullptr && scope.group->has_port(name.text)) {
            reading.refuse(name.at, section, "a name that is no port of the group (" + joined(scope.group->ports, ", ") + ")",
                           name.text, scope.group->ports_listed ? "" : "`ports:` gives the group's ports other names");
            continue;
        }
        Member& member = scope.members[name.text];
        member.name = name.text;
        member.at = name.at;
        member.flat = flat;
        scope.has_flat_names = scope.has_flat_names || flat;
        scope.order.push_back(&member);
        if (body.kind == Node::Kind::map)
            member.body = &body;
        else
            reading.refuse(body.kind == Node::Kind::null ? name.at : body.at, scope.member_key(name.text), "`{type: ...}`",
                           shown(body), hint_of_indent(blocks, name, body));
    }
}

void read_members(Reading& reading, Scope& scope) {
    Names::Blocks blocks;
    blocks.known = [&scope](const std::string& block) { return scope.find(block) != nullptr; };
    blocks.value = [&reading, &scope](const std::string& block, const std::string& parameter, const Node& use,
                                      const std::string& key) {
        return parameter_of(reading, scope, block, parameter, use, key);
    };
    distribute_overrides(reading, scope);
    for (Member* member : scope.order)
        if (member->body != nullptr) read_kind(reading, scope, *member);
    scope.names.set_blocks(std::move(blocks));  // from here on: what a block is does not depend on what others have
    for (Member* member : scope.order)
        if (member->body != nullptr) read_settings(reading, scope, *member);
    auto parameters = scope.names.all();
    if (scope.group == nullptr) reading.spec.parameters = std::move(parameters);
    for (Member* member : scope.order) {
        if (member->body == nullptr) continue;
        const std::size_t doubts = reading.chain.doubts();
        read_copies(reading, scope, *member);
        read_enabled(reading, scope, *member);
        read_device(reading, scope, *member);
        member->doubtful = reading.chain.doubts() > doubts;
    }
    for (Member* member : scope.order) {
        check_overrides(reading, *member);
        member->first = int(reading.spec.blocks.size());
        if (!member->enabled) continue;
        for (int copy = 0; copy < member->copies && reading.room_for_blocks(member->at); ++copy) {
            if (member->group != nullptr)
                make_instance(reading, scope, *member, copy);
            else
                make_block(reading, scope, *member, copy);
        }
    }
}

}  // namespace flowspan::graph
