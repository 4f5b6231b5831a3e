// What the planner and people know of the described graph.
#include "runtime/count/counts.hpp"
#include "runtime/flowgraph/flowgraph.hpp"
#include "runtime/flowgraph/port_numbers.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <utility>

namespace flowspan::runtime {

Flowgraph::Length Flowgraph::length_made(int number, const std::vector<Length>& of_output) const {
    const Block& block = *blocks_[std::size_t(number)];
    const BlockDeclared& declared = block.declared();
    const auto& inputs = inputs_[std::size_t(number)];
    if (inputs.empty()) return declared.known_total();
    if (declared.data_dependent) return {};
    std::uint64_t made = declared.total.value_or(UINT64_MAX);
    for (const InputRef& i : inputs) {
        const Length& length = of_output[std::size_t(i.output)];
        if (!length) return {};
        made = std::min(made, outputs_for(declared.ratio, *length - std::min(*length, Access::skip(*i.port))));
    }
    return made;
}

std::vector<Flowgraph::Length> Flowgraph::lengths() const {
    std::vector<Length> of_output(outputs_.size());
    for (const int b : order_) {
        const Length made = length_made(b, of_output);
        for (const int o : outputs_of_[std::size_t(b)]) {
            const auto& said = outputs_[std::size_t(o)].description.length;
            of_output[std::size_t(o)] = made;
            if (inputs_[std::size_t(b)].empty() && !made && said) of_output[std::size_t(o)] = *said;
        }
    }
    return of_output;
}

std::vector<bool> Flowgraph::cut_inputs(int number, const std::vector<Length>& of_output) const {
    const BlockDeclared& declared = blocks_[std::size_t(number)]->declared();
    const auto& inputs = inputs_[std::size_t(number)];
    const auto length = [&](const InputRef& i) { return of_output[std::size_t(i.output)]; };
    bool all_known = true, several = false;
    std::uint64_t least = UINT64_MAX;
    for (const InputRef& i : inputs) {
        all_known = all_known && length(i);
        several = several || i.output != inputs[0].output;
        least = std::min(least, length(i).value_or(UINT64_MAX));
    }
    const auto before = [&](const InputRef& i) {
        const Length own = length(i);
        if (declared.total) {
            if (!own) return true;
            const std::uint64_t skipped = std::min(*own, Access::skip(*i.port));
            if (outputs_for(declared.ratio, *own - skipped) > *declared.total) return true;
        }
        return own ? !all_known || least < *own : several;
    };
    std::vector<bool> cut;
    for (const InputRef& i : inputs) cut.push_back(before(i));
    return cut;
}

void Flowgraph::summarise_outputs() {
    described_.outputs.clear();
    for (const OutputRef& o : outputs_) {
        const Block& block = *blocks_[std::size_t(o.block)];
        described_.outputs.push_back({.block = o.block,
                                      .port = o.port->name(),
                                      .item_size = o.description.item_size(),
                                      .rate = o.description.ticks.value(),
                                      .gain = block.inputs().empty() ? 1 : nominal_ratio(block, *o.port).value(),
                                      .room = block.declared().data_dependent ? room_of(block, *o.port) : 0,
                                      .optional = o.port->options().optional,
                                      .type = o.description.type});
    }
}

void Flowgraph::summarise_blocks() {
    const std::vector<Length> of_output = lengths();
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        const Block& block = *blocks_[b];
        graph::FlatBlock& flat = spec_.blocks[b];
        graph::DescribedBlock d{.name = flat.name,
                                .base = flat.base,
                                .type = flat.type,
                                .copy = flat.copy,
                                .copies = flat.copies,
                                .ratio = block.declared().ratio,
                                .data_dependent = block.declared().data_dependent,
                                .memory = block.declared().memory,
                                .cost = block.declared().cost,
                                .total = block.inputs().empty() ? block.declared().known_total() : std::nullopt,
                                .messages_lag = messages_lag(block),
                                .piece_bytes = block.declared().piece_bytes,
                                .bytes = block.declared().bytes,
                                .publishes = publishes(block),
                                .on_rank_0 = block.declared().on_rank_0,
                                .on_devices = devices_[b] && block.declared().cpu_only.empty(),
                                .cpu_only = block.declared().cpu_only,
                                .device_bytes = block.declared().device_bytes,
                                .device_transforms = block.declared().device_transforms,
                                .inputs = {},
                                .outputs = outputs_of_[b]};
        // What is said of a group, or of all blocks, is meant of those that can.
        const graph::DeviceChoice choice = flat.device.value_or(device_);
        d.wants_device = choice != graph::DeviceChoice::cpu && (d.on_devices || flat.device_of_its_own);
        if (!d.on_devices && !flat.device_of_its_own) flat.device.reset();
        d.only_if_all = choice == graph::DeviceChoice::automatic;
        const std::vector<bool> cut = cut_inputs(int(b), of_output);
        for (const InputRef& i : inputs_[b]) {
            d.inputs.push_back({.port = i.port->name(),
                                .output = i.output,
                                .history = i.port->history(),
                                .converted_to = i.converted_to,
                                .buffer = {},
                                .skip = Access::skip(*i.port),
                                .need = Access::need(*i.port),
                                .at_most = Access::at_most(*i.port),
                                .cut = cut[d.inputs.size()]});
        }
        described_.blocks[b] = std::move(d);
    }
}

void Flowgraph::summarise() {
    summarise_outputs();
    summarise_blocks();
    PortNumbers inputs;
    for (const graph::Connection& c : spec_.streams) {
        if (!c.buffer) continue;
        const std::size_t k = inputs.number(c.to.block, blocks_[std::size_t(c.to.block)]->inputs(), c.to.port);
        described_.blocks[std::size_t(c.to.block)].inputs[k].buffer = c.buffer;
    }
    described_.messages.clear();
    for (const MessageRef& m : messages_) {
        described_.messages.push_back({m.from, m.to, m.output->name(), m.input->name(), m.feedback_delay.has_value(),
                                       m.feedback_delay.value_or(0), m.arrival_order});
    }
}

}  // namespace flowspan::runtime
