// The sections `connections:`, `messages:` and `unused:`.
#include "core/numbers/quantity.hpp"
#include "core/process/alive.hpp"
#include "graph/resolve/names.hpp"
#include "graph/text/keys.hpp"
#include "graph/text/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flowspan::graph {
namespace {

/// One line of a section: a chain, written in one text or as `from:` and `to:`, and its options.
struct Line {
    std::vector<Node> parts;
    EdgeOptions options;
    const Node& of(const Endpoint& endpoint) const { return parts[endpoint.part]; }
};

struct Section {
    Reading& reading;
    Scope& scope;
    Stuff stuff;
    std::string key;  // "connections", "groups.receiver.messages"
    std::vector<Connection>& into;

    std::optional<std::uint64_t> count(const Node& node, const std::string& name) const {
        const auto value = node.kind == Node::Kind::scalar ? read_quantity(node.text, sample) : std::nullopt;
        const auto whole = value ? parse_integer(format_number(*value)) : std::nullopt;
        if (whole && *whole >= 1) return std::uint64_t(*whole);
        reading.refuse(node.at, key + "." + name, "a number of samples >= 1", shown(node), "", node.context);
        return std::nullopt;
    }
    void read_option(const Node& name, const Node& value, EdgeOptions& options) const {
        const auto& known = stuff == Stuff::stream ? keys::stream : keys::message;
        const auto filled = scope.names.fill(value, key + "." + name.text);
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
            line.parts = {item};
            return line;
        }
        const Node *from = item.find("from"), *to = item.find("to");
        if (item.kind == Node::Kind::map && from != nullptr && to != nullptr) {
            for (const Node* part : {from, to}) {
                line.parts.push_back(*part);
                line.parts.back().kind = Node::Kind::scalar;
            }
            for (const auto& [name, value] : item.entries)
                if (name.text != "from" && name.text != "to") read_option(name, value, line.options);
            return line;
        }
        if (item.kind == Node::Kind::map && item.entries.size() == 1 &&
            item.entries[0].first.text.find("->") != std::string::npos) {
            line.parts = {item.entries[0].first};
            const Node& body = item.entries[0].second;
            if (body.kind != Node::Kind::map)
                reading.refuse(body.kind == Node::Kind::null ? line.parts[0].at : body.at, key,
                               "options, such as `{buffer: 4096}`", shown(body));
            for (const auto& [name, value] : body.entries) read_option(name, value, line.options);
            return line;
        }
        reading.refuse(item.at, key, "`a -> b` or `{from: a, to: b}`", shown(item),
                       item.kind == Node::Kind::list ? "quote it" : "");
        return std::nullopt;
    }
    void read_chain(const Line& line) {
        std::vector<std::optional<Endpoint>> endpoints;
        for (std::size_t part = 0; part < line.parts.size(); ++part) {
            for (const auto& [text, offset] : split_outside_brackets(line.parts[part].text, "->")) {
                std::string why;
                endpoints.push_back(endpoint_in(scope, text, offset, why));
                if (endpoints.back())
                    endpoints.back()->part = part;
                else if (line.parts.size() > 1 || text != line.parts[0].text)
                    reading.refuse(inside(line.parts[part], offset), key, why, text.empty() ? "nothing" : text);
            }
        }
        if (endpoints.size() < 2) return reading.refuse(line.parts[0].at, key, "`a -> b`", shown(line.parts[0]));
        for (std::size_t i = 0; i + 1 < endpoints.size(); ++i) {
            const bool middle_left = i > 0, middle_right = i + 2 < endpoints.size();
            if (endpoints[i] && endpoints[i + 1])
                connect(line, *endpoints[i], middle_left, *endpoints[i + 1], middle_right);
            else
                block_out(endpoints[i], endpoints[i + 1]);
        }
    }
    /// What a line that was not understood may have meant is not called unconnected, too.
    void block_out(const std::optional<Endpoint>& left, const std::optional<Endpoint>& right) const {
        for (const auto& side : {left, right}) {
            if (!side || stuff == Stuff::message) continue;
            if (is_own(*side)) scope.unsure = true;
            Member* member = scope.find(side->block);
            if (member == nullptr) member = scope.find(nearest_name(side->block, scope.member_names()));
            if (member == nullptr) continue;
            for (const auto& instance : member->instances) instance->unsure = true;
            if (member->group == nullptr)
                for (int copy = 0; copy < member->copies; ++copy) reading.unsure.insert(member->first + copy);
        }
    }
    void block_out_all() const {
        for (const Member* member : scope.order) {
            Endpoint any;
            any.block = member->name;
            block_out(any, {});
        }
        scope.unsure = true;
    }
    /// In the middle of a chain `b.out` names the right side alone, and `b.in` the left one.
    Endpoint for_side(const Endpoint& endpoint, Side side, bool middle) const {
        const Member* member = scope.find(endpoint.block);
        if (!middle || endpoint.port.empty() || member == nullptr) return endpoint;
        for (const PortInfo* port : ports_of(reading, *member)) {
            if (port->name != endpoint.port || port->input == (side == Side::right)) continue;
            Endpoint bare = endpoint;
            bare.port.clear();
            bare.ports.reset();
            return bare;
        }
        return endpoint;
    }
    Position place(const Line& line, const Endpoint& endpoint) const { return inside(line.of(endpoint), endpoint.offset); }
    void refuse(const Line& line, const Endpoint& endpoint, std::string expected, std::string got,
                std::string hint = {}) const {
        reading.refuse(place(line, endpoint), key, std::move(expected), std::move(got), std::move(hint));
    }

