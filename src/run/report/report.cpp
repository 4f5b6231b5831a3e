#include "run/report/report.hpp"

#include "io/publish/digest.hpp"
#include "io/series/series.hpp"
#include "run/report/cut_short.hpp"
#include "run/report/summary.hpp"
#include "run/start/outside.hpp"
#include "runtime/task/access.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace flowspan::run {
namespace {

void add_changes(Value::Map& to, const std::string& key, const std::vector<runtime::Applied>& changes) {
    Value::List list;
    for (const runtime::Applied& c : changes) {
        const bool command = c.what == runtime::Ask::What::call;
        list.emplace_back(Value::Map{{"at", c.index}, {command ? "call" : "set", c.name}, {command ? "with" : "to", c.value}});
    }
    if (!list.empty()) to[key] = std::move(list);
}

Value block_report(const runtime::BlockTask& t, const std::string& type) {
    const runtime::BlockStatistics& s = t.statistics();
    Value::Map m{{"block", t.block().name()},
                 {"type", type},
                 {"items_in", s.items_in},
                 {"items_out", s.items_out},
                 {"calls", s.steps},
                 {"work_s", s.work_s},
                 {"longest_call_s", s.longest_step_s},
                 {"waiting_on_input_s", s.input_wait_s},
                 {"waiting_on_output_s", s.output_wait_s}};
    if (s.messages_in > 0) m["messages_in"] = s.messages_in;
    if (s.messages_out > 0) m["messages_out"] = s.messages_out;
    if (s.left_over > 0) m["left_over"] = s.left_over;
    if (s.tags_dropped > 0) m["tags_dropped"] = s.tags_dropped;
    if (t.cancelled()) m["cancelled"] = true;
    if (t.is_source()) {
        m["ended_at"] = t.next_output();
        const auto& outputs = t.block().outputs();
        if (!outputs.empty() && outputs[0]->description().sample_rate) m["sample_rate"] = outputs[0]->description().rate_hz();
    }
    if (t.finished())  // else the run has failed before it came to an end
        if (Value results = t.block().results(); !results.is_null()) m["results"] = std::move(results);
    Value::List warnings;
    auto& block = const_cast<Block&>(t.block());
    for (const auto& [text, count] : runtime::Access::warnings(block))
        warnings.emplace_back(Value::Map{{"text", text}, {"count", count}});
    if (!warnings.empty()) m["warnings"] = warnings;
    if (t.changes() != nullptr) {
        add_changes(m, "changes", t.changes()->applied());
        add_changes(m, "changes_beyond_the_end", t.changes()->never());
    }
    return m;
}

Value product_report(const std::string& path, const io::Publisher::Entry& product) {
    Value::Map m{{"path", path}, {"bytes", product.bytes}};
    if (product.items) {
        m["items"] = *product.items;
        m["what"] = product.what;
    }
    if (product.seconds) m["seconds"] = *product.seconds;
    if (!product.xxh3_128.empty()) m["xxh3_128"] = product.xxh3_128;
    return m;
}

/// "source.out", "bursts.detections -> notes.in".
std::string edge_name(const Started& s, std::size_t edge) {
    const auto& crossings = s.plan.crossings;
    if (edge < crossings.size()) return s.graph->output_name(crossings[edge].output);
    const auto& m = s.graph->described().messages[edge - crossings.size()];
    return fmt::format("{}.{} -> {}.{}", s.block_names[std::size_t(m.from)], m.from_port, s.block_names[std::size_t(m.to)],
                       m.to_port);
}

/// What the blocks of all ranks say that changed: the schedule that repeats the run.
std::vector<graph::ScheduledChange> made_changes(const Started& started, const Value::List& ranks) {
    std::map<std::string, int> number;
    for (std::size_t b = 0; b < started.block_names.size(); ++b) number.emplace(started.block_names[b], int(b));
    std::vector<graph::ScheduledChange> all;
    for (const Value& rank : ranks) {
        for (const Value& block : rank.at("blocks").list()) {
            const Value* changes = block.find("changes");
            if (changes == nullptr) continue;
            for (const Value& c : changes->list()) {
                const bool command = c.find("call") != nullptr;
                all.push_back({{number.at(block.at("block").string())},
                               command,
                               c.at(command ? "call" : "set").string(),
                               c.at(command ? "with" : "to"),
                               at_sample(std::uint64_t(c.at("at").integer())),
                               {},
                               ""});
            }
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.blocks < b.blocks; });
    return all;
}

/// What differs from run to run of blocks that others may cut short, and of what these sent to other ranks.
void add_cut_short(Value::List& fields, const Started& started, const Value::List& ranks) {
    const graph::DescribedGraph& graph = started.graph->described();
    const std::vector<bool> cut = may_be_cut_short(graph);
    std::map<std::string, std::size_t> number;
    std::set<std::pair<int, int>> read_to_the_end;  // output, rank
    for (std::size_t b = 0; b < graph.blocks.size(); ++b) {
        number.emplace(started.block_names[b], b);
        for (const graph::DescribedInput& in : graph.blocks[b].inputs)
            if (!in.cut && !cut[b]) read_to_the_end.insert({in.output, started.plan.rank_of[b]});
    }
    for (const Value& rank : ranks) {
        for (const Value& block : rank.at("blocks").list()) {
            const std::string& name = block.at("block").string();
            if (!cut[number.at(name)] && block.find("cancelled") == nullptr) continue;
            fields.emplace_back(fmt::format("ranks.*.blocks.{}.cancelled", name));
            for (const char* key : {"items_in", "items_out", "messages_in", "messages_out", "left_over", "tags_dropped",
                                    "ended_at", "results", "warnings", "changes", "changes_beyond_the_end"})
                if (block.find(key) != nullptr) fields.emplace_back(fmt::format("ranks.*.blocks.{}.{}", name, key));
        }
    }
    for (const auto& c : started.plan.crossings) {
        if (read_to_the_end.contains({c.output, c.to})) continue;
        for (const char* key : {"items", "bytes"})
            fields.emplace_back(fmt::format("ranks.*.crossings.{}.{}", started.graph->output_name(c.output), key));
    }
}

std::string utc_text(std::chrono::system_clock::time_point when) {
    return fmt::format("{:%FT%TZ}", std::chrono::time_point_cast<std::chrono::milliseconds>(when));
}

/// Of the recordings that a source of this rank has read whole.
void add_hashes(const Value& rank, std::map<std::string, std::string>& hashes) {
    for (const Value& block : rank.at("blocks").list()) {
        const Value* results = block.find("results");
        const Value* sum = results == nullptr ? nullptr : results->find("xxh3_128");
        if (sum != nullptr) hashes[results->at("path").string()] = sum->string();
    }
}

/// Path, size, the hash where a source has read it whole, and what is odd about it.
Value::List recordings_of(const Started& started, const Value::List& ranks) {
    std::map<std::string, std::string> hash;
    for (const Value& rank : ranks) add_hashes(rank, hash);
    Value::List list;
    for (const Recording& r : started.recordings) {
        Value::Map one{{"path", r.path}, {"data_path", r.data_path}, {"bytes", r.data_bytes}};
        if (r.files) one["files"] = io::count_files(r);
        if (const auto sum = hash.find(r.path); sum != hash.end()) one["xxh3_128"] = sum->second;
        if (!r.warnings.empty()) one["warnings"] = Value::List(r.warnings.begin(), r.warnings.end());
        list.emplace_back(std::move(one));
    }
    return list;
}

/// What differs from run to run.
void add_not_reproducible(Value::Map& report, const Started& started, const Value::List& ranks) {
    Value::List fields{"run_id",
                       "begun",
                       "ended",
                       "command",
                       "seconds",
                       "summary.samples_per_s",
                       "summary.times_real_time",
                       "ranks.*.host",
                       "ranks.*.*_s",
                       "ranks.*.blocks.*.*_s",
                       "ranks.*.blocks.*.calls",
                       "ranks.*.peak_memory_bytes",
                       "ranks.*.crossings.*.records",
                       "ranks.*.channels.*.*"};
    add_cut_short(fields, started, ranks);
    bool reproducible = true;
    for (const auto& m : started.graph->messages()) {
        if (!m.arrival_order) continue;
        reproducible = false;
        fields.emplace_back(fmt::format("what {} does with messages of {}: `order: arrival`",
                                        started.block_names[std::size_t(m.to)], started.block_names[std::size_t(m.from)]));
    }
    report["reproducible"] = reproducible;
    report["not_reproducible"] = std::move(fields);
}

/// The graph that repeats the run, and the changes in it.
void add_graph(Value::Map& report, const Started& started, const Value::List& ranks) {
    graph::FlowgraphSpec spec = started.graph->spec();
    spec.schedule = made_changes(started, ranks);
    report["graph_resolved"] = graph::to_yaml(spec);
    Value::List schedule;
    for (const graph::ScheduledChange& c : spec.schedule) {
        schedule.emplace_back(
            Value::Map{{"at", c.when.sample},
                       {c.command ? "call" : "set", spec.blocks[std::size_t(c.blocks[0])].name + "." + c.name},
                       {c.command ? "with" : "to", c.value}});
    }
    if (!schedule.empty()) report["schedule"] = std::move(schedule);
}

/// What the graph was read with.
void add_surroundings(Value::Map& report, const JobRequest& request) {
    if (const auto* outside = dynamic_cast<const RememberedOutside*>(request.read.outside.get())) {
        Value::Map environment;
        for (const auto& [name, value] : outside->variables())
            if (value) environment[name] = *value;
        if (!environment.empty()) report["environment"] = environment;
    }
    Value::List overrides;
    for (const auto& o : request.read.overrides) overrides.emplace_back(o.key + "=" + o.value);
    if (!overrides.empty()) report["set"] = overrides;
}

/// What its queues were given, and how long the one that computes was at work.
Value device_report(const runtime::PartitionTasks& tasks) {
    const runtime::RankDevice& device = *tasks.device();
    return Value::Map{{"name", device.name()},
                      {"number", device.number()},
                      {"launches", device.compute().queue().counts().launches},
                      {"bytes_in", device.copy_in().queue().counts().bytes_to_device},
                      {"bytes_out", device.copy_out().queue().counts().bytes_to_host},
                      {"busy_s", device.compute().busy_s()},
                      {"buffer_bytes", tasks.device_bytes()},
                      {"unpinned", device.unpinned()},
                      {"mirrored", device.mirrored()}};
}

}  // namespace

