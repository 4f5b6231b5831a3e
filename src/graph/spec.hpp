// The flowgraph as pure data, flat: every copy is a block of its own, every connection one output port to one input port.
#pragma once

#include "graph/resolve/needs.hpp"
#include "graph/text/document.hpp"

#include <flowspan/parameter.hpp>
#include <flowspan/when.hpp>

#include <complex>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace flowspan::graph {

/// A use of a group, and the one around it.
struct GroupUse {
    std::string group;
    Position at;  // of the use's key
    std::shared_ptr<const GroupUse> around;
    std::string text() const;  // "in group receiver, used at band.yaml:20:3"
};

/// Where a block is to run. `automatic`: on devices, where all its copies can; else none.
enum class DeviceChoice : std::uint8_t { cpu, cuda, automatic };
/// "cpu", "cuda" or "auto".
std::optional<DeviceChoice> parse_device(std::string_view text);

struct FlatBlock {
    std::string name;  // "source", "tone[3]", "receive[3].demod": groups and copies from the outside in
    std::string base;  // "source", "tone", "receive.demod": the name without its last index
    std::string type;
    int copy = 0, copies = 1;              // of the block, or of the group around it that has copies
    bool copied = false;                   // the name has an index
    std::map<std::string, Node> settings;  // parameter -> text, per-copy lists taken apart, `$name` and `--set` filled in
    Position at;                           // of the block's key
    std::shared_ptr<const GroupUse> use;   // the innermost that it is in
    std::optional<DeviceChoice> device;    // `device:` of the block, or of a group that it is in
    bool device_of_its_own = false;        // of the block
    /// Parameters whose value a mistake hides, which has been said. "": any that is not in `settings`, as a key was not
    /// understood.
    std::set<std::string> in_doubt;
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

/// One line of `schedule:`.
struct ScheduledChange {
    std::vector<int> blocks;  // flat block numbers
    bool command = false;
    std::string name;  // of the parameter or the command
    Value value;       // of the parameter, or the list of arguments
    When when;
    Position at;
    std::string key;  // "schedule[2]"
};

struct FlowgraphSpec {
    std::string name;
    std::string file;
    std::vector<FlatBlock> blocks;
    std::vector<Connection> streams;
    std::vector<Connection> messages;
    std::vector<PortRef> unused;  // outputs listed under `unused:`
    Assignment assignment;
    std::vector<ScheduledChange> schedule;
    std::map<std::string, Node> parameters;  // graph parameters with the values in force
};

/// A port of a block, as the reader needs it for expanding connections.
struct PortInfo {
    std::string name;  // "in", "out"; of a group without index
    bool input = false, message = false, optional = false, group = false;
    int size = 1;  // of a group; -1: a mistake hides it
};

/// What the reader asks about block types. The runtime implements it by constructing the blocks.
class Catalog {
public:
    virtual ~Catalog() = default;
    virtual std::vector<std::string> types() const = 0;
    virtual bool has(const std::string& type) const = 0;
    /// Parameter declarations of a known type.
    virtual std::vector<const ParameterDeclaration*> parameters(const std::string& type) const = 0;
    /// Sets the block's parameters and returns its ports; appends mistakes to `found` and then returns what is known. What is
    /// in doubt is not said again.
    virtual std::vector<PortInfo> ports(const FlatBlock& block, Diagnostics& found) = 0;
};

/// What is known of the stream that a source makes, from its parameters and the header of its recording.
struct SourceFacts {
    std::optional<double> sample_rate, center_frequency;  // Hz
    std::optional<std::int64_t> length;                   // items
};

/// What the reader asks of the world beyond the text. In a run of many ranks, rank 0 looks and the others are told: they all
/// read the same. This one looks at files and the environment, and knows no facts of sources.
class Outside {
public:
    virtual ~Outside() = default;
    /// The text of an included file. Throws Failure when it cannot be read.
    virtual std::string text_of(const std::string& path);
    /// The numbers of a file of text, apart by blanks, commas or lines; comments begin with `#` or `%`. Throws Failure when it
    /// cannot be read, Refused when it holds something else.
    virtual std::vector<std::complex<double>> numbers_of(const std::string& path);
    /// An environment variable.
    virtual std::optional<std::string> variable(const std::string& name);
    /// What `block`, a block without inputs, will put out. Appends what is wrong with it to `found`.
    virtual SourceFacts facts_of(const FlatBlock& block, Diagnostics& found);
};

/// `--set key=value`: key is a graph parameter or `block.parameter` (`block[3].parameter`, `group[*].block.parameter`).
struct Override {
    std::string key, value;
    std::string option{};  // of the command line, where it is not `--set key=value`: "--from 2 s"
    std::string origin() const { return option.empty() ? "--set " + key + "=" + value : option; }
};

struct ReadOptions {
    std::vector<Override> overrides;
    std::shared_ptr<Outside> outside;       // nullptr: an Outside
    std::optional<std::string> ranks_text;  // content of `--ranks FILE`
    std::string ranks_file;                 // its name
    bool ranks_auto = false, ranks_fold = false;
    DeviceChoice device = DeviceChoice::cpu;  // of blocks for which the graph says nothing
};

/// Reads the graph and what it includes, substitutes, expands groups, copies and connections, and checks all that can be
/// checked without descriptions (unknown types, keys, blocks and ports with the nearest known name; counts of both sides;
/// unconnected inputs; outputs that nobody reads). All mistakes at once: throws Refused. `catalog.ports` is called once a
/// block, in file order.
FlowgraphSpec read_flowgraph(const std::string& text, const std::string& file, const ReadOptions& options, Catalog& catalog);

/// The same of a graph with mistakes, as far as it can be understood. Throws Refused only where the text is no document.
struct PartlyRead {
    FlowgraphSpec spec;
    Diagnostics found;                         // by place
    std::vector<std::vector<PortInfo>> ports;  // by flat block
    /// By flat block: its ports are known, no connection that may mean it is wrong, and its settings hold, but for those in
    /// doubt.
    std::vector<bool> usable;
};
PartlyRead read_partly(const std::string& text, const std::string& file, const ReadOptions& options, Catalog& catalog);
/// The usable blocks whose inputs are all fed by such, with what connects them. `acyclic`: no block that is on a
/// cycle, or behind one, and no messages. Neither ranks nor a schedule.
FlowgraphSpec right_part(const PartlyRead& read, bool acyclic);

/// By place: the graph file from top to bottom, then other files, then the command line; what is wrong with many copies once.
void sort_mistakes(Diagnostics& found, const std::string& file);

/// A graph parameter as its file declares it, for people who run the graph.
struct ParameterInfo {
    std::string name, value, unit, range, help;  // as written; "" where nothing is said
    std::vector<std::string> choices;
};
/// The parameters that a graph and the files which it includes declare, in file order. Throws Refused.
std::vector<ParameterInfo> declared_parameters(const std::string& text, const std::string& file, Outside& outside);

/// What `--set` may name behind `path`, which is empty or ends with a dot ("receive.", "receive[*].demod."): parameters as
/// "path.width=", blocks and groups as "path.demod.". For shells. Throws Refused.
std::vector<std::string> settable_names(const std::string& text, const std::string& file, const std::string& path,
                                        Outside& outside, Catalog& catalog);

/// The flat graph as a graph file: every copy a block of its own, under its full name, every value filled in and every
/// connection from one port to one port. Reading it gives `spec` again, and it runs to the same bytes, from any folder: paths
/// of files that are read are absolute.
std::string to_yaml(const FlowgraphSpec& spec);

/// A value as a graph file writes it, on one line.
std::string yaml_text(const Value& value);

/// Adds to what was found where the groups are used; sorts it by place, and says once what is wrong with many copies.
void add_uses(const FlowgraphSpec& spec, Diagnostics& found);

/// The value that a parameter declaration makes of the text in a graph file: our scalar rules, units, kinds. On a mistake
/// appends a diagnostic under `key` and returns nothing. (Ranges are checked by the parameter itself.)
std::optional<Value> read_setting(const Node& node, const ParameterDeclaration& declaration, const std::string& key,
                                  Diagnostics& found);

/// Fills `{name}` and `{name:format}` (fmt's format syntax) into a path; `{{` and `}}` are braces. Unknown names and bad
/// formats are a diagnostic at `at` under `key`. `further`: values of names that `values` does not have. `plain`: texts that
/// stand in for values, whatever their formats.
std::string fill_placeholders(const std::string& text, const std::map<std::string, Value>& values, const Position& at,
                              const std::string& key, Diagnostics& found, const std::map<std::string, Value>* further = nullptr,
                              const std::map<std::string, std::string>* plain = nullptr);

}  // namespace flowspan::graph