    bool is_own(const Endpoint& endpoint) const { return scope.group != nullptr && scope.group->has_port(endpoint.block); }

    void connect(const Line& line, const Endpoint& left, bool middle_left, const Endpoint& right, bool middle_right) {
        if (is_own(left) && is_own(right)) {
            refuse(line, left, "a block between two ports of the group", left.text + " -> " + right.text);
            return block_out(left, right);
        }
        if (is_own(left)) return take_in(line, left, right, middle_right);
        if (is_own(right)) return give_out(line, left, middle_left, right);
        const Resolved from =
            resolve(reading, scope, line.of(left), for_side(left, Side::left, middle_left), Side::left, stuff, key);
        const Resolved to =
            resolve(reading, scope, line.of(right), for_side(right, Side::right, middle_right), Side::right, stuff, key);
        if (!from.removed.empty() || !to.removed.empty()) return leave_out(from, to);
        if (from.terminals.empty() || to.terminals.empty()) return block_out(left, right);
        const std::size_t n = from.terminals.size(), m = to.terminals.size();
        if (n != m && n != 1 && !(stuff == Stuff::message && m == 1)) {
            refuse(line, left, "as many on both sides, or one on the left",
                   fmt::format("{} -> {} ({} -> {})", n, m, left.text, right.text), hint_for_counts(to, right, n));
            return block_out(left, right);
        }
        const Position at = place(line, left);
        for (std::size_t i = 0; i < std::max(n, m); ++i)
            join(line, from.terminals[n == 1 ? 0 : i], to.terminals[m == 1 ? 0 : i], at);
    }
    std::string hint_for_counts(const Resolved& to, const Endpoint& right, std::size_t n) const {
        if (to.terminals.size() != 1) return {};
        if (to.of_group != nullptr && std::size_t(to.of_group->size) == n)
            return fmt::format("`{}.{}[*]` takes {}", right.block, to.of_group->name, n);
        return "only a group of inputs takes several streams";
    }
    /// One connection of one port to one, each of which may stand for several.
    void join(const Line& line, const Terminal& from, const Terminal& to, const Position& at) {
        if (from.ends.empty() || to.ends.empty()) return join_nothing(from, to, at);
        read_from(from, at);
        if (!feed(to, at)) return;
        for (const End& source : from.ends) {
            still_here();
            for (const End& end : to.ends) {
                if (into.size() >= most_connections) {
                    if (!reading.too_large)
                        reading.refuse(at, key, fmt::format("at most {} connections", most_connections), "more");
                    reading.too_large = true;
                    return;
                }
                const auto first = [](const auto& a, const auto& b, const auto& c) { return a ? a : b ? b : c; };
                const EdgeOptions &mine = line.options, &left = source.options, &right = end.options;
                into.push_back({source.port, end.port, at, first(mine.buffer, right.buffer, left.buffer),
                                first(mine.feedback_delay, right.feedback_delay, left.feedback_delay),
                                mine.arrival_order || left.arrival_order || right.arrival_order});
            }
        }
    }
    /// What a group's port stands for is not enabled.
    void join_nothing(const Terminal& from, const Terminal& to, const Position& at) const {
        const auto& missing = (from.ends.empty() ? from : to).element->without;
        for (const Terminal* terminal : {&from, &to}) {
            if (terminal->element != nullptr && terminal->ends.empty()) terminal->element->connected = at;
            if (terminal->element != nullptr && !terminal->ends.empty()) terminal->element->without = missing;
            for (const End& end : terminal->ends)
                if (stuff == Stuff::stream)
                    reading.without.emplace(Reading::PortKey(end.port.block, end.port.port),
                                            missing.value_or("a block of the group"));
        }
    }
    /// Notes that an input is connected; false, and a mistake, when a stream is there already.
    bool feed(const Terminal& to, const Position& at) {
        if (stuff == Stuff::message) {
            if (to.element != nullptr) to.element->connected = at;
            return true;
        }
        const Position* before = nullptr;
        if (to.element != nullptr) {
            if (to.element->connected) before = &*to.element->connected;
            if (before == nullptr) to.element->connected = at;
        } else {
            const PortRef& port = to.ends.front().port;
            const auto [first, fresh] = reading.fed.emplace(Reading::PortKey(port.block, port.port), at);
            if (!fresh) before = &first->second;
        }
        if (before == nullptr) return true;
        reading.refuse(at, key, fmt::format("one connection to {}", to.name),
                       fmt::format("a second (the first is in line {})", before->line));
        return false;
    }
    void read_from(const Terminal& from, const Position& at) {
        if (from.element != nullptr && !from.element->connected) from.element->connected = at;
        if (stuff == Stuff::message) return;
        for (const End& end : from.ends) reading.read.emplace(Reading::PortKey(end.port.block, end.port.port), at);
    }
    /// One side is not enabled: the other is as if it were not named here.
    void leave_out(const Resolved& from, const Resolved& to) {
        const std::string& removed = from.removed.empty() ? to.removed : from.removed;
        for (const Resolved* side : {&from, &to}) {
            for (const Terminal& terminal : side->terminals) {
                if (terminal.element != nullptr) terminal.element->without = removed;
                for (const End& end : terminal.ends)
                    if (stuff == Stuff::stream)
                        reading.without.emplace(Reading::PortKey(end.port.block, end.port.port), removed);
            }
        }
    }

