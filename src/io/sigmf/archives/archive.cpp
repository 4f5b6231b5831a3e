#include "io/sigmf/archives/archive.hpp"

#include "io/bytes/archive_reader.hpp"
#include "io/formats/refuse.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/sigmf/dataset.hpp"

#include <flowspan/io.hpp>

#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view meta_extension = ".sigmf-meta";
constexpr std::size_t most_listed = 20;

/// A file of the archive.
struct Member {
    std::string name;
    std::uint64_t offset = 0, bytes = 0;
};

[[noreturn]] void fail(const std::string& path, archive* a) { fail_archive(path, a, "it is no tar archive"); }

/// As it is written, whatever the locale: names are compared with each other.
std::string name_of(archive_entry* entry) {
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) name = archive_entry_pathname_utf8(entry);
    return name != nullptr ? fs::path(name).lexically_normal().string() : "";
}

/// Where the bytes of the entry that has just been reached begin. Once its first block is there, that is the position.
std::uint64_t offset_of_data(const std::string& path, archive* a, archive_entry* entry) {
    if (archive_entry_sparse_count(entry) > 0)
        refuse_file(path, "samples stored as they are", "a sparse member, " + name_of(entry), "make it without `tar -S`");
    const void* block = nullptr;
    std::size_t length = 0;
    la_int64_t skip = 0;
    if (archive_entry_size(entry) != 0 && archive_read_data_block(a, &block, &length, &skip) != ARCHIVE_OK) fail(path, a);
    return std::uint64_t(archive_filter_bytes(a, 0));
}

std::vector<Member> members_of(const std::string& path) {
    const ArchiveReader a(archive_read_new());
    archive_read_support_format_tar(a.get());
    const File file = File::open_to_read(path);  // nothing that is no regular file
    if (archive_read_open_filename(a.get(), path.c_str(), 1 << 16) != ARCHIVE_OK) fail(path, a.get());
    std::vector<Member> members;
    archive_entry* entry = nullptr;
    int status = 0;
    // (A name that the locale has no letters for is a warning there.)
    while ((status = archive_read_next_header(a.get(), &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN) {
        const bool is_file = archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr;
        const std::string name = name_of(entry);
        if (!is_file || is_apple_double(name)) continue;
        if (archive_entry_size(entry) < 0) fail(path, a.get());
        const auto bytes = std::uint64_t(archive_entry_size(entry));
        members.push_back({name, offset_of_data(path, a.get(), entry), bytes});
    }
    if (status != ARCHIVE_EOF) fail(path, a.get());
    return members;
}

const Member* find(const std::vector<Member>& members, const std::string& name) {
    // (Of two of one name the later one is meant: it was added to the archive afterwards.)
    const auto found = std::find_if(members.rbegin(), members.rend(), [&](const Member& m) { return m.name == name; });
    return found == members.rend() ? nullptr : &*found;
}

/// "d/a" of "d/a.sigmf-meta".
std::string recording_name(const Member& meta) { return meta.name.substr(0, meta.name.size() - meta_extension.size()); }

/// The headers, each name once.
std::vector<const Member*> headers_of(const std::vector<Member>& members) {
    std::vector<const Member*> headers;
    for (const Member& member : members)
        if (member.name.ends_with(meta_extension) && find(members, member.name) == &member) headers.push_back(&member);
    return headers;
}

std::string names_text(const std::vector<const Member*>& headers) {
    std::string text;
    for (std::size_t k = 0; k < headers.size() && k < most_listed; ++k)
        text += (k == 0 ? "" : ", ") + recording_name(*headers[k]);
    if (headers.size() > most_listed) text += fmt::format(" and {} more", headers.size() - most_listed);
    return text;
}

/// The one that is asked for: by its name with or without the folders, or the only one.
const Member& chosen(const ArchivePath& path, const std::vector<const Member*>& headers) {
    if (headers.empty()) refuse_file(path.file, "an archive of recordings", "one without a .sigmf-meta");
    if (!path.name && headers.size() == 1) return *headers.front();
    const std::string hint = "it holds " + names_text(headers);
    if (!path.name)
        refuse_file(path.file,
                    fmt::format("the name of one of its {} recordings, as in {}#{}", headers.size(), path.file,
                                recording_name(*headers.front())),
                    "none", hint);
    std::vector<const Member*> found;
    for (const Member* header : headers) {
        if (recording_name(*header) == *path.name) return *header;
        if (fs::path(recording_name(*header)).filename() == *path.name) found.push_back(header);
    }
    if (found.size() == 1) return *found.front();
    refuse_file(path.file, "the name of one of its recordings behind the #",
                found.empty() ? *path.name : fmt::format("{}, which {} have", *path.name, found.size()), hint);
}

std::string text_of(const std::string& path, const Member& member) {
    if (member.bytes > most_header_bytes) refuse_file(path, "a SigMF header of at most 256 MiB", "a larger one");
    std::string text(std::size_t(member.bytes), '\0');
    File::open_to_read(path).read(member.offset, std::as_writable_bytes(std::span(text)));
    return text;
}

}  // namespace

bool is_apple_double(const std::string& name) { return fs::path(name).filename().string().starts_with("._"); }

std::optional<ArchivePath> archive_path(const std::string& path) {
    std::string lower = path;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    std::error_code none;
    const std::size_t at = lower.find(".sigmf#");
    if (at != std::string::npos && !fs::exists(path, none)) {
        const std::size_t hash = path.find('#', at);
        return ArchivePath{path.substr(0, hash), fs::path(path.substr(hash + 1)).lexically_normal().string()};
    }
    return lower.ends_with(".sigmf") ? std::optional(ArchivePath{path, std::nullopt}) : std::nullopt;
}

Recording read_sigmf_archive(const std::string& path) {
    const ArchivePath asked = archive_path(path).value_or(ArchivePath{path, std::nullopt});
    const std::vector<Member> members = members_of(asked.file);
    const Member& meta = chosen(asked, headers_of(members));
    const Value header = parse_sigmf(text_of(asked.file, meta), path);
    Dataset data = dataset_of(header, meta.name, [&](const std::string& name) { return find(members, name) != nullptr; });
    const Member* samples = data.path.empty() ? nullptr : find(members, data.path);
    if (samples == nullptr && !data.path.empty())
        refuse_file(asked.file, fmt::format("an archive with the samples of {}", recording_name(meta)),
                    "one without " + data.path);
    Recording r =
        interpret_sigmf(header, path, samples ? std::optional(samples->bytes) : std::nullopt, samples ? samples->offset : 0);
    if (data.although_left_out) r.warnings.emplace_back(dataset_beats);
    r.path = path;
    if (samples != nullptr) r.data_path = asked.file;
    return r;
}

}  // namespace flowspan::io
