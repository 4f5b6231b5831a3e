#include "cli/words/mistaken.hpp"

#include "core/mistakes/names.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

std::vector<std::string> commands_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* one : app.get_subcommands({}))
        if (!one->get_group().empty()) names.push_back(one->get_name());
    return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_group().empty()) continue;
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
        for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    }
    return names;
}

const CLI::App* command_named(const CLI::App& app, const std::string& name) {
    const auto found = app.get_subcommands([&](const CLI::App* one) { return one->get_name() == name; });
    return found.empty() ? nullptr : found.front();
}

/// The command that the words have led to, and how it is called: "flowspan ctl status".
struct Command {
    const CLI::App* app;
    std::string name;
};

Command command_of(const CLI::App& app) {
    Command command{&app, app.get_name()};
    while (!command.app->get_subcommands().empty()) {
        command.app = command.app->get_subcommands().front();
        command.name += " " + command.app->get_name();
    }
    return command;
}

Diagnostic no_command(const Command& command, const std::string& got) {
    const std::vector<std::string> known = commands_of(*command.app);
    const std::string list = fmt::format("{} has: {}", command.name, fmt::join(known, ", "));
    std::string hint = got.empty() ? list : hint_for(got, known, command.name + " has: ");
    return {{}, "", fmt::format("a command of `{}`", command.name), got.empty() ? "nothing" : got, std::move(hint), {}};
}

Diagnostic no_option(const Command& command, const std::string& word) {
    const std::string name = word.substr(0, word.find('='));
    std::string hint = hint_for(name, options_of(*command.app), "");
    if (hint.empty()) hint = fmt::format("`{} --help` lists them", command.name);
    return {{}, "", fmt::format("an option of `{}`", command.name), name, std::move(hint), {}};
}

/// Of words that nothing has taken.
Diagnostic left_over(const Command& command, const std::string& word) {
    if (word.size() > 1 && word.starts_with('-')) return no_option(command, word);
    return {{},
            "",
            fmt::format("no further word behind `{}`", command.name),
            word,
            fmt::format("`{} --help` says what comes where; a value with blanks stands in quotes", command.name),
            {}};
}

/// The name as it was written: `-n` or `--np`.
std::string as_written(const Command& command, const std::string& name, const std::vector<std::string>& words) {
    const CLI::Option* option = command.app->get_option_no_throw(name);
    if (option == nullptr) return name;
    for (const std::string& one : option->get_snames())
        for (const std::string& word : words)
            if (word.starts_with("-" + one)) return "-" + one;
    return name;
}

/// "NAME: expected X, got Y\n   hint: Z", as our own checks say it.
Diagnostic of_check(const Command& command, const std::string& text, const std::vector<std::string>& words) {
    constexpr std::string_view expected = ": expected ", got = ", got ", hint = "\n   hint: ";
    const std::size_t first = text.find(expected), second = text.find(got, first);
    if (first == std::string::npos || second == std::string::npos) return {{}, "", text, "", "", {}};
    const std::size_t third = std::min(text.find(hint, second), text.size());
    const std::size_t expected_begin = first + expected.size(), got_begin = second + got.size();
    return {{},
            as_written(command, text.substr(0, first), words),
            text.substr(expected_begin, second - expected_begin),
            text.substr(got_begin, third - got_begin),
            third < text.size() ? text.substr(third + hint.size()) : "",
            {}};
}

Diagnostic of_required(const Command& command, const std::string& text) {
    const std::vector<std::string> left = command.app->remaining();
    const auto option = std::find_if(left.begin(), left.end(), [](const auto& w) { return w.starts_with('-'); });
    if (option != left.end()) return no_option(command, *option);
    const std::size_t behind = text.find(" is required");
    if (text.starts_with("A subcommand")) return no_command(command, left.empty() ? "" : left.front());
    return {{},
            "",
            fmt::format("{} behind `{}`", text.substr(0, behind), command.name),
            "nothing",
            fmt::format("`{} --help` says what comes where", command.name),
            {}};
}

/// "--set: 1 required K=V missing", "Could not convert: --x = two", "--hash requires --report".
Diagnostic of_value(const Command& command, const CLI::ParseError& error, const std::string& text,
                    const std::vector<std::string>& words) {
    const auto is = [&](CLI::ExitCodes code) { return error.get_exit_code() == int(code); };
    const auto between = [&](std::string_view a, std::string_view b) {
        const std::size_t begin = text.find(a) == std::string::npos ? 0 : text.find(a) + a.size();
        return text.substr(begin, text.find(b, begin) - begin);
    };
    const auto option = [&](const std::string& name) { return as_written(command, name, words); };
    if (is(CLI::ExitCodes::ArgumentMismatch) && text.find(" required ") != std::string::npos)
        return {{}, option(between("\x01", ":")), between(" required ", " missing"), "nothing", "", {}};
    if (is(CLI::ExitCodes::ConversionError) && text.starts_with("Could not convert: "))
        return {{}, option(between("convert: ", " = ")), "a number", text.substr(text.find(" = ") + 3), "", {}};
    if (is(CLI::ExitCodes::RequiresError))
        return {{}, option(between("\x01", " requires")), text.substr(text.find(" requires ") + 10) + " with it", "none", "",
                {}};
    return {{}, "", "a command line that can be understood", text, fmt::format("`{} --help`", command.name), {}};
}

}  // namespace

Refused mistaken(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& words) {
    const Command command = command_of(app);
    const std::string text = error.what();
    switch (CLI::ExitCodes(error.get_exit_code())) {
        case CLI::ExitCodes::ValidationError:
            return Refused(of_check(command, text, words));
        case CLI::ExitCodes::RequiredError:
            return Refused(of_required(command, text));
        case CLI::ExitCodes::ExtrasError: {
            const std::vector<std::string> left = app.remaining(true);
            return Refused(left_over(command, left.empty() ? text : left.front()));
        }
        default:
            return Refused(of_value(command, error, text, words));
    }
}

void refuse_no_command(const CLI::App& app, const std::vector<std::string>& words) {
    const Command command{&app, app.get_name()};
    if (words.empty()) throw Refused(no_command(command, ""));
    const std::string& first = words.front();
    if (first.starts_with('-') || command_named(app, first) != nullptr) return;
    Diagnostic wrong = no_command(command, first);
    std::error_code error;
    if (first.ends_with(".yaml") && std::filesystem::exists(first, error))
        wrong.hint = fmt::format("did you mean `{} run {}`?", app.get_name(), first);
    throw Refused(std::move(wrong));
}

void add_help(CLI::App& app, int& code) {
    CLI::App* help = app.add_subcommand("help", "Help of a command")->group("");
    help->callback([&app, &code] {
        // (App::help is that of the command that was given: of `help` itself)
        fmt::print("{}", app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal));
        code = 0;
    });
    CLI::App* version = app.add_subcommand("version", "The version")->group("");
    version->callback([&app, &code] {
        fmt::print("{}\n", app.version());
        code = 0;
    });
}

std::vector<char*> without_help(int argc, char** argv) {
    std::vector<char*> words(argv, argv + argc);
    if (argc < 3 || std::string_view(argv[1]) != "help") return words;
    static std::array<char, 7> option{"--help"};
    words.erase(words.begin() + 1);
    words.push_back(option.data());
    return words;
}

}  // namespace flowspan::cli
