#include "graph/resolve/needs.hpp"

#include "core/numbers/quantity.hpp"
#include "graph/resolve/names.hpp"
#include "graph/text/keys.hpp"
#include "graph/text/reader.hpp"

#include <algorithm>
#include <filesystem>

namespace flowspan::graph {
namespace {

/// Sets amount and text; false after a mistake.
bool read_amount(Reading& reading, const Node& value, Need& need) {
    if (need.kind == Need::Kind::cuda) {
        const auto count = parse_integer(value.text);
        if (count && *count >= 0) {
            need.amount = std::uint64_t(*count);
            return true;
        }
        reading.refuse(value.at, need.key, "an integer >= 0", shown(value), "", value.context);
        return false;
    }
    if (need.kind == Need::Kind::memory) {
        const double bytes = read_quantity(value.text, byte).value_or(-1);
        if (bytes > 0 && bytes < 1e18) {
            need.amount = std::uint64_t(bytes);
            return true;
        }
        reading.refuse(value.at, need.key, "a size in bytes, such as 8 GiB", shown(value), "", value.context);
        return false;
    }
    if (need.kind == Need::Kind::exclusive) {
        need.amount = value.text == "true" ? 1 : 0;
        if (value.text == "true" || value.text == "false") return true;
        reading.refuse(value.at, need.key, "true or false", shown(value), "", value.context);
        return false;
    }
    if (need.kind == Need::Kind::path)
        need.text = (std::filesystem::path(value.at.file).parent_path() / value.text).lexically_normal().string();
    return true;
}

/// Of `exclusive`: it says something of devices that are required. One that is false says nothing.
void look_at_exclusive(Reading& reading, std::vector<Need>& needs) {
    const auto one = std::find_if(needs.begin(), needs.end(), [](const Need& n) { return n.kind == Need::Kind::exclusive; });
    if (one == needs.end()) return;
    const bool devices =
        std::any_of(needs.begin(), needs.end(), [](const Need& n) { return n.kind == Need::Kind::cuda && n.amount > 0; });
    if (one->amount > 0 && (one->preferred || !devices))
        reading.refuse(one->at, one->key, one->preferred ? "it in `require:`" : "`cuda:` beside it", "exclusive: " + one->text);
    if (one->amount == 0) needs.erase(one);
}

}  // namespace

std::vector<Need> read_needs(Reading& reading, Names& names, const Node& node, const std::string& key, bool preferred) {
    std::vector<Need> needs;
    const auto filled_map = names.fill(node, key);
    if (!filled_map) return needs;
    if (filled_map->kind != Node::Kind::map) {
        reading.refuse(node.at, key, "`{cuda: 1, memory: 8 GiB, host: \"nid0*\", path: /data, plugin: NAME}`",
                       shown(*filled_map), "", filled_map->context);
        return needs;
    }
    for (const auto& [name, value] : filled_map->entries) {
        const auto kind = std::find(keys::needs.begin(), keys::needs.end(), name.text);
        if (kind == keys::needs.end()) {
            reading.refuse(name.at, key, "one of " + joined(keys::needs, ", "), name.text, hint_for(name.text, keys::needs, ""),
                           name.context);
            continue;
        }
        Need need;
        need.kind = Need::Kind(kind - keys::needs.begin());
        need.key = key + "." + name.text;
        need.preferred = preferred;
        if (value.kind != Node::Kind::scalar || value.text.empty()) {
            reading.refuse(value.kind == Node::Kind::null ? name.at : value.at, need.key, "a value", shown(value), "",
                           value.context);
            continue;
        }
        need.text = value.text;
        need.at = value.at;
        if (read_amount(reading, value, need)) needs.push_back(std::move(need));
    }
    look_at_exclusive(reading, needs);
    return needs;
}

}  // namespace flowspan::graph
