// The commit record of a run in one of its folders: once the main one is on disk, every product will get its final name, now or
// by the next run there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::io {

struct RecordedProduct {
    std::string part, name;  // in the record's folder
    std::uint64_t bytes = 0;
};

struct Record {
    std::string run;
    std::string main;                 // the folder of the main record; "" for that one itself
    std::vector<std::string> others;  // of the main one: the folders of the others
    std::vector<RecordedProduct> products;
    std::vector<std::string> stale;  // names of files to remove
};

std::string record_path(const std::string& folder, const std::string& run);
/// Writes it durably and all at once. Throws Failure.
void write_record(const std::string& folder, const Record& record);

struct ReadRecord {
    std::optional<Record> record;  // nothing where it is not to be trusted
    std::string why;               // then; "" where there is none
};
/// Trusts a record that is whole, of this user, and names nothing but files of its own folder.
ReadRecord read_record(const std::string& folder, const std::string& run);

enum class Standing { committed, never, unknown };
/// Whether the run of this record was committed: by its main record, which may be out of sight.
Standing standing_of(const Record& record);

/// What could not be done, with the names of the products in it, and why.
struct Left {
    std::string name, why;
};
/// All products have their names but for those in `left`: removes what is stale and the record, or keeps what is left of it.
/// Throws Failure.
void settle(const std::string& folder, Record record, const std::vector<Left>& left);

struct Rolled {
    std::vector<std::string> published;  // names that were given now
    std::vector<Left> left;
};
/// Gives the products their names, as far as they do not have them, and settles. Throws Failure.
Rolled roll_forward(const std::string& folder, const Record& record, int patience_ms = 0);

}  // namespace flowspan::io
