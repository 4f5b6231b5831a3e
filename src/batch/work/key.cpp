#include "batch/work/key.hpp"

#include "io/claim/folder.hpp"
#include "io/publish/digest.hpp"
#include "io/sigmf/archives/archive.hpp"

#include <flowspan/kernels.hpp>

#include <cstdint>
#include <span>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

using FilesOf = std::function<std::vector<std::string>(const std::string&)>;

/// Writes down the blocks, and what they read.
class Blocks {
public:
    Blocks(const std::string& out, const FilesOf& files_of, Origin& origin) : out_(out), files_of_(files_of), origin_(origin) {}

    void add(const graph::FlatBlock& flat, const Block& block, int revision, const graph::DescribedBlock& described) {
        Value::Map values;
        for (const ParameterBase* p : block.parameters())
            if (p->given()) values[p->name()] = value_of(*p);
        origin_.graph +=
            fmt::format("{} {} {} {}{}\n", Value(flat.name).json(), Value(flat.type).json(), revision, Value(values).json(),
                        !described.wants_device ? ""
                        : described.only_if_all ? " device auto"
                                                : " device cuda");
    }

private:
    Value value_of(const ParameterBase& p) {
        const ParameterKind kind = p.declaration().kind;
        if (kind != ParameterKind::input_path && kind != ParameterKind::product_path) return p.value();
        const std::string path = p.value().string();
        if (kind == ParameterKind::product_path) return path.starts_with(out_ + "/") ? path.substr(out_.size() + 1) : path;
        const std::vector<std::string> files = files_of_(path);
        origin_.files.insert(origin_.files.end(), files.begin(), files.end());
        // Of an archive it is the name within that says which recording it is, folders included.
        const auto one = io::archive_path(path);
        const std::string name = one && one->name ? io::name_of(one->file) + "#" + *one->name : io::name_of(path);
        Value::List said{name, std::int64_t(files.size())};
        if (files.size() > 2)  // of a recording of several files
            for (const std::string& file : files) said.emplace_back(io::name_of(file));
        return said;
    }
    const std::string& out_;
    const FilesOf& files_of_;
    Origin& origin_;
};

std::string connections_text(const char* kind, const graph::FlowgraphSpec& spec, const std::vector<graph::Connection>& all) {
    std::string text;
    for (const graph::Connection& c : all) {
        const auto port = [&](const graph::PortRef& p) {
            return p.block < 0 ? p.port : fmt::format("{}.{}", spec.blocks[std::size_t(p.block)].name, p.port);
        };
        text += fmt::format("{} {} -> {}", kind, port(c.from), port(c.to));
        if (c.feedback_delay) text += fmt::format(" delay {}", *c.feedback_delay);
        if (c.arrival_order) text += " order arrival";
        text += "\n";
    }
    return text;
}

void add(io::Xxh128& hash, const std::string& text) {
    const std::string length = fmt::format("{} ", text.size());
    hash.add(std::as_bytes(std::span(length)));
    hash.add(std::as_bytes(std::span(text)));
}

}  // namespace

Origin origin_of(const runtime::Flowgraph& graph, const Registry& registry, const std::string& out, const FilesOf& files_of) {
    const graph::FlowgraphSpec& spec = graph.spec();
    Origin origin;
    Blocks blocks(out, files_of, origin);
    for (int b = 0; b < graph.size(); ++b) {
        const graph::FlatBlock& flat = spec.blocks[std::size_t(b)];
        const BlockType* const type = registry.find(flat.type);
        blocks.add(flat, graph.block(b), type == nullptr ? 0 : type->revision, graph.described().blocks[std::size_t(b)]);
    }
    origin.graph += connections_text("stream", spec, spec.streams) + connections_text("message", spec, spec.messages);
    for (const graph::ScheduledChange& change : spec.schedule) {
        for (const int b : change.blocks)
            origin.graph += fmt::format("at {} {} {} {} {}\n", change.when.value().json(), change.command ? "call" : "set",
                                        spec.blocks[std::size_t(b)].name, change.name, change.value.json());
    }
    return origin;
}

std::string key_of(const Origin& origin, const Content& content, const Value& agreement) {
    io::Xxh128 hash;
    add(hash, origin.graph);
    for (const std::string& file : origin.files) add(hash, content.hash_of(file));
    add(hash, fmt::format("kernels {}", kernels::revision));
    for (const char* what : {"isa", "fft", "fingerprint", "plugins"}) add(hash, agreement.at(what).json());
    if (const Value* devices = agreement.find("device_fingerprint")) add(hash, devices->json());
    return hash.finish();
}

}  // namespace flowspan::batch
