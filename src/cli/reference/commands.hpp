// What the command line declares of itself, for pages: docs/reference/commands.md and the man page.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace flowspan::cli {

struct OptionText {
    std::string names;    // "-n, --np N", "GRAPH", "[UNIT…]"
    std::string help;     // one paragraph
    std::string initial;  // "best"; "" where there is no default
    bool required = false;
};

struct CommandText {
    std::string words;  // "flowspan ctl SOCKET set"
    std::string help;
    std::vector<OptionText> arguments, options;
    std::string usage() const;  // "flowspan run GRAPH [options]"
};

/// All commands that `--help` lists, in its order, each with those below it; the program itself first.
std::vector<CommandText> commands_of(const CLI::App& app);

/// Exit codes as the end of `--help` has them.
std::string exit_codes_help();

}  // namespace flowspan::cli
