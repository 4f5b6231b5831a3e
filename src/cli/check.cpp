#include "cli/check_json.hpp"
#include "cli/cli.hpp"
#include "cli/filter_text.hpp"
#include "cli/words/validators.hpp"
#include "comm/local/local.hpp"
#include "core/numbers/quantity.hpp"
#include "graph/resolve/names.hpp"
#include "io/claim/names.hpp"
#include "run/plan/memory.hpp"
#include "run/plan/planning.hpp"
#include "run/start/claims.hpp"
#include "run/start/node.hpp"
#include "run/start/startup.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

std::string rate_text(const StreamDescription& d) {
    if (!d.sample_rate) return "no rate";
    const double r = d.rate_hz();
    if (r >= 1e6) return fmt::format("{:.6g} MHz", r / 1e6);
    if (r >= 1e3) return fmt::format("{:.6g} kHz", r / 1e3);
    return fmt::format("{:.6g} Hz", r);
}

std::string bytes_text(std::uint64_t b) {
    if (b >= 1U << 20) return fmt::format("{:.1f} MiB", double(b) / (1 << 20));
    return fmt::format("{:.0f} KiB", double(b) / 1024);
}

std::string shape_text(const StreamDescription& d) {
    std::string t(name_of(d.type));
    for (const Axis& a : d.shape) t += fmt::format("[{} {}]", a.size, a.name);
    return t;
}

std::string delay_text(const StreamDescription& d) {
    const double origin = d.origin.value();
    if (origin == 0) return "";
    const std::string amount =
        d.sample_rate ? format_quantity(std::abs(origin), second) : format_quantity(std::abs(origin), sample);
    return origin < 0 ? ", delay " + amount : ", begins " + amount + " later";
}

std::string centre_text(const std::set<double>& centres) {
    if (centres.empty()) return "";
    if (centres.size() == 1) return fmt::format(", centre {:.6f} MHz", *centres.begin() / 1e6);
    return fmt::format(", centres {:.6f} to {:.6f} MHz", *centres.begin() / 1e6, *centres.rbegin() / 1e6);
}

void print_partitions(const runtime::Flowgraph& g, const partition::Plan& plan) {
    std::vector<std::vector<std::string>> names(std::size_t(plan.ranks));
    for (int b = 0; b < g.size(); ++b) {
        names[std::size_t(plan.rank_of[std::size_t(b)])].push_back(g.spec().blocks[std::size_t(b)].name);
    }
    for (std::size_t rank = 0; rank < names.size(); ++rank)
        fmt::print("rank {}: {}\n        memory {}{}\n", rank,
                   names[rank].empty() ? "(nothing)" : fmt::format("{}", fmt::join(graph::merged_names(names[rank]), ", ")),
                   bytes_text(run::bytes_of(plan, g, int(rank))),
                   plan.device_of_rank[rank] < 0
                       ? ""
                       : fmt::format(", and {} of device {}", bytes_text(run::device_bytes_of(plan, g, int(rank))),
                                     plan.device_of_rank[rank]));
    std::map<int, std::vector<std::string>> followers;
    for (const int b : plan.followed) followers[plan.rank_of[std::size_t(b)]].push_back(g.spec().blocks[std::size_t(b)].name);
    for (const auto& [rank, all] : followers)
        for (const std::string& name : graph::merged_names(all))
            fmt::print("{} is not assigned and follows its first producer to rank {}\n", name, rank);
    for (const std::string& n : plan.notes) fmt::print("{}\n", n);
}

/// Edges of copies that are alike, but for their centre frequencies, are one line.
class EdgeLines {
public:
    void add(const std::string& from, const std::string& to, const std::string& facts, const std::string& rest,
             std::optional<double> centre = {}) {
        const auto key = std::tuple(graph::without_indices(from), graph::without_indices(to), facts, rest);
        const auto [line, fresh] = numbers_.emplace(key, lines_.size());
        if (fresh) lines_.push_back({{}, {}, facts, rest, {}});
        Line& one = lines_[line->second];
        one.from.insert(from);
        one.to.insert(to);
        ++one.count;
        if (centre) one.centres.insert(*centre);
    }
    void print() const {
        for (const Line& line : lines_) {
            const std::string count = line.count > 1 ? fmt::format(" ({} alike)", line.count) : "";
            fmt::print("{} -> {}{}: {}{}{}\n", merged(line.from), merged(line.to), count, line.facts, centre_text(line.centres),
                       line.rest);
        }
    }

private:
    struct Line {
        std::set<std::string> from, to;
        std::string facts, rest;
        std::set<double> centres;
        int count = 0;
    };
    static std::string merged(const std::set<std::string>& names) {
        return fmt::format("{}", fmt::join(graph::merged_names({names.begin(), names.end()}), ", "));
    }
    std::map<std::tuple<std::string, std::string, std::string, std::string>, std::size_t> numbers_;
    std::vector<Line> lines_;
};

