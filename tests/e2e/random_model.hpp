// A flowgraph as random_graph makes it: blocks and edges by name, of which some can be left out again, and its text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace random_graph {

/// The same numbers everywhere: the standard library's distributions differ, its engine does not.
class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t next() { return engine_(); }
    /// 0 to n - 1.
    std::uint64_t below(std::uint64_t n) { return engine_() % n; }
    /// Both ends included.
    std::uint64_t from(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }
    bool percent(unsigned p) { return below(100) < p; }
    template <class T>
    const T& of(const std::vector<T>& list) {
        return list[below(list.size())];
    }

private:
    std::mt19937_64 engine_;
};

struct Setting {
    std::string key, value;
};
/// Of a block, as they stand in its braces.
struct Settings : std::vector<Setting> {
    using std::vector<Setting>::vector;
    void add(std::string key, std::string value) { push_back({std::move(key), std::move(value)}); }
};

struct Block {
    std::string name, type;
    Settings settings;
    std::vector<std::string> outputs;  // that must be read or listed under `unused`
    std::vector<std::string> spare;    // that may be listed there
    std::vector<std::string> members;  // of a group, as a partition names them; else empty
    bool messages_alone = false;       // is of no use without a message input
    bool ends_early = false;           // what leads to it runs on for as long as it happens to
};

struct Edge {
    std::size_t from = 0, to = 0;
    std::string text;  // "a.out -> b.in"
    std::string output;
    std::string options;
    bool message = false, feedback = false;
};

struct Change {
    std::size_t block = 0;
    std::string at, set, to;
};

struct Graph {
    std::vector<Block> blocks;
    std::vector<Edge> edges;
    std::vector<Change> schedule;
    std::vector<std::string> groups;       // their texts
    std::vector<std::string> run_options;  // --from, --duration
    std::uint64_t items = 0;               // that the sources make, all together

    /// Leaves out what `names` says, and all that cannot be without it: blocks; "change:3", a line of the schedule;
    /// "around:BLOCK", so that what read it reads what it read.
    void drop(const std::set<std::string>& names);
    std::string text() const;
    /// Which rank runs each block: lines for --ranks. A block's rank stays when others are left out; `ranks` falls to how many
    /// have a block.
    std::string partition(std::uint64_t seed, unsigned& ranks) const;
    /// Blocks whose counts may differ from run to run: those that lead to one that ends before they do, or to
    /// nothing that is kept.
    std::vector<std::string> loose() const;

private:
    void bypass(const std::string& name);
};

}  // namespace random_graph
