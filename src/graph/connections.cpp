// The sections `connections:`, `messages:` and `unused:`.
#include "core/quantity.hpp"
#include "graph/names.hpp"
#include "graph/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace flowspan::graph {
namespace {

/// What may stand beside a connection.
struct EdgeOptions {
    std::optional<std::uint64_t> buffer, feedback_delay;
    bool arrival_order = false;
};

/// One line of a section: a chain and its options.
struct Line {
    Node chain;
    EdgeOptions options;
};

struct Section {
    Reading& reading;
    Stuff stuff;
    std::string key;  // "connections" or "messages"
    std::vector<Connection>& into;

    std::optional<std::uint64_t> count(const Node& node, const std::string& name) const {
        const auto value = node.kind == Node::Kind::scalar ? read_quantity(node.text, sample) : std::nullopt;
        const auto whole = value ? parse_integer(format_number(*value)) : std::nullopt;
        if (whole && *whole >= 1) return std::uint64_t(*whole);
        reading.refuse(node.at, key + "." + name, "a number of samples >= 1", shown(node), "", node.context);
        return std::nullopt;
    }
    void read_option(const Node& name, const Node& value, EdgeOptions& options) const {
        static const std::vector<std::string> of_streams{"buffer"}, of_messages{"order", "feedback"};
        const auto& known = stuff == Stuff::stream ? of_streams : of_messages;
        const auto filled = reading.names.fill(value, key + "." + name.text);
        if (!filled) return;
        if (std::find(known.begin(), known.end(), name.text) == known.end()) {
            reading.refuse(name.at, key, "from, to, " + joined(known, ", "), name.text, hint_for(name.text, known, ""));
        } else if (name.text == "buffer") {
            options.buffer = count(*filled, "buffer");
        } else if (name.text == "order") {
            options.arrival_order = filled->text == "arrival";
            if (!options.arrival_order)
                reading.refuse(value.at, key + ".order", "arrival", shown(*filled),
                               "without `order:` messages come in the order of their stamps");
        } else if (const Node* delay = filled->find("delay"); delay != nullptr && filled->entries.size() == 1) {
            options.feedback_delay = count(*delay, "feedback.delay");
        } else {
            reading.refuse(value.at, key + ".feedback", "`{delay: N samples}`", shown(*filled));
        }
    }
    /// `a -> b`, `{from: a, to: b, …}` or `a -> b: {…}`.
    std::optional<Line> read_line(const Node& item) const {
        Line line;
        if (item.kind == Node::Kind::scalar) {
            line.chain = item;
            return line;
        }
        const Node *from = item.find("from"), *to = item.find("to");
        if (item.kind == Node::Kind::map && from != nullptr && to != nullptr) {
            line.chain = *from;
            line.chain.kind = Node::Kind::scalar;
            line.chain.text += " -> " + to->text;
            for (const auto& [name, value] : item.entries)
                if (name.text != "from" && name.text != "to") read_option(name, value, line.options);
            return line;
        }
        if (item.kind == Node::Kind::map && item.entries.size() == 1 &&
            item.entries[0].first.text.find("->") != std::string::npos) {
            line.chain = item.entries[0].first;
            const Node& body = item.entries[0].second;
            if (body.kind != Node::Kind::map)
                reading.refuse(body.kind == Node::Kind::null ? line.chain.at : body.at, key,
                               "options, such as `{buffer: 4096}`", shown(body));
            for (const auto& [name, value] : body.entries) read_option(name, value, line.options);
            return line;
        }
        reading.refuse(item.at, key, "`a -> b` or `{from: a, to: b}`", shown(item),
                       item.kind == Node::Kind::list ? "quote it" : "");
        return std::nullopt;
    }
    void read_chain(const Line& line) {
        const auto pieces = split_outside_brackets(line.chain.text, "->");
        if (pieces.size() < 2) {
            reading.refuse(line.chain.at, key, "`a -> b`", shown(line.chain));
            return;
        }
        std::vector<std::optional<Endpoint>> endpoints;
        for (const auto& [text, offset] : pieces) {
            std::string why;
            endpoints.push_back(parse_endpoint(text, offset, why));
            if (!endpoints.back()) reading.refuse(inside(line.chain, offset), key, why, text.empty() ? "nothing" : text);
        }
        for (std::size_t i = 0; i + 1 < endpoints.size(); ++i) {
            const bool middle_left = i > 0, middle_right = i + 2 < endpoints.size();
            if (endpoints[i] && endpoints[i + 1])
                connect(line, *endpoints[i], middle_left, *endpoints[i + 1], middle_right);
            else
                block_out(endpoints[i], endpoints[i + 1]);
        }
    }
    /// What a line that was not understood may have meant is not called unconnected, too.
    void block_out(const std::optional<Endpoint>& left, const std::optional<Endpoint>& right) {
        for (const auto& side : {left, right}) {
            if (!side || stuff == Stuff::message) continue;
            auto family = reading.families.find(side->block);
            if (family == reading.families.end())
                family = reading.families.find(nearest_name(side->block, reading.block_names()));
            if (family == reading.families.end()) continue;
            for (int copy = 0; copy < family->second.copies; ++copy) reading.unsure.insert(family->second.first + copy);
        }
    }
    /// In the middle of a chain `b.out` names the right side alone, and `b.in` the left one.
    Endpoint for_side(const Endpoint& endpoint, Side side, bool middle) const {
        const auto family = reading.families.find(endpoint.block);
        if (!middle || endpoint.port.empty() || family == reading.families.end()) return endpoint;
        for (const PortInfo& port : reading.ports[std::size_t(family->second.first)]) {
            if (port.name != endpoint.port || port.input == (side == Side::right)) continue;
            Endpoint bare = endpoint;
            bare.port.clear();
            bare.ports.reset();
            return bare;
        }
        return endpoint;
    }
    void connect(const Line& line, const Endpoint& left, bool middle_left, const Endpoint& right, bool middle_right) {
        const Resolved from = resolve(reading, line.chain, for_side(left, Side::left, middle_left), Side::left, stuff, key);
        const Resolved to = resolve(reading, line.chain, for_side(right, Side::right, middle_right), Side::right, stuff, key);
        if (from.ports.empty() || to.ports.empty()) return block_out(left, right);
        const std::size_t n = from.ports.size(), m = to.ports.size();
        if (n != m && n != 1 && !(stuff == Stuff::message && m == 1)) {
            reading.refuse(inside(line.chain, left.offset), key, "as many on both sides, or one on the left",
                           fmt::format("{} -> {} ({} -> {})", n, m, left.text, right.text), hint_for_counts(to, n));
            return block_out(left, right);
        }
        for (std::size_t i = 0; i < std::max(n, m); ++i) {
            into.push_back({from.ports[n == 1 ? 0 : i], to.ports[m == 1 ? 0 : i], inside(line.chain, left.offset),
                            line.options.buffer, line.options.feedback_delay, line.options.arrival_order});
        }
    }
    std::string hint_for_counts(const Resolved& to, std::size_t n) const {
        if (to.ports.size() != 1) return {};
        const PortRef& one = to.ports.front();
        for (const PortInfo& port : reading.ports[std::size_t(one.block)]) {
            if (port.group && port.input && std::size_t(port.size) == n && one.port.starts_with(port.name + "["))
                return fmt::format("`{}.{}[*]` takes {}", reading.spec.blocks[std::size_t(one.block)].base, port.name, n);
        }
        return "only a group of inputs takes several streams";
    }
    void read(const Node& lines) {
        if (lines.kind == Node::Kind::null) return;
        if (lines.kind != Node::Kind::list) {
            reading.refuse(lines.at, key, "a list of `- a -> b`", shown(lines));
            for (std::size_t i = 0; i < reading.certain.size(); ++i) reading.unsure.insert(int(i));
            return;
        }
        for (const Node& item : lines.items)
            if (auto line = read_line(item)) {
                if (auto filled = reading.names.fill(line->chain, key)) line->chain = std::move(*filled);
                read_chain(*line);
            }
    }
};

std::string name_of(const Reading& reading, const PortRef& port) {
    return reading.spec.blocks[std::size_t(port.block)].name + "." + port.port;
}

using PortKey = std::pair<int, std::string>;

/// The same mistake at many copies of a block, or ports of a group, is one diagnostic.
struct Unconnected {
    std::vector<int> copies, ports;
};

void check_inputs(Reading& reading) {
    std::map<PortKey, const Connection*> taken;
    for (const Connection& connection : reading.spec.streams) {
        const auto [first, fresh] = taken.emplace(PortKey{connection.to.block, connection.to.port}, &connection);
        if (!fresh)
            reading.refuse(connection.at, "connections", fmt::format("one connection to {}", name_of(reading, connection.to)),
                           fmt::format("a second (the first is in line {})", first->second->at.line));
    }
}

/// Calls `each(port name with index, group index or -1)` for every single port.
template <class Each>
void for_each_port(const PortInfo& info, Each each) {
    if (!info.group) return each(info.name, -1);
    for (int i = 0; i < info.size; ++i) each(fmt::format("{}[{}]", info.name, i), i);
}

void check_connected(Reading& reading, bool inputs, const std::set<PortKey>& used) {
    std::map<std::pair<std::string, std::string>, Unconnected> open;  // by family and port
    for (std::size_t b = 0; b < reading.ports.size(); ++b) {
        if (!reading.certain[b] || reading.unsure.contains(int(b))) continue;
        const FlatBlock& block = reading.spec.blocks[b];
        for (const PortInfo& info : reading.ports[b]) {
            if (info.input != inputs || info.message || (info.optional) || (!inputs && info.group)) continue;
            for_each_port(info, [&](const std::string& port, int index) {
                if (used.contains({int(b), port})) return;
                Unconnected& one = open[{block.base, info.name}];
                if (block.copied) one.copies.push_back(block.copy);
                if (index >= 0) one.ports.push_back(index);
            });
        }
    }
    for (auto& [what, one] : open) {
        const Family& family = reading.families.at(what.first);
        const Position& at = reading.spec.blocks[std::size_t(family.first)].at;
        std::string name = what.first;
        if (family.copied) name += "[" + index_ranges(one.copies) + "]";
        name += "." + what.second;
        if (!one.ports.empty()) name += "[" + index_ranges(one.ports) + "]";
        if (inputs)
            reading.refuse(at, "blocks." + what.first, "a connection to " + name, "none");
        else
            reading.refuse(at, "blocks." + what.first, "a connection from " + name, "none", "or list it under `unused:`");
    }
}

}  // namespace

