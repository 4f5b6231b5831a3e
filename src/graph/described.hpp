// The described graph: what partitioning needs to know, and nothing of blocks themselves. Pure data.
#pragma once

#include <flowspan/block.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::graph {

struct DescribedInput {
    std::string port;
    int output = -1;                            // number of the output it reads (index into DescribedGraph::outputs)
    std::uint64_t history = 0;                  // items
    SampleType converted_to = SampleType::any;  // an implicit conversion stands before it
    std::optional<std::uint64_t> buffer;        // `buffer: N`
    std::uint64_t skip = 0;                     // first items of the stream that the block drops
    std::uint64_t need = 0;                     // of a data-dependent block: a call gets so many items at least,
    std::uint64_t at_most = 0;                  // and so many at most
    bool cut = false;                           // the block may end before this stream does
};

struct DescribedOutput {
    int block = -1;
    std::string port;
    std::size_t item_size = 0;
    double rate = 0;         // items per second of source time; 0 unknown
    double gain = 1;         // items for each item of the block's input 0 (a source: 1), nominal where data-dependent
    std::uint64_t room = 0;  // of a data-dependent block: a call makes so many at most
    bool optional = false;
    SampleType type = SampleType::any;  // for pictures
};

struct DescribedMessageEdge {
    int from = -1, to = -1;  // blocks
    std::string from_port, to_port;
    bool feedback = false;
    std::uint64_t feedback_delay = 0;
    bool arrival = false;  // `order: arrival`: its receiver waits for nobody's promises
};

struct DescribedBlock {
    std::string name, base, type;
    int copy = 0, copies = 1;
    Ratio ratio;  // nominal where data-dependent
    bool data_dependent = false;
    Memory memory;                       // beyond history and grid block
    double cost = 1;                     // per item of input 0 (a source: of output 0)
    std::optional<std::uint64_t> total;  // of a source: items that it makes in all
    std::uint64_t messages_lag = 0;      // items of input 0 (a source: output 0) that its promises about messages may lie
                                         // behind what it has worked on
    std::size_t piece_bytes = 0;
    std::uint64_t bytes = 0;
    bool publishes = false;          // it has products
    bool on_rank_0 = false;          // it can run nowhere else
    bool on_devices = false;         // it can run on a device,
    std::string cpu_only;            // or not, since it …
    std::uint64_t device_bytes = 0;  // that it holds there
    bool device_transforms = false;  // it needs the library of transforms there
    bool wants_device = false;       // and is to,
    bool only_if_all = false;        // where all its copies can
    std::vector<DescribedInput> inputs;
    std::vector<int> outputs;  // numbers of its outputs
};

struct DescribedGraph {
    std::vector<DescribedBlock> blocks;
    std::vector<DescribedOutput> outputs;
    std::vector<DescribedMessageEdge> messages;
};

/// The most that a call of a block with a data-dependent rate may come to need, and its ring holds besides history: what it can
/// use, if that is no more than 16 MiB, else what it asks for at first.
constexpr std::uint64_t most_needed(std::uint64_t need, std::uint64_t at_most, std::uint64_t item_size) {
    constexpr std::uint64_t bytes = std::uint64_t(16) << 20;
    return at_most > need && at_most <= bytes / item_size ? at_most : need;
}

/// Blocks in topological order over streams and messages (feedback edges left out); ties by number. Empty `cycle` means it
/// is one; else `cycle` lists the blocks of one cycle in order.
struct Order {
    std::vector<int> order;
    std::vector<int> cycle;
};
Order topological_order(const DescribedGraph& graph);

}  // namespace flowspan::graph
