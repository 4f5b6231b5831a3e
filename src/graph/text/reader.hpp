// What the parts of the reader share while one graph file is read.
#pragma once

#include "graph/resolve/endpoint.hpp"
#include "graph/resolve/names.hpp"
#include "graph/spec.hpp"
#include "graph/text/substitute.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::graph {

struct Scope;

constexpr std::size_t most_blocks = std::size_t{1} << 20;
constexpr std::size_t most_connections = std::size_t{1} << 22;
constexpr std::size_t most_mistakes = 10000;
constexpr std::size_t deepest_groups = 64;
constexpr int most_copies = 65536, most_ports = 65536;

/// A group as it is written: `groups: {name: {parameters, ports, blocks, connections, messages, unused}}`.
struct Group {
    std::string name;
    Position at;
    const Node* body = nullptr;
    std::vector<std::string> ports{"in", "out"};
    bool ports_listed = false;
    Position ports_at;
    bool good = true;  // it is a map, so that it can be used
    // Whether anything uses it, and whether that was good enough for reading what is in it.
    mutable bool used = false, read = false;

    const Node* section(std::string_view key) const { return body == nullptr ? nullptr : body->find(key); }
    bool has_parameter(const std::string& name) const;
    std::vector<std::string> parameter_names() const;
    bool has_port(const std::string& name) const;
};

/// `--set a.b[3].parameter=…`, while it is on its way to the block or the group that it is about.
struct PathOverride {
    Path path;  // without the parameter
    std::size_t depth = 0;
    std::string parameter;
    Node value;
    bool astray = false;  // it names a copy that is not there, which has been said: what it may mean is in doubt
    const PathStep& step() const { return path.steps[depth]; }
    bool arrived() const { return depth + 1 == path.steps.size(); }
};

/// One name under `blocks:`: a block or a use of a group, with all its copies.
struct Member {
    std::string name, type;
    Position at;
    const Node* body = nullptr;
    const Group* group = nullptr;
    std::vector<const ParameterDeclaration*> declarations;      // of the block type
    std::vector<std::pair<const Node*, const Node*>> settings;  // key and value as in the file
    std::vector<PathOverride> overrides;                        // those that are about it or what is in it
    std::map<std::string, std::optional<Node>> values;          // of `$name.parameter`, as far as asked for
    std::vector<Need> needs;                                    // `require:` and `prefer:`
    std::map<std::string, Node> lists;                          // one entry a copy, of parameters that another list fills
    std::optional<SourceFacts> facts;                           // as far as asked for
    bool facts_wrong = false;                                   // and it has been said
    bool known = false;                                         // the type, or the group, is
    bool certain = true;                                        // how many copies, and whether it is enabled, is known
    bool complete = true;                                       // all its keys were understood, but for
    std::set<std::string> may_mean;                             // those that may be meant for these parameters
    bool may_be_copied = false;                                 // or for `copies:`
    std::vector<std::string> lost;                              // parameters of overrides that may be meant for it
    bool doubtful = false;          // how many copies, or whether it is enabled, comes of a wrong value
    std::set<std::string> doubted;  // of `values`, those that come of a wrong one
    bool enabled = true;
    std::optional<DeviceChoice> device;  // `device:`
    bool flat = false;                   // written under its full name, with indices
    int copies = 1;
    bool copied = false;
    int first = 0;                                  // flat block of copy 0; those of the other copies follow
    std::vector<std::unique_ptr<Scope>> instances;  // of a group, by copy

    const ParameterDeclaration* declaration(const std::string& parameter) const;
    /// Of its overrides those that are about this copy, in their order.
    std::vector<const PathOverride*> overrides_of(int copy) const;
    std::vector<std::string> parameter_names() const;
    bool has_parameter(const std::string& parameter) const;
    /// This name was to be one of a parameter: what the nearest is worth is in doubt.
    void mean(const std::string& parameter);
    KnownNames known_parameters() const {
        return {"a parameter of " + (group != nullptr ? "group " + group->name : type), parameter_names()};
    }

private:
    /// Overrides by the copy that they are about, of so many: each copy asks for its own.
    struct ByCopy {
        std::size_t count = 0;
        std::vector<std::size_t> several;  // that are about more than one
        std::map<int, std::vector<std::size_t>> of_one;
    };
    mutable ByCopy by_copy_;
};

