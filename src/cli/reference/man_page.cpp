#include "cli/reference/pages.hpp"
#include "core/mistakes/exit_codes.hpp"

#include <flowspan/version.hpp>

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

/// The character that begins at `text[k]`, as roff names it, where it is none of ASCII: "\\[u2026]". Moves k to its last byte.
std::string special(const std::string& text, std::size_t& k) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const std::size_t more = byte(k) >= 0xf0 ? 3 : byte(k) >= 0xe0 ? 2 : 1;
    unsigned code = byte(k) & (0x3fU >> more);
    for (std::size_t n = 0; n < more && k + 1 < text.size(); ++n) code = code << 6 | (byte(++k) & 0x3fU);
    return fmt::format("\\[u{:04X}]", code);
}

/// Text for roff: its own characters escaped, and no line that begins with a request. Backquotes make bold.
std::string roff(const std::string& text) {
    std::string safe;
    bool bold = false;
    for (std::size_t k = 0; k < text.size(); ++k) {
        const char c = text[k];
        if (static_cast<unsigned char>(c) >= 0x80) {
            safe += special(text, k);
        } else if (c == '`') {
            bold = !bold;
            safe += bold ? "\\fB" : "\\fR";
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
