// One copy of a block: its settings, and the flat block that comes of it.
#include "core/mistakes/collect.hpp"
#include "core/numbers/quantity.hpp"
#include "core/process/alive.hpp"
#include "graph/mistakes/bare_names.hpp"
#include "graph/resolve/names.hpp"
#include "graph/text/keys.hpp"
#include "graph/text/reader.hpp"
#include "graph/values/lists.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flowspan::graph {
namespace {

bool is_computed(const ParameterDeclaration* declaration) {
    if (declaration == nullptr) return false;
    const ParameterKind kind = declaration->kind;
    return kind == ParameterKind::integer || kind == ParameterKind::real || kind == ParameterKind::boolean ||
           is_list_of_numbers(*declaration) || kind == ParameterKind::complex;
}

/// A list for a parameter that is no list, or a list of lists for one that is, has one entry a copy. So has every list for a
/// parameter of a group, which is of no kind.
bool is_per_copy(const Member& member, const ParameterDeclaration* declaration, const Node& value) {
    if (!(member.copied || member.may_be_copied) || value.kind != Node::Kind::list) return false;
    if (declaration == nullptr) return true;
    if (!is_list(*declaration)) return true;
    return !value.items.empty() && value.items.front().kind == Node::Kind::list;
}

void name_block(const Scope& scope, const Member& member, int copy, FlatBlock& flat) {
    flat.base = scope.prefix + member.name;
    flat.name = flat.base;
    if (member.flat) {
        flat.base = without_last_index(flat.name);
        flat.copied = flat.base != flat.name;
        if (flat.copied) flat.copy = std::atoi(flat.name.c_str() + flat.name.rfind('[') + 1);
    } else if (member.copied) {
        flat.name += fmt::format("[{}]", copy);
        flat.copied = true;
        flat.copy = copy;
        flat.copies = member.copies;
    } else if (scope.copied) {
        flat.base = scope.base_prefix + member.name;
        flat.copied = true;
        flat.copy = scope.copy;
        flat.copies = scope.copies;
    }
}

void check_group_sizes(Reading& reading, const FlatBlock& flat, std::vector<PortInfo>& ports) {
    for (PortInfo& port : ports) {
        if (!port.group || port.size <= most_ports) continue;
        reading.refuse(flat.at, "blocks." + flat.name, fmt::format("at most {} ports `{}`", most_ports, port.name),
                       std::to_string(port.size));
        port.size = -1;
    }
}

/// Names of parameters without `$`, where a number is wanted.
bool refuse_bare_names(Reading& reading, const Scope& scope, const Node& node, const ParameterDeclaration& declaration,
                       const std::string& key) {
    if (node.kind != Node::Kind::scalar || parse_quantity(node.text) || parse_complex(node.text) || parse_boolean(node.text))
        return false;
    const std::string meant =
        with_dollars(node.text, [&](const std::string& name) { return scope.names.stands_for_something(name); });
    if (meant.empty()) return false;
    reading.refuse(node.at, key, declaration.expectation(), node.text, fmt::format("did you mean `{}`?", meant), node.context);
    return true;
}

}  // namespace

std::optional<Node> value_for(Reading& reading, Scope& scope, Member& member, const std::string& parameter, const Node& value,
                              const ParameterDeclaration* declaration, int copy) {
    const std::string key = scope.member_key(member.name) + "." + parameter;
    const auto index = member.copied ? std::optional(copy) : std::nullopt;
    const auto in_full = [&](const Node& node) -> std::optional<Node> {
        if (declaration == nullptr && member.group != nullptr) return scope.names.evaluate_all(node, key, index);
        auto filled = scope.names.fill(node, key, index);
        if (filled && declaration != nullptr && is_list(*declaration) && names_a_list(*filled))
            return list_of_file(reading, *filled, *declaration, key);
        if (filled && is_computed(declaration)) {
            if (refuse_bare_names(reading, scope, *filled, *declaration, key)) return std::nullopt;
            return scope.names.compute(*filled, key, declaration->expectation(), index);
        }
        return filled;
    };
    const Node* written = &value;
    if (const auto list = member.lists.find(parameter); list != member.lists.end()) {
        written = &list->second;
    } else if (member.copied && value.kind == Node::Kind::scalar && value.text.starts_with('$')) {
        auto filled = scope.names.fill(value, key, index);  // `$name` may be a list: it is filled in once for all copies
        if (!filled) return std::nullopt;
        if (filled->kind == Node::Kind::list) written = &(member.lists[parameter] = std::move(*filled));
    }
    if (is_per_copy(member, declaration, *written)) {
        if (!member.copied) return std::nullopt;
        if (int(written->items.size()) != member.copies) {
            if (!member.certain) return std::nullopt;
            reading.refuse(value.at, key, fmt::format("{} entries, one a copy", member.copies),
                           fmt::format("{}", written->items.size()), "", written->context);
            return std::nullopt;
        }
        written = &written->items[std::size_t(copy)];
    }
    auto result = in_full(*written);
    if (result && declaration != nullptr && declaration->kind == ParameterKind::input_path) result->is_path = true;
    return result;
}

