// The folder that a batch keeps for itself, OUT/.flowspan, and the names in it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::batch {

inline constexpr std::uint32_t last_start = 999'999'999;

/// `journal-K-NNNN`: K the part, 0 without; NNNN the start, from 1 on.
struct JournalName {
    int part = 0;
    std::uint32_t start = 0;
    std::string text() const;
    friend auto operator<=>(const JournalName&, const JournalName&) = default;
    /// Nothing where it is another file's name.
    static std::optional<JournalName> from(std::string_view name);
};

/// A descriptor of OUT/.flowspan, or of a folder below. No link is followed there.
class OwnFolder {
public:
    /// Throws Failure, also where a link has its name. `make`: it and those above, where they are missing.
    static OwnFolder open(const std::string& out, const std::string& below = "", bool make = false);
    /// Nothing where it is missing.
    static std::optional<OwnFolder> find(const std::string& out, const std::string& below = "");
    OwnFolder(OwnFolder&& other) noexcept;
    OwnFolder& operator=(OwnFolder&&) = delete;
    ~OwnFolder();

    int descriptor() const { return descriptor_; }
    std::string path_of(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const { return path_; }
    /// As they stand now. Throws Failure.
    std::vector<std::string> names() const;

private:
    OwnFolder(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
    std::string path_;
    int descriptor_;
};

/// Of a part, in the order of their starts.
std::vector<JournalName> journals_of(const OwnFolder& folder, int part);
/// Of all parts: by part, then by start.
std::vector<JournalName> all_journals(const OwnFolder& folder);

}  // namespace flowspan::batch
