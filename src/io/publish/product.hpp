// Products: files that a run makes. Each is written as `.NAME.RUN.RANK.BLOCK.part` beside its final name; all take their final
// names together, when the whole run has ended well (docs/publishing.md).
#pragma once

#include "io/claim/folder.hpp"
#include "io/claim/names.hpp"

#include <flowspan/io.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace flowspan::io {

/// A product that could not take its name, and why.
struct Unpublished {
    std::string path, why;
};

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
        // As its sink says it: so many of what, and how long they last.
        std::optional<std::uint64_t> items{};
        std::string what{};
        std::optional<double> seconds{};
        std::string xxh3_128{};  // of its bytes, where that is asked for
    };

    /// `run_id` stands in temporary names: letters, digits and '-', the same on all ranks.
    explicit Publisher(std::string run_id, bool overwrite = false, int rank = 0);
    /// Products say the XXH3-128 of their bytes. Before the first of them.
    void hash_products() { hash_ = true; }
    /// Products are complete before they are durable: somebody else sees to that. Before the first of them.
    void made_durable_by_others() { durable_ = false; }
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;
    ~Publisher();

    /// What a block has declared. Once one has, none may announce anything else.
    void declare(int block, const std::vector<std::string>& names, const std::vector<ProductPattern>& patterns);
    /// Announces a product: makes missing folders, opens nothing. Throws Failure when the path is a folder, is announced
    /// already, is not declared, or exists and may not be overwritten.
    std::shared_ptr<Product> create(const std::string& path, int block = 0);
    /// All products so far, in the order of their announcement.
    std::vector<Entry> entries() const;

    /// Where many products were completed, their content is only made durable here, for all at once. Throws Failure.
    void make_durable();
    /// Renames all to their final names and makes that durable. Throws Failure before anything is renamed when a product is
    /// not complete. Returns what could not be renamed in about `patience_ms`; the rest is published.
    std::vector<Unpublished> publish(int patience_ms = 1000);
    /// `io::keep_partial` of all products.
    std::vector<std::string> keep_partial(int number = 1);
    /// Removes all temporaries.
    void discard() noexcept;

    const std::string& run_id() const { return run_id_; }

private:
    class Part;
    struct Declared {
        std::set<std::string> names;  // in canonical folders
        std::map<std::string, Names> patterns;
    };
    const std::string& canonical(const std::string& folder);
    void check_declared(const std::string& path, const std::string& folder, int block) const;
    void completed(Entry& entry);

    std::string run_id_;
    bool overwrite_, hash_ = false, durable_ = true;
    int rank_;
    mutable std::mutex mutex_;  // the loop announces, the I/O thread completes
    std::vector<std::shared_ptr<Entry>> entries_;
    std::set<std::string> announced_;               // in canonical folders
    std::map<std::string, std::string> canonical_;  // folders, once made
    std::map<int, Declared> declared_;
    std::map<std::uint64_t, int> file_systems_;  // with a descriptor, which sees what goes wrong from now on
    std::size_t completed_ = 0;                  // beyond some, many at once
};

/// NAME.partial.EXT, or NAME.partial.NUMBER.EXT from 2 on.
std::string partial_path(const std::string& path, int number);
/// The first number under which none of these has been kept.
int next_partial(const std::vector<std::string>& paths);

/// After a stop: what is complete takes the name NAME.partial.EXT, or NAME.partial.NUMBER.EXT from 2 on, the rest is removed.
/// Nothing is replaced: what exists makes the number of that product grow. What has its name already keeps it. Returns the
/// names. Throws Failure once all others are kept.
std::vector<std::string> keep_partial(const std::vector<Publisher::Entry>& products, int number);

/// Renames, and tries again for so long where that fails. Nothing where it has been done; else why not.
std::string rename_patiently(const std::string& from, const std::string& to, std::uint64_t bytes, int patience_ms);
/// Renames, and makes the rename durable. Throws Failure "cannot publish PATH: …".
void rename_durably(const std::string& from, const std::string& to);

}  // namespace flowspan::io