int copies_of_lists(const Member& member) {
    std::size_t most = 1;
    for (const auto& [name, value] : member.settings)
        if (is_per_copy(member, member.declaration(name->text), *value)) most = std::max(most, value->items.size());
    return int(std::min(most, std::size_t(most_copies)));
}

std::map<std::string, const Node*> settings_of(const Member& member, int copy) {
    std::map<std::string, const Node*> values;
    for (const auto& [name, value] : member.settings) values[name->text] = value;
    for (const PathOverride* one : member.overrides_of(copy))
        if (one->arrived()) values[one->parameter] = &one->value;
    return values;
}

std::vector<const PathOverride*> Member::overrides_of(int copy) const {
    if (by_copy_.count != overrides.size()) {
        by_copy_ = {overrides.size(), {}, {}};
        for (std::size_t k = 0; k < overrides.size(); ++k) {
            const auto& copies = overrides[k].step().copies;
            if (copies && copies->size() == 1)
                by_copy_.of_one[copies->ranges.front().first].push_back(k);
            else
                by_copy_.several.push_back(k);
        }
    }
    std::vector<std::size_t> about;
    for (const std::size_t k : by_copy_.several)
        if (!overrides[k].step().copies || overrides[k].step().copies->has(copy)) about.push_back(k);
    if (const auto own = by_copy_.of_one.find(copy); own != by_copy_.of_one.end()) {
        const auto middle = std::ptrdiff_t(about.size());
        about.insert(about.end(), own->second.begin(), own->second.end());
        std::inplace_merge(about.begin(), about.begin() + middle, about.end());
    }
    std::vector<const PathOverride*> list;
    for (const std::size_t k : about) list.push_back(&overrides[k]);
    return list;
}

namespace {

/// What the graph says of its parameters; what is missing, or cannot be understood, is in doubt.
void read_values(Reading& reading, Scope& scope, Member& member, int copy, FlatBlock& flat) {
    const auto values = settings_of(member, copy);
    for (const auto& [parameter, value] : values) {
        const std::size_t doubts = reading.chain.doubts();
        auto setting = value_for(reading, scope, member, parameter, *value, member.declaration(parameter), copy);
        if (!setting || reading.chain.doubts() > doubts) flat.in_doubt.insert(parameter);
        if (setting) flat.settings.emplace(parameter, std::move(*setting));
    }
    for (const auto* one : member.declarations) {
        if (one->initial || one->optional || values.contains(one->name)) continue;
        reading.refuse(member.at, scope.member_key(member.name) + "." + one->name, one->expectation(), "nothing",
                       "give `" + one->name + ":`");
        flat.in_doubt.insert(one->name);
    }
    flat.in_doubt.insert(member.may_mean.begin(), member.may_mean.end());
    if (!member.complete) flat.in_doubt.insert("");
}

}  // namespace

std::optional<DeviceChoice> parse_device(std::string_view text) {
    const auto found = std::find(keys::devices.begin(), keys::devices.end(), text);
    if (found == keys::devices.end()) return {};
    return DeviceChoice(found - keys::devices.begin());
}

void make_block(Reading& reading, Scope& scope, Member& member, int copy) {
    still_here();
    FlatBlock flat;
    name_block(scope, member, copy, flat);
    flat.type = member.type;
    flat.at = member.at;
    flat.use = scope.use;
    flat.device = member.device ? member.device : scope.device;
    flat.device_of_its_own = member.device.has_value();
    const std::size_t before = reading.found.size(), doubts = reading.chain.doubts();
    read_values(reading, scope, member, copy, flat);
    bool constructed = member.known;
    std::vector<PortInfo> ports;
    if (member.known) {
        constructed = collect(reading.found, [&] { ports = reading.catalog.ports(flat, reading.found); });
        check_group_sizes(reading, flat, ports);
    }
    const bool right = constructed && member.certain && flat.in_doubt.empty() && reading.found.size() == before &&
                       !member.doubtful && reading.chain.doubts() == doubts;
    const bool whole = std::none_of(ports.begin(), ports.end(), [](const PortInfo& port) { return port.size < 0; });
    std::vector<Need> needs = scope.needs;
    needs.insert(needs.end(), member.needs.begin(), member.needs.end());
    if (!needs.empty()) reading.spec.assignment.needs[int(reading.spec.blocks.size())] = std::move(needs);
    reading.spec.blocks.push_back(std::move(flat));
    reading.ports.push_back(std::move(ports));
    reading.certain.push_back(constructed);
    reading.right.push_back(right);
    reading.usable.push_back(constructed && member.certain && !member.doubtful && whole);
}

}  // namespace flowspan::graph
