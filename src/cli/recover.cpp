// `flowspan recover FOLDER…`: what runs that died have left there.
#include "io/record/recover.hpp"
#include "cli/cli.hpp"
#include "core/files/file_kind.hpp"

#include <flowspan/diagnostic.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

int recover(const std::vector<std::string>& folders) {
    for (const std::string& folder : folders) {
        if (kind_of(folder) != FileKind::folder) throw Refused(Diagnostic{{}, "FOLDER", "a folder", folder, "", {}});
    }
    const io::Recovered done = io::recover(folders);
    for (const std::string& path : done.published) fmt::print("published {}\n", path);
    for (const std::string& path : done.removed) fmt::print("removed {}\n", path);
    for (const std::string& text : done.warnings) fmt::print(stderr, "warning: {}\n", text);
    for (const io::Blocked& blocked : done.blocked) fmt::print(stderr, "flowspan: {}\n", blocked.text());
    return int(done.blocked.empty() ? ExitCode::done : ExitCode::file);
}

}  // namespace

void add_recover(CLI::App& app, int& code) {
    auto folders = std::make_shared<std::vector<std::string>>();
    CLI::App* sub = app.add_subcommand("recover", "Publishes what runs that died had committed, and removes their temporaries");
    sub->add_option("FOLDER", *folders, "Where products lie; folders below it are others")->required();
    sub->callback([folders, &code] { code = recover(*folders); });
}

}  // namespace flowspan::cli
