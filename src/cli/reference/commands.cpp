#include "cli/reference/commands.hpp"

#include "cli/batch/verbs.hpp"
#include "core/mistakes/exit_codes.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

/// CLI11 writes NAME:VALIDATOR, where NAME is TEXT, INT, … if nobody has said a better one.
std::string type_of(const CLI::Option& option) {
    const std::string all = option.get_type_name();
    const std::size_t colon = all.find(':');
    std::string name = all.substr(0, colon);
    const std::string validator = colon == std::string::npos ? "" : all.substr(colon + 1);
    if (name != "TEXT" && name != "FLOAT" && name != "INT" && name != "UINT") return name;
    if (!validator.starts_with('{')) return name == "TEXT" ? "VALUE" : "N";
    std::string choices = validator.substr(1, validator.find('}') - 1);
    std::replace(choices.begin(), choices.end(), ',', '|');
    return choices;
}

OptionText option_text(const CLI::Option& option) {
    std::vector<std::string> names;
    for (const std::string& name : option.get_snames()) names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
    const bool flag = option.get_expected_max() == 0;
    std::string all = fmt::format("{}", fmt::join(names, ", "));
    if (!flag) all += " " + type_of(option);
    return {all, option.get_description(), flag ? "" : option.get_default_str(), option.get_required()};
}

OptionText argument_text(const CLI::Option& option) {
    std::string name = option.get_name(true);
    if (option.get_expected_max() > 1) name += "…";
    return {option.get_required() ? name : "[" + name + "]", option.get_description(), "", option.get_required()};
}

CommandText command_text(const CLI::App& app, const std::string& words) {
    CommandText text{words, app.get_description(), {}, {}};
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_group().empty()) continue;
        if (option->get_positional())
            text.arguments.push_back(argument_text(*option));
        else if (option->get_name() != "--help")  // which all have
            text.options.push_back(option_text(*option));
    }
    return text;
}

void add(std::vector<CommandText>& all, const CLI::App& app, const std::string& words) {
    all.push_back(command_text(app, words));
    std::string before = words;
    for (const OptionText& argument : all.back().arguments) before += " " + argument.names;
    for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; }))
        if (!below->get_group().empty()) add(all, *below, before + " " + below->get_name());
    if (words != "flowspan batch") return;
    // These are added to a command line that names one of them alone.
    CLI::App verbs;
    int ignored = 0;
    add_batch_verbs(verbs, {}, ignored);
    for (const CLI::App* verb : verbs.get_subcommands({})) add(all, *verb, words + " " + verb->get_name());
}

}  // namespace

std::string CommandText::usage() const {
    std::string text = words;
    for (const OptionText& argument : arguments) text += " " + argument.names;
    return options.empty() ? text : text + " [options]";
}

std::vector<CommandText> commands_of(const CLI::App& app) {
    std::vector<CommandText> all;
    add(all, app, "flowspan");
    return all;
}

std::string exit_codes_help() {
    std::string text = "Exit codes: ";
    std::size_t line = text.size();
    for (const ExitCodeText& one : exit_codes) {
        const std::string next = fmt::format("{}{} {}", one.code == ExitCode::done ? "" : ", ", int(one.code), one.brief);
        if (line + next.size() > 110) {
            text += ",\n            ";
            line = 12;
            text += next.substr(1);
        } else {
            text += (one.code == ExitCode::done ? " " : "") + next;
        }
        line += next.size();
    }
    return text;
}

}  // namespace flowspan::cli
