// The section `ranks:`, or a file of its own: which blocks run where.
#include "core/mistakes/collect.hpp"
#include "core/numbers/quantity.hpp"
#include "graph/resolve/names.hpp"
#include "graph/text/keys.hpp"
#include "graph/text/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

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

    /// `3`, `1-2`, `0,3`, `0,2-3`, or a name.
    bool read_key(const Node& name, Place& place) {
        const bool number = !name.text.empty() && std::isdigit(static_cast<unsigned char>(name.text.front())) != 0;
        bool good = number || is_name(name.text);
        if (!number) place.name = name.text;
        for (const auto& [piece, offset] : split_outside_brackets(name.text, ",")) {
            if (!number) break;
            const auto range = split_outside_brackets(piece, "-");
            const auto first = parse_integer(range.front().first), last = parse_integer(range.back().first);
            if (range.size() > 2 || !first || !last || *first < 0 || *last < *first || *last >= most_ranks) {
                good = false;
                break;
            }
            for (auto rank = *first; rank <= *last; ++rank) place.ranks.push_back(int(rank));
        }
        if (!good) {
            refuse(name, "ranks", "a rank, ranks such as 1-2 or 0,3, or a name", shown(name));
            return false;
        }
        std::sort(place.ranks.begin(), place.ranks.end());
        if (const auto twice = std::adjacent_find(place.ranks.begin(), place.ranks.end()); twice != place.ranks.end()) {
            refuse(name, "ranks", "each rank once", fmt::format("rank {} again", *twice));
            return false;
        }
        if (number) place.count = int(place.ranks.size());
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
            read_options(body, place, key);
            if (blocks != nullptr) read_selections(*blocks, place, key + ".blocks");
        } else if (body.kind == Node::Kind::null) {
            refuse(name, key, "blocks, such as `source, receive[*]`", "nothing");
        } else {
            read_selections(body, place, key);
        }
        to_.places.push_back(std::move(place));
    }

    void read_options(const Node& body, Place& place, const std::string& key) {
        for (const auto& [name, value] : body.entries) {
            const std::string inner = key + "." + name.text;
            if (name.text == "require" || name.text == "prefer") {
                const auto needs = read_needs(reading_, reading_.names, value, inner, name.text == "prefer");
                place.needs.insert(place.needs.end(), needs.begin(), needs.end());
            } else if (name.text == "count") {
                if (const auto filled = reading_.names.fill(value, inner)) read_count(*filled, place, inner);
            } else if (name.text != "blocks") {
                refuse(name, key, "one of " + joined(keys::place, ", "), name.text, hint_for(name.text, keys::place, ""));
            }
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
        for (const auto& [text, offset] : split_outside_brackets(filled->text, ","))
            if (const auto selections = select_blocks(reading_, *filled, text, offset, key))
                add(text, offset, *selections, words, place, key);
    }

    void add(const std::string& text, std::size_t offset, const std::vector<Place::Selection>& selections, const Node& words,
             Place& place, const std::string& key) {
        for (const Place::Selection& selection : selections) {
            if (!selection.copies && place.count > 1) {
                reading_.refuse(inside(words, offset), key, fmt::format("a block with copies for {} ranks", place.count), text,
                                "a block without copies runs on one rank");
                return;
            }
            for (const int block : selection.blocks) where_[block].push_back(inside(words, offset));
            place.selections.push_back(selection);
        }
    }

    void check_overlap() {
        for (const auto& [block, places] : where_) {
            if (places.size() < 2) continue;
            const auto before = places[0].line > 0 ? fmt::format(" (first in line {})", places[0].line) : "";
            reading_.refuse(places[1], "ranks", "each block once",
                            reading_.spec.blocks[std::size_t(block)].name + " again" + before);
        }
        std::set<int> taken;
        for (const Place& place : to_.places) {
            for (const int rank : place.ranks) {
                if (taken.insert(rank).second) continue;
                reading_.refuse(place.at, "ranks", "each rank once", fmt::format("rank {} again", rank),
                                "name all its blocks in one line: `0: source, channelize`");
                break;
            }
        }
    }

    Reading& reading_;
    Assignment& to_;
    std::map<int, std::vector<Position>> where_;
};

/// The content of `--ranks FILE`: the lines themselves, or a map with `ranks:`.
Node ranks_of_file(Reading& reading) {
    const std::string& file = reading.options.ranks_file;
    Node root;
    if (!collect(reading.found, [&] { root = read_document(*reading.options.ranks_text, file); })) return {};
    if (const Node* inner = root.find("ranks")) return *inner;
    if (root.at.line == 0) root.at = {file, 1, 1, {}};
    return root;
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
        // Where blocks go is found anew; what they need stays.
        for (const Place& place : assignment.places) {
            for (const Place::Selection& selection : place.selections) {
                for (const int block : selection.blocks) {
                    auto& needs = assignment.needs[block];
                    needs.insert(needs.end(), place.needs.begin(), place.needs.end());
                }
            }
        }
        assignment.mode = Assignment::Mode::automatic;
        assignment.places.clear();
    } else if (options.ranks_fold && assignment.mode == Assignment::Mode::listed) {
        assignment.mode = Assignment::Mode::fold;
    }
}

}  // namespace flowspan::graph
