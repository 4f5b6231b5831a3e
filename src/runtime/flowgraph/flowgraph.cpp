#include "runtime/flowgraph/flowgraph.hpp"

#include "runtime/block/declarations.hpp"
#include "runtime/flowgraph/catalog.hpp"
#include "runtime/flowgraph/port_numbers.hpp"

#include <malloc.h>

#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>

namespace flowspan::runtime {

Flowgraph::Flowgraph(const Registry& registry, const std::string& text, const std::string& file,
                     const graph::ReadOptions& options)
    : registry_(registry), device_(options.device) {
    std::map<std::string, std::unique_ptr<Block>> made;
    BlockCatalog catalog(registry, made);
    spec_ = graph::read_flowgraph(text, file, options, catalog);
    for (const graph::FlatBlock& flat : spec_.blocks) blocks_.push_back(std::move(made.at(flat.name)));
    resolve();
}

Flowgraph::Flowgraph(const Registry& registry, graph::FlowgraphSpec spec) : registry_(registry), spec_(std::move(spec)) {
    Diagnostics found;
    for (const graph::FlatBlock& flat : spec_.blocks) {
        blocks_.push_back(construct(*registry_.find(flat.type), 0, flat));
        apply_settings(*blocks_.back(), flat, found);
    }
    if (!found.empty()) throw Refused(std::move(found));
    resolve();
}

void Flowgraph::resolve() {
    described_.blocks.resize(blocks_.size());
    inputs_.resize(blocks_.size());
    outputs_of_.resize(blocks_.size());
    described_ok_.assign(blocks_.size(), false);
    for (const graph::FlatBlock& flat : spec_.blocks) devices_.push_back(registry_.find(flat.type)->variants[0].on_devices);
    named_.assign(blocks_.size(), false);
    places_.resize(blocks_.size());
    number_ports();
    summarise();
    graph::Order order = graph::topological_order(described_);
    if (!order.cycle.empty()) {
        std::string names;
        for (const int b : order.cycle) names += spec_.blocks[std::size_t(b)].name + " -> ";
        names += spec_.blocks[std::size_t(order.cycle.front())].name;
        throw Refused(Diagnostic{spec_.blocks[std::size_t(order.cycle.front())].at,
                                 "connections",
                                 "a graph without cycles",
                                 names,
                                 "a cycle of messages needs one edge with `feedback: {delay: N samples}`",
                                 {}});
    }
    order_ = std::move(order.order);
}

void Flowgraph::number_ports() {
    outputs_.clear();
    messages_.clear();
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        outputs_of_[b].clear();
        inputs_[b].clear();
        for (OutputPort* p : blocks_[b]->outputs()) {
            outputs_of_[b].push_back(int(outputs_.size()));
            outputs_.push_back({.block = int(b), .port = p, .description = {}});
        }
        for (InputPort* p : blocks_[b]->inputs()) inputs_[b].push_back({.port = p});
    }
    PortNumbers outputs, inputs;
    for (const graph::Connection& c : spec_.streams) {
        const auto from = std::size_t(c.from.block), to = std::size_t(c.to.block);
        const std::size_t k = outputs.number(c.from.block, blocks_[from]->outputs(), c.from.port);
        inputs_[to][inputs.number(c.to.block, blocks_[to]->inputs(), c.to.port)].output = outputs_of_[from].at(k);
    }
    messages_to_.assign(blocks_.size(), {});
    messages_from_.assign(blocks_.size(), {});
    for (const graph::Connection& c : spec_.messages) {
        messages_to_[std::size_t(c.to.block)].push_back(int(messages_.size()));
        messages_from_[std::size_t(c.from.block)].push_back(int(messages_.size()));
        messages_.push_back(
            {c.from.block, c.to.block, find_named(blocks_[std::size_t(c.from.block)]->message_outputs(), c.from.port),
             find_named(blocks_[std::size_t(c.to.block)]->message_inputs(), c.to.port), c.arrival_order, c.feedback_delay});
    }
}

std::vector<std::string> Flowgraph::recordings() const {
    std::set<std::string> paths;
    for (const auto& block : blocks_) {
        for (const ParameterBase* p : block->parameters()) {
            if (p->declaration().kind == ParameterKind::input_path && p->given()) paths.insert(p->value().string());
        }
    }
    return {paths.begin(), paths.end()};
}

std::vector<std::pair<int, std::string>> Flowgraph::products() const {
    std::vector<std::pair<int, std::string>> all;
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        if (blocks_[b] == nullptr || !named_[b]) continue;
        for (std::string& path : blocks_[b]->products()) all.emplace_back(int(b), std::move(path));
    }
    return all;
}

std::vector<std::pair<int, ProductPattern>> Flowgraph::product_patterns() const {
    std::vector<std::pair<int, ProductPattern>> all;
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        if (blocks_[b] == nullptr || !named_[b]) continue;
        for (ProductPattern& pattern : blocks_[b]->product_patterns()) all.emplace_back(int(b), std::move(pattern));
    }
    return all;
}

std::string Flowgraph::output_name(int output) const {
    const graph::DescribedOutput& o = described_.outputs[std::size_t(output)];
    return described_.blocks[std::size_t(o.block)].name + "." + o.port;
}

void Flowgraph::keep_only(const std::function<bool(int)>& mine) {
    for (OutputRef& output : outputs_)
        if (!mine(output.block)) output.port = nullptr;
    for (MessageRef& message : messages_) {
        if (!mine(message.from)) message.output = nullptr;
        if (!mine(message.to)) message.input = nullptr;
    }
    constexpr std::size_t worth_it = 1000;  // below that a few pages, for milliseconds
    std::size_t dropped = 0;
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        if (mine(int(b))) continue;
        for (InputRef& input : inputs_[b]) input.port = nullptr;
        blocks_[b].reset();
        ++dropped;
    }
    if (dropped < worth_it) return;
    // What stays lies between the holes that the blocks have left, a little on almost every page. Copied once, it fills some of
    // the holes and frees the rest, whose pages can then be given back.
    const auto copied_once = [](auto& all) { all = std::remove_reference_t<decltype(all)>(std::as_const(all)); };
    copied_once(spec_);
    copied_once(described_);
    copied_once(inputs_);
    copied_once(outputs_of_);
    copied_once(outputs_);
    malloc_trim(0);
}

}  // namespace flowspan::runtime
