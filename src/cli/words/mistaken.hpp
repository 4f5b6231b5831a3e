// What is said of a command line that cannot be understood.
#pragma once

#include <flowspan/diagnostic.hpp>

#include <string>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace flowspan::cli {

/// The mistake in words: what CLI11 found, with the nearest command or option. `words`: the command line, without the program's
/// name.
Refused mistaken(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& words);

/// Throws Refused where the first word is no command: before anything is made of the others.
void refuse_no_command(const CLI::App& app, const std::vector<std::string>& words);

/// `flowspan help` and `flowspan version`.
void add_help(CLI::App& app, int& code);
/// `flowspan help batch status` as `flowspan batch status --help`; other command lines as they are. The pointers of `argv`, and
/// that to a constant.
std::vector<char*> without_help(int argc, char** argv);

}  // namespace flowspan::cli
