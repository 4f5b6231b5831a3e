// What an endpoint means: which copies of a block, and which of their ports.
#include "graph/resolve/names.hpp"
#include "graph/text/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flowspan::graph {
namespace {

/// "in", "out[0-15]": as people would write it.
std::string written(const PortInfo& port) {
    if (!port.group) return port.name;
    if (port.size < 0) return port.name + "[*]";
    return port.size == 1 ? port.name + "[0]" : fmt::format("{}[0-{}]", port.name, port.size - 1);
}

std::string list_of(const std::string& block, const std::vector<const PortInfo*>& ports) {
    std::vector<std::string> all;
    all.reserve(ports.size());
    for (const PortInfo* port : ports) all.push_back(block + "." + written(*port));
    return joined(all, ", ");
}

/// A port of one copy of a block or a group.
struct Finder {
    Reading& reading;
    const Node& at;
    const Endpoint& endpoint;
    Side side;
    Stuff stuff;
    const std::string& key;

    void refuse(std::string expected, std::string got, std::string hint = {}) const {
        reading.refuse(inside(at, endpoint.offset), key, std::move(expected), std::move(got), std::move(hint), at.context);
    }
    std::string wanted() const {
        const std::string what = stuff == Stuff::message ? "a message " : "an ";
        return what + (side == Side::left ? "output" : "input");
    }
    bool fits(const PortInfo& port) const {
        return port.input == (side == Side::right) && port.message == (stuff == Stuff::message);
    }

    /// The port that is meant; nullptr after a mistake.
    const PortInfo* find(const std::vector<const PortInfo*>& ports, bool of_group) const {
        std::vector<const PortInfo*> possible;
        for (const PortInfo* port : ports)
            if (fits(*port)) possible.push_back(port);
        if (!endpoint.port.empty()) return find_named(ports, possible);
        if (possible.empty()) {
            refuse((of_group ? "a group with " : "a block with ") + wanted(), endpoint.text);
            return nullptr;
        }
        if (possible.size() > 1) {
            refuse("one of " + list_of(endpoint.block, possible), endpoint.text);
            return nullptr;
        }
        return possible.front();
    }
    const PortInfo* find_named(const std::vector<const PortInfo*>& ports, const std::vector<const PortInfo*>& possible) const {
        for (const PortInfo* port : possible)
            if (port->name == endpoint.port) return port;
        std::vector<std::string> names;
        names.reserve(possible.size());
        for (const PortInfo* port : possible) names.push_back(port->name);
        for (const PortInfo* port : ports) {
            if (port->name != endpoint.port) continue;
            std::string hint;
            if (port->message != (stuff == Stuff::message))
                hint =
                    port->message ? "messages are connected under `messages:`" : "streams are connected under `connections:`";
            const std::string is = port->message ? "message " : "";
            refuse(wanted() + " of " + endpoint.block,
                   fmt::format("{} (the {}{} of that name)", endpoint.text, is, port->input ? "input" : "output"), hint);
            return nullptr;
        }
        const KnownNames known{wanted() + " of " + endpoint.block, std::move(names)};
        refuse(known.what, endpoint.text, known.hint(endpoint.port));
        return nullptr;
    }
    /// Which of the port's elements are meant; nothing after a mistake. A single port is its own only element.
    std::optional<std::vector<int>> elements(const PortInfo& port) const {
        if (!port.group) {
            if (!endpoint.ports) return std::vector<int>{0};
            refuse(fmt::format("{}.{} without brackets", endpoint.block, port.name), endpoint.text, "it is a single port");
            return std::nullopt;
        }
        if (!endpoint.ports) {
            refuse(fmt::format("`{}{}.{}[*]` or an index{}", endpoint.block,
                               endpoint.copies ? "[" + endpoint.copies->text + "]" : "", port.name,
                               port.size < 0 ? "" : fmt::format(" (it has {} ports)", port.size)),
                   endpoint.text);
            return std::nullopt;
        }
        auto picked = endpoint.ports->pick(port.size);
        if (!picked)
            refuse(fmt::format("ports 0 to {} of {}.{}", port.size - 1, endpoint.block, port.name),
                   "[" + endpoint.ports->text + "]");
        return picked;
    }
};

/// Adds the terminals of one copy; false after a mistake.
bool add_terminals(const Finder& finder, Scope& scope, const Member& member, int copy, Resolved& to) {
    const PortInfo* port = finder.find(ports_of(finder.reading, member, copy), member.group != nullptr);
    if (port == nullptr) return false;
    if (port->group && port->size < 0 && finder.endpoint.ports) {  // as many as a mistake hides
        to.blocked = true;
        return false;
    }
    const auto elements = finder.elements(*port);
    if (!elements) return false;
    if (port->group) to.of_group = port;
    const std::string plain =
        scope.prefix + member.name + (member.copied && !member.flat ? fmt::format("[{}]", copy) : "") + ".";
    for (const int index : *elements) {
        const std::string name = port->group ? fmt::format("{}[{}]", port->name, index) : port->name;
        if (member.group == nullptr) {
            to.terminals.push_back({{{{member.first + copy, name}, {}}}, nullptr, plain + name});
            continue;
        }
        GroupPort& own = member.instances[std::size_t(copy)]->ports.at(port->name);
        GroupPort::Element& element = own.elements[std::size_t(index)];
        to.terminals.push_back({element.ends, &element, plain + name});
    }
    return true;
}

bool is_certain(const Reading& reading, const Member& member, int copy) {
    if (member.group == nullptr) {
        const int block = member.first + copy;
        return std::size_t(block) < reading.certain.size() && reading.certain[std::size_t(block)];
    }
    return std::size_t(copy) < member.instances.size() && member.instances[std::size_t(copy)]->certain;
}

}  // namespace

