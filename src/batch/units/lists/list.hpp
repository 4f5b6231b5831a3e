// `--units FILE`: a unit a line, as CSV with a header line or as JSON lines.
#pragma once

#include "batch/unit.hpp"
#include "batch/units/lists/csv.hpp"

#include <flowspan/diagnostic.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::batch {

/// A line of a list. Of its unit recording and graph are as written, "" where the line does not say them.
struct ListedUnit {
    Unit unit;
    TextPlace at, recording_at, graph_at;
};

/// The text of a list and what makes mistakes of places in it.
struct ListText {
    std::string file, text;
    Position position(const TextPlace& place) const;
};
/// `-` is stdin. Waits for a pipe for its time. Throws Failure, and Refused for more than 4 GiB.
ListText read_list_text(const std::string& file);

/// What a list may not say, as the command line does: keys and where they are given ("--sweep").
using Elsewhere = std::vector<std::pair<std::string, std::string>>;

/// Hands over the lines that are right, in order. The columns `recording`, `graph`, `from` and `duration` mean these, any other
/// is a parameter; an empty cell, null or an absent key says nothing. CSV cells are as behind `--set KEY=`. Of JSON numbers and
/// booleans stand as written, texts mean themselves (`$` no parameter), lists are as graph files write them. Mistakes, up to a
/// thousand, have their line and column.
void read_list(const ListText& list, const Elsewhere& elsewhere, const std::function<void(ListedUnit&&)>& take,
               Diagnostics& found);

inline constexpr std::size_t most_list_mistakes = 1000;

}  // namespace flowspan::batch
