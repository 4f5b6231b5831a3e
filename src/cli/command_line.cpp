#include "cli/cli.hpp"
#include "cli/reference/commands.hpp"
#include "cli/words/mistaken.hpp"
#include "comm/mpi/mpi.hpp"
#include "core/mistakes/failure_of.hpp"
#include "core/say.hpp"
#include "memory/device.hpp"

#include <flowspan/main.hpp>
#include <flowspan/version.hpp>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan {

int main(int argc, char** argv, void (*register_more)(Registry&)) {
    CLI::App app{"flowspan runs signal-processing flowgraphs on recorded IQ files, on one rank or many.", "flowspan"};
    app.require_subcommand(1);
    app.set_version_flag("-v,--version", [] {
        std::string text = std::string("flowspan ") + version + "\ndevices: " + memory::device_support();
        for (const memory::Device& device : memory::devices()) text += ", " + device.name;
        return text;
    });
    app.footer(std::string("Begin with:  flowspan check GRAPH;  flowspan run GRAPH;  mpirun -n 4 flowspan run GRAPH\n") +
               cli::exit_codes_help());
    std::vector<char*> given = cli::without_help(argc, argv);
    argc = int(given.size());
    argv = given.data();
    int code = 0;
    // Below mpirun and srun every rank finds the same mistake: rank 0 says it, and has its code.
    const bool silent = comm::started_by_launcher() && comm::promised_rank() > 0;
    try {
        run::Library library;
        if (register_more != nullptr) library.add("this program", register_more);
        cli::add_run(app, library, argc, argv, code);
        cli::add_batch(app, library, argc, argv, code);
        cli::add_check(app, library, code);
        cli::add_draw(app, library, code);
        cli::add_blocks(app, library, code);
        cli::add_graphs(app, code);
        cli::add_info(app, library, code);
        cli::add_convert(app, library, code);
        cli::add_cut(app, library, code);
        cli::add_ctl(app, code);
        cli::add_recover(app, code);
        cli::add_new_block(app, library, code);
        cli::add_completion(app, code);
        cli::add_reference(app, code);
        cli::add_help(app, code);
        const std::vector<std::string> words(argv + 1, argv + argc);
        cli::refuse_no_command(app, words);
        try {
            app.parse(argc, argv);
        } catch (const CLI::ParseError& e) {
            if (e.get_exit_code() != 0) throw cli::mistaken(app, e, words);
            if (silent) return 0;
            app.exit(e);
            cli::print_graph_parameters(app);
        }
    } catch (const Refused& e) {
        if (silent) return 0;
        cli::print(e.diagnostics());
        return int(e.code());
    } catch (const std::exception& e) {
        const Failure failure = failure_of(e);
        const bool foreseen = failure.code() != ExitCode::bug || dynamic_cast<const Failure*>(&e) != nullptr;
        say_line(fmt::format("flowspan: {}{}", foreseen ? "" : "a bug: ", failure.what()));
        return int(failure.code());
    }
    return code;
}

}  // namespace flowspan
