// The section `unused:`, and ports that nothing is connected to.
#include "graph/resolve/names.hpp"
#include "graph/text/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace flowspan::graph {
namespace {

/// The same mistake at many copies of a block, or ports of a group, is one diagnostic.
struct Open {
    std::vector<int> copies, ports;
    std::string removed;  // the block that is not enabled, where that is the cause
};

/// One port of all copies of a member. Calls `is_open(copy, index)` for each single port.
struct Port {
    Reading& reading;
    const Scope& scope;
    const Member& member;
    const PortInfo& info;

    template <class IsOpen>
    void check(const std::vector<int>& copies, IsOpen is_open) const {
        Open open;
        for (const int copy : copies) {
            for (int index = 0; index < (info.group ? info.size : 1); ++index) {
                if (!is_open(copy, index, open)) continue;
                if (open.copies.empty() || open.copies.back() != copy) open.copies.push_back(copy);
                if (info.group) open.ports.push_back(index);
            }
        }
        if (!open.copies.empty()) refuse(open);
    }
    std::string port_name(int index) const { return info.group ? fmt::format("{}[{}]", info.name, index) : info.name; }
    void refuse(const Open& open) const {
        std::string name = member.name;
        if (member.copied && !member.flat) name += "[" + index_ranges(open.copies) + "]";
        name += "." + info.name;
        if (!open.ports.empty()) name += "[" + index_ranges(open.ports) + "]";
        std::string hint = info.input ? "" : "or list it under `unused:`";
        if (!open.removed.empty()) hint = fmt::format("it is connected to {}, which is not enabled", open.removed);
        reading.refuse(member.at, scope.member_key(member.name),
                       fmt::format("a connection {} {}", info.input ? "to" : "from", name), "none", hint);
    }
};

void check_block(Reading& reading, const Scope& scope, const Member& member) {
    std::vector<int> copies;
    for (int copy = 0; copy < member.copies; ++copy) {
        const std::size_t block = std::size_t(member.first) + std::size_t(copy);
        if (block < reading.certain.size() && reading.certain[block] && !reading.unsure.contains(int(block)))
            copies.push_back(copy);
    }
    if (copies.empty()) return;
    // Copies have equal ports, but for the sizes of their port groups.
    std::map<int, std::vector<int>> by_size;
    const auto ports_of = [&](int copy) -> const auto& { return reading.ports[std::size_t(member.first) + std::size_t(copy)]; };
    const auto& first = ports_of(copies.front());
    for (std::size_t p = 0; p < first.size(); ++p) {
        if (first[p].message || first[p].optional || (!first[p].input && first[p].group)) continue;
        by_size.clear();
        for (const int copy : copies)
            if (ports_of(copy)[p].size >= 0) by_size[ports_of(copy)[p].size].push_back(copy);
        for (const auto& [size, alike] : by_size) {
            const PortInfo& info = ports_of(alike.front())[p];
            const Port port{reading, scope, member, info};
            port.check(alike, [&](int copy, int index, Open& open) {
                const Reading::PortKey key(member.first + copy, port.port_name(index));
                const auto without = reading.without.find(key);
                if (info.input) {
                    if (reading.fed.contains(key)) return false;
                    if (without != reading.without.end()) open.removed = without->second;
                    return true;
                }
                if (reading.read.contains(key) || reading.exported.contains(key)) return false;
                return without == reading.without.end();
            });
        }
    }
}

bool is_optional(const Reading& reading, const PortRef& ref) {
    const std::string base = ref.port.substr(0, ref.port.find('['));
    for (const PortInfo& info : reading.ports[std::size_t(ref.block)])
        if (info.name == base && !info.input && !info.message) return info.optional || info.group;
    return false;
}

void check_group(Reading& reading, const Scope& scope, const Member& member) {
    std::vector<int> copies;
    for (int copy = 0; copy < int(member.instances.size()); ++copy)
        if (member.instances[std::size_t(copy)]->certain && !member.instances[std::size_t(copy)]->unsure)
            copies.push_back(copy);
    if (copies.empty()) return;
    for (const auto& entry : member.instances[std::size_t(copies.front())]->ports) {
        const std::string& name = entry.first;
        if (entry.second.info.message) continue;
        std::map<int, std::vector<int>> by_size;
        for (const int copy : copies)
            if (const auto own = member.instances[std::size_t(copy)]->ports.find(name);
                own != member.instances[std::size_t(copy)]->ports.end())
                by_size[own->second.info.size].push_back(copy);
        for (const auto& [size, alike] : by_size) {
            const PortInfo info = member.instances[std::size_t(alike.front())]->ports.at(name).info;
            Port{reading, scope, member, info}.check(alike, [&](int copy, int index, Open& open) {
                auto& ports = member.instances[std::size_t(copy)]->ports;
                const GroupPort::Element& element = ports.at(name).elements[std::size_t(index)];
                if (element.connected) return false;
                if (info.input) {
                    if (element.ends.empty()) return false;  // what reads it within is not enabled
                    if (element.without) open.removed = *element.without;
                    return true;
                }
                if (element.without || info.group) return false;
                return std::none_of(element.ends.begin(), element.ends.end(), [&](const End& end) {
                    return is_optional(reading, end.port) || reading.read.contains({end.port.block, end.port.port});
                });
            });
        }
    }
}

/// An output whose readers are not enabled, or outside a group, is as if it were listed.
void discard_outputs(Reading& reading) {
    std::map<Reading::PortKey, bool> listed;
    for (const PortRef& port : reading.spec.unused) listed.emplace(Reading::PortKey(port.block, port.port), true);
    const auto discard = [&](const Reading::PortKey& key) {
        if (reading.read.contains(key) || listed.contains(key) || !reading.certain[std::size_t(key.first)]) return;
        const std::string base = key.second.substr(0, key.second.find('['));
        for (const PortInfo& info : reading.ports[std::size_t(key.first)])
            if (info.name == base && !info.input && !info.message && !info.optional && !info.group) {
                reading.spec.unused.push_back({key.first, key.second});
                listed.emplace(key, true);
            }
    };
    for (const auto& [key, removed] : reading.without) discard(key);
    for (const auto& key : reading.exported) discard(key);
}

void read_unused_word(Reading& reading, Scope& scope, const Node& word) {
    const std::string key = scope.section("unused");
    for (const auto& [text, offset] : split_outside_brackets(word.text, ",")) {
        std::string why;
        const auto endpoint = endpoint_in(scope, text, offset, why);
        if (!endpoint) {
            reading.refuse(inside(word, offset), key, why, text.empty() ? "nothing" : text);
            continue;
        }
        for (const Terminal& terminal : resolve(reading, scope, word, *endpoint, Side::left, Stuff::stream, key).terminals) {
            if (terminal.element != nullptr && !terminal.element->connected) terminal.element->connected = inside(word, offset);
            for (const End& end : terminal.ends) {
                const auto reader = reading.read.find({end.port.block, end.port.port});
                if (reader != reading.read.end() && terminal.element == nullptr)
                    reading.refuse(inside(word, offset), key, "an output that nobody reads",
                                   fmt::format("{} (read in line {})", terminal.name, reader->second.line));
                if (reader != reading.read.end()) continue;
                reading.read.emplace(Reading::PortKey(end.port.block, end.port.port), inside(word, offset));
                reading.spec.unused.push_back(end.port);
            }
        }
    }
}

}  // namespace

void read_unused(Reading& reading, Scope& scope, const Node& unused) {
    if (unused.kind == Node::Kind::null) return;
    const std::string key = scope.section("unused");
    std::vector<Node> words;
    if (unused.kind == Node::Kind::scalar)
        words.push_back(unused);
    else if (unused.kind == Node::Kind::list)
        words = unused.items;
    else
        reading.refuse(unused.at, key, "outputs, such as `probe.low, probe.high`", shown(unused));
    for (const Node& word : words) {
        if (word.kind != Node::Kind::scalar)
            reading.refuse(word.at, key, "an output, such as `probe.low`", shown(word));
        else
            read_unused_word(reading, scope, word);
    }
}

void check_ports(Reading& reading, Scope& scope) {
    for (const Member* member : scope.order) {
        if (!member->enabled || !member->certain) continue;
        if (member->group == nullptr)
            check_block(reading, scope, *member);
        else
            check_group(reading, scope, *member);
    }
    if (scope.group == nullptr) discard_outputs(reading);
}

}  // namespace flowspan::graph
