#include "cli/check_json.hpp"

#include "io/claim/names.hpp"
#include "run/plan/memory.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

namespace flowspan::cli {
namespace {

constexpr int check_version = 1;

const std::string& name_of(const runtime::Flowgraph& g, int block) { return g.spec().blocks[std::size_t(block)].name; }

Value::List ranks_of(const runtime::Flowgraph& g, const partition::Plan& plan) {
    std::vector<Value::List> blocks(std::size_t(plan.ranks));
    for (int b = 0; b < g.size(); ++b) blocks[std::size_t(plan.rank_of[std::size_t(b)])].push_back(name_of(g, b));
    Value::List ranks;
    for (int rank = 0; rank < plan.ranks; ++rank) {
        Value::Map one{{"rank", rank},
                       {"blocks", std::move(blocks[std::size_t(rank)])},
                       {"memory_bytes", std::int64_t(run::bytes_of(plan, g, rank))}};
        if (const int device = plan.device_of_rank[std::size_t(rank)]; device >= 0) {
            one["device"] = device;
            one["device_memory_bytes"] = std::int64_t(run::device_bytes_of(plan, g, rank));
        }
        ranks.emplace_back(std::move(one));
    }
    return ranks;
}

Value::Map described(const StreamDescription& d) {
    Value::List shape;
    for (const Axis& axis : d.shape) shape.push_back(Value::Map{{"name", axis.name}, {"size", std::int64_t(axis.size)}});
    Value::Map stream{{"type", std::string(flowspan::name_of(d.type))}, {"shape", std::move(shape)}};
    if (d.sample_rate) stream["sample_rate_hz"] = d.rate_hz();
    if (d.center_frequency) stream["center_frequency_hz"] = *d.center_frequency;
    if (d.length) stream["length_items"] = std::int64_t(*d.length);
    // How much later the time of its first item is than the source's; a delay is negative.
    if (const double origin = d.origin.value(); origin != 0) stream[d.sample_rate ? "delay_s" : "delay_samples"] = -origin;
    return stream;
}

Value::List streams_of(const runtime::Flowgraph& g, const partition::Plan& plan) {
    Value::List streams;
    for (std::size_t b = 0; b < g.inputs().size(); ++b) {
        for (const runtime::InputRef& i : g.inputs()[b]) {
            const runtime::OutputRef& o = g.outputs()[std::size_t(i.output)];
            const int from = plan.rank_of[std::size_t(o.block)], to = plan.rank_of[b];
            Value::Map stream = described(o.description);
            stream["from"] = name_of(g, o.block) + "." + o.port->name();
            stream["to"] = name_of(g, int(b)) + "." + i.port->name();
            stream["from_rank"] = from;
            stream["to_rank"] = to;
            if (i.converted_to != SampleType::any) stream["converted_to"] = std::string(flowspan::name_of(i.converted_to));
            if (const partition::Buffer* buffer = plan.buffer(i.output, to))
                stream["ring"] = Value::Map{{"items", std::int64_t(buffer->capacity)},
                                            {"bytes", std::int64_t(buffer->bytes)},
                                            {"items_a_call", std::int64_t(buffer->quantum)}};
            streams.emplace_back(std::move(stream));
        }
    }
    return streams;
}

Value::List messages_of(const runtime::Flowgraph& g, const partition::Plan& plan) {
    Value::List messages;
    for (const runtime::MessageRef& m : g.messages()) {
        Value::Map one{{"from", name_of(g, m.from) + "." + m.output->name()},
                       {"to", name_of(g, m.to) + "." + m.input->name()},
                       {"from_rank", plan.rank_of[std::size_t(m.from)]},
                       {"to_rank", plan.rank_of[std::size_t(m.to)]},
                       {"reproducible", !m.arrival_order}};
        if (m.feedback_delay) one["feedback_delay_samples"] = std::int64_t(*m.feedback_delay);
        messages.emplace_back(std::move(one));
    }
    return messages;
}

Value::List products_of(const runtime::Flowgraph& g, const std::vector<std::string>& existing) {
    const std::set<std::string> there(existing.begin(), existing.end());
    const auto is_there = [&](const std::string& path) {
        return there.contains(path) || there.contains(std::filesystem::path(path).lexically_normal().string());
    };
    Value::List products;
    for (const auto& [block, path] : g.products())
        products.push_back(Value::Map{{"block", name_of(g, block)}, {"path", path}, {"exists", is_there(path)}});
    for (const auto& [block, pattern] : g.product_patterns())
        if (g.block(block).makes_parts())
            products.push_back(
                Value::Map{{"block", name_of(g, block)},
                           {"pattern", (std::filesystem::path(pattern.folder) / io::text_of(pattern.name)).string()}});
    return products;
}

Value::List warnings_of(const run::Examined& e) {
    Value::List warnings;
    std::set<std::string> said;
    for (const std::string& path : e.graph->recordings())
        for (const std::string& text : e.facts.recording(path).warnings)
            if (said.insert(path + text).second) warnings.push_back(Value::Map{{"recording", path}, {"text", text}});
    for (int b = 0; b < e.graph->size(); ++b)
        for (const auto& [text, count] : runtime::Access::warnings(e.graph->block(b)))
            if (said.insert(text).second) warnings.push_back(Value::Map{{"block", e.graph->block(b).name()}, {"text", text}});
    return warnings;
}

Value::List recordings_of(const run::Examined& e) {
    Value::List recordings;
    std::set<std::string> said;
    for (const std::string& path : e.graph->recordings())
        if (said.insert(path).second)
            recordings.push_back(Value::Map{{"path", path}, {"seeks", bool(e.facts.recording(path).seeks)}});
    return recordings;
}

Value::List texts(const std::vector<std::string>& lines) { return {lines.begin(), lines.end()}; }

}  // namespace

Value check_value(const run::Examined& examined, const partition::Plan& plan, const std::vector<std::string>& existing) {
    const runtime::Flowgraph& g = *examined.graph;
    Value::List followers;
    for (const int b : plan.followed) followers.emplace_back(name_of(g, b));
    return Value::Map{{"check_version", check_version},
                      {"valid", true},
                      {"name", g.spec().name},
                      {"blocks", g.size()},
                      {"crossings", std::int64_t(plan.crossings.size())},
                      {"ranks", ranks_of(g, plan)},
                      {"unassigned", std::move(followers)},
                      {"streams", streams_of(g, plan)},
                      {"messages", messages_of(g, plan)},
                      {"products", products_of(g, existing)},
                      {"existing", texts(existing)},
                      {"recordings", recordings_of(examined)},
                      {"notes", texts(plan.notes)},
                      {"warnings", warnings_of(examined)}};
}

Value mistakes_value(const Refused& refused) {
    Value::List mistakes;
    for (const Diagnostic& d : refused.diagnostics()) {
        Value::Map one{{"expected", d.expected}, {"text", d.text()}};
        if (!d.at.file.empty()) one["file"] = d.at.file;
        if (d.at.line > 0) one["line"] = d.at.line;
        if (d.at.line > 0 && d.at.column > 0) one["column"] = d.at.column;
        if (!d.key.empty()) one["key"] = d.key;
        if (!d.got.empty()) one["got"] = d.got;
        if (!d.hint.empty()) one["hint"] = d.hint;
        if (!d.context.empty()) one["context"] = texts(d.context);
        mistakes.emplace_back(std::move(one));
    }
    return Value::Map{
        {"check_version", check_version}, {"valid", false}, {"code", int(refused.code())}, {"mistakes", std::move(mistakes)}};
}

}  // namespace flowspan::cli
