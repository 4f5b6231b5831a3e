// `flowspan info`: what recordings hold, by their headers and names.
#include "cli/cli.hpp"
#include "core/mistakes/failure_of.hpp"
#include "core/say.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/series/series.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

Recording recording_at(const std::string& path) { return io::joined(io::read_recording(path)); }

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
int info(const std::vector<std::string>& given, bool json) {
    const std::vector<std::string> paths = each_once(given);
    if (paths.size() == 1 && !json) {
        fmt::print("{}", io::describe_recording(recording_at(paths[0])));
        return 0;
    }
    int code = 0;
    std::vector<io::RecordingLine> lines;
    std::string list;
    for (const std::string& path : paths) {
        try {
            const Recording r = recording_at(path);
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
    CLI::App* sub = app.add_subcommand("info", "Says what recordings hold, from their headers and names");
    sub->add_option("RECORDING", *paths, "Recordings: files, or folders and quoted patterns whose files are one")->required();
    sub->add_flag("--json", *json, "For programs: a list with an object a recording");
    add_plugin_option(*sub, *plugins);
    sub->callback([paths, json, plugins, &library, &code] {
        library.load(run::plugin_files(*plugins));
        code = info(*paths, *json);
    });
}

}  // namespace flowspan::cli
