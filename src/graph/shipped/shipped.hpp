// Graphs that come with flowspan. They run by name, out of an installed tree and out of a build folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::graph {

struct ShippedGraph {
    std::string name, file;
};

/// Where they lie, as seen from the folder of flowspan's library: beside it in a build folder, below `share` where it is
/// installed. Nothing where neither is there.
std::optional<std::filesystem::path> shipped_folder(const std::filesystem::path& library_folder);

/// Those of the library that runs here, by name.
std::vector<ShippedGraph> shipped_graphs();

/// The file that a word of the command line or of a list means. A word that is no path is looked for in `folder` first (the
/// empty one: where you are), as it is and as `WORD.yaml`; then it is the name of a shipped graph. What is found nowhere is
/// left as it is.
std::string graph_file_of(const std::string& word, const std::filesystem::path& folder = {});

/// Of a word that is no path and nothing: "did you mean `fm-receiver`?", or which shipped graphs there are; else "".
std::string hint_for_graph(const std::string& word);

/// Whether the word may be a name: it is no path, and does not end as a file does.
bool may_name_graph(const std::string& word);

/// The comment that a graph begins with, a line an entry: its first line says what the graph does.
std::vector<std::string> opening_comment(const std::string& text);

}  // namespace flowspan::graph
