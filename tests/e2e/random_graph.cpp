// Makes one random legal flowgraph, with the recordings that it reads and the runs in which it is to be compared.
//
//   random_graph SEED FOLDER [--drop=NAME]… [--without CONSTRUCT]… [--dependent]
//
// writes graph.yaml, rec-K.*, partition-K (for --ranks), runs (lines of RANKS PARTITION TRANSPORT CHUNKS), options (of every
// run), loose (blocks whose counts may differ) and names (what --drop takes). The same SEED makes the same files everywhere.
//
//   random_graph --counts REPORT LOOSE
//
// prints what a run's report says of each block and must not differ, a line a block.
//
//   random_graph --types N
//
// prints the types of blocks that stand in the graphs of the seeds 1 to N, a line each.
#include "random_maker.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <numeric>
#include <sstream>

namespace random_graph {
namespace {

/// Four runs that are compared with the one on one rank.
void write_runs(const Graph& graph, std::uint64_t seed, const std::string& folder) {
    Random random(seed * 0xd1342543de82ef95U + 7);
    std::ofstream runs(folder + "/runs");
    for (int k = 0; k < 4; ++k) {
        const auto how = random.below(100);
        std::string chunks = how < 40   ? "any"
                             : how < 80 ? "random:" + std::to_string(random.from(1, 32767))
                             : how < 92 ? "17"
                                        : "1000000000";
        if (graph.items < 20000 && random.percent(30)) chunks = "1";
        const auto by = random.below(100);
        const std::string transport = by < 50 ? "shm" : by < 75 ? "tcp" : "nocma";
        unsigned ranks = k == 0 ? 1 : unsigned(random.from(2, 4));
        const bool automatic = random.percent(20);
        std::string partition = "-";
        const std::uint64_t partition_seed = random.next();
        if (ranks > 1) {
            partition = "partition-" + std::to_string(k);
            const std::string text = graph.partition(partition_seed, ranks);
            if (automatic || ranks == 1)
                partition = ranks == 1 ? "-" : "auto";
            else
                std::ofstream(folder + "/" + partition) << text;
        }
        if (k == 0 && chunks == "any") chunks = "random:" + std::to_string(seed % 1000 + 1);
        runs << ranks << ' ' << partition << ' ' << transport << ' ' << chunks << '\n';
    }
}

int generate(const std::vector<std::string>& words) {
    const std::uint64_t seed = std::stoull(words.at(0));
    const std::string& folder = words.at(1);
    std::set<std::string> dropped, without;
    bool dependent = false;
    for (std::size_t k = 2; k < words.size(); ++k) {
        if (words[k].starts_with("--drop="))
            dropped.insert(words[k].substr(7));
        else if (words[k] == "--without")
            without.insert(words.at(++k));
        else if (words[k] == "--dependent")
            dependent = true;
    }
    Graph graph = Maker(seed, folder, without, dependent).make();
    std::ofstream names(folder + "/names");
    for (std::size_t c = 0; c < graph.schedule.size(); ++c) names << "change:" << c << '\n';
    for (const char* how : {"", "around:"})
        for (std::size_t b = graph.blocks.size(); b-- > 0;) names << how << graph.blocks[b].name << '\n';
    graph.drop(dropped);
    std::ofstream(folder + "/graph.yaml") << graph.text();
    std::ofstream options(folder + "/options");
    for (const auto& option : graph.run_options) options << option << '\n';
    std::ofstream loose(folder + "/loose");
    for (const auto& name : graph.loose()) loose << name << '\n';
    write_runs(graph, seed, folder);
    return 0;
}

int types(std::uint64_t seeds) {
    std::set<std::string> all;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const std::string text = Maker(seed, "", {}, seed % 2 == 0).make().text();
        for (std::size_t at = 0; (at = text.find("type: ", at)) != std::string::npos;) {
            at += 6;
            all.insert(text.substr(at, text.find_first_of(",}", at) - at));
        }
    }
    for (const std::string& type : all) std::cout << type << '\n';
    return 0;
}

// --- reports -------------------------------------------------------------------------------------------------------------
/// What follows `"key":` in an object that begins at `at`: up to the comma or brace of its own depth.
std::string field(const std::string& json, std::size_t at, std::size_t end, const std::string& key) {
    const std::size_t found = json.find("\"" + key + "\":", at);
    if (found == std::string::npos || found >= end) return "";
    std::size_t k = found + key.size() + 3;
    const std::size_t from = k;
    int depth = 0;
    for (bool quoted = false; k < end; ++k) {
        const char c = json[k];
        if (c == '"' && json[k - 1] != '\\') quoted = !quoted;
        if (quoted) continue;
        if (depth == 0 && (c == ',' || c == '}')) break;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
    }
    return json.substr(from, k - from);
}

int counts(const std::string& report, const std::string& loose_file) {
    std::ifstream in(report);
    const std::string json(std::istreambuf_iterator<char>(in), {});
    std::set<std::string> loose;
    std::ifstream names(loose_file);
    for (std::string name; std::getline(names, name);) loose.insert(name);
    std::set<std::string> lines;
    const std::size_t begin = json.find("\"ranks\":[");
    const std::size_t behind = std::min(json.find("\"reproducible\":", begin), json.size());
    for (std::size_t at = json.find("{\"block\":", begin); at < behind;) {
        const std::size_t next = json.find("{\"block\":", at + 1), end = std::min(next, behind);
        const std::string name = field(json, at, end, "block");
        const std::string plain = name.substr(1, name.find_first_of("[\"", 1) - 1);
        std::string line = name;
        for (const char* key : {"items_in", "items_out", "messages_in", "messages_out", "left_over", "results", "warnings",
                                "changes", "changes_beyond_the_end"})
            if (const std::string value = field(json, at, end, key); !value.empty())
                line += std::string(" ") + key + " " + value;
        if (!loose.contains(plain)) lines.insert(line);
        at = next;
    }
    for (const auto& line : lines) std::cout << line << '\n';
    return lines.empty() && loose.empty() ? 1 : 0;
}

}  // namespace
}  // namespace random_graph

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 3 && words[0] == "--counts") return random_graph::counts(words[1], words[2]);
    if (words.size() == 2 && words[0] == "--types") return random_graph::types(std::stoull(words[1]));
    if (words.size() >= 2 && words[0].find_first_not_of("0123456789") == std::string::npos)
        return random_graph::generate(words);
    std::cerr << "usage: random_graph SEED FOLDER [--drop=NAME]… [--without CONSTRUCT]… [--dependent], random_graph --counts "
                 "REPORT LOOSE, random_graph --types N\n";
    return 2;
}
