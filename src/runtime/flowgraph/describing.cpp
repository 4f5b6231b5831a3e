// Describing blocks along the streams: the variant of each, what its inputs get and may get, what it says of its outputs.
#include "core/mistakes/collect.hpp"
#include "core/process/alive.hpp"
#include "runtime/block/declarations.hpp"
#include "runtime/block/to_floats.hpp"
#include "runtime/count/counts.hpp"
#include "runtime/flowgraph/catalog.hpp"
#include "runtime/flowgraph/flowgraph.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace flowspan::runtime {

void Flowgraph::describe(const DescribeOptions& options) {
    Diagnostics found;
    of_input_ = 0;
    facts_ = options.facts;
    out_ = options.out;
    Placeholders placeholders = options.placeholders;
    for (const auto& [name, node] : spec_.parameters)
        if (!node.text.empty()) placeholders.emplace(name, node.text);
    placeholders_ = std::make_shared<const Placeholders>(std::move(placeholders));
    center_.assign(blocks_.size(), std::nullopt);
    for (const int b : order_) {
        still_here();
        describe_block(b, found);
    }
    starts_.clear();
    check_ends(options, found);
    connect_recordings(found);
    check_feedback(found);
    check_schedule(
        spec_, [this](int b) { return blocks_[std::size_t(b)].get(); }, found);
    for (std::size_t b = 0; b < blocks_.size(); ++b)  // (what one has said until it refused something may be anything)
        if (!described_ok_[b]) Access::declared(*blocks_[b]) = BlockDeclared{};
    summarise();
    const ExitCode code = of_input_ == found.size() ? ExitCode::file : ExitCode::usage;
    if (!found.empty()) throw Refused(std::move(found), code);
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
            return comes == type || floats_for(comes) == type;
        });
    };
    std::size_t first = variants.size();
    for (const SampleType type : {wanted, floats_for(wanted)}) {
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
    devices_[b] = type.variants[chosen].on_devices;
    const auto before = std::exchange(blocks_[b], construct(type, chosen, flat));  // its ports' names are read below
    apply_settings(*blocks_[b], flat, found);
    // The ports are other objects now: hook them up where the old ones were.
    for (std::size_t k = 0; k < inputs_[b].size(); ++k) inputs_[b][k].port = blocks_[b]->inputs()[k];
    for (std::size_t k = 0; k < outputs_of_[b].size(); ++k)
        outputs_[std::size_t(outputs_of_[b][k])].port = blocks_[b]->outputs()[k];
    for (const int m : messages_from_[b]) {
        MessageRef& message = messages_[std::size_t(m)];
        message.output = find_named(blocks_[b]->message_outputs(), message.output->name());
    }
    for (const int m : messages_to_[b]) {
        MessageRef& message = messages_[std::size_t(m)];
        message.input = find_named(blocks_[b]->message_inputs(), message.input->name());
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
        if (floats_for(d.type) != wanted) {
            const std::string producer = spec_.blocks[std::size_t(from.block)].name;
            throw Refused(Diagnostic{flat.at,
                                     fmt::format("blocks.{}", flat.name),
                                     fmt::format("{} samples on `{}`", name_of(wanted), input.port->name()),
                                     fmt::format("{} from {}.{}", name_of(d.type), producer, from.port->name()),
                                     "",
                                     {}});
        }
        if (d.unit == bit_unit) {
            const std::string producer = spec_.blocks[std::size_t(from.block)].name;
            throw Refused(Diagnostic{flat.at,
                                     fmt::format("blocks.{}", flat.name),
                                     fmt::format("{} samples on `{}`", name_of(wanted), input.port->name()),
                                     fmt::format("bits from {}.{}", producer, from.port->name()),
                                     "`convert` with `to: rf32` makes soft bits of them: 1 and -1",
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

bool Flowgraph::is_fed(int number) const {
    const auto& inputs = inputs_[std::size_t(number)];
    return std::all_of(inputs.begin(), inputs.end(),
                       [&](const InputRef& i) { return described_ok_[std::size_t(outputs_[std::size_t(i.output)].block)]; });
}

void Flowgraph::describe_block(int number, Diagnostics& found) {
    const auto b = std::size_t(number);
    const bool fed = is_fed(number);
    const std::size_t before = found.size();
    try {
        if (fed && spec_.blocks[b].in_doubt.empty())
            describe_whole(number, found);
        else
            describe_partly(number, fed, found);
    } catch (const std::overflow_error& e) {
        found.push_back({blocks_[b]->context().at,
                         "blocks." + blocks_[b]->name(),
                         "rates and times that fit in 64-bit rationals",
                         e.what(),
                         "",
                         {}});
    }
    say_where_from(spec_.blocks[b], found, before);
}

void Flowgraph::describe_whole(int number, Diagnostics& found) {
    const auto b = std::size_t(number);
    const std::size_t before = found.size();
    collect(found, [&] { choose_variant(number, found); });
    if (found.size() > before) return;
    Access::context(*blocks_[b]).facts = &facts_;
    Access::context(*blocks_[b]).graph = spec_.name;
    connect_types(number, found);
    if (found.size() > before) return describe_partly(number, false, found);
    named_[b] = collect(found, [&] { fill_product_paths(number); });
    try {
        describe_ports(number);
    } catch (const Refused& refused) {
        append(found, refused.diagnostics());
        if (refused.code() == ExitCode::file) of_input_ += refused.diagnostics().size();
    }
    described_ok_[b] = found.size() == before;
}

// Of a block of which something is not known: what its paths say, and its describe() as far as that does not ask for it.
void Flowgraph::describe_partly(int number, bool fed, Diagnostics& found) {
    const auto b = std::size_t(number);
    const std::set<std::string>& doubts = spec_.blocks[b].in_doubt;
    const std::size_t before = found.size();
    if (fed) {
        collect(found, [&] { choose_variant(number, found); });
        if (found.size() == before) connect_types(number, found);
        fed = found.size() == before;
    }
    Block& block = *blocks_[b];
    Access::context(block).facts = &facts_;
    const bool plain = fill_plain_paths(number, found);
    const Doubt doubt(block, doubts, !fed);
    named_[b] = plain && Doubt::known([&] { (void)block.products(), (void)block.product_patterns(); });
    const BlockType& type = *registry_.find(spec_.blocks[b].type);
    if (type.variants.size() < 2 || (fed && !doubts.contains("datatype")))
        run_describe(block, found);
    else
        describe_alone(type, spec_.blocks[b], facts_, found);
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

}  // namespace flowspan::runtime
