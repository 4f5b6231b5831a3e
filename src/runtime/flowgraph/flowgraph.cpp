#include "runtime/flowgraph/flowgraph.hpp"

#include "core/mistakes/collect.hpp"
#include "runtime/block/changes.hpp"
#include "runtime/count/counts.hpp"
#include "runtime/flowgraph/catalog.hpp"
#include "runtime/task/access.hpp"

#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::runtime {
namespace {

std::string base_name(const std::string& port) { return port.substr(0, port.find('[')); }

template <class Port>
Port* find_port(const std::vector<Port*>& ports, const std::string& name) {
    const auto it = std::find_if(ports.begin(), ports.end(), [&](const Port* p) { return p->name() == name; });
    return it == ports.end() ? nullptr : *it;
}

}  // namespace

Flowgraph::Flowgraph(const Registry& registry, const std::string& text, const std::string& file,
                     const graph::ReadOptions& options)
    : registry_(registry) {
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
    for (const graph::Connection& c : spec_.streams) {
        Block& from = *blocks_[std::size_t(c.from.block)];
        const OutputPort* out = find_port(from.outputs(), c.from.port);
        const auto k = std::size_t(std::find(from.outputs().begin(), from.outputs().end(), out) - from.outputs().begin());
        auto& inputs = inputs_[std::size_t(c.to.block)];
        const auto it =
            std::find_if(inputs.begin(), inputs.end(), [&](const InputRef& i) { return i.port->name() == c.to.port; });
        it->output = outputs_of_[std::size_t(c.from.block)].at(k);
    }
    for (const graph::Connection& c : spec_.messages) {
        messages_.push_back(
            {c.from.block, c.to.block, find_port(blocks_[std::size_t(c.from.block)]->message_outputs(), c.from.port),
             find_port(blocks_[std::size_t(c.to.block)]->message_inputs(), c.to.port), c.arrival_order, c.feedback_delay});
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

void Flowgraph::describe(const DescribeOptions& options) {
    Diagnostics found;
    facts_ = options.facts;
    for (const int b : order_) describe_block(b, options, found);
    check_ends(options, found);
    connect_recordings(found);
    if (found.empty()) check_feedback(found);
    check_schedule(
        spec_, [this](int b) { return blocks_[std::size_t(b)].get(); }, found);
    if (!found.empty()) throw Refused(std::move(found));
    summarise();
}

/// The one of input 0's own type, else of the floats that it turns into; of these the first that the further inputs fit, too,
/// whose type goes with the variant. All of them, where there is none.
std::size_t Flowgraph::variant_for(int number, SampleType wanted) const {
    const auto& variants = registry_.find(spec_.blocks[std::size_t(number)].type)->variants;
    const auto& inputs = inputs_[std::size_t(number)];
    const SampleType varies = inputs.empty() ? SampleType::any : inputs[0].port->declared_type();
    const auto fits = [&](SampleType type) {
        return std::all_of(inputs.begin(), inputs.end(), [&](const InputRef& i) {
            if (varies == SampleType::any || i.port->declared_type() != varies) return true;
            const SampleType comes = outputs_[std::size_t(i.output)].description.type;
            return comes == type || (is_integer(comes) && float_of(comes) == type);
        });
    };
    std::size_t first = variants.size();
    for (const SampleType type : {wanted, float_of(wanted)}) {
        const auto v = std::find_if(variants.begin(), variants.end(), [&](const auto& it) { return it.type == type; });
        if (v == variants.end()) continue;
        const auto k = std::size_t(v - variants.begin());
        if (fits(type)) return k;
        if (first == variants.size()) first = k;
    }
    return first;
}

void Flowgraph::choose_variant(int number, Diagnostics& found) {
    const graph::FlatBlock& flat = spec_.blocks[std::size_t(number)];
    const BlockType& type = *registry_.find(flat.type);
    if (type.variants.size() < 2) return;
    const auto b = std::size_t(number);
    SampleType wanted = SampleType::any;
    if (!inputs_[b].empty())
        wanted = outputs_[std::size_t(inputs_[b][0].output)].description.type;
    else if (const ParameterBase* p = blocks_[b]->parameter("datatype"); p != nullptr && p->given())
        wanted = parse_sample_type(p->value().string()).value_or(SampleType::any);
    const std::size_t chosen = variant_for(number, wanted);
    if (chosen == type.variants.size() || chosen == 0) return;  // a mismatch is reported with the connection
    blocks_[b] = construct(type, chosen, flat);
    apply_settings(*blocks_[b], flat, found);
    // The ports are other objects now: hook them up where the old ones were.
    for (std::size_t k = 0; k < inputs_[b].size(); ++k) inputs_[b][k].port = blocks_[b]->inputs()[k];
    for (std::size_t k = 0; k < outputs_of_[b].size(); ++k)
        outputs_[std::size_t(outputs_of_[b][k])].port = blocks_[b]->outputs()[k];
    for (MessageRef& m : messages_) {
        if (m.from == number) m.output = find_port(blocks_[b]->message_outputs(), m.output->name());
        if (m.to == number) m.input = find_port(blocks_[b]->message_inputs(), m.input->name());
    }
}

// A typed port declares what items it takes; ports of one group take equal ones.
void Flowgraph::check_items(int number, std::size_t input) const {
    const auto& inputs = inputs_[std::size_t(number)];
    const InputPort& port = *inputs[input].port;
    const StreamDescription& d = port.description();
    const Block& block = *blocks_[std::size_t(number)];
    const auto refuse = [&](const std::string& expected, const std::string& got, const std::string& hint) {
        throw Refused(
            Diagnostic{block.context().at, fmt::format("blocks.{}.{}", block.name(), port.name()), expected, got, hint, {}});
    };
    if (!port.options().items.takes(d.shape)) {
        refuse(port.options().items.text(), items_text(d.shape),
               fmt::format("`vector_to_streams` with `outputs: {}` gives each a stream of its own", d.shape[0].size));
    }
    const std::string group = base_name(port.name());
    const InputPort& before = *inputs[input > 0 ? input - 1 : 0].port;
    const bool in_group = std::any_of(block.groups().begin(), block.groups().end(),
                                      [&](const PortGroup* g) { return g->is_input() && g->name() == group; });
    if (!in_group || base_name(before.name()) != group) return;
    const StreamDescription& other = before.description();
    if (other.type == SampleType::any) return;  // its own mistake is reported
    if (other.type != d.type)
        refuse("inputs of one sample type",
               fmt::format("{} on `{}` and {} on `{}`", name_of(other.type), before.name(), name_of(d.type), port.name()),
               "`convert` changes the type");
    if (other.shape != d.shape)
        refuse(
            "inputs of equal items",
            fmt::format("{} on `{}` and {} on `{}`", items_text(other.shape), before.name(), items_text(d.shape), port.name()),
            "");
}

void Flowgraph::connect_types(int number, Diagnostics& found) {
    for (std::size_t k = 0; k < inputs_[std::size_t(number)].size(); ++k) {
        collect(found, [&] {
            connect_type(number, k);
            check_items(number, k);
            check_pairing(number, k);
        });
    }
}

void Flowgraph::connect_type(int number, std::size_t k) {
    const graph::FlatBlock& flat = spec_.blocks[std::size_t(number)];
    auto& input = inputs_[std::size_t(number)][k];
    const OutputRef& from = outputs_[std::size_t(input.output)];
    StreamDescription d = from.description;
    const SampleType wanted = input.port->declared_type();
    input.converted_to = SampleType::any;
    if (wanted != SampleType::any && wanted != d.type) {
        if (!is_integer(d.type) || float_of(d.type) != wanted) {
            const std::string producer = spec_.blocks[std::size_t(from.block)].name;
            throw Refused(Diagnostic{flat.at,
                                     fmt::format("blocks.{}", flat.name),
                                     fmt::format("{} samples on `{}`", name_of(wanted), input.port->name()),
                                     fmt::format("{} from {}.{}", name_of(d.type), producer, from.port->name()),
                                     "",
                                     {}});
        }
        input.converted_to = wanted;
        d = d.as(wanted);
    }
    if (d.source >= 0) Access::recording(*input.port, places_[std::size_t(d.source)]);
    Access::describe(*input.port, std::move(d));
}

// Inputs of one block pair equal indices.
void Flowgraph::check_pairing(int number, std::size_t k) const {
    const graph::FlatBlock& flat = spec_.blocks[std::size_t(number)];
    const auto &first = inputs_[std::size_t(number)][0], &other = inputs_[std::size_t(number)][k];
    const auto refuse = [&](const std::string& expected, const std::string& of_first, const std::string& of_other,
                            const std::string& hint) {
        throw Refused(
            Diagnostic{flat.at,
                       fmt::format("blocks.{}", flat.name),
                       expected,
                       fmt::format("{} on `{}` and {} on `{}`", of_first, first.port->name(), of_other, other.port->name()),
                       hint,
                       {}});
    };
    const OutputRef &to_first = outputs_[std::size_t(first.output)], &to_other = outputs_[std::size_t(other.output)];
    const auto &rate = to_first.description.sample_rate, &other_rate = to_other.description.sample_rate;
    const auto rate_text = [](const auto& r) { return r ? r->text() + " Hz" : std::string("no rate"); };
    if (rate != other_rate) refuse("inputs of one sample rate", rate_text(rate), rate_text(other_rate), "resample one of them");
    if (to_first.first_index != to_other.first_index)
        refuse("inputs that begin at one index", std::to_string(to_first.first_index), std::to_string(to_other.first_index),
               "");
}

void Flowgraph::describe_block(int number, const DescribeOptions& options, Diagnostics& found) {
    const auto b = std::size_t(number);
    for (const InputRef& i : inputs_[b]) {
        if (!described_ok_[std::size_t(outputs_[std::size_t(i.output)].block)]) return;  // its own mistake is reported
    }
    const std::size_t before = found.size();
    try {
        collect(found, [&] { choose_variant(number, found); });
        if (found.size() > before) return;
        Access::context(*blocks_[b]).facts = &facts_;
        connect_types(number, found);
        if (found.size() > before) return;
        collect(found, [&] { fill_product_paths(number, options); });
        collect(found, [&] { describe_ports(number); });
        described_ok_[b] = found.size() == before;
    } catch (const std::overflow_error& e) {
        found.push_back({blocks_[b]->context().at,
                         "blocks." + blocks_[b]->name(),
                         "rates and times that fit in 64-bit rationals",
                         e.what(),
                         "",
                         {}});
    }
}

void Flowgraph::describe_ports(int number) {
    const auto b = std::size_t(number);
    Block& block = *blocks_[b];
    const std::uint64_t first = inputs_[b].empty() ? 0 : outputs_[std::size_t(inputs_[b][0].output)].first_index;
    describe_outputs(block, {});  // once to learn ratio and skip, then with the anchors that follow from them
    const Ratio r = block.declared().ratio;
    if (r.interpolation == 0 || r.decimation == 0 || r.window == 0 || r.grid == 0)
        throw Refused(
            Diagnostic{block.context().at, "blocks." + block.name(), "a ratio of positive numbers", "a zero", "", {}});
    check_rate(block);
    if (!inputs_[b].empty()) {
        Anchors anchors{.input = first + Access::skip(*block.inputs()[0]), .outputs = {}};
        for (const OutputPort* p : block.outputs()) anchors.outputs.push_back(first_output(block, *p, first));
        describe_outputs(block, anchors);
    }
    for (const int o : outputs_of_[b]) {
        OutputRef& output = outputs_[std::size_t(o)];
        output.description = output.port->description();
        if (inputs_[b].empty()) output.description.source = number;
        output.first_index = inputs_[b].empty() ? Access::first_index(*output.port) : first_output(block, *output.port, first);
    }
    if (inputs_[b].empty()) places_[b] = places_of_source(number);
}

void Flowgraph::check_ends(const DescribeOptions& options, Diagnostics& found) const {
    if (options.until_stopped) return;
    std::vector<bool> endless(blocks_.size(), false);
    for (const int number : order_) {
        const auto b = std::size_t(number);
        if (!described_ok_[b]) continue;
        const BlockDeclared& declared = blocks_[b]->declared();
        bool all = !inputs_[b].empty();
        for (const InputRef& i : inputs_[b]) all = all && endless[std::size_t(outputs_[std::size_t(i.output)].block)];
        endless[b] = (declared.endless || all) && !declared.total;
        if (endless[b] && blocks_[b]->outputs().empty() && blocks_[b]->message_outputs().empty()) {
            found.push_back({blocks_[b]->context().at,
                             "blocks." + blocks_[b]->name(),
                             "a stream that ends",
                             "one from endless sources only",
                             "put a `head` before it, give the source a `length`, or say --until-stopped",
                             {}});
        }
    }
}

void Flowgraph::check_feedback(Diagnostics& found) const {
    for (const MessageRef& m : messages_) {
        if (!m.feedback_delay) continue;
        const Block &from = *blocks_[std::size_t(m.from)], &to = *blocks_[std::size_t(m.to)];
        const Rational rate = to.inputs().empty() ? Rational(1) : to.inputs()[0]->description().ticks;
        const StreamDescription* sender = !from.inputs().empty()    ? &from.inputs()[0]->description()
                                          : !from.outputs().empty() ? &from.outputs()[0]->description()
                                                                    : nullptr;
        try {
            const Time delay = Time::of(std::int64_t(*m.feedback_delay), rate);
            if (*m.feedback_delay <= std::uint64_t(INT64_MAX) && (sender == nullptr || delay_fits(*sender, delay))) continue;
        } catch (const std::overflow_error&) {}
        found.push_back({to.context().at,
                         "blocks." + to.name(),
                         "a feedback delay that, added to times of its sender, fits in 64-bit rationals",
                         fmt::format("{} samples at {} Hz", *m.feedback_delay, rate.text()),
                         "",
                         {}});
    }
}

void check_schedule(const graph::FlowgraphSpec& spec, const std::function<const Block*(int)>& block, Diagnostics& found) {
    for (const graph::ScheduledChange& change : spec.schedule) {
        for (const int number : change.blocks) {
            const Block* target = block(number);
            const Ask ask{change.command ? Ask::What::call : Ask::What::set, change.name, change.value, change.when};
            auto wrong = target == nullptr ? std::nullopt : mistake_in(*target, ask);
            if (!wrong) continue;
            wrong->at = change.at;
            wrong->key = change.key;
            found.push_back(std::move(*wrong));
        }
    }
}

Flowgraph::Length Flowgraph::length_made(int number, const std::vector<Length>& of_output) const {
    const Block& block = *blocks_[std::size_t(number)];
    const BlockDeclared& declared = block.declared();
    const auto& inputs = inputs_[std::size_t(number)];
    if (inputs.empty()) return declared.total;
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
    for (const int b : order_)
        for (const int o : outputs_of_[std::size_t(b)]) {
            const auto& said = outputs_[std::size_t(o)].description.length;
            of_output[std::size_t(o)] = length_made(b, of_output);
            if (inputs_[std::size_t(b)].empty() && !of_output[std::size_t(o)] && said) of_output[std::size_t(o)] = *said;
        }
    return of_output;
}

bool Flowgraph::cuts(int number, std::size_t input, const std::vector<Length>& of_output) const {
    const BlockDeclared& declared = blocks_[std::size_t(number)]->declared();
    const auto& inputs = inputs_[std::size_t(number)];
    const auto length = [&](const InputRef& i) { return of_output[std::size_t(i.output)]; };
    const Length own = length(inputs[input]);
    if (declared.total) {
        if (!own) return true;
        const std::uint64_t skipped = std::min(*own, Access::skip(*inputs[input].port));
        if (outputs_for(declared.ratio, *own - skipped) > *declared.total) return true;
    }
    return std::any_of(inputs.begin(), inputs.end(), [&](const InputRef& other) {
        return &other != &inputs[input] && other.output != inputs[input].output &&
               (!own || !length(other) || *length(other) < *own);
    });
}

void Flowgraph::summarise() {
    described_.outputs.clear();
    described_.messages.clear();
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
    const std::vector<Length> of_output = lengths();
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        const Block& block = *blocks_[b];
        const graph::FlatBlock& flat = spec_.blocks[b];
        graph::DescribedBlock d{.name = flat.name,
                                .base = flat.base,
                                .type = flat.type,
                                .copy = flat.copy,
                                .copies = flat.copies,
                                .ratio = block.declared().ratio,
                                .data_dependent = block.declared().data_dependent,
                                .memory = block.declared().memory,
                                .cost = block.declared().cost,
                                .total = block.inputs().empty() ? block.declared().total : std::nullopt,
                                .messages_lag = messages_lag(block),
                                .piece_bytes = block.declared().piece_bytes,
                                .bytes = block.declared().bytes,
                                .publishes = !block.products().empty(),
                                .inputs = {},
                                .outputs = outputs_of_[b]};
        for (const InputRef& i : inputs_[b]) {
            d.inputs.push_back({.port = i.port->name(),
                                .output = i.output,
                                .history = i.port->history(),
                                .converted_to = i.converted_to,
                                .buffer = {},
                                .skip = Access::skip(*i.port),
                                .need = Access::need(*i.port),
                                .at_most = Access::at_most(*i.port),
                                .cut = cuts(int(b), d.inputs.size(), of_output)});
        }
        described_.blocks[b] = std::move(d);
    }
    for (const graph::Connection& c : spec_.streams) {
        if (!c.buffer) continue;
        auto& inputs = inputs_[std::size_t(c.to.block)];
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            if (inputs[k].port->name() == c.to.port) described_.blocks[std::size_t(c.to.block)].inputs[k].buffer = c.buffer;
        }
    }
    for (const MessageRef& m : messages_) {
        described_.messages.push_back({m.from, m.to, m.output->name(), m.input->name(), m.feedback_delay.has_value(),
                                       m.feedback_delay.value_or(0), m.arrival_order});
    }
}

std::vector<std::pair<int, std::string>> Flowgraph::products() const {
    std::vector<std::pair<int, std::string>> all;
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        if (blocks_[b] == nullptr || !described_ok_[b]) continue;
        for (std::string& path : blocks_[b]->products()) all.emplace_back(int(b), std::move(path));
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
    bool dropped = false;
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        if (mine(int(b))) continue;
        for (InputRef& input : inputs_[b]) input.port = nullptr;
        blocks_[b].reset();
        dropped = true;
    }
    if (!dropped) return;
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