/// Where the samples that a block reads lie, and what copies them there.
std::string memory_text(const partition::Plan& plan, int output, int reader) {
    const int rank = plan.rank_of[std::size_t(reader)];
    const bool there = plan.on_device[std::size_t(reader)];
    for (const partition::Transfer& t : plan.transfers) {
        if (t.output == output && t.rank == rank && t.to_device == there)
            return fmt::format(", copied to the {}", there ? "device" : "host");
    }
    return there ? ", on the device" : "";
}

void print_edges(const runtime::Flowgraph& g, const partition::Plan& plan) {
    const auto name = [&](int b) { return g.spec().blocks[std::size_t(b)].name; };
    const auto crossing = [](int from, int to) {
        return from == to ? "" : fmt::format(", crosses from rank {} to {}", from, to);
    };
    EdgeLines lines;
    for (std::size_t b = 0; b < g.inputs().size(); ++b) {
        for (const runtime::InputRef& i : g.inputs()[b]) {
            const runtime::OutputRef& o = g.outputs()[std::size_t(i.output)];
            const StreamDescription& d = o.description;
            const int from = plan.rank_of[std::size_t(o.block)], to = plan.rank_of[b];
            std::string rest = delay_text(d);
            if (d.length) rest += fmt::format(", {} items", *d.length);
            if (i.converted_to != SampleType::any) rest += fmt::format(", converted to {}", name_of(i.converted_to));
            rest += memory_text(plan, i.output, int(b));
            if (const partition::Buffer* buffer = plan.buffer(i.output, to))
                rest += fmt::format(", ring {} items ({}), {} a call", buffer->capacity, bytes_text(buffer->bytes),
                                    buffer->quantum);
            lines.add(name(o.block) + "." + o.port->name(), name(int(b)) + "." + i.port->name(),
                      fmt::format("{}, {}", shape_text(d), rate_text(d)), rest + crossing(from, to), d.center_frequency);
        }
    }
    for (const runtime::MessageRef& m : g.messages())
        lines.add(name(m.from) + "." + m.output->name(), name(m.to) + "." + m.input->name(),
                  m.arrival_order ? "messages, in the order of arrival (not reproducible)" : "messages",
                  (m.feedback_delay ? fmt::format(", effective {} samples later", *m.feedback_delay) : "") +
                      crossing(plan.rank_of[std::size_t(m.from)], plan.rank_of[std::size_t(m.to)]));
    lines.print();
}

/// What a plan cannot do with them.
void print_recordings(const run::Examined& e) {
    std::set<std::string> said;
    for (const std::string& path : e.graph->recordings()) {
        if (e.facts.recording(path).seeks || !said.insert(path).second) continue;
        fmt::print("{}: no seek, so no segments{}\n", path == "-" ? "stdin" : path,
                   e.facts.recording(path).length_known ? "" : "; its length is not known");
    }
}

/// What is odd about the recordings, and what blocks know before the run.
void print_warnings(const run::Examined& e) {
    std::set<std::string> said;
    for (const std::string& path : e.graph->recordings())
        for (const std::string& text : e.facts.recording(path).warnings)
            if (said.insert(path + text).second) fmt::print("warning: {}: {}\n", path, text);
    for (int b = 0; b < e.graph->size(); ++b)
        for (const auto& [text, count] : runtime::Access::warnings(e.graph->block(b)))
            if (said.insert(text).second) fmt::print("warning: {}: {}\n", e.graph->block(b).name(), text);
}

/// Filters that are alike are said once.
void print_filters(const runtime::Flowgraph& g) {
    std::map<std::vector<std::string>, std::vector<std::string>> names;
    std::vector<std::vector<std::string>> order;
    for (int b = 0; b < g.size(); ++b) {
        const auto* filter = dynamic_cast<const blocks::Filter*>(&g.block(b));
        if (filter == nullptr) continue;
        const blocks::Response response = filter->response();
        if (response.taps.empty()) continue;
        const StreamDescription& in = g.block(b).inputs()[0]->description();
        const auto text = filter_text(response, in.sample_rate ? std::optional(in.rate_hz()) : std::nullopt,
                                      g.block(b).declared().ratio.delay);
        auto& alike = names[text];
        if (alike.empty()) order.push_back(text);
        alike.push_back(g.spec().blocks[std::size_t(b)].name);
    }
    for (const auto& text : order)
        fmt::print("{} filters:\n        {}\n", fmt::join(graph::merged_names(names[text]), ", "),
                   fmt::join(text, "\n        "));
}