/// What may stand beside a connection.
struct EdgeOptions {
    std::optional<std::uint64_t> buffer, feedback_delay;
    bool arrival_order = false;
};

/// A port of a block that a port of a group stands for.
struct End {
    PortRef port;
    EdgeOptions options;  // of the connection within the group
};

/// A port of one instance of a group. A single port has one element, one of a group of ports has several.
struct GroupPort {
    struct Element {
        std::vector<End> ends;
        std::optional<Position> connected;   // where it is connected from outside
        std::optional<std::string> without;  // a block that is not enabled is all it is connected to, within or outside
    };
    PortInfo info;
    std::vector<Element> elements;
    bool used = false;  // within the group
};

/// The graph itself, or one instance of a group: what its names mean.
struct Scope {
    Scope(Scope* graph_scope, Diagnostics& found, Outside& outside, Chain& chain);
    Scope* graph;  // the outermost
    const Group* group = nullptr;
    std::shared_ptr<const GroupUse> use;  // that it is an instance of
    std::string prefix, base_prefix;      // "receive[3].", "receive.": before names of its blocks, and without the last index
    int copy = 0, copies = 1;             // of the nearest copies around it
    bool copied = false;
    Names names;
    std::vector<Need> needs;             // of the blocks and groups that it is an instance of
    std::optional<DeviceChoice> device;  // of the innermost that says so
    std::vector<PathOverride> overrides;
    std::map<std::string, Member> members;
    std::vector<Member*> order;
    bool has_flat_names = false;
    std::map<std::string, GroupPort> ports;
    std::size_t first = 0, last = 0;  // its flat blocks: [first, last)
    bool certain = true;              // its blocks and ports are known
    bool unsure = false;              // a connection may mean it which was not understood
    bool of_nobody = false;           // of a group that is used nowhere: what its names stand for is not known

    /// "connections", or "groups.receiver.connections".
    std::string section(const std::string& key) const { return group == nullptr ? key : "groups." + group->name + "." + key; }
    std::string member_key(const std::string& name) const { return "blocks." + prefix + name; }
    std::vector<std::string> member_names() const;
    const Member* find(const std::string& name) const;
    Member* find(const std::string& name);
};

/// One reading. Sections are read in turn; each adds to `spec` and `found`, none stops at a mistake.
struct Reading {
    Reading(std::string name, const ReadOptions& read_options, Catalog& block_types);
    const ReadOptions& options;
    Catalog& catalog;
    std::shared_ptr<Outside> outside;
    Diagnostics found;
    Chain chain;
    FlowgraphSpec spec;
    std::map<std::string, Group> groups;
    std::deque<Node> documents;  // the graph file and what it includes
    std::vector<std::pair<const Node*, const Node*>> parameters;
    Scope graph;
    Names& names;                              // of the graph
    std::vector<std::vector<PortInfo>> ports;  // by flat block
    std::vector<bool> certain;                 // by flat block: its ports are known, but for sizes of groups
    std::vector<bool> right;                   // by flat block: so are its settings, and none is wrong
    std::vector<bool> usable;                  // by flat block: see PartlyRead
    std::set<int> unsure;                      // flat blocks that a connection may mean which was not understood
    using PortKey = std::pair<int, std::string>;
    std::map<PortKey, Position> fed, read;   // inputs that are connected, outputs that are read
    std::map<PortKey, std::string> without;  // ports whose other side is a block that is not enabled: its name
    std::set<PortKey> exported;              // outputs that a port of their group stands for
    std::size_t instances = 0;               // of groups
    bool too_large = false;
    std::vector<std::pair<std::string, std::string>> lost_overrides;  // whose path is none: its first name, the parameter

    void refuse(const Position& at, std::string key, std::string expected, std::string got, std::string hint = {},
                std::vector<std::string> context = {}) {
        found.push_back({at, std::move(key), std::move(expected), std::move(got), std::move(hint), std::move(context)});
    }
    /// Whether there is room for more blocks; refuses the graph once when there is none.
    bool room_for_blocks(const Position& at);
};

