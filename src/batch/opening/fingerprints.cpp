#include "batch/opening/fingerprints.hpp"

#include "batch/work/content.hpp"
#include "io/claim/folder.hpp"
#include "io/publish/digest.hpp"
#include "run/start/outside.hpp"
#include "runtime/flowgraph/catalog.hpp"

#include <flowspan/kernels.hpp>
#include <flowspan/version.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;

/// Those that a text speaks of, `$env.NAME` or `${env.NAME}`; null: not set.
void add_variables(const std::string& text, Value::Map& variables) {
    constexpr std::string_view begin = "env.";
    const auto of_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    for (auto at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
        const auto end = std::find_if_not(text.begin() + std::ptrdiff_t(at + begin.size()), text.end(), of_name);
        const std::string name(text.begin() + std::ptrdiff_t(at + begin.size()), end);
        if (name.empty() || variables.contains(name)) continue;
        const char* value = std::getenv(name.c_str());
        variables[name] = value == nullptr ? Value() : Value(std::string(value));
    }
}

}  // namespace

std::string hash_of(const std::string& text) {
    io::Xxh128 hash;
    hash.add(std::as_bytes(std::span(text)));
    return hash.finish();
}

std::string input_of(const Registry& registry, const BatchRequest& request, const GraphText& graph) {
    run::RememberedOutside outside(registry);
    const auto declared = graph::declared_parameters(graph.text, graph.file, outside);
    const auto has = [&](const std::string& name) {
        return std::any_of(declared.begin(), declared.end(), [&](const auto& p) { return p.name == name; });
    };
    if (!request.input.empty()) return request.input;
    if (has("recording")) return "recording";
    graph::ReadOptions read = request.job.read;
    read.outside = std::make_shared<run::RememberedOutside>(registry);
    const runtime::Flowgraph flowgraph(registry, graph.text, graph.file, read);
    std::vector<std::string> sources;
    for (const auto& block : flowgraph.spec().blocks)
        if (block.type == "file_source") sources.push_back(block.name);
    if (sources.size() == 1) return sources.front() + ".path";
    throw Refused(
        Diagnostic{{},
                   "--input",
                   "the parameter that a recording goes to",
                   sources.empty() ? "a graph that reads none" : fmt::format("a graph with {} sources", sources.size()),
                   "declare a graph parameter `recording`, or name one with --input",
                   {}});
}

Value with_variables(Value seen, const std::vector<graph::Override>& overrides) {
    for (const auto& o : overrides) add_variables(o.value, seen["variables"].map());
    return seen;
}

Value seen_of(const Registry& registry, const std::vector<graph::Override>& overrides, const GraphText& graph) {
    const auto outside = std::make_shared<run::RememberedOutside>(registry);
    (void)graph::declared_parameters(graph.text, graph.file, *outside);  // looks at what it includes
    // And at lists in files that parameters name. What else is wrong with the graph is said by who reads it next.
    graph::ReadOptions read;
    read.overrides = overrides;
    read.outside = outside;
    runtime::BlockCatalog catalog(registry);
    (void)graph::read_partly(graph.text, graph.file, read, catalog);
    Value seen = outside->value();
    seen["recordings"] = Value::Map{};  // each unit has its own
    Value::Map& variables = seen["variables"].map();
    add_variables(graph.text, variables);
    for (const auto& [path, text] : seen.at("texts").map()) add_variables(text.string(), variables);
    return with_variables(std::move(seen), overrides);
}

std::string common_fingerprint(const Registry& registry, const BatchRequest& request, const GraphText& graph) {
    std::string text = fmt::format(
        "{} {} {} {} {}\n{}\n{}\n{}\n", version, kernels::revision, request.job.isa, request.job.fft, request.fingerprint,
        graph.text, graph.seen.at("texts").json() + graph.seen.at("numbers").json(), graph.seen.at("variables").json());
    for (const auto& [name, type] : registry.all()) text += fmt::format("{} {}\n", name, type.revision);
    const fs::path file(graph.file);  // relative paths begin there
    text += io::canonical_folder(file.has_parent_path() ? file.parent_path().string() : ".") + "\n";
    for (const auto& o : request.job.read.overrides) text += fmt::format("{}={}\n", o.key, o.value);
    text += fmt::format("device {}\n", int(request.job.read.device));
    for (const std::string& plugin : request.plugins) text += plugin + "\n";
    return hash_of(text);
}

std::string fingerprint_of(const std::string& common, const Unit& unit) { return hash_of(common + unit.value().json()); }

double cost_of(const Unit& unit) {
    const auto files = files_of_recording(unit.recording);
    for (auto path = files.rbegin(); path != files.rend(); ++path)
        if (const auto facts = FileFacts::of(*path)) return double(facts->size);
    return 1;
}

std::string facts_of(const Unit& unit) {
    std::string text;
    for (const std::string& path : files_of_recording(unit.recording)) {
        const auto f = FileFacts::of(path);
        text += f ? fmt::format("{} {} {} {} {}\n", f->device, f->inode, f->size, f->mtime_ns, f->ctime_ns) : "none\n";
    }
    return text;
}

}  // namespace flowspan::batch