struct CheckOptions : GraphOptions {
    bool until_stopped = false, resolved = false, verbose = false, json = false;
};

void print_products(const runtime::Flowgraph& g, const std::vector<std::string>& existing) {
    for (const auto& [block, path] : g.products())
        fmt::print("{} publishes {}\n", g.spec().blocks[std::size_t(block)].name, path);
    for (const auto& [block, pattern] : g.product_patterns())
        if (g.block(block).makes_parts())
            fmt::print("{} publishes {}\n", g.spec().blocks[std::size_t(block)].name,
                       (std::filesystem::path(pattern.folder) / io::text_of(pattern.name)).string());
    if (existing.empty()) return;
    constexpr std::size_t most_shown = 10;
    const std::size_t shown = std::min(existing.size(), most_shown);
    const std::string more = existing.size() > shown ? fmt::format(" and {} more", existing.size() - shown) : "";
    fmt::print("already there, so that a run wants --overwrite: {}{}\n",
               fmt::join(existing.begin(), existing.begin() + std::ptrdiff_t(shown), ", "), more);
}

/// As on so many ranks, each on a node like this one: other nodes cannot be asked.
partition::Plan plan_here(const run::Examined& e, const run::JobRequest& request, const run::Library& library, int ranks) {
    partition::PlanOptions options{.ranks = ranks};
    partition::NodeFacts here = run::node_facts(e.graph->spec().assignment, comm::single_rank()->host(), library.plugins(),
                                                {.devices = partition::wants_devices(e.graph->described()),
                                                 .transforms = partition::wants_transforms(e.graph->described())});
    here.device_ids.clear();  // each rank on a node of its own, like this one
    options.nodes.assign(std::size_t(ranks), here);
    options.device_page_bytes = partition::device_page_of(options.nodes);
    if (request.device_chunk != 0) options.device_chunk_bytes = request.device_chunk;
    options.host_quantum_bytes = partition::host_quantum_bytes(run::first_cache_bytes());
    return run::make_plan(*e.graph, options);
}

int check_graph(const CheckOptions& options, run::Library& library) {
    library.load(run::plugin_files(options.plugins));
    run::JobRequest request = options.request();
    request.until_stopped = options.until_stopped;
    const run::Examined e = run::examine(library.registry(), request, options.rank_count);
    if (options.resolved) {
        std::fputs(graph::to_yaml(e.graph->spec()).c_str(), stdout);
        return 0;
    }
    const int ranks = options.rank_count > 0 ? options.rank_count : run::ranks_wanted(e.graph->spec().assignment);
    const partition::Plan plan = plan_here(e, request, library, ranks);
    const auto existing = run::names_of_existing(run::claims_of(*e.graph, request, plan.rank_of, 0), request);
    if (options.json) {
        fmt::print("{}\n", check_value(e, plan, existing).json());
        return 0;
    }
    fmt::print("{}: {} blocks, {} connections, {} ranks, {} crossings\n",
               e.graph->spec().name.empty() ? options.graph : e.graph->spec().name, e.graph->size(),
               e.graph->spec().streams.size() + e.graph->spec().messages.size(), ranks, plan.crossings.size());
    print_partitions(*e.graph, plan);
    print_edges(*e.graph, plan);
    if (options.verbose) print_filters(*e.graph);
    print_products(*e.graph, existing);
    print_recordings(e);
    print_warnings(e);
    return 0;
}

/// For programs what is wrong is a result, too.
int check(const CheckOptions& options, run::Library& library) {
    try {
        return check_graph(options, library);
    } catch (const Refused& refused) {
        if (options.json) fmt::print("{}\n", mistakes_value(refused).json());
        throw;
    }
}

}  // namespace

void add_check(CLI::App& app, run::Library& library, int& code) {
    auto options = std::make_shared<CheckOptions>();
    CLI::App* sub = app.add_subcommand("check", "Validates a graph and prints partitions, crossings, streams and memory");
    options->add_to(*sub);
    sub->add_option("-n,--np", options->rank_count, "As on this many ranks (default: as many as `ranks:` names)")
        ->type_name("N")
        ->transform(whole_number(1, 1 << 20));
    sub->add_flag("--resolved", options->resolved,
                  "Print the flat graph instead: every copy, value and connection written out; it can be run");
    sub->add_flag("--json", options->json,
                  "For programs: products, ranks, memory and streams, or the mistakes, as one JSON object on stdout "
                  "(docs/check.schema.json)");
    sub->add_flag("--verbose", options->verbose,
                  "Also print what filters do: edges, ripple, attenuation of the stop band, delay");
    sub->add_flag("--until-stopped", options->until_stopped, "Allow sources without an end, as `run` does");
    sub->callback([options, &library, &code] { code = check(*options, library); });
}

}  // namespace flowspan::cli
