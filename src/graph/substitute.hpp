// `$name` as a whole value and `${name}` within a text: graph parameters, `$env.NAME`, and `$index` of a copy.
#pragma once

#include "graph/spec.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::graph {

/// The graph's parameters and what else a name may stand for. Values are filled in when first asked for, so that one
/// parameter may use another; a circle is a mistake.
class Names {
public:
    explicit Names(Diagnostics& found) : found_(found) {}

    /// Reads `parameters:` and applies the overrides that name one (those without a dot).
    void declare(const Node& parameters, const std::vector<Override>& overrides);
    /// All of them, with the values in force; mistakes in defaults that nobody uses are found here.
    std::map<std::string, Node> all();

    /// The node with every `$name` and `${name}` filled in. A list or a map is done entry by entry. `copy` is what `$index`
    /// stands for. `key` is cited in mistakes. Positions stay those of the use; the origin goes into `context`.
    /// Nothing after a mistake.
    std::optional<Node> fill(const Node& node, const std::string& key, std::optional<int> copy = {});

    /// The scalar with its arithmetic done, for a parameter that is a number or a boolean; `expected` is cited in mistakes.
    /// What is plainly a number stays as it is, and so does what is no expression at all: the parameter says what is wrong with
    /// it.
    std::optional<Node> compute(const Node& node, const std::string& key, const std::string& expected,
                                std::optional<int> copy = {});

    /// What `$block.parameter` stands for; nothing after a mistake, which it reports.
    using OfBlock = std::function<std::optional<Node>(const std::string& block, const std::string& parameter, const Node& use,
                                                      const std::string& key)>;
    void set_blocks(OfBlock of_block) { of_block_ = std::move(of_block); }

private:
    struct Entry {
        Node value;  // as given
        bool given = false;
        Position at;         // of the declaration's key
        std::string origin;  // "--set spacing=1 kHz" or "band.yaml:5:12"
        std::string unit, help;
        Node range, choices;
        enum class State { untouched, busy, done } state = State::untouched;
    };
    using Found = std::optional<Node>;

    void declare_one(const Node& name, const Node& value);
    void override_with(const Override& override);
    const Node* resolve(const std::string& name, const Position& use, const std::string& key);
    void check(const std::string& name, Entry& entry);
    Found lookup(const std::string& name, const Node& use, const std::string& key, std::optional<int> copy);
    std::optional<Node> fill_scalar(const Node& node, const std::string& key, std::optional<int> copy);
    std::vector<std::string> known() const;
    void refuse(const Node& at, const std::string& key, std::string expected, std::string got, std::string hint = {});

    Diagnostics& found_;
    OfBlock of_block_;
    int depth_ = 0;  // of names within names
    std::map<std::string, Entry> entries_;
    std::vector<std::string> order_;
};

/// What `--set key=text` gives as a node: a text as in the file; `[1, 2]` is a list.
Node override_value(const Override& override, Diagnostics& found);

}  // namespace flowspan::graph