    /// The group's own port, with as many elements as the connection gives it; nullptr after a mistake.
    GroupPort* own_port(const Line& line, const Endpoint& endpoint, bool input) {
        const bool message = stuff == Stuff::message, several = endpoint.copies.has_value();
        if (!endpoint.port.empty()) {
            refuse(line, endpoint, "a port of the group, such as `" + endpoint.block + "`", endpoint.text);
            return nullptr;
        }
        GroupPort& port = scope.ports[endpoint.block];
        if (!port.used) {
            port.used = true;
            port.info = {endpoint.block, input, message, message, several, several ? 0 : 1};
            if (!several) port.elements.resize(1);
        }
        if (port.info.input == input && port.info.message == message && port.info.group == several) return &port;
        const auto is = [](bool in, bool messages, bool group) {
            return fmt::format("{}{} of {}", group ? "several " : "one ",
                               in ? (group ? "inputs" : "input") : (group ? "outputs" : "output"),
                               messages ? "messages" : "samples");
        };
        refuse(line, endpoint,
               fmt::format("`{}` as elsewhere in the group: {}", endpoint.block,
                           is(port.info.input, port.info.message, port.info.group)),
               is(input, message, several));
        return nullptr;
    }
    /// The elements of an own port that the connection means, where the other side has `n` ports; nothing after a mistake.
    std::optional<std::vector<int>> own_elements(const Line& line, const Endpoint& endpoint, GroupPort& port, std::size_t n) {
        if (!endpoint.copies) return std::vector<int>{0};
        const Selector& selector = *endpoint.copies;
        std::size_t size = port.elements.empty() ? n : port.elements.size();
        if (!selector.all) {
            size = port.elements.size();
            for (const auto& [first, last] : selector.ranges) size = std::max(size, std::size_t(last) + 1);
        }
        auto picked = size > std::size_t(most_ports) ? std::nullopt : selector.pick(int(size));
        if (!picked) {
            refuse(line, endpoint, fmt::format("ports 0 to {}", most_ports - 1), endpoint.text);
            return std::nullopt;
        }
        port.elements.resize(size);
        port.info.size = int(size);
        return picked;
    }
    bool counts_fit(const Line& line, const Endpoint& left, const Endpoint& right, std::size_t n, std::size_t m) {
        if (n == m || n == 1 || (stuff == Stuff::message && m == 1)) return true;
        refuse(line, left, "as many on both sides, or one on the left",
               fmt::format("{} -> {} ({} -> {})", n, m, left.text, right.text),
               is_own(right) && m == 1 ? fmt::format("`{}[*]` gives the group a port of {}", right.block, n) : "");
        block_out(left, right);
        return false;
    }
    /// `in -> block`.
    void take_in(const Line& line, const Endpoint& own, const Endpoint& right, bool middle_right) {
        const Resolved to =
            resolve(reading, scope, line.of(right), for_side(right, Side::right, middle_right), Side::right, stuff, key);
        GroupPort* port = own_port(line, own, true);
        if (port == nullptr || (to.terminals.empty() && to.removed.empty())) return block_out(own, right);
        const auto elements = own_elements(line, own, *port, std::max<std::size_t>(1, to.terminals.size()));
        if (!elements) return block_out(own, right);
        if (!to.removed.empty()) {
            for (const int element : *elements) port->elements[std::size_t(element)].without = to.removed;
            return;
        }
        const std::size_t n = elements->size(), m = to.terminals.size();
        if (!counts_fit(line, own, right, n, m)) return;
        const Position at = place(line, own);
        for (std::size_t i = 0; i < std::max(n, m); ++i) {
            const Terminal& terminal = to.terminals[m == 1 ? 0 : i];
            if (!feed(terminal, at)) continue;
            auto& ends = port->elements[std::size_t((*elements)[n == 1 ? 0 : i])].ends;
            for (const End& end : terminal.ends) ends.push_back({end.port, over(line.options, end.options)});
        }
    }
    /// `block -> out`.
    void give_out(const Line& line, const Endpoint& left, bool middle_left, const Endpoint& own) {
        const Resolved from =
            resolve(reading, scope, line.of(left), for_side(left, Side::left, middle_left), Side::left, stuff, key);
        GroupPort* port = own_port(line, own, false);
        if (port == nullptr || (from.terminals.empty() && from.removed.empty())) return block_out(left, own);
        const auto elements = own_elements(line, own, *port, std::max<std::size_t>(1, from.terminals.size()));
        if (!elements) return block_out(left, own);
        if (!from.removed.empty()) {
            for (const int element : *elements) port->elements[std::size_t(element)].without = from.removed;
            return;
        }
        const std::size_t n = from.terminals.size(), m = elements->size();
        if (!counts_fit(line, left, own, n, m)) return;
        const Position at = place(line, left);
        for (std::size_t i = 0; i < std::max(n, m); ++i) {
            const Terminal& terminal = from.terminals[n == 1 ? 0 : i];
            auto& element = port->elements[std::size_t((*elements)[m == 1 ? 0 : i])];
            if (stuff == Stuff::stream && !element.ends.empty()) {
                refuse(line, left, fmt::format("one connection to {}", own.text), "a second");
                return;
            }
            if (terminal.element != nullptr && !terminal.element->connected) terminal.element->connected = at;
            for (const End& end : terminal.ends) {
                element.ends.push_back({end.port, over(line.options, end.options)});
                if (stuff == Stuff::stream) reading.exported.emplace(end.port.block, end.port.port);
            }
        }
    }
    static EdgeOptions over(const EdgeOptions& outer, const EdgeOptions& inner) {
        return {outer.buffer ? outer.buffer : inner.buffer, outer.feedback_delay ? outer.feedback_delay : inner.feedback_delay,
                outer.arrival_order || inner.arrival_order};
    }

    void read(const Node& lines) {
        if (lines.kind == Node::Kind::null) return;
        if (lines.kind != Node::Kind::list) {
            reading.refuse(lines.at, key, "a list of `- a -> b`", shown(lines));
            return block_out_all();
        }
        for (const Node& item : lines.items)
            if (auto line = read_line(item)) {
                bool good = true;
                for (Node& part : line->parts) {
                    auto filled = scope.names.fill(part, key);
                    good = good && filled;
                    if (filled) part = std::move(*filled);
                }
                if (good)
                    read_chain(*line);
                else
                    block_out_all();
            }
    }
};

}  // namespace

void read_connections(Reading& reading, Scope& scope, const Node& connections) {
    Section{reading, scope, Stuff::stream, scope.section("connections"), reading.spec.streams}.read(connections);
}

void read_messages(Reading& reading, Scope& scope, const Node& messages) {
    Section{reading, scope, Stuff::message, scope.section("messages"), reading.spec.messages}.read(messages);
}

}  // namespace flowspan::graph
