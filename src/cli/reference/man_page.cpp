#include "cli/reference/pages.hpp"
#include "core/mistakes/exit_codes.hpp"

#include <flowspan/version.hpp>

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

/// Text for roff: its own characters escaped, and no line that begins with a request. Backquotes make bold.
std::string roff(const std::string& text) {
    std::string safe;
    bool bold = false;
    for (const char c : text) {
        if (c == '`') {
            safe += bold ? "\\fR" : "\\fB";
            bold = !bold;
        } else if (c == '\\') {
            safe += "\\e";
        } else if (c == '-') {
            safe += "\\-";
        } else {
            if ((c == '.' || c == '\'') && (safe.empty() || safe.back() == '\n')) safe += "\\&";
            safe += c;
        }
    }
    return safe;
}

std::string entry(const std::string& title, const std::string& text) {
    return fmt::format(".TP\n.B {}\n{}\n", roff(title), roff(text));
}

std::string entry(const OptionText& option) {
    return entry(option.names, option.help + (option.initial.empty() ? "" : fmt::format(" (default: {})", option.initial)));
}

constexpr const char* examples = R"(.SH EXAMPLES
.nf
flowspan info recording.sigmf\-meta
flowspan check graph.yaml \-\-set recording=recording.sigmf\-meta
flowspan run graph.yaml \-\-set recording=recording.sigmf\-meta \-\-out out \-n 4
mpirun \-n 4 flowspan run graph.yaml
sbatch \-n 4 run.sbatch graph.yaml
flowspan batch graph.yaml recordings/ \-\-out out \-n 4
.fi
)";

}  // namespace

std::string man_page(const std::vector<CommandText>& commands) {
    std::string text = fmt::format(
        ".TH FLOWSPAN 1 \"\" \"flowspan {}\" \"User Commands\"\n.SH NAME\nflowspan \\- signal\\-processing flowgraphs across "
        "MPI ranks, for "
        "recorded IQ files\n.SH SYNOPSIS\n.B flowspan\n.I COMMAND\n[\\fIoptions\\fR]\n.SH DESCRIPTION\n{}\nA graph is a YAML "
        "file of "
        "blocks, connections and ranks. The same file gives the same bytes on any number of ranks.\n.SH COMMANDS\n",
        version, roff(commands.front().help));
    for (std::size_t k = 1; k < commands.size(); ++k) {
        const CommandText& c = commands[k];
        text += fmt::format(".SS {}\n{}\n", roff(c.usage()), roff(c.help));
        for (const OptionText& argument : c.arguments) text += entry(argument);
        for (const OptionText& option : c.options) text += entry(option);
    }
    text += ".SH OPTIONS\n";
    for (const OptionText& option : commands.front().options) text += entry(option);
    text += entry("--help", "Print what a command is for, and its options; with a graph, also the graph's parameters.");
    text += ".SH EXIT STATUS\n";
    for (const ExitCodeText& one : exit_codes)
        text += entry(std::to_string(int(one.code)), fmt::format("{}: {}", one.brief, one.means));
    const std::size_t colon = code_of_signals.find(": ");
    text += entry(std::string(code_of_signals.substr(0, colon)), std::string(code_of_signals.substr(colon + 2)));
    return text + examples +
           ".SH SEE ALSO\nThe pages in the package's documentation folder, of which first\\-hour.md is the one to begin with; "
           "\\fBflowspan blocks\\fR;\n.BR mpirun (1),\n.BR sbatch (1)\n";
}

}  // namespace flowspan::cli
