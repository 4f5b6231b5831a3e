// A graph file as it stands: a tree of scalars, lists and maps, each with its position. Nothing is interpreted here.
#pragma once

#include <flowspan/diagnostic.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::graph {

struct Node {
    struct Entry;
    enum class Kind { null, scalar, list, map };
    Kind kind = Kind::null;
    std::string text;     // of a scalar
    bool quoted = false;  // written in quotes
    Position at;
    std::string from;                  // the file where the text stands, where that is another than `at` names
    bool is_path = false;              // names a file that is read, relative to the file where the text stands
    std::vector<Node> items;           // of a list
    std::vector<Entry> entries;        // of a map, in file order, keys unique
    std::vector<std::string> context;  // where it comes from: "$spacing is 3 kg (--set spacing=3 kg)"
    const Node* find(std::string_view key) const;
};

struct Node::Entry {
    Node first, second;
};

/// The longest text of a file.
inline constexpr std::size_t most_bytes = std::size_t{16} << 20;

/// Where character `offset` of a scalar stands in its file.
Position inside(const Node& scalar, std::size_t offset);

/// A path that the node says, as it is found: relative to the file where its text stands, or to the working directory where it
/// comes from the command line.
std::string path_from(const Node& node, const std::string& path);

/// Parses YAML under our own rules: duplicate keys, anchors, aliases, merge keys and tags are mistakes with position; a
/// syntax error is reported alone, and so is a file of more than 16 MiB. `file` is the name for messages. Throws Refused.
Node read_document(const std::string& text, const std::string& file);

}  // namespace flowspan::graph