std::vector<const PortInfo*> ports_of(const Reading& reading, const Member& member, int copy) {
    std::vector<const PortInfo*> all;
    if (member.group == nullptr) {
        const int block = member.first + copy;
        if (member.enabled && std::size_t(block) < reading.ports.size())
            for (const PortInfo& port : reading.ports[std::size_t(block)]) all.push_back(&port);
    } else if (std::size_t(copy) < member.instances.size()) {
        for (const auto& [name, port] : member.instances[std::size_t(copy)]->ports) all.push_back(&port.info);
    }
    return all;
}

std::optional<Endpoint> endpoint_in(const Scope& scope, const std::string& text, std::size_t offset, std::string& why) {
    if (scope.has_flat_names) {
        const std::size_t dot = text.rfind('.');
        for (const std::size_t end : {text.size(), dot}) {
            if (end == std::string::npos) continue;
            const Member* member = scope.find(text.substr(0, end));
            if (member == nullptr || !member->flat) continue;
            // What follows is a port: its syntax is that of `block.port[…]`.
            auto endpoint = parse_endpoint("block" + text.substr(end), offset, why);
            if (!endpoint) return std::nullopt;
            endpoint->text = text;
            endpoint->block = member->name;
            return endpoint;
        }
    }
    return parse_endpoint(text, offset, why);
}

std::optional<std::vector<int>> resolve_copies(Reading& reading, const Scope& scope, const Node& at, const Endpoint& endpoint,
                                               const std::string& key) {
    const auto refuse = [&](std::string expected, std::string got, std::string hint = {}) {
        reading.refuse(inside(at, endpoint.offset), key, std::move(expected), std::move(got), std::move(hint), at.context);
        return std::nullopt;
    };
    const Member* member = scope.find(endpoint.block);
    if (member == nullptr)
        return refuse("a block", endpoint.block,
                      hint_for(endpoint.block, scope.member_names(),
                               scope.group == nullptr ? "the graph has: " : "group " + scope.group->name + " has: "));
    if (!member->copied && endpoint.copies) {
        if (member->may_be_copied) return std::nullopt;  // it has been said
        return refuse(fmt::format("`{}` without brackets after the block", endpoint.block), endpoint.text,
                      fmt::format("it has no `copies:`; a port is `{}.port[{}]`", endpoint.block, endpoint.copies->text));
    }
    if (member->copied && !endpoint.copies)
        return refuse(fmt::format("`{}[*]` or an index{}", endpoint.block,
                                  member->certain ? fmt::format(" (it has {} copies)", member->copies) : ""),
                      endpoint.text);
    if (!member->certain) return std::vector<int>();
    auto picked = endpoint.copies.value_or(Selector{true, {}, "*"}).pick(member->copies);
    if (!picked)
        return refuse(fmt::format("copies 0 to {} of {}", member->copies - 1, endpoint.block),
                      "[" + endpoint.copies->text + "]");
    return picked;
}

Resolved resolve(Reading& reading, Scope& scope, const Node& at, const Endpoint& endpoint, Side side, Stuff stuff,
                 const std::string& key) {
    Resolved resolved;
    const auto copies = resolve_copies(reading, scope, at, endpoint, key);
    if (!copies) return resolved;
    const Member& member = *scope.find(endpoint.block);
    if (!member.enabled && member.certain) {
        resolved.removed = scope.prefix + member.name;
        return resolved;
    }
    resolved.blocked = copies->empty();
    for (const int copy : *copies) resolved.blocked = resolved.blocked || !is_certain(reading, member, copy);
    if (resolved.blocked) return resolved;
    const Finder finder{reading, at, endpoint, side, stuff, key};
    for (const int copy : *copies) {
        if (add_terminals(finder, scope, member, copy, resolved)) continue;
        resolved.terminals.clear();
        break;
    }
    return resolved;
}

}  // namespace flowspan::graph
