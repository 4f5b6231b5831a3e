// Products as they lie on disk: files, and folders that are one product with all that lies in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace flowspan::io {

/// Bytes of a file, or of all files of a folder; nothing where neither is there (a link is neither).
std::optional<std::uint64_t> product_bytes(const std::string& path);
bool is_folder(const std::string& path);
/// Whether `--overwrite` may replace this folder: it is one that a sink makes (a Digital RF channel).
bool is_folder_of_a_sink(const std::string& path);
/// XXH3-128, 32 digits: of a folder, of its files' names and theirs. Throws Failure.
std::string product_hash(const std::string& path);
/// Removes a file, or a folder with all below; links are not followed. Returns 0, or errno.
int remove_product(const std::string& path) noexcept;
/// Makes all below a folder durable. Throws Failure.
void make_tree_durable(const std::string& folder);
/// rename(2), also to the name of a folder that a sink has made: that is put aside, under the name of a part of the same
/// run, and then removed. Returns 0, or errno.
int rename_product(const std::string& from, const std::string& to);

}  // namespace flowspan::io
