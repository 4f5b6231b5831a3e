// The content of the files that a unit reads, and how long it may be taken for known.
#pragma once

#include <flowspan/value.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

/// What the system says of a file without reading it. Equal ones mean the same content where the file was not new when it was
/// read: a later write could have had the same time.
struct FileFacts {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t mtime_ns = 0, ctime_ns = 0;
    /// Nothing where it cannot be had.
    static std::optional<FileFacts> of(const std::string& path);
    friend bool operator==(const FileFacts&, const FileFacts&) = default;
};

struct FileContent {
    FileFacts facts;
    std::string hash;      // XXH3-128; "": not known yet
    bool settled = false;  // its mtime was 2 s old when it was read
};

/// Of all files that a unit has read, by path.
class Content {
public:
    /// Reads the files. What `known` has of a file is taken for that where it can be. Throws Failure where one cannot be read,
    /// or changes while it is read.
    static Content read(const std::vector<std::string>& files, const Content& known = {});
    /// Takes what `copy` holds for the content of `original`, which was as `facts` say before and after it was copied. Throws
    /// Failure where it cannot be read.
    void add_copy(const std::string& original, const FileFacts& facts, const std::string& copy);
    /// Whether a file of these facts cannot have changed since without their having changed.
    static bool is_settled(const FileFacts& facts);
    /// What the system says of the files; others will read them, and their hashes follow. Throws Failure where one cannot be
    /// read.
    static Content begin(const std::vector<std::string>& files);
    /// `hashes` by path, as they were read since; the other files are read now. Throws Failure where one has changed since.
    void complete(const std::map<std::string, std::string>& hashes);
    /// No file has changed since, for all that the system says. Cheap; throws nothing.
    bool still_holds() const;
    /// Fails where a file is not as it was when this was read: the unit may have seen either.
    void check() const;
    /// The content of one of them; "" where it is none of them.
    std::string hash_of(const std::string& path) const;

    /// Of all files together.
    std::uint64_t bytes() const;

    Value value() const;
    /// Empty where it is none.
    static Content from(const Value& v);

private:
    std::map<std::string, FileContent> files_;
};

}  // namespace flowspan::batch
