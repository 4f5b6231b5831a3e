#include "batch/work/key.hpp"

#include "io/claim/folder.hpp"
#include "io/publish/digest.hpp"

#include <span>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

using ContentOf = std::function<std::vector<std::string>(const std::string&)>;

Value value_of(const ParameterBase& p, const std::string& out, const ContentOf& content) {
    const ParameterKind kind = p.declaration().kind;
    if (kind != ParameterKind::input_path && kind != ParameterKind::product_path) return p.value();
    const std::string path = p.value().string();
    if (kind == ParameterKind::product_path) return path.starts_with(out + "/") ? path.substr(out.size() + 1) : path;
    const std::vector<std::string> hashes = content(path);
    return Value::List{io::name_of(path), Value::List(hashes.begin(), hashes.end())};
}

std::string block_text(const graph::FlatBlock& flat, const Block& block, const std::string& out, const ContentOf& content) {
    Value::Map values;
    for (const ParameterBase* p : block.parameters())
        if (p->given()) values[p->name()] = value_of(*p, out, content);
    return fmt::format("{} {} {}\n", Value(flat.name).json(), Value(flat.type).json(), Value(values).json());
}

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

std::string graph_text(const runtime::Flowgraph& graph, const std::string& out, const ContentOf& content) {
    const graph::FlowgraphSpec& spec = graph.spec();
    std::string text;
    for (int b = 0; b < graph.size(); ++b) text += block_text(spec.blocks[std::size_t(b)], graph.block(b), out, content);
    text += connections_text("stream", spec, spec.streams) + connections_text("message", spec, spec.messages);
    for (const graph::ScheduledChange& change : spec.schedule) {
        for (const int b : change.blocks)
            text += fmt::format("at {} {} {} {} {}\n", change.when.value().json(), change.command ? "call" : "set",
                                spec.blocks[std::size_t(b)].name, change.name, change.value.json());
    }
    return text;
}

std::string key_of(const std::string& graph_text, const Value& agreement) {
    io::Xxh128 hash;
    add(hash, graph_text);
    for (const char* what : {"build", "isa", "fft", "fingerprint", "plugins"}) add(hash, agreement.at(what).json());
    return hash.finish();
}

}  // namespace flowspan::batch
