// The commit of a run, on rank 0: once it is durable, every product gets its final name, now or by the next run there.
#pragma once

#include "io/claim/lock.hpp"
#include "io/publish/product.hpp"
#include "io/record/record.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::io {

/// All calls on the I/O thread.
class Commit {
public:
    /// `claims`: what the run may write, by folder. `locks` must outlive it; none in tests. `overwrite`: further stretches of
    /// earlier runs go.
    Commit(std::string run_id, const Claims* claims = nullptr, const RunLocks* locks = nullptr, bool overwrite = false);

    /// Writes the records for the complete products of all ranks. Throws Failure: then nothing is committed, unless
    /// `durable()`.
    void write(const std::vector<Publisher::Entry>& products);
    bool durable() const { return durable_; }

    /// All ranks have renamed what they could. Returns a sentence for each record that could not be removed.
    std::vector<std::string> finish(const std::vector<Unpublished>& left);
    /// Instead of ranks that cannot: renames. Returns what could not be.
    std::vector<Unpublished> roll_forward();
    /// The record, as people read its path, that holds this product.
    std::string record_of(const std::string& path) const;

private:
    void add(const std::vector<Publisher::Entry>& products);
    void add_stale();

    std::string run_id_;
    const Claims* claims_;
    const RunLocks* locks_;
    bool overwrite_;
    bool durable_ = false;
    std::map<std::string, Record> records_;       // by canonical folder; the first is the main one
    std::map<std::string, std::string> shown_;    // canonical folder -> as people gave it
    std::map<std::string, std::string> folders_;  // as people gave it -> canonical
};

}  // namespace flowspan::io
