// The flowgraph as pure data, flat: every copy is a block of its own, every connection one output port to one input port.
#pragma once

#include "graph/document.hpp"
#include "graph/needs.hpp"

#include <flowspan/parameter.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::graph {

struct FlatBlock {
    std::string name;  // "receive[3]", "source"
    std::string base;  // "receive": the name without the copy
    std::string type;
    int copy = 0, copies = 1;
    bool copied = false;                   // `copies:` was given, so the name has an index
    std::map<std::string, Node> settings;  // parameter -> text, per-copy lists taken apart, `$name` and `--set` filled in
    Position at;                           // of the block's key
};

struct PortRef {
    int block = -1;
    std::string port;  // with index where it is one of a group: "out[3]"
    friend bool operator==(const PortRef&, const PortRef&) = default;
};

struct Connection {
    PortRef from, to;
    Position at;
    std::optional<std::uint64_t> buffer;          // `buffer: N` items
    std::optional<std::uint64_t> feedback_delay;  // message edges: samples
    bool arrival_order = false;                   // message edges: `order: arrival`
};

/// One line of `ranks:`.
struct Place {
    std::string name;        // of a named place; else ""
    std::vector<int> ranks;  // ascending; empty for a named place
    int count = 1;           // of ranks
    struct Selection {
        std::vector<int> blocks;  // flat block numbers, in copy order
        bool copies = false;      // dealt in contiguous runs over the ranks of the place
    };
    std::vector<Selection> selections;
    std::vector<Need> needs;  // of each of its ranks
    Position at;
};

struct Assignment {
    enum class Mode { none, listed, automatic, fold };
    Mode mode = Mode::none;
    std::vector<Place> places;
    std::map<int, std::vector<Need>> needs;  // by flat block
    Position at;
};

struct FlowgraphSpec {
    std::string name;
    std::string file;
    std::vector<FlatBlock> blocks;
    std::vector<Connection> streams;
    std::vector<Connection> messages;
    std::vector<PortRef> unused;  // outputs listed under `unused:`
    Assignment assignment;
    std::map<std::string, Node> parameters;  // graph parameters with the values in force
};

/// A port of a block, as the reader needs it for expanding connections.
struct PortInfo {
    std::string name;  // "in", "out"; of a group without index
    bool input = false, message = false, optional = false, group = false;
    int size = 1;  // of a group
};

/// What the reader asks about block types. The runtime implements it by constructing the blocks.
class Catalog {
public:
    virtual ~Catalog() = default;
    virtual std::vector<std::string> types() const = 0;
    virtual bool has(const std::string& type) const = 0;
    /// Parameter declarations of a known type.
    virtual std::vector<const ParameterDeclaration*> parameters(const std::string& type) const = 0;
    /// Sets the block's parameters and returns its ports; appends mistakes to `found` and then returns what is known.
    virtual std::vector<PortInfo> ports(const FlatBlock& block, Diagnostics& found) = 0;
};

/// `--set key=value`: key is a graph parameter or `block.parameter` (`block[3].parameter`, `block[*].parameter`).
struct Override {
    std::string key, value;
};

struct ReadOptions {
    std::vector<Override> overrides;
    std::optional<std::string> ranks_text;  // content of `--ranks FILE`
    std::string ranks_file;                 // its name
    bool ranks_auto = false, ranks_fold = false;
};

/// Reads, substitutes, expands copies and connections, and checks all that can be checked without descriptions (unknown
/// types, keys, blocks and ports with the nearest known name; counts of both sides; unconnected inputs; outputs that
/// nobody reads). All mistakes at once: throws Refused. `catalog.ports` is called once a block, in file order.
FlowgraphSpec read_flowgraph(const std::string& text, const std::string& file, const ReadOptions& options, Catalog& catalog);

/// The value that a parameter declaration makes of the text in a graph file: our scalar rules, units, kinds. On a mistake
/// appends a diagnostic under `key` and returns nothing. (Ranges are checked by the parameter itself.)
std::optional<Value> read_setting(const Node& node, const ParameterDeclaration& declaration, const std::string& key,
                                  Diagnostics& found);

/// The known name that is nearest to `name` (edit distance at most a third of its length), or "".
std::string nearest_name(const std::string& name, const std::vector<std::string>& known);

/// Fills `{name}` and `{name:format}` (fmt's format syntax) into a path; `{{` and `}}` are braces. Unknown names and bad
/// formats are a diagnostic at `at` under `key`.
std::string fill_placeholders(const std::string& text, const std::map<std::string, Value>& values, const Position& at,
                              const std::string& key, Diagnostics& found);

}  // namespace flowspan::graph
