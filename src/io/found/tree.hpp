// Folders, seen in one pass each, and the recordings below them.
#pragma once

#include "core/files/file_kind.hpp"
#include "io/recording/recording_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::io {

/// Which file it is, whatever its name. `links`: how many names the file has.
struct FileKey {
    std::uint64_t device = 0, inode = 0, links = 0;
    friend bool operator==(const FileKey& a, const FileKey& b) { return a.device == b.device && a.inode == b.inode; }
};
/// Links followed; nothing where nothing is. `kind`: what it is.
std::optional<FileKey> key_of(const std::string& path, FileKind* kind = nullptr);

struct Folder {
    struct Entry {
        std::string name;
        FileKind kind = FileKind::none;  // links followed; `none`: a link to nothing
        NamedAs named = NamedAs::other;
        FileKey key{};  // of what is named as a recording, of links and folders behind them; else 0
    };
    std::vector<Entry> entries;  // sorted bytewise as paths are: folders as if with the `/` behind them
    FileKey key;
    bool of_products = false;  // a batch keeps its products here
    int error = 0;             // errno where it cannot be read

    const Entry* find(const std::string& name, FileKind kind) const;
};
/// Visible names but `*.part`. At most one stat a name.
Folder list_folder(const std::string& path);

/// A file that may be read as a recording.
struct Candidate {
    std::string path;
    NamedAs named = NamedAs::other;
    FileKey key;
    std::optional<FileKey> data{};  // of a SigMF header: the file of its samples
    std::string within{};           // which recording of an archive
};
/// The header with its data; nothing where it says that it has none. `beside`: of the data file of its name, where it is there.
std::optional<Candidate> sigmf_candidate(const std::string& meta_path, const FileKey& key,
                                         const std::optional<FileKey>& beside);

/// What was looked at and not taken.
struct PassedOver {
    struct Kind {
        std::uint64_t count = 0;
        std::string first{};
        void add(const std::string& path) {
            if (count++ == 0) first = path;
        }
    };
    Kind others, dangling, without_samples, of_products, rings, folders;
    /// A line for each kind that there is.
    std::vector<std::string> notes() const;
};

/// How much of a folder counts: what lies in it, or all below it.
enum class Depth : std::uint8_t { in_it, below };

/// Adds the recordings of a folder, sorted bytewise. Folders behind links are looked into; those that products of a batch lie
/// in, below the given one, are not. A folder that is a recording of some format is one, whatever lies in it.
void recordings_of(const std::string& folder, Depth depth, std::vector<Candidate>& to, PassedOver& passed, Diagnostics& found);

/// What matches a pattern, from `folder` on: `*`, `?`, `[…]` within a name, `**` any number of folders; never a hidden name.
/// Files are added, and what folders hold. A pattern whose last extension is plain takes all files, others those that are
/// named as recordings.
void recordings_matching(const std::string& folder, const std::string& pattern, Depth depth, std::vector<Candidate>& to,
                         PassedOver& passed, Diagnostics& found);
bool is_pattern(const std::string& word);
/// The part of it before the first name with `*`, `?` or `[`; "" for none.
std::string fixed_folder(const std::string& pattern);

}  // namespace flowspan::io