/// Collects `parameters:` and `groups:` of the graph file and of all that it includes, and checks what groups look like.
void read_includes(Reading& reading, const Node& root);
/// Reads blocks, connections, messages and `unused:` of the graph or of one instance of a group, and of all groups in it.
void read_scope(Reading& reading, Scope& scope, const Node& body);

/// The parts of `read_scope`.
void register_members(Reading& reading, Scope& scope, const Node& blocks);
void read_members(Reading& reading, Scope& scope);
void make_block(Reading& reading, Scope& scope, Member& member, int copy);
void make_instance(Reading& reading, Scope& scope, Member& member, int copy);
void read_connections(Reading& reading, Scope& scope, const Node& connections);
void read_messages(Reading& reading, Scope& scope, const Node& messages);
void read_unused(Reading& reading, Scope& scope, const Node& unused);
/// What can be said of a group without its use: types, parameters, literal values, names in connections.
void check_groups_of_nobody(Reading& reading);
/// Every port of the group is used in it. After the sections above.
void check_own_ports(Reading& reading, Scope& scope);
/// Every input connected once, every output read, optional, one of a group or unused: of the scope and all that is in it.
void check_ports(Reading& reading, Scope& scope);
void read_ranks(Reading& reading, const Node& ranks);
void read_schedule(Reading& reading, const Node& schedule);

/// Whether a value names a file with a list: `.npy`, `.txt`, `.csv`.
bool names_a_list(const Node& node);
/// The numbers of a text. Throws Refused where it holds something else, without a place.
std::vector<std::complex<double>> numbers_in(std::string_view text, const std::string& file);
/// The list that stands in the file that the node names; nothing after a mistake.
std::optional<Node> list_of_file(Reading& reading, const Node& node, const ParameterDeclaration& declaration,
                                 const std::string& key);

/// What a parameter of one copy is worth; nothing after a mistake. `declaration` may be nullptr (a parameter of a group).
std::optional<Node> value_for(Reading& reading, Scope& scope, Member& member, const std::string& parameter, const Node& value,
                              const ParameterDeclaration* declaration, int copy);
/// As many copies as lists that are written have entries for, where `copies:` does not say it: each is looked at.
int copies_of_lists(const Member& member);
/// The settings of one copy, overrides included: parameter and value as written.
std::map<std::string, const Node*> settings_of(const Member& member, int copy);

/// What a connection is about.
enum class Stuff { stream, message };
enum class Side { left, right };

/// One port that a connection meets, with the ports of blocks that it stands for.
struct Terminal {
    std::vector<End> ends;
    GroupPort::Element* element = nullptr;  // of a group's port
    std::string name;                       // "receive[3].in", for people
};

/// The ports that an endpoint means, in order. `blocked` says that nothing can be said because of an earlier mistake; an
/// empty answer without it is a mistake that has been reported.
struct Resolved {
    std::vector<Terminal> terminals;
    bool blocked = false;
    std::string removed;                 // a block that is not enabled: its name
    const PortInfo* of_group = nullptr;  // the port group that the terminals are of
};
Resolved resolve(Reading& reading, Scope& scope, const Node& at, const Endpoint& endpoint, Side side, Stuff stuff,
                 const std::string& key);

/// The ports of a block or of a group, as its first copy has them.
std::vector<const PortInfo*> ports_of(const Reading& reading, const Member& member, int copy = 0);

/// The copies that `endpoint` means; nothing after a mistake, which is reported under `key`.
std::optional<std::vector<int>> resolve_copies(Reading& reading, const Scope& scope, const Node& at, const Endpoint& endpoint,
                                               const std::string& key);

/// An endpoint as `parse_endpoint` reads it; in a flat graph a block's full name comes first.
std::optional<Endpoint> endpoint_in(const Scope& scope, const std::string& text, std::size_t offset, std::string& why);

/// What a word of an assignment means, such as `receive[*]`, `receive[3].demod` or a whole group: one selection for all that
/// is dealt by itself, so that copy i of every block of a group comes to one rank. Nothing after a mistake, which is reported
/// under `key`; an empty list is a block that is not enabled.
std::optional<std::vector<Place::Selection>> select_blocks(Reading& reading, const Node& words, const std::string& text,
                                                           std::size_t offset, const std::string& key);

}  // namespace flowspan::graph
