#include "graph/output/draw.hpp"
#include "cli/cli.hpp"
#include "cli/words/validators.hpp"
#include "core/files/text.hpp"
#include "run/plan/planning.hpp"
#include "run/start/startup.hpp"

#include <flowspan/io.hpp>

#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

constexpr std::uint64_t most_of_a_report = 1 << 30;

struct DrawOptions : GraphOptions {
    std::string file, profile;
};

graph::Format format_of(const std::string& file) {
    if (file.ends_with(".dot")) return graph::Format::dot;
    if (file.ends_with(".mmd")) return graph::Format::mermaid;
    if (file.ends_with(".svg")) return graph::Format::svg;
    Diagnostic wrong;  // field by field: GCC 12 warns falsely of a braced one here
    wrong.key = "-o";
    wrong.expected = "a name that ends in .svg, .dot or .mmd";
    wrong.got = file;
    throw Refused(std::move(wrong));
}

int draw(const DrawOptions& options, run::Library& library) {
    library.load(run::plugin_files(options.plugins));
    const graph::Format format = options.file.empty() ? graph::Format::mermaid : format_of(options.file);
    const run::Examined e = run::examine(library.registry(), options.request());
    const auto& spec = e.graph->spec();
    const int ranks = options.rank_count > 0 ? options.rank_count : run::ranks_wanted(spec.assignment);
    std::optional<graph::Profile> profile;
    if (!options.profile.empty())
        profile = graph::read_profile(read_text(options.profile, most_of_a_report, {}), options.profile);
    const std::vector<int> rank_of = profile ? profile->ranks_of(spec) : run::make_plan(*e.graph, {.ranks = ranks}).rank_of;
    const std::string picture = graph::draw(spec, &e.graph->described(), rank_of, format, profile ? &*profile : nullptr);
    if (options.file.empty()) {
        std::fputs(picture.c_str(), stdout);
        return 0;
    }
    std::signal(SIGPIPE, SIG_IGN);
    File out = File::create(options.file);
    out.append(std::as_bytes(std::span(picture)));
    out.close();
    return 0;
}

}  // namespace

void add_draw(CLI::App& app, run::Library& library, int& code) {
    auto options = std::make_shared<DrawOptions>();
    CLI::App* sub = app.add_subcommand("draw", "Draws a graph: groups as frames, colours by rank or by measured load");
    options->add_to(*sub);
    CLI::Option* ranks =
        sub->add_option("-n,--np", options->rank_count, "As on this many ranks (default: as many as `ranks:` names)")
            ->type_name("N")
            ->transform(whole_number(1, 1 << 20));
    sub->add_option("-o,--output", options->file, "FILE.svg, FILE.dot or FILE.mmd; without it Mermaid text on stdout")
        ->type_name("FILE");
    sub->add_option(
           "--profile", options->profile,
           "Colour blocks by what they took of their rank's time in a run that wrote this report (`run --report`), on the "
           "ranks of that run")
        ->type_name("REPORT")
        ->excludes(ranks);
    sub->callback([options, &library, &code] { code = draw(*options, library); });
}

}  // namespace flowspan::cli
