// `$name` as a whole value and `${name}` within a text: parameters of the graph or of a group, `$block.parameter`, `$env.NAME`,
// and `$index` of a copy.
#pragma once

#include "graph/spec.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::graph {

/// Which names are being looked up at the moment, one for the sake of the other.
class Chain {
public:
    /// Whether `name` of `owner` is among them already; then `text` is "$a -> $b -> $a".
    bool closes(const void* owner, const std::string& name, std::string& text) const;
    void push(const void* owner, std::string name) { names_.emplace_back(owner, std::move(name)); }
    void pop() { names_.pop_back(); }
    /// What is expected instead of one more name when it is full.
    static std::string limit();
    bool is_full() const { return names_.size() >= most; }
    static constexpr std::size_t most = 64;
    /// Grows with each use of a value that is wrong, or comes of such a one: what follows from it is not said.
    std::size_t doubts() const { return doubts_; }
    void doubt() { ++doubts_; }

private:
    std::size_t doubts_ = 0;
    std::vector<std::pair<const void*, std::string>> names_;
};

/// The parameters of the graph, or of one instance of a group, and what else a name may stand for. Values are filled in when
/// first asked for, so that one parameter may use another; a circle is a mistake.
class Names {
public:
    /// `outer`: where names are looked up that are not known here (of a group: the graph's); nullptr: nowhere.
    Names(Diagnostics& found, Outside& outside, Chain& chain, Names* outer = nullptr)
        : found_(found), outside_(outside), chain_(chain), outer_(outer) {}

    /// Reads a section `parameters:`, called `key` in mistakes.
    void declare(const Node& parameters, const std::string& key = "parameters");
    void declare_one(const Node& name, const Node& value, const std::string& key = "parameters");
    /// Applies `--set name=value` to a parameter of the graph.
    void override_with(const Override& override);
    /// Gives a parameter its value, which stands elsewhere and is filled in already. `key` is cited in mistakes.
    void give(const std::string& name, Node value, const std::string& key);
    /// The copy that `$index` stands for where the use itself has none.
    void set_index(std::optional<int> copy) { index_ = copy; }
    /// From now on a name whose value is not known is no mistake, but nothing can be said of what uses it. `own`: the values of
    /// its own parameters are not known either.
    void allow_unknown(bool own) {
        unknown_allowed_ = true;
        own_unknown_ = own;
    }
    /// The same of one name, a parameter or not: what it was to stand for is not known, which has been said.
    void forget(const std::string& name) { forgotten_.insert(name); }
    /// The value of a parameter comes of a wrong one.
    void doubt(const std::string& name);
    /// All of them, with the values in force; mistakes in defaults that nobody uses are found here.
    std::map<std::string, Node> all();
    bool has(const std::string& name) const { return entries_.contains(name); }
    const std::vector<std::string>& declared() const { return order_; }
    /// The value of a parameter that is declared; nullptr after a mistake.
    const Node* value_of(const std::string& name, const Node& use, const std::string& key) { return resolve(name, use, key); }
    std::vector<ParameterInfo> infos() const;

    /// The node with every `$name` and `${name}` filled in. A list or a map is done entry by entry. `copy` is what `$index`
    /// stands for. `key` is cited in mistakes. Positions stay those of the use; the origin goes into `context`.
    /// Nothing after a mistake.
    std::optional<Node> fill(const Node& node, const std::string& key, std::optional<int> copy = {});

    /// The scalar with its arithmetic done, for a parameter that is a number or a boolean; `expected` is cited in mistakes.
    /// What is plainly a number stays as it is, and so does what is no expression at all: the parameter says what is wrong with
    /// it.
    std::optional<Node> compute(const Node& node, const std::string& key, const std::string& expected,
                                std::optional<int> copy = {});

    /// Whether `$name` would be a value here.
    bool stands_for_something(const std::string& name) const;

    /// As `fill`; what is an expression with names is computed, too. For values of which it is not known yet what they must be.
    std::optional<Node> evaluate_all(const Node& node, const std::string& key, std::optional<int> copy = {});

    /// What `$block.parameter` stands for; nothing after a mistake, which it reports. `known` says whether there is such a
    /// block.
    struct Blocks {
        std::function<bool(const std::string& block)> known;
        std::function<std::optional<Node>(const std::string& block, const std::string& parameter, const Node& use,
                                          const std::string& key)>
            value;
    };
    void set_blocks(Blocks blocks) { blocks_ = std::move(blocks); }

private:
    struct Entry {
        Node value;  // as given
        bool given = false;
        Position at;         // of the declaration's key
        std::string key;     // cited in mistakes
        std::string origin;  // "--set spacing=1 kHz" or "band.yaml:5:12"
        std::string unit, help;
        Node range, choices;
        enum class State { untouched, done } state = State::untouched;
        bool filled = false;  // the value needs no names any more
        bool wrong = false;   // so is what uses it
    };
    using Found = std::optional<Node>;

    const Node* resolve(const std::string& name, const Node& use, const std::string& key);
    void settle(const std::string& name, Entry& entry);
    void check(const Entry& entry);
    Found lookup(const std::string& name, const Node& use, const std::string& key, std::optional<int> copy);
    bool has_value(const std::string& name) const;
    bool is_unknown(const std::string& name) const;
    Found lookup_parameter(const std::string& name, const Node& use, const std::string& key);
    Found lookup_variable(const std::string& name, const Node& use, const std::string& key);
    std::optional<Node> fill_scalar(const Node& node, const std::string& key, std::optional<int> copy);
    std::vector<std::string> known() const;
    void refuse(const Node& at, const std::string& key, std::string expected, std::string got, std::string hint = {});

    Diagnostics& found_;
    Outside& outside_;
    Chain& chain_;
    Names* outer_;
    Blocks blocks_;
    std::optional<int> index_;
    bool unknown_allowed_ = false, own_unknown_ = false;
    std::set<std::string> forgotten_;
    std::map<std::string, Entry> entries_;
    std::vector<std::string> order_;
};

/// What `--set key=text` gives as a node: a text as in the file; `[1, 2]` is a list.
Node override_value(const Override& override, Diagnostics& found);
/// "band.yaml:5:12", or "--set spacing=1 kHz".
std::string place_of(const Position& at);

}  // namespace flowspan::graph
