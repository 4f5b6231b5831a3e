// `flowspan info`: what recordings hold, by their headers and names.
#include "blocks/sources/as_told.hpp"
#include "cli/cli.hpp"
#include "cli/recordings/conversion.hpp"
#include "core/mistakes/failure_of.hpp"
#include "core/say.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/series/series.hpp"
#include "run/start/examine.hpp"

#include <flowspan/block.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

using Reading = std::map<std::string, std::string>;  // parameters of a source

/// `--sample-rate`, where the source of a graph would be blamed.
Refused by_options(const Refused& refused) {
    Diagnostics found = refused.diagnostics();
    for (Diagnostic& d : found) {
        constexpr std::string_view source = "blocks.source.";
        d.at = {};
        if (!d.key.starts_with(source)) continue;
        d.key = d.key == "blocks.source.path" ? "" : "--" + d.key.substr(source.size());
        std::replace(d.key.begin(), d.key.end(), '_', '-');
    }
    return Refused(std::move(found), refused.code());
}

/// As a source that is told so reads it.
RecordingFacts as_told(const std::string& path, const Reading& reading, const Registry& registry) {
    run::JobRequest request;
    request.graph_text = "flowspan: 1\nblocks:\n  source: {type: file_source, path: " + quoted(path);
    for (const auto& [key, value] : reading) request.graph_text += fmt::format(", {}: {}", key, quoted(value));
    request.graph_text += "}\n  sink: {type: null_sink}\nconnections:\n  - source -> sink\n";
    try {
        const run::Examined e = run::examine(registry, request);
        const Block& source = e.graph->block(0);
        const auto text = [&](const char* name) -> const auto& {
            return dynamic_cast<const Parameter<std::string>&>(*source.parameter(name));
        };
        const auto number = [&](const char* name) -> const auto& {
            return dynamic_cast<const Parameter<double>&>(*source.parameter(name));
        };
        const blocks::Told told{dynamic_cast<const Parameter<InputPath>&>(*source.parameter("path")),
                                text("name"),
                                text("datatype"),
                                text("channels"),
                                text("datetime"),
                                number("sample_rate"),
                                number("center_frequency")};
        return blocks::AsTold(e.facts.recording(e.graph->recordings().front()), told).recording();
    } catch (const Refused& refused) { throw by_options(refused); }
}

Recording recording_at(const std::string& path, const Reading& reading, const Registry& registry) {
    Recording recording = io::joined(io::read_recording(path));
    if (!reading.empty()) static_cast<RecordingFacts&>(recording) = as_told(path, reading, registry);
    return recording;
}

/// A pair of header and data is one recording: `*` names both.
std::vector<std::string> each_once(const std::vector<std::string>& paths) {
    const std::set<std::string> named(paths.begin(), paths.end());
    std::vector<std::string> kept;
    for (const std::string& path : paths) {
        const bool is_data = io::named_as(path) == io::NamedAs::sigmf_data;
        if (!is_data || !named.contains(std::filesystem::path(path).replace_extension(".sigmf-meta").string()))
            kept.push_back(path);
    }
    return kept;
}

void print_lines(const std::vector<io::RecordingLine>& lines) {
    io::RecordingLine widest{};
    for (const io::RecordingLine& line : lines)
        for (std::size_t k = 0; k < line.size(); ++k)
            if (line[k].size() > widest[k].size()) widest[k] = line[k];
    for (const io::RecordingLine& line : lines) {
        std::string text;
        for (std::size_t k = 0; k < line.size(); ++k) text += fmt::format("{:<{}}  ", line[k], widest[k].size());
        fmt::print("{}\n", text.substr(0, text.find_last_not_of(' ') + 1));
    }
}

/// One recording whole, several a line each; what cannot be read is said, and the others are shown.
int info(const std::vector<std::string>& given, bool json, const Reading& reading, const Registry& registry) {
    const std::vector<std::string> paths = each_once(given);
    if (paths.size() == 1 && !json) {
        fmt::print("{}", io::describe_recording(recording_at(paths[0], reading, registry)));
        return 0;
    }
    int code = 0;
    std::vector<io::RecordingLine> lines;
    std::string list;
    for (const std::string& path : paths) {
        try {
            const Recording r = recording_at(path, reading, registry);
            if (json)
                list += (list.empty() ? "" : ",\n") + io::recording_info(r).json();
            else
                lines.push_back(io::line_of_recording(r));
        } catch (const Refused& refused) {
            print(refused.diagnostics());
            code = int(refused.code());
        } catch (const Failure& failure) {
            say_line(fmt::format("flowspan: {}", failure.what()));
            code = int(failure.code());
        }
    }
    if (json) fmt::print("[{}]\n", list);
    print_lines(lines);
    return code;
}

}  // namespace

void add_info(CLI::App& app, run::Library& library, int& code) {
    auto paths = std::make_shared<std::vector<std::string>>(), plugins = std::make_shared<std::vector<std::string>>();
    auto json = std::make_shared<bool>(false);
    auto reading = std::make_shared<Reading>();
    CLI::App* sub = app.add_subcommand("info", "Says what recordings hold, from their headers and names");
    sub->add_option("RECORDING", *paths, "Recordings: files, or folders and quoted patterns whose files are one")->required();
    sub->add_flag("--json", *json, "For programs: a list with an object a recording");
    add_told_options(*sub, *reading);
    add_plugin_option(*sub, *plugins);
    sub->callback([paths, json, reading, plugins, &library, &code] {
        library.load(run::plugin_files(*plugins));
        code = info(*paths, *json, *reading, library.registry());
    });
}

}  // namespace flowspan::cli
