// What an endpoint means: which copies of a block, and which of their ports.
#include "graph/names.hpp"
#include "graph/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flowspan::graph {
namespace {

/// "in", "out[0-15]": as people would write it.
std::string written(const PortInfo& port) {
    if (!port.group) return port.name;
    return port.size == 1 ? port.name + "[0]" : fmt::format("{}[0-{}]", port.name, port.size - 1);
}

std::string list_of(const std::string& block, const std::vector<const PortInfo*>& ports) {
    std::vector<std::string> all;
    for (const PortInfo* port : ports) all.push_back(block + "." + written(*port));
    return joined(all, ", ");
}

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

    /// The port of this block that is meant; nullptr after a mistake.
    const PortInfo* find(const std::vector<PortInfo>& ports) const {
        std::vector<const PortInfo*> possible;
        for (const PortInfo& port : ports)
            if (fits(port)) possible.push_back(&port);
        if (!endpoint.port.empty()) return find_named(ports, possible);
        if (possible.empty()) {
            refuse("a block with " + wanted(), endpoint.text);
            return nullptr;
        }
        if (possible.size() > 1) {
            refuse("one of " + list_of(endpoint.block, possible), endpoint.text);
            return nullptr;
        }
        return possible.front();
    }
    const PortInfo* find_named(const std::vector<PortInfo>& ports, const std::vector<const PortInfo*>& possible) const {
        for (const PortInfo* port : possible)
            if (port->name == endpoint.port) return port;
        std::vector<std::string> names;
        for (const PortInfo* port : possible) names.push_back(port->name);
        for (const PortInfo& port : ports) {
            if (port.name != endpoint.port) continue;
            std::string hint;
            if (port.message != (stuff == Stuff::message))
                hint = port.message ? "messages are connected under `messages:`" : "streams are connected under `connections:`";
            const std::string is = port.message ? "message " : "";
            refuse(wanted() + " of " + endpoint.block,
                   fmt::format("{} (the {}{} of that name)", endpoint.text, is, port.input ? "input" : "output"), hint);
            return nullptr;
        }
        refuse(wanted() + " of " + endpoint.block, endpoint.text, hint_for(endpoint.port, names, "it has: "));
        return nullptr;
    }
    /// Adds the ports of one copy; false after a mistake.
    bool add(int block, std::vector<PortRef>& to) const {
        const PortInfo* port = find(reading.ports[std::size_t(block)]);
        if (port == nullptr) return false;
        if (!port->group) {
            if (endpoint.ports) {
                refuse(fmt::format("{}.{} without brackets", endpoint.block, port->name), endpoint.text, "it is a single port");
                return false;
            }
            to.push_back({block, port->name});
            return true;
        }
        const std::string whole =
            fmt::format("{}{}.{}[*]", endpoint.block, endpoint.copies ? "[" + endpoint.copies->text + "]" : "", port->name);
        if (!endpoint.ports) {
            refuse(fmt::format("`{}` or an index (it has {} ports)", whole, port->size), endpoint.text);
            return false;
        }
        const auto picked = endpoint.ports->pick(port->size);
        if (!picked) {
            refuse(fmt::format("ports 0 to {} of {}.{}", port->size - 1, endpoint.block, port->name),
                   "[" + endpoint.ports->text + "]");
            return false;
        }
        for (const int index : *picked) to.push_back({block, fmt::format("{}[{}]", port->name, index)});
        return true;
    }
};

}  // namespace

std::optional<std::vector<int>> resolve_blocks(Reading& reading, const Node& at, const Endpoint& endpoint, bool bare_is_all,
                                               const std::string& key) {
    const auto refuse = [&](std::string expected, std::string got, std::string hint = {}) {
        reading.refuse(inside(at, endpoint.offset), key, std::move(expected), std::move(got), std::move(hint), at.context);
        return std::nullopt;
    };
    const auto found = reading.families.find(endpoint.block);
    if (found == reading.families.end())
        return refuse("a block", endpoint.block, hint_for(endpoint.block, reading.block_names(), "the graph has: "));
    const Family& family = found->second;
    if (!family.copied && endpoint.copies) {
        return refuse(fmt::format("`{}` without brackets after the block", endpoint.block), endpoint.text,
                      fmt::format("it has no `copies:`; a port is `{}.port[{}]`", endpoint.block, endpoint.copies->text));
    }
    if (family.copied && !endpoint.copies && !bare_is_all)
        return refuse(fmt::format("`{}[*]` or an index (it has {} copies)", endpoint.block, family.copies), endpoint.text);
    std::vector<int> blocks;
    const auto picked = endpoint.copies.value_or(Selector{true, {}, "*"}).pick(family.copies);
    if (!picked) {
        if (!reading.certain[std::size_t(family.first)]) return blocks;
        return refuse(fmt::format("copies 0 to {} of {}", family.copies - 1, endpoint.block),
                      "[" + endpoint.copies->text + "]");
    }
    blocks.reserve(picked->size());
    for (const int copy : *picked) blocks.push_back(family.first + copy);
    return blocks;
}

Resolved resolve(Reading& reading, const Node& at, const Endpoint& endpoint, Side side, Stuff stuff, const std::string& key) {
    Resolved resolved;
    const auto blocks = resolve_blocks(reading, at, endpoint, false, key);
    if (!blocks) return resolved;
    for (const int block : *blocks) resolved.blocked = resolved.blocked || !reading.certain[std::size_t(block)];
    if (resolved.blocked || blocks->empty()) {
        resolved.blocked = true;
        return resolved;
    }
    const Finder finder{reading, at, endpoint, side, stuff, key};
    for (const int block : *blocks) {
        if (!finder.add(block, resolved.ports)) {
            resolved.ports.clear();
            break;
        }
    }
    return resolved;
}

}  // namespace flowspan::graph