Value rank_report(const Started& started, const runtime::PartitionTasks& tasks, int rank) {
    Value::List blocks, crossings, channels;
    for (const runtime::BlockTask* t : tasks.blocks())
        blocks.emplace_back(block_report(*t, started.graph->spec().blocks[std::size_t(t->number())].type));
    for (const runtime::LinkEnd* end : tasks.channels().senders()) {
        if (end == nullptr) continue;
        crossings.emplace_back(Value::Map{{"edge", edge_name(started, end->edge)},
                                          {"from", rank},
                                          {"to", end->peer},
                                          {"bytes", end->moved.bytes},
                                          {"items", end->moved.items},
                                          {"records", end->moved.records}});
    }
    for (int peer = 0; peer < started.plan.ranks; ++peer) {
        const auto& c = tasks.channels().statistics(peer);
        if (c.batches == 0) continue;
        channels.emplace_back(Value::Map{
            {"to", peer}, {"bytes", c.bytes}, {"payloads", c.payloads}, {"records", c.records}, {"batches", c.batches}});
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
    Value::Map report{{"rank", rank},
                      {"host", started.hosts[std::size_t(rank)]},
                      {"blocks", blocks},
                      {"crossings", crossings},
                      {"channels", channels},
                      {"buffer_bytes", tasks.buffer_bytes()},
                      {"peak_memory_bytes", std::int64_t(usage.ru_maxrss) * 1024},
                      {"user_cpu_s", seconds(usage.ru_utime)},
                      {"system_cpu_s", seconds(usage.ru_stime)}};
    if (tasks.device() != nullptr) report["device"] = device_report(tasks);
    return report;
}

std::map<std::string, std::string> hashes_read(const Coordinator& coordinator) {
    std::map<std::string, std::string> hashes;
    for (const auto& rank : coordinator.reports())
        if (rank) add_hashes(*rank, hashes);
    return hashes;
}

Value make_report(const Started& started, const Coordinator& coordinator, double seconds, const JobResult& result,
                  bool stopped) {
    Value::List ranks, products;
    for (const auto& rank : coordinator.reports())
        if (rank) ranks.push_back(*rank);
    for (const auto& [path, product] : coordinator.products()) products.push_back(product_report(path, product));
    const Value& agreed = started.agreement;
    Value::Map report{{"flowspan", agreed.at("build")},
                      {"begun", utc_text(started.begun)},
                      {"ended", utc_text(std::chrono::system_clock::now())},
                      {"command", Value::List(started.command.begin(), started.command.end())},
                      {"recordings", recordings_of(started, ranks)},
                      {"graph", started.graph->spec().name},
                      {"graph_file", started.request.graph_file},
                      {"graph_sha256", io::sha256(started.request.graph_text)},
                      {"run_id", started.run_id},
                      {"state", !result.cause.empty() ? "failed"
                                : stopped             ? "stopped"
                                                      : "done"},
                      {"seconds", seconds},
                      {"rank_count", started.plan.ranks},
                      {"first_cache_bytes", agreed.at("first_cache_bytes")},
                      {"numeric_level", agreed.at("isa")},
                      {"mpi", agreed.at("mpi")},
                      {"fft", started.request.fft},
                      {"transport", started.request.transport},
                      {"numeric_fingerprint", agreed.at("fingerprint")},
                      {"plugins", agreed.at("plugins")},
                      {"ranks", ranks}};
    report["products"] = std::move(products);  // 100,000 perhaps: what stands between braces is copied
    if (const Value* devices = agreed.find("device_fingerprint")) report["device_fingerprint"] = *devices;
    if (!result.cause.empty()) report["cause"] = result.cause;
    add_not_reproducible(report, started, ranks);
    add_graph(report, started, ranks);
    add_surroundings(report, started.request);
    Value whole(std::move(report));
    whole["summary"] = summary_of(whole);
    return whole;
}

}  // namespace flowspan::run
