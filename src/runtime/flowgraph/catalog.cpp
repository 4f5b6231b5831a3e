#include "runtime/flowgraph/catalog.hpp"

#include "core/mistakes/collect.hpp"
#include "core/mistakes/failure_of.hpp"
#include "core/mistakes/names.hpp"
#include "core/process/alive.hpp"
#include "runtime/block/describe.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

// Relative to the file where the text stands; to the working directory where it came from the command line, also through
// a parameter of the graph.
std::string absolute_input(const std::string& path, const graph::Node& node) {
    std::string all;
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t end = std::min(path.find(InputPath::between, begin), path.size());
        if (!all.empty()) all += InputPath::between;
        all += graph::path_from(node, path.substr(begin, end - begin));
        begin = end + 1;
    }
    return all;
}

/// How many ports a group has; -1 where a mistake hides it.
int size_of_group(const PortGroup& group, const graph::FlatBlock& flat) {
    const ParameterBase& size = group.size_parameter();
    const bool written = flat.settings.contains(size.name());
    const bool hidden = flat.in_doubt.contains(size.name()) || (!written && flat.in_doubt.contains("")) ||
                        (written && !size.explicitly_given()) || !size.given();
    return hidden ? -1 : group.wanted();
}

}  // namespace

std::string base_name(const std::string& port) { return port.substr(0, port.find('[')); }

std::unique_ptr<Block> construct(const BlockType& type, std::size_t variant, const graph::FlatBlock& flat) {
    std::unique_ptr<Block> block;
    try {
        block = type.variants[variant].make();
    } catch (const std::exception& e) {  // what one rank cannot construct is said with its position, and with what others lack
        Diagnostic wrong;
        wrong.at = flat.at;
        wrong.key = "blocks." + flat.name;
        wrong.expected = fmt::format("a {} that can be constructed", flat.type);
        wrong.got = failure_of(e).what();
        throw Refused(std::move(wrong));
    }
    auto& context = Access::context(*block);
    context.name = flat.name;
    context.copy = flat.copy;
    context.at = flat.at;
    return block;
}

void say_where_from(const graph::FlatBlock& flat, Diagnostics& found, std::size_t first) {
    const std::string prefix = "blocks." + flat.name + ".";
    for (std::size_t k = first; k < found.size(); ++k) {
        if (!found[k].context.empty() || !found[k].key.starts_with(prefix)) continue;
        const auto given = flat.settings.find(found[k].key.substr(prefix.size()));
        if (given != flat.settings.end()) found[k].context = given->second.context;
    }
}

void apply_settings(Block& block, const graph::FlatBlock& flat, Diagnostics& found) {
    still_here();
    const std::size_t before = found.size();
    KnownNames known{"a parameter of " + flat.type, {}};
    for (const ParameterBase* p : block.parameters()) known.names.push_back(p->name());
    const std::string prefix = "blocks." + flat.name + ".";
    for (const auto& [key, node] : flat.settings) {
        ParameterBase* parameter = block.parameter(key);
        if (parameter == nullptr) {
            Diagnostic& wrong = found.emplace_back(known.mistake(key));
            wrong.at = node.at;
            wrong.key = prefix + key;
            continue;
        }
        auto value = graph::read_setting(node, parameter->declaration(), prefix + key, found);
        if (!value) continue;
        if (parameter->declaration().kind == ParameterKind::input_path) value = Value(absolute_input(value->string(), node));
        const Position at = node.at;
        collect(found, [&] { parameter->set(*value, at); });
    }
    for (const ParameterBase* p : block.parameters()) {
        const bool wrong = flat.settings.contains(p->name());  // already reported, if so
        if (!p->given() && !wrong && !p->declaration().optional && !flat.in_doubt.contains(p->name())) {
            found.push_back({flat.at,
                             prefix + p->name(),
                             p->declaration().expectation(),
                             "nothing",
                             fmt::format("`{}` must be given", p->name()),
                             {}});
        }
    }
    for (PortGroup* g : block.groups()) g->resize();
    say_where_from(flat, found, before);
}

void describe_alone(const BlockType& type, const graph::FlatBlock& flat, const Facts& facts, Diagnostics& found) {
    Diagnostics common;
    for (std::size_t variant = 0; variant < type.variants.size(); ++variant) {
        Diagnostics known, said;
        const auto block = construct(type, variant, flat);
        apply_settings(*block, flat, known);
        Access::context(*block).facts = &facts;
        const Doubt doubt(*block, flat.in_doubt, true);
        run_describe(*block, said);
        const auto is_said = [&](const Diagnostic& d) {
            return std::any_of(said.begin(), said.end(), [&](const Diagnostic& s) { return s.key == d.key && s.got == d.got; });
        };
        if (variant == 0)
            common = std::move(said);
        else
            std::erase_if(common, [&](const Diagnostic& d) { return !is_said(d); });
    }
    append(found, common);
}

std::vector<std::string> BlockCatalog::types() const {
    std::vector<std::string> names;
    for (const auto& [name, type] : registry_.all()) names.push_back(name);
    return names;
}

bool BlockCatalog::has(const std::string& type) const { return registry_.find(type) != nullptr; }

std::vector<const ParameterDeclaration*> BlockCatalog::parameters(const std::string& type) const {
    std::vector<const ParameterDeclaration*> out;
    if (!prototypes_.contains(type)) {
        try {
            prototypes_[type] = registry_.find(type)->variants[0].make();
        } catch (const std::exception&) { return out; }  // said where it is constructed
    }
    for (const ParameterBase* p : prototypes_[type]->parameters()) out.push_back(&p->declaration());
    return out;
}

std::vector<graph::PortInfo> BlockCatalog::ports(const graph::FlatBlock& flat, Diagnostics& found) {
    auto block = construct(*registry_.find(flat.type), 0, flat);
    apply_settings(*block, flat, found);
    std::vector<graph::PortInfo> ports;
    const auto in_group = [&](const std::string& name) {
        return std::any_of(block->groups().begin(), block->groups().end(),
                           [&](const PortGroup* g) { return g->name() == base_name(name); });
    };
    for (const InputPort* p : block->inputs()) {
        if (!in_group(p->name())) ports.push_back({.name = p->name(), .input = true});
    }
    for (const OutputPort* p : block->outputs()) {
        if (!in_group(p->name())) ports.push_back({.name = p->name(), .optional = p->options().optional});
    }
    for (const PortGroup* g : block->groups()) {
        const bool input = g->is_input();
        ports.push_back(
            {.name = g->name(), .input = input, .optional = !input, .group = true, .size = size_of_group(*g, flat)});
    }
    for (const MessageInput* p : block->message_inputs()) ports.push_back({.name = p->name(), .input = true, .message = true});
    for (const MessageOutput* p : block->message_outputs())
        ports.push_back({.name = p->name(), .message = true, .optional = true});
    blocks_[flat.name] = std::move(block);
    return ports;
}

}  // namespace flowspan::runtime
