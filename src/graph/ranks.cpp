// The section `ranks:`, or a file of its own: which blocks run where.
#include "core/quantity.hpp"
#include "graph/names.hpp"
#include "graph/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

namespace flowspan::graph {
namespace {

constexpr int most_ranks = 1 << 20;

class RanksReader {
public:
    explicit RanksReader(Reading& reading) : reading_(reading), to_(reading.spec.assignment) {}

    void read(const Node& ranks) {
        to_.at = ranks.at;
        if (ranks.kind == Node::Kind::scalar && ranks.text == "auto") {
            to_.mode = Assignment::Mode::automatic;
            return;
        }
        if (ranks.kind != Node::Kind::map) {
            refuse(ranks, "ranks", "`rank: blocks` lines, or auto", shown(ranks));
            return;
        }
        to_.mode = Assignment::Mode::listed;
        for (const auto& [name, body] : ranks.entries) read_place(name, body);
        check_overlap();
    }

private:
    void refuse(const Node& at, std::string key, std::string expected, std::string got, std::string hint = {}) {
        reading_.refuse(at.at, std::move(key), std::move(expected), std::move(got), std::move(hint), at.context);
    }

    /// `3`, `1-2`, or a name.
    bool read_key(const Node& name, Place& place) {
        const auto range = split_outside_brackets(name.text, "-");
        const bool number = !name.text.empty() && std::isdigit(static_cast<unsigned char>(name.text.front())) != 0;
        if (!number) {
            place.name = name.text;
            if (!is_name(name.text)) refuse(name, "ranks", "a rank, a range of ranks such as 1-2, or a name", shown(name));
            return is_name(name.text);
        }
        const auto first = parse_integer(range.front().first), last = parse_integer(range.back().first);
        if (range.size() > 2 || !first || !last || *last < *first || *last >= most_ranks) {
            refuse(name, "ranks", "a rank, a range of ranks such as 1-2, or a name", shown(name));
            return false;
        }
        place.first = int(*first);
        place.last = int(*last);
        place.count = place.last - place.first + 1;
        return true;
    }

    void read_place(const Node& name, const Node& body) {
        Place place;
        place.at = name.at;
        if (!read_key(name, place)) return;
        const std::string key = "ranks." + name.text;
        if (body.kind == Node::Kind::map) {
            const Node* blocks = body.find("blocks");
            if (blocks == nullptr) refuse(name, key, "`blocks:`", "nothing");
            read_needs(body, place, key);
            if (blocks != nullptr) read_selections(*blocks, place, key + ".blocks");
        } else if (body.kind == Node::Kind::null) {
            refuse(name, key, "blocks, such as `source, receive[*]`", "nothing");
        } else {
            read_selections(body, place, key);
        }
        to_.places.push_back(std::move(place));
    }

    void read_needs(const Node& body, Place& place, const std::string& key) {
        static const std::vector<std::string> known{"blocks", "count", "require"};
        for (const auto& [name, value] : body.entries) {
            if (name.text == "blocks") continue;
            if (std::find(known.begin(), known.end(), name.text) == known.end()) {
                refuse(name, key, "one of " + joined(known, ", "), name.text, hint_for(name.text, known, ""));
                continue;
            }
            const auto filled = reading_.names.fill(value, key + "." + name.text);
            if (!filled) continue;
            if (name.text == "count")
                read_count(*filled, place, key + ".count");
            else
                read_require(*filled, place, key + ".require");
        }
    }

    void read_count(const Node& node, Place& place, const std::string& key) {
        const auto count = node.kind == Node::Kind::scalar ? parse_integer(node.text) : std::nullopt;
        if (!count || *count < 1 || *count > most_ranks) {
            refuse(node, key, "an integer >= 1", shown(node));
        } else if (place.name.empty() && *count != place.count) {
            refuse(node, key, fmt::format("{}, the number of ranks named", place.count), shown(node));
        } else {
            place.count = int(*count);
        }
    }

