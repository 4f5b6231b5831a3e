#include "cli/cli.hpp"
#include "memory/device.hpp"

#include <cstdio>
#include <exception>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
    using namespace flowspan;
    CLI::App app{"flowspan runs signal-processing flowgraphs on recorded IQ files, on one rank or many.", "flowspan"};
    app.require_subcommand(1);
    app.set_version_flag("--version", [] {
        std::string text = std::string("flowspan ") + FLOWSPAN_VERSION + "\ndevices: " + memory::device_support();
        for (const std::string& name : memory::devices()) text += ", " + name;
        return text;
    });
    app.footer(
        "Begin with:  flowspan check GRAPH;  flowspan run GRAPH;  mpirun -n 4 flowspan run GRAPH\n"
        "Exit codes:  0 done, 2 usage or graph, 3 input or output, 4 a block failed, 5 communication or a lost rank,\n"
        "             75 stopped on request, 70 a bug in flowspan");
    int code = 0;
    try {
        cli::add_run(app, argc, argv, code);
        cli::add_check(app, code);
        cli::add_draw(app, code);
        cli::add_blocks(app, code);
        cli::add_info(app, code);
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        const int result = app.exit(e);
        return result == 0 ? 0 : int(ExitCode::usage);
    } catch (const Refused& e) {
        cli::print(e.diagnostics());
        return int(e.code());
    } catch (const Failure& e) {
        fmt::print(stderr, "flowspan: {}\n", e.what());
        return int(e.code());
    } catch (const std::exception& e) {
        fmt::print(stderr, "flowspan: a bug: {}\n", e.what());
        return int(ExitCode::bug);
    }
    return code;
}
