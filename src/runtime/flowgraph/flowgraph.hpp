// From the flat graph to constructed and described blocks. Every rank does this alike; nothing about it is ever sent.
#pragma once

#include "graph/described.hpp"
#include "graph/spec.hpp"
#include "runtime/block/describe.hpp"

#include <flowspan/registry.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace flowspan::runtime {

/// One output port of the whole graph.
struct OutputRef {
    int block = -1;
    OutputPort* port = nullptr;
    std::uint64_t first_index = 0;
    StreamDescription description;
};

struct InputRef {
    int output = -1;  // number of the output that it reads
    InputPort* port = nullptr;
    SampleType converted_to = SampleType::any;
};

struct MessageRef {
    int from = -1, to = -1;  // blocks
    MessageOutput* output = nullptr;
    MessageInput* input = nullptr;
    bool arrival_order = false;
    std::optional<std::uint64_t> feedback_delay;
};

struct DescribeOptions {
    Facts facts;
    std::string out = ".";
    std::map<std::string, Value> placeholders;  // for paths of products, beside those of the block itself
    bool until_stopped = false;
};

class Flowgraph {
public:
    /// Reads the graph, constructs every block and sets its parameters. Throws Refused with all mistakes.
    Flowgraph(const Registry& registry, const std::string& text, const std::string& file, const graph::ReadOptions& options);
    /// From a specification that was put together in C++.
    Flowgraph(const Registry& registry, graph::FlowgraphSpec spec);

    /// Paths of all recordings that parameters name, each once.
    std::vector<std::string> recordings() const;
    /// Runs `describe` on every block in topological order. Throws Refused with all mistakes: of a block of which something is
    /// not known (a parameter in doubt, an input from a block that has a mistake), as far as its describe() does not ask for
    /// it.
    void describe(const DescribeOptions& options);

    const graph::FlowgraphSpec& spec() const { return spec_; }
    const graph::DescribedGraph& described() const { return described_; }
    const std::vector<int>& order() const { return order_; }
    const std::vector<OutputRef>& outputs() const { return outputs_; }
    const std::vector<std::vector<InputRef>>& inputs() const { return inputs_; }
    const std::vector<MessageRef>& messages() const { return messages_; }
    const std::vector<std::vector<int>>& outputs_of() const { return outputs_of_; }
    Block& block(int number) { return *blocks_[std::size_t(number)]; }
    const Block& block(int number) const { return *blocks_[std::size_t(number)]; }
    int size() const { return int(blocks_.size()); }
    bool is_described(int number) const { return described_ok_[std::size_t(number)]; }
    /// "source.out", of an output of any rank.
    std::string output_name(int output) const;
    /// Final names of everything that will be published, by block; after mistakes, of those blocks whose names these leave
    /// known.
    std::vector<std::pair<int, std::string>> products() const;
    std::vector<std::pair<int, ProductPattern>> product_patterns() const;
    /// Forgets the blocks for which `mine` is false, since they live on other ranks, and the ports that point into them. What
    /// is known of all blocks (spec, described, outputs without their ports) stays.
    void keep_only(const std::function<bool(int)>& mine);
    /// Takes a block over, for whoever runs it.
    std::unique_ptr<Block>& owned(int number) { return blocks_[std::size_t(number)]; }

private:
    void resolve();
    void number_ports();
    void describe_block(int number, Diagnostics& found);
    void describe_whole(int number, Diagnostics& found);
    void describe_partly(int number, bool fed, Diagnostics& found);
    bool is_fed(int number) const;
    std::size_t variant_for(int number, SampleType wanted) const;
    using Length = std::optional<std::uint64_t>;
    /// Items that each output of a block has in all, where that is known, and those of all outputs.
    Length length_made(int number, const std::vector<Length>& of_output) const;
    std::vector<Length> lengths() const;
    /// By input of a block: whether that may end before the input does, after its total or with another input.
    std::vector<bool> cut_inputs(int number, const std::vector<Length>& of_output) const;
    void choose_variant(int number, Diagnostics& found);
    void connect_types(int number, Diagnostics& found);
    void connect_type(int number, std::size_t input);
    void check_items(int number, std::size_t input) const;
    void check_pairing(int number, std::size_t input) const;
    void describe_ports(int number);
    /// Where stretches of an output begin, and when; empty where that is not known before the run.
    struct Start {
        std::uint64_t index = 0;
        std::optional<Time> utc;
    };
    const std::vector<Start>& starts_of(int output);
    std::vector<Start> found_starts_of(int output);
    /// UTC of the first item that a sink gets.
    std::optional<Time> first_time(int sink);
    using Placeholders = std::map<std::string, Value>;
    /// Of one block, beside those of all (`placeholders_`).
    Placeholders placeholders_of(int number);
    void fill_product_paths(int number);
    /// True: they are known without the stream.
    bool fill_plain_paths(int number, Diagnostics& found);
    /// Where items of a source block lie in its recording; nothing of one whose items messages bring.
    std::shared_ptr<const RecordingPlaces> places_of_source(int number) const;
    /// Source blocks of the streams that a block's messages are about.
    void add_sources(int number, std::set<int>& sources, std::set<int>& seen) const;
    std::shared_ptr<const RecordingPlaces> recording_about(int number, const MessageInput& input) const;
    void check_about(const MessageRef& message, Diagnostics& found) const;
    void check_one_reading(int number, const MessageInput& input, Diagnostics& found) const;
    /// Tells message inputs what recording their messages are about, and refuses others than they want.
    void connect_recordings(Diagnostics& found);
    void check_ends(const DescribeOptions& options, Diagnostics& found) const;
    void check_feedback(Diagnostics& found) const;
    void summarise_outputs();
    void summarise_blocks();
    void summarise();

    const Registry& registry_;
    graph::FlowgraphSpec spec_;
    std::vector<std::unique_ptr<Block>> blocks_;
    std::vector<OutputRef> outputs_;
    std::vector<std::vector<int>> outputs_of_;
    std::vector<std::vector<InputRef>> inputs_;
    std::vector<MessageRef> messages_;
    std::vector<std::vector<int>> messages_to_, messages_from_;  // by block
    std::vector<int> order_;
    std::vector<bool> described_ok_, named_;                      // by block; named: its products are known
    std::vector<bool> devices_;                                   // by block: its variant has kernels for devices
    graph::DeviceChoice device_ = graph::DeviceChoice::cpu;       // of blocks for which the graph says nothing
    std::vector<std::shared_ptr<const RecordingPlaces>> places_;  // by source block
    Facts facts_;
    std::string out_;
    std::size_t of_input_ = 0;  // of the mistakes that describe() has found: those of what recordings hold
    std::shared_ptr<const Placeholders> placeholders_;  // for paths of products, of all blocks
    std::vector<std::optional<double>> center_;         // by block: of its stream, or of what that was demodulated from
    std::map<int, std::vector<Start>> starts_;          // of outputs, as far as asked for
    graph::DescribedGraph described_;
};

/// Of a path of a product, as far as it is known without the stream: appends what is wrong with it. True: it is known.
bool check_plain_path(const Block& block, const ParameterBase& parameter, const std::map<std::string, Value>& of_all,
                      Diagnostics& found);

/// What is wrong with the changes of a schedule, as far as the blocks' declarations say it; `block`: nullptr where there is
/// none.
void check_schedule(const graph::FlowgraphSpec& spec, const std::function<const Block*(int)>& block, Diagnostics& found);

}  // namespace flowspan::runtime
