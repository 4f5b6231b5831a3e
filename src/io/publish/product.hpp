// Products: files that a run makes. Each is written as `.NAME.RUN-ID.part` beside its final name; all take their final
// names together, when the whole run has ended well.
#pragma once

#include <flowspan/io.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace flowspan::io {

/// The products of one rank.
///
/// The destructor leaves temporaries alone: after the commit record is written they belong to the run, and whoever ends
/// otherwise says so by `discard`.
class Publisher {
public:
    struct Entry {
        std::string path, part;
        std::uint64_t bytes = 0;  // once complete
        bool complete = false;
        bool in_place = false;  // exists and is no regular file: written as it is, never renamed or removed
    };

    /// `run_id` stands in temporary names: letters, digits and '-', the same on all ranks.
    explicit Publisher(std::string run_id, bool overwrite = false);
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    /// Announces a product: makes missing folders, opens nothing. Throws Failure when the path is a folder, is announced
    /// already, or exists and may not be overwritten.
    std::shared_ptr<Product> create(const std::string& path);
    /// All products so far, in the order of their announcement.
    std::vector<Entry> entries() const;

    /// Renames all to their final names and makes that durable. Throws Failure; before anything is renamed when a product
    /// is not complete. With `overwrite` files NAME.2.EXT … of an earlier run that this one did not make are removed.
    void publish();
    /// After a stop: what is complete takes the name NAME.partial.EXT, the rest is removed. Returns the names.
    std::vector<std::string> keep_partial();
    /// Removes all temporaries.
    void discard() noexcept;

    const std::string& run_id() const { return run_id_; }

private:
    class Part;
    std::string run_id_;
    bool overwrite_;
    mutable std::mutex mutex_;  // the loop announces, the I/O thread completes
    std::vector<std::shared_ptr<Entry>> entries_;
};

/// NAME.INFIX.EXT: `numbered("a/b.wav", "2")` is "a/b.2.wav".
std::string with_infix(const std::string& path, const std::string& infix);

/// Which of these products exist as regular files, files NAME.2.EXT, NAME.3.EXT … of further stretches included; sorted.
std::vector<std::string> existing_products(const std::vector<std::string>& paths);

/// Renames, and makes the rename durable. Throws Failure "cannot publish PATH: …".
void rename_durably(const std::string& from, const std::string& to);
/// Makes names in this folder durable.
void sync_folder(const std::string& folder);

}  // namespace flowspan::io
