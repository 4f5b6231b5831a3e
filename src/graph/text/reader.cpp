#include "graph/text/reader.hpp"

#include "core/files/text.hpp"
#include "core/numbers/quantity.hpp"
#include "graph/resolve/names.hpp"
#include "graph/text/keys.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace flowspan::graph {
namespace {

void read_header(Reading& reading, const Node& root) {
    std::string empty;  // the section before that has nothing in it
    for (const auto& [name, value] : root.entries) {
        const bool known = std::find(keys::sections.begin(), keys::sections.end(), name.text) != keys::sections.end();
        if (known) empty = value.kind == Node::Kind::null ? name.text : "";
        if (known) continue;
        std::string hint = hint_for(name.text, keys::sections, "");
        if (hint.empty() && !empty.empty()) hint = fmt::format("indent it if it belongs to `{}:`", empty);
        reading.refuse(name.at, "", "one of " + joined(keys::sections, ", "), name.text, hint);
    }
    if (const Node* name = root.find("name")) {
        if (name->kind == Node::Kind::scalar)
            reading.spec.name = name->text;
        else
            reading.refuse(name->at, "name", "a text", shown(*name));
    }
}

/// "blocks.demod.deviation" of "blocks.demod[3].deviation".
std::string without_index(const std::string& key) { return key.starts_with("blocks.") ? without_indices(key) : key; }

}  // namespace

