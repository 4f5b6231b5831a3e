// Pages of types, graphs, exit codes and commands.
#include "cli/reference/pages.hpp"
#include "core/files/text.hpp"
#include "core/mistakes/exit_codes.hpp"
#include "core/type_names.hpp"
#include "graph/spec.hpp"
#include "graph/text/document.hpp"
#include "io/formats/datatype.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::cli {
namespace {

std::string code(std::string_view text) { return text.empty() ? "" : fmt::format("`{}`", text); }

std::string type_row(const TypeNames& t) {
    std::string sigmf = code(io::sigmf_datatype(t.type, false));
    if (io::sigmf_datatype(t.type, true) != io::sigmf_datatype(t.type, false))
        sigmf += ", " + code(io::sigmf_datatype(t.type, true));
    std::string gnuradio;
    for (const std::string_view name : t.gnuradio) gnuradio += (gnuradio.empty() ? "" : ", ") + code(name);
    return fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", t.name, size_of(t.type), sigmf, code(t.cpp), gnuradio,
                       code(t.numpy));
}

/// The first comment of a file.
std::string comment_of(const std::string& text) {
    std::string comment;
    for (std::size_t begin = 0; begin < text.size() && text[begin] == '#';) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::size_t first = text.find_first_not_of("# ", begin);
        if (first < end) comment += (comment.empty() ? "" : " ") + text.substr(first, end - first);
        begin = end + 1;
    }
    return comment;
}

std::string graph_section(const std::string& path) {
    const std::string text = read_text(path, graph::most_bytes, {});
    std::string section = fmt::format("\n## {}\n{}\n\n", std::filesystem::path(path).stem().string(), comment_of(text));
    graph::Outside outside;
    const auto parameters = graph::declared_parameters(text, path, outside);
    if (parameters.empty()) return section;
    section += "| parameter | default | range | means |\n|---|---|---|---|\n";
    for (const graph::ParameterInfo& p : parameters) {
        const std::string range = p.choices.empty() ? p.range : fmt::format("one of {}", fmt::join(p.choices, ", "));
        const std::string unit = p.unit.empty() ? "" : " " + p.unit;
        section +=
            fmt::format("| `{}` | {} | {} | {} |\n", p.name, p.value.empty() ? "must be given" : cell(code(p.value + unit)),
                        cell(range + (range.empty() ? "" : unit)), cell(p.help));
    }
    return section;
}

std::string arguments_of(const CommandText& command) {
    std::string rows;
    for (const OptionText& a : command.arguments) rows += fmt::format("| {} | {} |\n", cell(code(a.names)), cell(a.help));
    return rows.empty() ? "" : "\n| argument | means |\n|---|---|\n" + rows;
}

std::string options_of(const CommandText& command) {
    std::string rows;
    for (const OptionText& o : command.options)
        rows += fmt::format("| {} | {} | {} |\n", cell(code(o.names)), cell(o.help), cell(code(o.initial)));
    return rows.empty() ? "" : "\n| option | means | default |\n|---|---|---|\n" + rows;
}

}  // namespace

std::string types_page() {
    std::string text =
        "# Sample types\n\nThe names that graphs use, and what others call the same. Of SigMF's names the first is in the byte "
        "order of "
        "most machines, the second in the other; within a graph streams are in the machine's own. C++ programs may write "
        "`flowspan::cf32` "
        "for `std::complex<float>`, and so on. GNU Radio has no streams of the types that are empty there; its `byte` is "
        "unsigned in its "
        "blocks. NumPy keeps complex integers as pairs. Who writes such a name in a graph is told flowspan's.\n\n"
        "| flowspan | bytes | SigMF | C++ | GNU Radio | NumPy |\n|---|---|---|---|---|---|\n";
    for (const TypeNames& t : type_names()) text += type_row(t);
    return text;
}

std::string graphs_page(const std::string& folder) {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.is_regular_file() && entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
    std::sort(paths.begin(), paths.end());
    std::string text =
        "# Shipped graphs\n\nThe files of `configs/`. `--set NAME=VALUE` sets a parameter; `flowspan run GRAPH --help` prints "
        "the same, and "
        "`flowspan draw GRAPH -o FILE.svg` draws a graph.\n";
    for (const std::string& path : paths) text += graph_section(path);
    return text;
}

std::string exit_codes_page() {
    std::string text =
        "# Exit codes\n\nOf all commands. Below a bare `mpirun` the code that a shell sees is `mpirun`'s own; `flowspan run -n "
        "N` and "
        "`slurm/run.sbatch` pass flowspan's on. [running.md](../running.md#what-is-kept) says for every event what is kept.\n\n"
        "| code | is | means |\n|---|---|---|\n";
    for (const ExitCodeText& one : exit_codes) text += fmt::format("| {} | {} | {} |\n", int(one.code), one.brief, one.means);
    const std::size_t colon = code_of_signals.find(": ");
    return text + fmt::format("| {} | a signal | {} |\n", code_of_signals.substr(0, colon), code_of_signals.substr(colon + 2));
}

std::string commands_page(const std::vector<CommandText>& commands) {
    std::string text = "# Commands\n\nAll have `--help`. [Exit codes](exit-codes.md) are the same of all.\n";
    for (const CommandText& c : commands) {
        text += fmt::format("\n## {}\n{}\n\n```\n{}\n```\n", c.words, cell(c.help), c.usage());
        text += arguments_of(c) + options_of(c);
    }
    return text;
}

}  // namespace flowspan::cli
