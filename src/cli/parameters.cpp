// What depends on the graph that the command line names: `run GRAPH --help`, and completion in shells.
#include "cli/batch/verbs.hpp"
#include "cli/cli.hpp"
#include "cli/words/validators.hpp"
#include "core/files/text.hpp"
#include "graph/shipped/shipped.hpp"
#include "graph/spec.hpp"
#include "graph/text/document.hpp"
#include "runtime/flowgraph/catalog.hpp"

#include <cstdio>
#include <map>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

constexpr std::size_t column = 26;

std::string parameter_text(const graph::ParameterInfo& p) {
    std::vector<std::string> facts;
    facts.push_back(p.value.empty() ? "must be given" : "default " + p.value + (p.unit.empty() ? "" : " " + p.unit));
    if (!p.range.empty()) facts.push_back(p.range + (p.unit.empty() ? "" : " " + p.unit));
    if (!p.choices.empty()) facts.push_back(fmt::format("one of {}", fmt::join(p.choices, ", ")));
    std::string text = fmt::format("  --set {:<{}} ", p.name + "=VALUE", column - 9);
    if (!p.help.empty()) text += p.help + "\n" + std::string(column, ' ');
    return text + fmt::format("{}\n", fmt::join(facts, "; "));
}

std::string graph_of(const CLI::App& sub) {
    const CLI::Option* option = sub.get_option_no_throw("GRAPH");
    return option == nullptr || option->results().empty() ? "" : option->results().front();
}

constexpr std::string_view bash =
    R"shell(# Completion of flowspan in bash:  source <(flowspan completion bash)
_flowspan() {
    local IFS=$'\n' line
    COMPREPLY=()
    while read -r line; do COMPREPLY+=("$line"); done < <(flowspan complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    [[ ${COMPREPLY[0]-} != *[=.] ]] || compopt -o nospace
}
complete -o default -o bashdefault -F _flowspan flowspan
)shell";

constexpr std::string_view zsh =
    R"shell(#compdef flowspan
# Completion of flowspan in zsh, after compinit:  source <(flowspan completion zsh)
_flowspan() {
    local -a all
    all=("${(@f)$(flowspan complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    all=(${all:#})
    if (( $#all == 0 )); then
        _files
    else
        compadd -S '' -- ${(M)all:#*[=.]}
        compadd -- ${all:#*[=.]}
    fi
}
compdef _flowspan flowspan
)shell";

constexpr std::string_view fish =
    R"shell(# Completion of flowspan in fish:  flowspan completion fish | source
function __flowspan_words
    set -l words (commandline -opc) "$(commandline -ct)"
    flowspan complete -- $words[2..-1] 2>/dev/null
end
complete -c flowspan -a '(__flowspan_words)'
)shell";

bool begins(const std::string& text, const std::string& with) { return text.starts_with(with); }

/// What may stand behind `--set`: parameters of the graph, and blocks and their parameters, one level after the other.
std::vector<std::string> settable(const std::vector<std::string>& words, const std::string& current) {
    for (const std::string& written : words) {
        const std::string word = graph::graph_file_of(written);
        if (!word.ends_with(".yaml") && !word.ends_with(".yml")) continue;
        try {
            runtime::BlockCatalog types(built_in_blocks());
            graph::Outside outside;
            return graph::settable_names(outside.text_of(word), word, current.substr(0, current.rfind('.') + 1), outside,
                                         types);
        } catch (const std::exception&) { continue; }
    }
    return {};
}

std::vector<std::string> candidates(const CLI::App& app, std::vector<std::string> words) {
    std::string current;
    if (!words.empty()) {
        current = words.back();
        words.pop_back();
    }
    std::vector<std::string> all;
    if (words.empty()) {
        for (const CLI::App* sub : app.get_subcommands({}))
            if (!sub->get_group().empty()) all.push_back(sub->get_name());
        all.insert(all.end(), {"--help", "--version"});
    } else if (words.back() == "--set") {
        all = settable(words, current);
    } else {
        const auto subs = app.get_subcommands([&](const CLI::App* one) { return one->get_name() == words.front(); });
        const CLI::App* sub = subs.empty() ? nullptr : subs.front();
        if (sub == nullptr) return {};
        CLI::App verbs;
        if (words.front() == "batch") {
            int ignored = 0;
            add_batch_verbs(verbs, {}, ignored);
            for (const CLI::App* verb : verbs.get_subcommands({}))
                if (words.size() > 1 && verb->get_name() == words[1]) sub = verb;
        }
        if (begins(current, "-")) {
            for (const CLI::Option* option : sub->get_options()) {
                if (option->get_group().empty()) continue;
                for (const std::string& name : option->get_lnames()) all.push_back("--" + name);
            }
        } else if (words.front() == "blocks" && words.size() == 1) {
            for (const auto& [name, type] : built_in_blocks().all()) all.push_back(name);
        } else if (words.front() == "graphs" && words.size() == 1) {
            for (const graph::ShippedGraph& one : graph::shipped_graphs()) all.push_back(one.name);
        } else if (words.front() == "ctl" && words.size() == 2) {
            for (const CLI::App* command : sub->get_subcommands({})) all.push_back(command->get_name());
        } else if (words.front() == "batch" && words.size() == 1 && !current.empty()) {  // else files: graphs
            for (const CLI::App* verb : verbs.get_subcommands({})) all.push_back(verb->get_name());
        } else if (words.back() == "--ranks") {
            all = {"auto", "fold"};
        }
    }
    std::erase_if(all, [&](const std::string& word) { return !begins(word, current); });
    return all;
}

}  // namespace

std::vector<graph::ParameterInfo> parameters_of(const std::string& graph_file) {
    graph::Outside outside;
    return graph::declared_parameters(text_of_graph(graph_file, PipePatience{}), graph_name(graph_file), outside);
}

void print_parameters(const std::vector<graph::ParameterInfo>& parameters) {
    for (const auto& p : parameters) std::fputs(parameter_text(p).c_str(), stdout);
}

void print_graph_parameters(const CLI::App& app) {
    for (const CLI::App* sub : app.get_subcommands()) {
        const std::string file = graph_of(*sub);
        if (file.empty() || sub->get_option_no_throw("--set") == nullptr) continue;
        const auto parameters = parameters_of(graph::graph_file_of(file));
        fmt::print("\nParameters of {}:{}\n", file, parameters.empty() ? " none" : "");
        print_parameters(parameters);
    }
}

void add_completion(CLI::App& app, int& code) {
    auto shell = std::make_shared<std::string>();
    CLI::App* sub = app.add_subcommand(
        "completion", "Prints what makes a shell complete flowspan's words: source <(flowspan completion bash)");
    static const std::map<std::string, std::string_view> shells{{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    sub->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(one_of({"bash", "zsh", "fish"}));
    sub->callback([shell, &code] {  // which lives as long as the option that writes to it
        fmt::print("{}", shells.at(*shell));
        code = 0;
    });
    auto words = std::make_shared<std::vector<std::string>>();
    CLI::App* complete = app.add_subcommand("complete", "What a word may become; for shells")->group("");
    complete->add_option("WORDS", *words)->allow_extra_args();
    complete->callback([&app, words, &code] {
        for (const std::string& one : candidates(app, *words)) fmt::print("{}\n", one);
        code = 0;
    });
}

}  // namespace flowspan::cli
