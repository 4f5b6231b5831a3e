// The commit of a run: once its record is on disk, every product will get its final name, now or when the run is resumed.
#pragma once

#include "io/publish/product.hpp"

#include <string>
#include <vector>

namespace flowspan::io {

/// Where the record of a run stands: OUT/.flowspan.RUN-ID.commit
std::string commit_record_path(const std::string& out, const std::string& run_id);

/// Writes the record, durably and all at once. All products of all ranks must be complete. `path` from
/// `commit_record_path`; paths of products below its folder are stored relative to it, so the folder may move.
void write_commit_record(const std::string& path, const std::string& run_id, const std::vector<Publisher::Entry>& entries);
/// All ranks have renamed their products: the record has done its duty.
void remove_commit_record(const std::string& path);

/// Gives every product of a record its final name, as far as it does not have it yet, and removes the record. Throws
/// Failure when a product is neither there under its temporary name nor, with the size recorded, under its final one.
/// Returns the final names.
std::vector<std::string> roll_forward(const std::string& record_path);

struct Recovered {
    std::vector<std::string> published;  // by records of runs that ended between commit and renaming
    std::vector<std::string> removed;    // temporaries that no record names
};
/// Brings a folder and those below into order after runs that died: rolls every commit forward, then removes temporaries.
/// Where another run that goes on has its lock, in a folder below or in one above, all is left alone. Call it only while
/// holding the folder's OutLock.
Recovered recover(const std::string& out);

/// One run at a time writes to a folder.
class OutLock {
public:
    /// Makes the folder if need be. Throws Refused when another run holds it.
    explicit OutLock(const std::string& out);
    OutLock(const OutLock&) = delete;
    OutLock& operator=(const OutLock&) = delete;
    ~OutLock();

private:
    std::string path_;
    int descriptor_ = -1;
};

}  // namespace flowspan::io
