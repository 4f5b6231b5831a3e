// What the parts of the reader share while one graph file is read.
#pragma once

#include "graph/endpoint.hpp"
#include "graph/spec.hpp"
#include "graph/substitute.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace flowspan::graph {

/// All copies of one block of the file: flat blocks first … first + copies - 1.
struct Family {
    int first = 0, copies = 1;
    bool copied = false;
};

/// One reading. Sections are read in turn; each adds to `spec` and `found`, none stops at a mistake.
struct Reading {
    Reading(std::string name, const ReadOptions& read_options, Catalog& block_types)
        : options(read_options), catalog(block_types), names(found) {
        spec.file = std::move(name);
    }
    const ReadOptions& options;
    Catalog& catalog;
    Diagnostics found;
    Names names;
    FlowgraphSpec spec;
    std::map<std::string, Family> families;    // by name in the file
    std::vector<std::vector<PortInfo>> ports;  // by flat block
    std::vector<bool> certain;                 // by flat block: its type and settings are right, so its ports are what it has
    std::set<int> unsure;                      // flat blocks that a connection may mean which was not understood

    void refuse(const Position& at, std::string key, std::string expected, std::string got, std::string hint = {},
                std::vector<std::string> context = {}) {
        found.push_back({at, std::move(key), std::move(expected), std::move(got), std::move(hint), std::move(context)});
    }
    std::vector<std::string> block_names() const;
};

void read_blocks(Reading& reading, const Node& blocks);
void read_connections(Reading& reading, const Node& connections);
void read_messages(Reading& reading, const Node& messages);
void read_unused(Reading& reading, const Node& unused);
/// Every input connected once, every output read, optional, one of a group or unused. After the sections above.
void check_ports(Reading& reading);
void read_ranks(Reading& reading, const Node& ranks);

/// Where character `offset` of a scalar stands in the file.
Position inside(const Node& scalar, std::size_t offset);

/// What a connection is about.
enum class Stuff { stream, message };
enum class Side { left, right };

/// The ports that an endpoint means, in order. `blocked` says that nothing can be said because of an earlier mistake; an
/// empty answer without it is a mistake that has been reported.
struct Resolved {
    std::vector<PortRef> ports;
    bool blocked = false;
};
Resolved resolve(Reading& reading, const Node& at, const Endpoint& endpoint, Side side, Stuff stuff, const std::string& key);

/// The flat blocks that `endpoint` (without port) means; nothing after a mistake, which is reported under `key`. A copied block
/// without brackets means all copies where `bare_is_all`.
std::optional<std::vector<int>> resolve_blocks(Reading& reading, const Node& at, const Endpoint& endpoint, bool bare_is_all,
                                               const std::string& key);

}  // namespace flowspan::graph
