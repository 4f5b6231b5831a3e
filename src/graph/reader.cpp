#include "graph/reader.hpp"

#include "core/quantity.hpp"
#include "graph/names.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace flowspan::graph {
namespace {

const std::vector<std::string> sections{"flowspan",    "name",     "parameters", "blocks",
                                        "connections", "messages", "unused",     "ranks"};

void read_header(Reading& reading, const Node& root) {
    Position start = root.at;
    if (start.line == 0) start = {reading.spec.file, 1, 1, {}};
    const Node* version = root.find("flowspan");
    if (version == nullptr) {
        reading.refuse(start, "flowspan", "`flowspan: 1`, the version of the file's format", "nothing");
    } else if (version->text != "1") {
        reading.refuse(version->at, "flowspan", "1, the version of the file's format", shown(*version),
                       parse_integer(version->text).value_or(0) > 1 ? "a newer flowspan reads it" : "");
    }
    for (const auto& [name, value] : root.entries) {
        if (std::find(sections.begin(), sections.end(), name.text) == sections.end())
            reading.refuse(name.at, "", "one of " + joined(sections, ", "), name.text, hint_for(name.text, sections, ""));
    }
    if (const Node* name = root.find("name")) {
        if (name->kind == Node::Kind::scalar)
            reading.spec.name = name->text;
        else
            reading.refuse(name->at, "name", "a text", shown(*name));
    }
}

/// "blocks.demod.deviation" of "blocks.demod[3].deviation".
std::string without_index(std::string key) {
    const std::size_t open = key.find('['), close = key.find(']');
    if (key.starts_with("blocks.") && open != std::string::npos && close != std::string::npos)
        key.erase(open, close - open + 1);
    return key;
}

/// By place: the graph file from top to bottom, then other files, then the command line. The same mistake of many copies of
/// a block is said once.
void sort_and_unite(Diagnostics& found, const std::string& file) {
    const auto rank = [&](const Position& at) { return at.file == file ? (at.line > 0 ? 0 : 1) : (at.line > 0 ? 2 : 3); };
    std::stable_sort(found.begin(), found.end(), [&](const Diagnostic& a, const Diagnostic& b) {
        return std::tuple(rank(a.at), a.at.line, a.at.column) < std::tuple(rank(b.at), b.at.line, b.at.column);
    });
    std::map<std::tuple<std::string, int, int, std::string, std::string>, std::size_t> seen;
    Diagnostics united;
    for (Diagnostic& one : found) {
        const std::string what = one.at.line > 0 ? one.expected : one.key + one.expected;
        const auto [first, fresh] =
            seen.emplace(std::tuple(one.at.file, one.at.line, one.at.column, what, one.got), united.size());
        if (fresh)
            united.push_back(std::move(one));
        else if (one.key != united[first->second].key)
            united[first->second].key = without_index(united[first->second].key);
    }
    found = std::move(united);
}

}  // namespace

std::vector<std::string> Reading::block_names() const {
    std::vector<std::string> known;
    for (const auto& [name, family] : families) known.push_back(name);
    return known;
}

Position inside(const Node& scalar, std::size_t offset) {
    Position at = scalar.at;
    if (at.line == 0 || offset == 0 || scalar.text.find('\n') != std::string::npos) return at;
    for (std::size_t i = 0; i < std::min(offset, scalar.text.size()); ++i)
        if ((static_cast<unsigned char>(scalar.text[i]) & 0xc0U) != 0x80U) ++at.column;
    if (scalar.quoted) ++at.column;
    return at;
}

FlowgraphSpec read_flowgraph(const std::string& text, const std::string& file, const ReadOptions& options, Catalog& catalog) {
    const Node root = read_document(text, file);
    Reading reading(file, options, catalog);
    if (root.kind != Node::Kind::map) {
        const Position at = root.at.line > 0 ? root.at : Position{file, 1, 1, {}};
        throw Refused(Diagnostic{at, "", "a flowgraph: `flowspan: 1`, `blocks:`, `connections:`", shown(root), "", {}});
    }
    const Node nothing;
    const auto section = [&](std::string_view name) -> const Node& {
        const Node* node = root.find(name);
        return node == nullptr ? nothing : *node;
    };
    read_header(reading, root);
    reading.names.declare(section("parameters"), options.overrides);
    reading.spec.parameters = reading.names.all();
    const bool misspelt = std::any_of(root.entries.begin(), root.entries.end(),
                                      [](const auto& entry) { return nearest_name(entry.first.text, {"blocks"}) == "blocks"; });
    if (!misspelt) reading.refuse(root.at, "blocks", "`blocks:`", "nothing");
    read_blocks(reading, section("blocks"));
    read_connections(reading, section("connections"));
    read_messages(reading, section("messages"));
    read_unused(reading, section("unused"));
    check_ports(reading);
    read_ranks(reading, section("ranks"));
    if (!reading.found.empty()) {
        sort_and_unite(reading.found, file);
        throw Refused(std::move(reading.found));
    }
    return std::move(reading.spec);
}

}  // namespace flowspan::graph