void read_connections(Reading& reading, const Node& connections) {
    Section{reading, Stuff::stream, "connections", reading.spec.streams}.read(connections);
}

void read_messages(Reading& reading, const Node& messages) {
    Section{reading, Stuff::message, "messages", reading.spec.messages}.read(messages);
}

void read_unused(Reading& reading, const Node& unused) {
    if (unused.kind == Node::Kind::null) return;
    std::vector<Node> words;
    if (unused.kind == Node::Kind::scalar)
        words.push_back(unused);
    else if (unused.kind == Node::Kind::list)
        words = unused.items;
    else
        reading.refuse(unused.at, "unused", "outputs, such as `probe.low, probe.high`", shown(unused));
    for (const Node& word : words) {
        if (word.kind != Node::Kind::scalar) {
            reading.refuse(word.at, "unused", "an output, such as `probe.low`", shown(word));
            continue;
        }
        for (const auto& [text, offset] : split_outside_brackets(word.text, ",")) {
            std::string why;
            const auto endpoint = parse_endpoint(text, offset, why);
            if (!endpoint) {
                reading.refuse(inside(word, offset), "unused", why, text.empty() ? "nothing" : text);
                continue;
            }
            for (const PortRef& port : resolve(reading, word, *endpoint, Side::left, Stuff::stream, "unused").ports) {
                const auto reader = std::find_if(reading.spec.streams.begin(), reading.spec.streams.end(),
                                                 [&](const Connection& connection) { return connection.from == port; });
                if (reader != reading.spec.streams.end())
                    reading.refuse(inside(word, offset), "unused", "an output that nobody reads",
                                   fmt::format("{} (read in line {})", name_of(reading, port), reader->at.line));
                reading.spec.unused.push_back(port);
            }
        }
    }
}

void check_ports(Reading& reading) {
    check_inputs(reading);
    std::set<PortKey> inputs, outputs;
    for (const Connection& connection : reading.spec.streams) {
        inputs.emplace(connection.to.block, connection.to.port);
        outputs.emplace(connection.from.block, connection.from.port);
    }
    for (const PortRef& port : reading.spec.unused) outputs.emplace(port.block, port.port);
    check_connected(reading, true, inputs);
    check_connected(reading, false, outputs);
}

}  // namespace flowspan::graph
