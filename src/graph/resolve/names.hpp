// Small words about names, shared by the parts of the reader.
#pragma once

#include "core/mistakes/names.hpp"
#include "graph/text/document.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace flowspan::graph {

std::string joined(const std::vector<std::string>& words, const std::string& between);
/// Letters, digits, `_` and `-`, not beginning with a digit or `-`.
bool is_name(std::string_view text);
bool is_name_character(char c);
std::string_view trimmed(std::string_view text);
/// A node as it is quoted in messages: its text, or "nothing", "a list", "a map".
std::string shown(const Node& node);
/// Names that differ in indices alone, as few as possible: "a[0-1].b", "c" of "a[0].b", "c", "a[1].b". By first appearance.
std::vector<std::string> merged_names(const std::vector<std::string>& names);
/// "receive.demod" of "receive[3].demod": all indices taken off.
std::string without_indices(const std::string& name);
/// "receive.demod" of "receive[3].demod", "receive[3].demod" of "receive[3].demod[1]": the last index taken off.
std::string without_last_index(const std::string& name);
/// "0-3,7" of 0, 1, 2, 3, 7.
std::string index_ranges(std::vector<int> indices);

}  // namespace flowspan::graph
