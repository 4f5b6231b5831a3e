// The `flowspan run` that makes the products of a unit by itself.
#pragma once

#include "batch/journal/lines/kinds.hpp"

#include <optional>
#include <string>

namespace flowspan::batch {

/// For a POSIX shell: as it is where it means itself, else in single quotes; bytes that are not printable ASCII by `printf`.
std::string quoted(const std::string& word);

/// "(cd /data && flowspan run fm.yaml --set gain=2 --set recording=/data/a.wav --out "$OLDPWD"/again)": a line that can be
/// typed wherever the files are seen, and makes what a start that said `begin` made of the unit, below ./again. Nothing where
/// the start has not said enough, as those of before.
std::optional<std::string> run_again(const line::Begin& begin, const Unit& unit);

}  // namespace flowspan::batch
