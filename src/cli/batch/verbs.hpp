// `flowspan batch status|show|retry|delete|clean`: looking at a batch, and what a person wants of it.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace flowspan::cli {

/// Whether the command line is one of them: `flowspan batch VERB …`. A graph file of such a name is given as `./status`.
bool is_batch_verb(int argc, char** argv);
/// Adds them to `batch`, below which nothing else may stand. `command`: the command line.
void add_batch_verbs(CLI::App& batch, const std::vector<std::string>& command, int& code);
/// Throws Refused where the graph's word is no file, but nearly one of them.
void refuse_no_verb(const std::string& word);
/// A line each, for `flowspan batch --help`.
std::string batch_verbs_help();

}  // namespace flowspan::cli
