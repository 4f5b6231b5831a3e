// The folder of a unit below OUT. docs/batches.md, "Folders", has the rule.
#pragma once

#include "batch/unit.hpp"

#include <flowspan/diagnostic.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace flowspan::batch {

/// The longest component, in bytes.
inline constexpr std::size_t longest_component = 200;

/// The deepest folder that holds all of these (absolute paths of folders); "/" where they have nothing in common, "" for none.
std::string common_folder(const std::set<std::string>& folders);

/// The names of recordings below a root. Absolute paths; not pure: where a path leads outside by its text, links are followed.
class Root {
public:
    explicit Root(std::string folder);
    const std::string& folder() const { return folder_; }
    /// "a/b.wav"; nothing for what lies outside.
    std::optional<std::string> name_of(const std::string& recording) const;

private:
    std::string folder_, real_;
};

/// How folders are written. `folds`: for a file system that takes `A` and `a` for one name; large letters are then escaped.
struct Naming {
    bool folds = false;
};
/// Makes two files in a folder and removes them again: whether it folds case. Throws Failure.
bool folds_case(const std::string& folder);

/// One component of a name, which has neither `/` nor NUL: letters, digits and `._-+,@~` as they are, all else, and what means
/// something to us or to file systems where it stands, as %XX. Longer ones are cut and end in `%~` and the SHA-256 of the
/// component.
std::string written_component(std::string_view component, Naming naming = {});
/// What it was; nothing for what no component is written as, or for a cut one.
std::optional<std::string> read_component(std::string_view written);

/// The folder of a unit whose recording has this name below the root: `name/k=v,…`, the parameters with `from`, `duration` and
/// `graph` sorted by name. `graph`: as it stands in the folder.
std::string folder_of(const Unit& unit, const std::string& name, const std::string& graph, Naming naming = {});

}  // namespace flowspan::batch
