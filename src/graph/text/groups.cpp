// One instance of a group, and the order in which the graph and its groups are read.
#include "core/process/alive.hpp"
#include "graph/resolve/names.hpp"
#include "graph/text/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flowspan::graph {
namespace {

const Node nothing;

const Node& section_of(const Node& body, std::string_view name) {
    const Node* node = body.find(name);
    return node == nullptr ? nothing : *node;
}

std::unique_ptr<Scope> scope_for(Reading& reading, const Scope& around, const Member& member, int copy) {
    auto scope = std::make_unique<Scope>(&reading.graph, reading.found, *reading.outside, reading.chain);
    scope->group = member.group;
    scope->use = std::make_shared<const GroupUse>(GroupUse{member.group->name, member.at, around.use});
    const std::string plain = around.prefix + member.name;
    scope->prefix = (member.copied ? fmt::format("{}[{}]", plain, copy) : plain) + ".";
    scope->copied = member.copied || around.copied;
    scope->copy = member.copied ? copy : around.copy;
    scope->copies = member.copied ? member.copies : around.copies;
    scope->base_prefix = (member.copied ? plain : around.base_prefix + member.name) + ".";
    if (scope->copied) scope->names.set_index(scope->copy);
    scope->of_nobody = around.of_nobody;
    if (scope->of_nobody) scope->names.allow_unknown(false);
    return scope;
}

/// Gives the group's parameters what the use says. Of what depends on a value that a mistake hides nothing is said.
void give_arguments(Reading& reading, Scope& around, Member& member, int copy, Scope& scope) {
    scope.names.declare(section_of(*member.group->body, "parameters"), scope.section("parameters"));
    const auto settings = settings_of(member, copy);
    for (const std::string& name : member.may_mean)
        if (!settings.contains(name)) scope.names.forget(name);
    if (member.may_be_copied || (member.copied && !member.certain)) scope.names.forget("index");
    for (const auto& [parameter, value] : settings) {
        const std::size_t doubts = reading.chain.doubts();
        auto given = value_for(reading, around, member, parameter, *value, nullptr, copy);
        if (given && given->kind == Node::Kind::null) {
            reading.refuse(value->at, around.member_key(member.name) + "." + parameter, "a value", "nothing");
            given.reset();
        }
        if (!given) scope.names.forget(parameter);
        if (given && scope.names.has(parameter))
            scope.names.give(parameter, std::move(*given), around.member_key(member.name) + "." + parameter);
        if (reading.chain.doubts() > doubts) scope.names.doubt(parameter);
    }
}

void pass_overrides(const Member& member, int copy, Scope& scope) {
    for (const PathOverride* one : member.overrides_of(copy)) {
        if (one->arrived()) continue;
        scope.overrides.push_back(*one);
        ++scope.overrides.back().depth;
    }
}

}  // namespace

std::string GroupUse::text() const { return fmt::format("in group {}, used at {}", group, place_of(at)); }

void make_instance(Reading& reading, Scope& around, Member& member, int copy) {
    still_here();
    ++reading.instances;
    auto scope = scope_for(reading, around, member, copy);
    give_arguments(reading, around, member, copy, *scope);
    const std::size_t before = reading.found.size();
    pass_overrides(member, copy, *scope);
    scope->needs = around.needs;
    scope->needs.insert(scope->needs.end(), member.needs.begin(), member.needs.end());
    scope->device = member.device ? member.device : around.device;
    scope->first = reading.spec.blocks.size();
    if (member.known) {
        member.group->read = true;
        read_scope(reading, *scope, *member.group->body);
    }
    scope->last = reading.spec.blocks.size();
    for (std::size_t i = before; i < reading.found.size(); ++i) {
        Diagnostic& one = reading.found[i];
        const bool of_others = one.key.starts_with("blocks.") && !one.key.starts_with(around.member_key(member.name));
        if (!of_others) one.context.push_back(scope->use->text());
    }
    scope->certain = member.known && member.certain && !scope->unsure;
    // How many there are of them, or whether they are there, is not known.
    for (std::size_t b = scope->first; !member.certain && b < scope->last; ++b) reading.certain[b] = reading.usable[b] = false;
    member.instances.push_back(std::move(scope));
}

void read_scope(Reading& reading, Scope& scope, const Node& body) {
    register_members(reading, scope, section_of(body, "blocks"));
    read_members(reading, scope);
    read_connections(reading, scope, section_of(body, "connections"));
    read_messages(reading, scope, section_of(body, "messages"));
    read_unused(reading, scope, section_of(body, "unused"));
    if (scope.group != nullptr) check_own_ports(reading, scope);
    check_ports(reading, scope);
}

void check_own_ports(Reading& reading, Scope& scope) {
    if (scope.unsure) return;
    for (const std::string& name : scope.group->ports) {
        const auto port = scope.ports.find(name);
        if (port == scope.ports.end()) {
            if (scope.group->ports_listed)
                reading.refuse(scope.group->ports_at, scope.section("ports"),
                               fmt::format("a connection of `{}` within the group", name), "none");
            continue;
        }
        std::vector<int> open;
        for (std::size_t i = 0; i < port->second.elements.size(); ++i)
            if (port->second.elements[i].ends.empty() && !port->second.elements[i].without) open.push_back(int(i));
        if (!open.empty())
            reading.refuse(scope.group->ports_listed ? scope.group->ports_at : scope.group->at, scope.section("ports"),
                           fmt::format("a connection of `{}[{}]` within the group", name, index_ranges(open)), "none");
    }
}

}  // namespace flowspan::graph
