#include "cli/cli.hpp"
#include "comm/local/local.hpp"
#include "run/node.hpp"
#include "run/startup.hpp"

#include <cstdio>
#include <memory>

#include <fmt/format.h>
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

void print_partitions(const runtime::Flowgraph& g, const partition::Plan& plan) {
    for (int rank = 0; rank < plan.ranks; ++rank) {
        std::string names;
        for (int b = 0; b < g.size(); ++b) {
            if (plan.rank_of[std::size_t(b)] == rank)
                names += (names.empty() ? "" : ", ") + g.spec().blocks[std::size_t(b)].name;
        }
        std::uint64_t memory = 0;
        for (const auto& buffer : plan.buffers) memory += buffer.rank == rank ? buffer.bytes : 0;
        for (int b = 0; b < g.size(); ++b)
            memory += plan.rank_of[std::size_t(b)] == rank ? g.described().blocks[std::size_t(b)].bytes : 0;
        fmt::print("rank {}: {}\n        memory {}\n", rank, names.empty() ? "(nothing)" : names, bytes_text(memory));
    }
    for (const int b : plan.followed) {
        fmt::print("{} is not assigned and follows its first producer to rank {}\n", g.spec().blocks[std::size_t(b)].name,
                   plan.rank_of[std::size_t(b)]);
    }
    for (const std::string& n : plan.notes) fmt::print("{}\n", n);
}

void print_edges(const runtime::Flowgraph& g, const partition::Plan& plan) {
    const auto name = [&](int b) { return g.spec().blocks[std::size_t(b)].name; };
    for (std::size_t b = 0; b < g.inputs().size(); ++b) {
        for (const runtime::InputRef& i : g.inputs()[b]) {
            const runtime::OutputRef& o = g.outputs()[std::size_t(i.output)];
            const int from = plan.rank_of[std::size_t(o.block)], to = plan.rank_of[b];
            std::string line = fmt::format("{}.{} -> {}.{}: {}, {}", name(o.block), o.port->name(), name(int(b)),
                                           i.port->name(), shape_text(o.description), rate_text(o.description));
            if (o.description.center_frequency)
                line += fmt::format(", centre {:.6f} MHz", *o.description.center_frequency / 1e6);
            if (o.description.length) line += fmt::format(", {} items", *o.description.length);
            if (i.converted_to != SampleType::any) line += fmt::format(", converted to {}", name_of(i.converted_to));
            if (const partition::Buffer* buffer = plan.buffer(i.output, to))
                line += fmt::format(", ring {} items ({}), {} a call", buffer->capacity, bytes_text(buffer->bytes),
                                    buffer->quantum);
            if (from != to) line += fmt::format(", crosses from rank {} to {}", from, to);
            fmt::print("{}\n", line);
        }
    }
    for (const runtime::MessageRef& m : g.messages()) {
        const int from = plan.rank_of[std::size_t(m.from)], to = plan.rank_of[std::size_t(m.to)];
        fmt::print("{}.{} -> {}.{}: messages{}{}\n", name(m.from), m.output->name(), name(m.to), m.input->name(),
                   m.arrival_order ? ", in the order of arrival (not reproducible)" : "",
                   from != to ? fmt::format(", crosses from rank {} to {}", from, to) : "");
    }
}

struct CheckOptions : GraphOptions {
    bool until_stopped = false;
};

int check(const CheckOptions& options, run::Library& library) {
    library.load(run::plugin_files(options.plugins));
    run::JobRequest request = options.request();
    request.until_stopped = options.until_stopped;
    const run::Examined e = run::examine(library.registry(), request);
    const int ranks = options.rank_count > 0 ? options.rank_count : run::ranks_wanted(e.graph->spec().assignment);
    const graph::Assignment& assignment = e.graph->spec().assignment;
    partition::PlanOptions plan_options{.ranks = ranks};
    // Other nodes cannot be asked: this machine stands for every rank.
    plan_options.nodes.assign(std::size_t(ranks), run::node_facts(assignment, comm::single_rank()->host()));
    const auto plan = partition::make_plan(e.graph->described(), assignment, plan_options);
    fmt::print("{}: {} blocks, {} connections, {} ranks, {} crossings\n",
               e.graph->spec().name.empty() ? options.graph : e.graph->spec().name, e.graph->size(),
               e.graph->spec().streams.size() + e.graph->spec().messages.size(), ranks, plan.crossings.size());
    print_partitions(*e.graph, plan);
    print_edges(*e.graph, plan);
    for (const auto& [block, path] : e.graph->products())
        fmt::print("{} publishes {}\n", e.graph->spec().blocks[std::size_t(block)].name, path);
    return 0;
}

}  // namespace

void add_check(CLI::App& app, run::Library& library, int& code) {
    auto options = std::make_shared<CheckOptions>();
    CLI::App* sub = app.add_subcommand("check", "Validates a graph and prints partitions, crossings, streams and memory");
    options->add_to(*sub);
    sub->add_option("-n,--np", options->rank_count, "As on this many ranks (default: as many as `ranks:` names)")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    sub->add_flag("--until-stopped", options->until_stopped, "Allow sources without an end, as `run` does");
    sub->callback([options, &library, &code] { code = check(*options, library); });
}

}  // namespace flowspan::cli
