// `flowspan reference DIR --graphs DIR`, for those who work on flowspan: scripts/dev reference.
#include "cli/cli.hpp"
#include "cli/reference/pages.hpp"

#include <flowspan/io.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <span>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

void write(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    File out = File::create(path.string());
    out.append(std::as_bytes(std::span(text)));
    out.close();
}

constexpr const char* index_page =
    "# Reference\n\nThese pages are made of what the program declares (`scripts/dev reference` writes them, a test compares "
    "them): "
    "change the declarations, not the pages.\n\n"
    "- [blocks](blocks/README.md): ports, parameters, examples\n"
    "- [sample types](types.md), with the names that SigMF, C++, GNU Radio and NumPy have for them\n"
    "- [shipped graphs](graphs.md) and their parameters\n"
    "- [commands and options](commands.md); the same as a man page is [flowspan.1](flowspan.1), `man flowspan` where it is "
    "installed\n"
    "- [exit codes](exit-codes.md)\n";

void write_pages(const CLI::App& app, const Registry& registry, const std::filesystem::path& folder,
                 const std::string& graphs) {
    const std::vector<CommandText> commands = commands_of(app);
    write(folder / "README.md", index_page);
    write(folder / "types.md", types_page());
    write(folder / "graphs.md", graphs_page(graphs));
    write(folder / "exit-codes.md", exit_codes_page());
    write(folder / "commands.md", commands_page(commands));
    write(folder / "flowspan.1", man_page(commands));
    write(folder / "blocks/README.md", blocks_index(registry));
    std::map<std::string, std::vector<const BlockType*>> kinds;
    for (const auto& [name, type] : registry.all()) kinds[type.kind].push_back(&type);
    for (const auto& [kind, types] : kinds) write(folder / "blocks" / (kind + ".md"), blocks_page(kind, types));
}

}  // namespace

void add_reference(CLI::App& app, int& code) {
    auto folder = std::make_shared<std::string>(), graphs = std::make_shared<std::string>();
    CLI::App* sub = app.add_subcommand("reference", "Writes the pages of docs/reference")->group("");
    sub->add_option("DIR", *folder, "Where they go")->required();
    sub->add_option("--graphs", *graphs, "The graph files that are shipped")->required();
    sub->callback([&app, folder, graphs, &code] {
        write_pages(app, built_in_blocks(), *folder, *graphs);
        code = 0;
    });
}

}  // namespace flowspan::cli