void sort_mistakes(Diagnostics& found, const std::string& file) {
    const auto rank = [&](const Position& at) { return at.file == file ? (at.line > 0 ? 0 : 1) : (at.line > 0 ? 2 : 3); };
    std::stable_sort(found.begin(), found.end(), [&](const Diagnostic& a, const Diagnostic& b) {
        return std::tuple(rank(a.at), rank(a.at) == 2 ? a.at.file : "", a.at.line, a.at.column) <
               std::tuple(rank(b.at), rank(b.at) == 2 ? b.at.file : "", b.at.line, b.at.column);
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

namespace {

void apply_overrides(Reading& reading) {
    for (const Override& override : reading.options.overrides) {
        const std::size_t dot = override.key.rfind('.');
        if (dot == std::string::npos) {
            reading.names.override_with(override);
            continue;
        }
        std::string why;
        auto path = parse_path(override.key.substr(0, dot), 0, why);
        if (!path)
            reading.lost_overrides.emplace_back(override.key.substr(0, override.key.find_first_of(".[")),
                                                override.key.substr(dot + 1));
        if (!path)
            reading.refuse({override.origin(), 0, 0, {}}, "", "`block.parameter`, `block[3].parameter` or `block[*].parameter`",
                           override.key);
        else
            reading.graph.overrides.push_back(
                {std::move(*path), 0, override.key.substr(dot + 1), override_value(override, reading.found)});
    }
}

/// Names with indices, as `check --resolved` writes them, are copies of one block.
void count_flat_copies(Reading& reading) {
    if (!reading.graph.has_flat_names) return;
    std::map<std::string, int> copies;
    for (const FlatBlock& block : reading.spec.blocks) ++copies[block.base];
    for (FlatBlock& block : reading.spec.blocks) block.copies = copies[block.base];
}

/// The whole of a reading, but for what was found.
void read_all(Reading& reading, const Node& root) {
    const Node nothing;
    const Node* ranks = root.find("ranks");
    read_header(reading, root);
    read_includes(reading, root);
    for (const auto& [name, value] : reading.parameters) reading.names.declare_one(*name, *value);
    apply_overrides(reading);
    const bool misspelt = std::any_of(root.entries.begin(), root.entries.end(),
                                      [](const auto& entry) { return nearest_name(entry.first.text, {"blocks"}) == "blocks"; });
    if (!misspelt) reading.refuse(root.at, "blocks", "`blocks:`", "nothing");
    read_scope(reading, reading.graph, root);
    check_groups_of_nobody(reading);
    count_flat_copies(reading);
    read_ranks(reading, ranks == nullptr ? nothing : *ranks);
    const Node* schedule = root.find("schedule");
    read_schedule(reading, schedule == nullptr ? nothing : *schedule);
}

Node& document_of(Reading& reading, const std::string& text, const std::string& file) {
    Node& root = reading.documents.emplace_back(read_document(text, file));
    if (root.kind == Node::Kind::map) return root;
    const Position at = root.at.line > 0 ? root.at : Position{file, 1, 1, {}};
    throw Refused(Diagnostic{at, "", "a flowgraph: `flowspan: 1`, `blocks:`, `connections:`", shown(root), "", {}});
}

void throw_what_was_found(Reading& reading) {
    if (reading.found.empty()) return;
    sort_mistakes(reading.found, reading.spec.file);
    throw Refused(std::move(reading.found));
}

/// No block types: for reading what comes before blocks.
struct NoTypes final : Catalog {
    std::vector<std::string> types() const override { return {}; }
    bool has(const std::string&) const override { return false; }
    std::vector<const ParameterDeclaration*> parameters(const std::string&) const override { return {}; }
    std::vector<PortInfo> ports(const FlatBlock&, Diagnostics&) override { return {}; }
};

}  // namespace

std::string Outside::text_of(const std::string& path) { return read_text(path, most_bytes); }
std::vector<std::complex<double>> Outside::numbers_of(const std::string& path) {
    constexpr std::size_t most = std::size_t{256} << 20;
    return numbers_in(read_text(path, most), path);
}

std::optional<std::string> Outside::variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

SourceFacts Outside::facts_of(const FlatBlock&, Diagnostics&) { return {}; }

Scope::Scope(Scope* graph_scope, Diagnostics& found, Outside& outside, Chain& chain)
    : graph(graph_scope == nullptr ? this : graph_scope),
      names(found, outside, chain, graph_scope == nullptr ? nullptr : &graph_scope->names) {}

std::vector<std::string> Scope::member_names() const {
    std::vector<std::string> known;
    for (const auto& [name, member] : members) known.push_back(name);
    return known;
}

const Member* Scope::find(const std::string& name) const {
    const auto found = members.find(name);
    return found == members.end() ? nullptr : &found->second;
}

Member* Scope::find(const std::string& name) {
    const auto found = members.find(name);
    return found == members.end() ? nullptr : &found->second;
}

Reading::Reading(std::string name, const ReadOptions& read_options, Catalog& block_types)
    : options(read_options),
      catalog(block_types),
      outside(read_options.outside != nullptr ? read_options.outside : std::make_shared<Outside>()),
      graph(nullptr, found, *outside, chain),
      names(graph.names) {
    spec.file = std::move(name);
}

bool Reading::room_for_blocks(const Position& at) {
    if (!too_large && spec.blocks.size() + instances < most_blocks && found.size() < most_mistakes) return true;
    if (!too_large && found.size() < most_mistakes)
        refuse(at, "blocks", fmt::format("at most {} blocks and groups, copies counted", most_blocks), "more");
    too_large = true;
    return false;
}

FlowgraphSpec read_flowgraph(const std::string& text, const std::string& file, const ReadOptions& options, Catalog& catalog) {
    Reading reading(file, options, catalog);
    read_all(reading, document_of(reading, text, file));
    throw_what_was_found(reading);
    const auto doubtful = std::find(reading.right.begin(), reading.right.end(), false);
    if (doubtful != reading.right.end())
        throw Failure(ExitCode::bug, fmt::format("block {} could not be read, but nothing was found to be wrong",
                                                 reading.spec.blocks[std::size_t(doubtful - reading.right.begin())].name));
    return std::move(reading.spec);
}

PartlyRead read_partly(const std::string& text, const std::string& file, const ReadOptions& options, Catalog& catalog) {
    Reading reading(file, options, catalog);
    read_all(reading, document_of(reading, text, file));
    sort_mistakes(reading.found, file);
    for (const int block : reading.unsure)
        if (std::size_t(block) < reading.usable.size()) reading.usable[std::size_t(block)] = false;
    return {std::move(reading.spec), std::move(reading.found), std::move(reading.ports), std::move(reading.usable)};
}

std::vector<ParameterInfo> declared_parameters(const std::string& text, const std::string& file, Outside& outside) {
    ReadOptions options;
    options.outside = std::shared_ptr<Outside>(&outside, [](Outside*) {});
    NoTypes none;
    Reading reading(file, options, none);
    read_includes(reading, document_of(reading, text, file));
    for (const auto& [name, value] : reading.parameters) reading.names.declare_one(*name, *value);
    throw_what_was_found(reading);
    return reading.names.infos();
}

std::vector<std::string> settable_names(const std::string& text, const std::string& file, const std::string& path,
                                        Outside& outside, Catalog& catalog) {
    ReadOptions options;
    options.outside = std::shared_ptr<Outside>(&outside, [](Outside*) {});
    Reading reading(file, options, catalog);
    const Node& root = document_of(reading, text, file);
    read_includes(reading, root);
    std::vector<std::string> names;
    for (const auto& [name, value] : reading.parameters) names.push_back(name->text);
    const Node* blocks = root.find("blocks");
    std::string why;
    const auto parsed = path.empty() ? std::optional(Path{}) : parse_path(path.substr(0, path.size() - 1), 0, why);
    if (!parsed) return {};
    for (const PathStep& step : parsed->steps) {
        const Node* body = blocks == nullptr ? nullptr : blocks->find(step.name);
        const Node *type = body == nullptr ? nullptr : body->find("type"),
                   *group = body == nullptr ? nullptr : body->find("group");
        names.clear();
        blocks = nullptr;
        if (type != nullptr && catalog.has(type->text))
            for (const auto* one : catalog.parameters(type->text)) names.push_back(one->name);
        if (group == nullptr || !reading.groups.contains(group->text)) continue;
        names = reading.groups.at(group->text).parameter_names();
        blocks = reading.groups.at(group->text).section("blocks");
    }
    for (std::string& name : names) name = path + name + "=";
    if (blocks != nullptr)
        for (const auto& [name, body] : blocks->entries) names.push_back(path + name.text + ".");
    return names;
}

void add_uses(const FlowgraphSpec& spec, Diagnostics& found) {
    std::map<std::string, const FlatBlock*> by_name;
    for (const FlatBlock& block : spec.blocks)
        if (block.use != nullptr) by_name.emplace(block.name, &block);
    for (Diagnostic& one : found) {
        if (!one.key.starts_with("blocks.")) continue;
        // The block's name is the key's beginning, up to one of its dots.
        for (std::string name = one.key.substr(7); !name.empty();) {
            const auto block = by_name.find(name);
            if (block != by_name.end()) {
                for (const GroupUse* use = block->second->use.get(); use != nullptr; use = use->around.get())
                    one.context.push_back(use->text());
                break;
            }
            const std::size_t dot = name.rfind('.');
            name.resize(dot == std::string::npos ? 0 : dot);
        }
    }
    sort_mistakes(found, spec.file);
}

}  // namespace flowspan::graph
