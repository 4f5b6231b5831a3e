// From what a person types to the units of a batch.
#pragma once

#include "batch/unit.hpp"
#include "batch/units/found/folders.hpp"

#include <flowspan/diagnostic.hpp>

#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// `--part K/N`: the recordings whose names below the root have XXH3-64 ≡ K - 1 (mod N).
struct Part {
    int k = 1, n = 1;
    bool has(const std::string& name) const;
};
/// "2/8", 1 <= K <= N <= 1,000,000; else a mistake.
std::optional<Part> read_part(const std::string& text, Diagnostics& found);

struct UnitsRequest {
    std::vector<std::string> words{};   // files, folders, patterns, @LIST, collections
    std::vector<std::string> sweeps{};  // "gain=1,2,4"
    std::vector<std::string> set{};     // keys of --set
    std::string list{};                 // --units FILE, `-` for stdin
    std::string from{}, duration{};     // of units that do not say their own
    std::string graph{};                // of the batch
    std::string other_graph{};          // of units that do not name one, where it is not that
    std::string root{};                 // --root
    std::string pinned_root{};          // of the first start
    Part part{};
    Naming naming{};
};

struct Listed {
    std::string root;                // absolute; "" without units
    std::vector<Unit> units;         // of the part; those of the list first; the last sweep fastest
    std::vector<std::string> notes;  // what was passed over, what counts once, what the part is
};

/// Recordings of the words and lines of the list, times the sweeps. Lines without a recording are about each that words name;
/// the words alone are units where there is no such line. Appends all mistakes to `found`; then the units are not to be used.
///
/// The root: the pinned one, else --root, else the deepest folder that holds what was named: folders themselves, the fixed part
/// of patterns, the folders of files.
Listed list_units(const UnitsRequest& request, Diagnostics& found);

inline constexpr std::size_t most_units = 100'000'000;

}  // namespace flowspan::batch
