// Archives that are packed: their headers are read, their samples are left to be read in order.
#include "io/bytes/archive_reader.hpp"
#include "io/bytes/bytes.hpp"
#include "io/formats/formats.hpp"
#include "io/formats/refuse.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/sigmf/archives/archive.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/io.hpp>

#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

[[noreturn]] void fail(const std::string& path, archive* a) { fail_archive(path, a, nothing_packed); }

std::string text_of(const std::string& path, archive* a) {
    constexpr std::size_t piece = std::size_t{1} << 16;
    std::string text;
    while (text.size() <= most_header_bytes) {
        const std::size_t before = text.size();
        text.resize(before + piece);
        const la_ssize_t got = archive_read_data(a, text.data() + before, piece);
        if (got < 0) fail(path, a);
        text.resize(before + std::size_t(got));
        if (got == 0) break;
    }
    return text;
}

/// By its own mark: samples that are zero would pass for an empty one.
bool is_packed_tar(const std::string& path) {
    std::array<std::byte, 512> head{};
    const std::size_t got = packed_bytes(path)->read(0, head);
    return looks_like_tar(std::span(head).first(got));
}

/// Calls `f(name, bytes, archive)` for each file.
template <class F>
void each_file(const std::string& path, F f) {
    const ArchiveReader a(archive_read_new());
    if (unpack_once(a.get(), path))
        archive_read_support_format_zip(a.get());
    else if (is_packed_tar(path))
        archive_read_support_format_tar(a.get());
    else
        archive_read_support_format_raw(a.get());
    if (archive_read_open_filename(a.get(), path.c_str(), 1 << 20) != ARCHIVE_OK) fail(path, a.get());
    archive_entry* entry = nullptr;
    int status = ARCHIVE_OK;
    while ((status = archive_read_next_header(a.get(), &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN) {
        if (archive_format(a.get()) == ARCHIVE_FORMAT_RAW) {
            if (archive_filter_count(a.get()) < 2) fail(path, a.get());
            return f("", 0, a.get());
        }
        if (archive_entry_filetype(entry) != AE_IFREG) continue;
        const char* const name = archive_entry_pathname(entry);
        f(name != nullptr ? name : "", std::uint64_t(std::max<la_int64_t>(0, archive_entry_size(entry))), a.get());
    }
    if (status != ARCHIVE_EOF) fail(path, a.get());
}

}  // namespace

std::vector<PackedFile> packed_files(const std::string& path) {
    std::vector<PackedFile> files;
    bool has_header = false;
    each_file(path, [&](const std::string& name, std::uint64_t bytes, archive* a) {
        if (is_apple_double(name)) return;
        PackedFile& file = files.emplace_back(name, bytes, std::string());
        if (file.is_header() && !std::exchange(has_header, true)) file.text = text_of(path, a);
    });
    return files;
}

Recording read_packed_sigmf(const std::string& path, const std::vector<PackedFile>& files) {
    const auto headers = std::count_if(files.begin(), files.end(), [](const PackedFile& f) { return f.is_header(); });
    if (headers != 1) refuse_file(path, "an archive of one recording", fmt::format("one of {}", headers), "unpack it");
    const PackedFile& meta = *std::find_if(files.begin(), files.end(), [](const PackedFile& f) { return f.is_header(); });
    const std::string wanted = std::filesystem::path(meta.name).replace_extension(".sigmf-data").string();
    const auto found = std::find_if(files.begin(), files.end(), [&](const PackedFile& f) { return f.name == wanted; });
    if (found == files.end()) refuse_file(path, "an archive of one recording", "one without " + wanted);
    Recording r = interpret_sigmf(parse_sigmf(meta.text, path), path, found->bytes);
    r.path = r.data_path = path;
    r.member = wanted;
    return r;
}

}  // namespace flowspan::io
