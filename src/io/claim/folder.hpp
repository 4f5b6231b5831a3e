// Folders and the names of the files that a run keeps in them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::io {

/// The folder of a path, "." where it names none; and the name in it.
std::string folder_of(const std::string& path);
std::string name_of(const std::string& path);
/// One name for each folder, whatever links lead to it. It need not exist.
std::string canonical_folder(const std::string& folder);
/// Makes a folder and those above. Throws Failure.
void make_folder(const std::string& folder);
/// The names in a folder; none where it cannot be read.
std::vector<std::string> names_in(const std::string& folder);
/// Whether something has this name, a link to nowhere included.
bool is_there(const std::string& path);
/// Makes names in this folder durable. Throws Failure.
void sync_folder(const std::string& folder);

/// The part of a product: `.NAME.RUN.RANK.BLOCK.part`.
struct PartName {
    std::string name, run;
    int rank = 0, block = 0;
    std::string text() const;
    /// Nothing where it is another file's name.
    static std::optional<PartName> from(std::string_view name);
};
/// How long the name of a product may be, so that its part has room in 255 bytes.
inline constexpr std::size_t longest_product_name = 222;

/// Names of a run's own files: `.flowspan.RUN.KIND`.
std::string own_name(const std::string& run, std::string_view kind);
/// RUN of such a name; nothing where it is another file's.
std::optional<std::string> run_of(std::string_view name, std::string_view kind);
/// Whether this is a name of the kind that runs and batches keep for themselves: `.flowspan…`, `.….part`. No product has one.
bool looks_like_our_own(std::string_view name);

/// NAME.INFIX.EXT: `with_infix("a/b.wav", "2")` is "a/b.2.wav".
std::string with_infix(const std::string& path, const std::string& infix);

}  // namespace flowspan::io
