// The journal of a start: OUT/.flowspan/journal-K-NNNN, which nobody else writes.
#pragma once

#include "batch/journal/files.hpp"
#include "batch/journal/lines/kinds.hpp"

#include <cstdint>
#include <string>

namespace flowspan::batch {

/// Failures name the file and the system's reason. After one the journal can be used on: lines that were not written, and
/// those that a failed `sync` leaves in doubt, go with the next `write`; a torn one is left to readers to pass over.
class Journal {
public:
    /// Makes the next one of the part (0: no parts). Throws Failure.
    explicit Journal(const std::string& out, int part = 0);
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    ~Journal();

    std::uint32_t start() const { return name_.start; }
    const std::string& path() const { return path_; }

    /// Adds a line to those that `write` will write. Throws Failure where no reader would take it: it is too long.
    void append(const Value& line);
    /// The same, with the line of a unit that has no id yet; returns the id.
    UnitId append(const Unit& unit);
    /// One call of the system for all of them.
    void write();
    /// Writes, and makes all durable. Throws Failure, also where somebody has removed the file.
    void sync();
    /// Forgets what was to be written; what a failed `sync` had left in doubt, too.
    void drop() { pending_ = torn_ ? "\n" : ""; }
    bool has_pending() const { return pending_.size() > (torn_ ? 1 : 0); }

    /// Whether a later start of the part has made its journal: this one has lost its lock. Throws Failure.
    bool overtaken() const;

private:
    OwnFolder folder_;
    std::string out_;
    JournalName name_;
    std::string path_;
    int descriptor_ = -1;
    std::uint32_t units_ = 0;
    std::string pending_;   // to be written, whole lines; a newline first where the file ends within one
    std::string unsynced_;  // written since the last sync
    bool torn_ = false, synced_ = false;
};

}  // namespace flowspan::batch