    void read_require(const Node& node, Place& place, const std::string& key) {
        static const std::vector<std::string> known{"cuda", "memory", "host", "path"};
        if (node.kind != Node::Kind::map) {
            refuse(node, key, "`{cuda: 1, memory: 8 GiB, host: \"nid0*\", path: /data}`", shown(node));
            return;
        }
        for (const auto& [name, value] : node.entries) {
            const std::string inner = key + "." + name.text;
            if (std::find(known.begin(), known.end(), name.text) == known.end()) {
                refuse(name, key, "one of " + joined(known, ", "), name.text, hint_for(name.text, known, ""));
            } else if (value.kind != Node::Kind::scalar || value.text.empty()) {
                refuse(value.kind == Node::Kind::null ? name : value, inner, "a value", shown(value));
            } else if (name.text == "cuda" && parse_integer(value.text).value_or(-1) < 0) {
                refuse(value, inner, "an integer >= 0", shown(value));
            } else if (name.text == "memory" && read_quantity(value.text, byte).value_or(-1) <= 0) {
                refuse(value, inner, "a size in bytes, such as 8 GiB", shown(value));
            } else {
                place.require.emplace(name.text, value);
            }
        }
    }

    void read_selections(const Node& words, Place& place, const std::string& key) {
        if (words.kind == Node::Kind::list) {
            for (const Node& word : words.items) read_selections(word, place, key);
            return;
        }
        if (words.kind != Node::Kind::scalar) {
            refuse(words, key, "blocks, such as `source, receive[*]`", shown(words));
            return;
        }
        const auto filled = reading_.names.fill(words, key);
        if (!filled) return;
        for (const auto& [text, offset] : split_outside_brackets(filled->text, ",")) {
            std::string why;
            const auto endpoint = parse_endpoint(text, offset, why);
            if (!endpoint || !endpoint->port.empty()) {
                reading_.refuse(inside(words, offset), key, "a block, such as `name` or `name[*]`",
                                text.empty() ? "nothing" : text);
                continue;
            }
            const auto blocks = resolve_blocks(reading_, words, *endpoint, true, key);
            if (blocks) add(*endpoint, *blocks, words, place, key);
        }
    }

    void add(const Endpoint& endpoint, const std::vector<int>& blocks, const Node& words, Place& place,
             const std::string& key) {
        const bool copied = reading_.families.at(endpoint.block).copied;
        if (!copied && place.count > 1) {
            reading_.refuse(inside(words, endpoint.offset), key, fmt::format("a block with copies for {} ranks", place.count),
                            endpoint.text, "a block without copies runs on one rank");
            return;
        }
        for (const int block : blocks) where_[block].push_back(inside(words, endpoint.offset));
        place.selections.push_back({blocks, copied});
    }

    void check_overlap() {
        for (const auto& [block, places] : where_) {
            if (places.size() < 2) continue;
            const auto before = places[0].line > 0 ? fmt::format(" (first in line {})", places[0].line) : "";
            reading_.refuse(places[1], "ranks", "each block once",
                            reading_.spec.blocks[std::size_t(block)].name + " again" + before);
        }
        std::map<int, const Place*> taken;
        for (const Place& place : to_.places) {
            if (place.first < 0) continue;
            const auto next = taken.lower_bound(place.first);  // keyed by last rank
            if (next != taken.end() && next->second->first <= place.last) {
                reading_.refuse(place.at, "ranks", "each rank once",
                                fmt::format("rank {} again", std::max(next->second->first, place.first)),
                                "name all its blocks in one line: `0: source, channelize`");
            }
            taken.emplace(place.last, &place);
        }
    }

    Reading& reading_;
    Assignment& to_;
    std::map<int, std::vector<Position>> where_;
};

/// The content of `--ranks FILE`: the lines themselves, or a map with `ranks:`.
Node ranks_of_file(Reading& reading) {
    try {
        Node root = read_document(*reading.options.ranks_text, reading.options.ranks_file);
        if (const Node* inner = root.find("ranks")) return *inner;
        if (root.at.line == 0) root.at = {reading.options.ranks_file, 1, 1, {}};
        return root;
    } catch (const Refused& refused) {
        reading.found.insert(reading.found.end(), refused.diagnostics().begin(), refused.diagnostics().end());
        return {};
    }
}

}  // namespace

void read_ranks(Reading& reading, const Node& ranks) {
    const ReadOptions& options = reading.options;
    Assignment& assignment = reading.spec.assignment;
    const std::size_t before = reading.found.size();
    if (options.ranks_text) {
        const Node other = ranks_of_file(reading);
        if (reading.found.size() == before) RanksReader(reading).read(other);
    } else if (ranks.kind != Node::Kind::null) {
        RanksReader(reading).read(ranks);
    }
    if (options.ranks_auto) {
        assignment.mode = Assignment::Mode::automatic;
        assignment.places.clear();
    } else if (options.ranks_fold && assignment.mode == Assignment::Mode::listed) {
        assignment.mode = Assignment::Mode::fold;
    }
}

}  // namespace flowspan::graph
