// Groups that no use of theirs has been read of: what can be said of them all the same.
#include "graph/text/reader.hpp"

#include <fmt/format.h>

namespace flowspan::graph {
namespace {

/// Takes everything away that reading a group has added, but for what was found.
struct Trial {
    explicit Trial(Reading& reading)
        : reading_(reading),
          blocks_(reading.spec.blocks.size()),
          streams_(reading.spec.streams.size()),
          messages_(reading.spec.messages.size()),
          unused_(reading.spec.unused.size()),
          instances_(reading.instances) {}
    ~Trial() {
        FlowgraphSpec& spec = reading_.spec;
        spec.blocks.resize(blocks_);
        spec.streams.resize(streams_);
        spec.messages.resize(messages_);
        spec.unused.resize(unused_);
        reading_.instances = instances_;
        reading_.ports.resize(blocks_);
        reading_.certain.resize(blocks_);
        reading_.right.resize(blocks_);
        reading_.usable.resize(blocks_);
        const int first = int(blocks_);
        spec.assignment.needs.erase(spec.assignment.needs.lower_bound(first), spec.assignment.needs.end());
        reading_.unsure.erase(reading_.unsure.lower_bound(first), reading_.unsure.end());
        const Reading::PortKey port(first, "");
        reading_.fed.erase(reading_.fed.lower_bound(port), reading_.fed.end());
        reading_.read.erase(reading_.read.lower_bound(port), reading_.read.end());
        reading_.without.erase(reading_.without.lower_bound(port), reading_.without.end());
        reading_.exported.erase(reading_.exported.lower_bound(port), reading_.exported.end());
    }
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

private:
    Reading& reading_;
    std::size_t blocks_, streams_, messages_, unused_, instances_;
};

void try_group(Reading& reading, const Group& group) {
    const Trial trial(reading);
    Scope scope(&reading.graph, reading.found, *reading.outside, reading.chain);
    scope.group = &group;
    scope.use = std::make_shared<const GroupUse>(GroupUse{group.name, group.at, nullptr});
    scope.prefix = scope.base_prefix = "group " + group.name + ".";  // no name in a graph has a blank
    scope.of_nobody = true;
    scope.names.allow_unknown(true);
    const std::size_t before = reading.found.size();
    const Node nothing;
    const Node* parameters = group.section("parameters");
    scope.names.declare(parameters == nullptr ? nothing : *parameters, scope.section("parameters"));
    read_scope(reading, scope, *group.body);
    const std::string prefix = scope.member_key("");
    for (std::size_t i = before; i < reading.found.size(); ++i) {
        Diagnostic& one = reading.found[i];
        if (one.key.starts_with(prefix)) one.key = scope.section("blocks") + "." + one.key.substr(prefix.size());
        one.context.push_back("in group " + group.name + (group.used ? "" : ", which is used nowhere"));
    }
}

}  // namespace

void check_groups_of_nobody(Reading& reading) {
    for (const auto& [name, group] : reading.groups)
        if (!group.read && group.good) try_group(reading, group);
}

}  // namespace flowspan::graph
