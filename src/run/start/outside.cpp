#include "run/start/outside.hpp"

#include "core/mistakes/collect.hpp"
#include "io/formats/formats.hpp"
#include "io/formats/npy.hpp"
#include "io/recording/recording_reader.hpp"
#include "runtime/block/describe.hpp"
#include "runtime/flowgraph/catalog.hpp"
#include "runtime/task/access.hpp"

#include <fmt/format.h>

namespace flowspan::run {
namespace {

[[noreturn]] void not_told(const std::string& what) {
    throw Failure(ExitCode::bug, fmt::format("rank 0 did not read {}", what));
}

}  // namespace

RememberedOutside::RememberedOutside(const Registry& registry, const Value& seen, bool looks)
    : registry_(registry), looks_(looks) {
    if (seen.is_null()) return;
    for (const auto& [path, text] : seen.at("texts").map()) texts_[path] = text.string();
    for (const auto& [name, value] : seen.at("variables").map())
        variables_[name] = value.is_null() ? std::nullopt : std::optional(value.string());
    for (const auto& [path, list] : seen.at("numbers").map())
        numbers_[path] = detail::from_value<std::vector<std::complex<double>>>(list);
    for (const auto& [path, recording] : seen.at("recordings").map()) recordings_[path] = Recording::from(recording);
}

std::string RememberedOutside::text_of(const std::string& path) {
    const auto known = texts_.find(path);
    if (known != texts_.end()) return known->second;
    if (!looks_) not_told(path);
    return texts_[path] = Outside::text_of(path);
}

std::vector<std::complex<double>> RememberedOutside::numbers_of(const std::string& path) {
    const auto known = numbers_.find(path);
    if (known != numbers_.end()) return known->second;
    if (!looks_) not_told(path);
    const bool array = io::extension_of(path) == "npy";
    return numbers_[path] = array ? io::npy_numbers(path) : Outside::numbers_of(path);
}

Diagnostic unreadable(const Failure& failure) {
    std::string why = failure.what();
    constexpr std::string_view begin = "cannot read ";
    if (why.starts_with(begin)) why.erase(0, begin.size());
    return {{}, "", "a recording that can be read", why, "", {}};
}

std::optional<std::string> RememberedOutside::variable(const std::string& name) {
    const auto known = variables_.find(name);
    if (known != variables_.end()) return known->second;
    if (!looks_) not_told("the environment variable " + name);
    return variables_[name] = Outside::variable(name);
}

const Recording& RememberedOutside::recording(const std::string& path) {
    const auto known = recordings_.find(path);
    if (known != recordings_.end()) return known->second;
    if (!looks_) not_told(path);
    return recordings_[path] = io::read_recording(path);
}

graph::SourceFacts RememberedOutside::facts_of(const graph::FlatBlock& flat, Diagnostics& found) {
    const BlockType* type = registry_.find(flat.type);
    if (type == nullptr) return {};
    const auto block = type->variants[0].make();
    if (!block->inputs().empty() || block->outputs().empty()) return {};
    auto& context = runtime::Access::context(*block);
    context.name = flat.name;
    context.at = flat.at;
    Facts facts;
    context.facts = &facts;
    const std::size_t before = found.size();
    try {
        collect(found, [&] {
            runtime::apply_settings(*block, flat, found);
            if (found.size() > before) return;
            for (const ParameterBase* p : block->parameters())
                if (p->declaration().kind == ParameterKind::input_path && p->given())
                    facts.add(recording(p->value().string()), p->value().string());
            runtime::describe_outputs(*block, {});
        });
        if (found.size() > before) return {};
    } catch (const Failure& failure) {
        if (!looks_) throw;
        Diagnostic one = unreadable(failure);
        const auto path = flat.settings.find("path");
        one.at = path == flat.settings.end() ? flat.at : path->second.at;
        one.key = "blocks." + flat.name + ".path";
        if (path != flat.settings.end()) one.context = path->second.context;
        found.push_back(std::move(one));
        return {};
    }
    const StreamDescription& d = block->outputs()[0]->description();
    graph::SourceFacts known{{}, d.center_frequency, d.length};
    if (d.sample_rate) known.sample_rate = d.sample_rate->value();
    if (const auto total = block->declared().known_total(); total && !known.length) known.length = std::int64_t(*total);
    return known;
}

Value RememberedOutside::value() const {
    Value::Map texts, numbers, variables, recordings;
    for (const auto& [path, text] : texts_) texts[path] = text;
    for (const auto& [path, list] : numbers_) numbers[path] = detail::to_value(list);
    for (const auto& [name, value] : variables_) variables[name] = value ? Value(*value) : Value();
    for (const auto& [path, recording] : recordings_) recordings[path] = recording.value();
    return Value::Map{{"texts", texts}, {"numbers", numbers}, {"variables", variables}, {"recordings", recordings}};
}

std::vector<std::string> RememberedOutside::lists() const {
    std::vector<std::string> paths;
    for (const auto& [path, numbers] : numbers_) paths.push_back(path);
    return paths;
}

std::vector<std::string> RememberedOutside::files() const {
    std::vector<std::string> paths;
    for (const auto& [path, text] : texts_) paths.push_back(path);
    return paths;
}

}  // namespace flowspan::run
