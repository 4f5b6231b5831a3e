// A SigMF archive is an uncompressed tar, so the samples of its recording are read where they lie in it.
#include "io/recording/recording_reader.hpp"

#include <flowspan/io.hpp>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <filesystem>
#include <memory>

namespace flowspan::io {
namespace {

struct Close {
    void operator()(archive* a) const { archive_read_free(a); }
};

struct Member {
    std::string name;
    std::uint64_t offset = 0, bytes = 0;
};

struct Contents {
    std::vector<Member> data;
    std::string meta_name, meta_text;
    int headers = 0;
};

[[noreturn]] void fail(const std::string& path, archive* a) {
    const char* reason = archive_error_string(a);
    throw Failure(ExitCode::file, fmt::format("cannot read {}: {}", path, reason ? reason : "it is no tar archive"));
}

/// Memory is taken as the text comes, whatever size the archive claims; at most one byte more than a header may have.
std::string text_of(const std::string& path, archive* a) {
    constexpr std::size_t piece = std::size_t{1} << 20;
    std::string text;
    while (text.size() <= most_header_bytes) {
        const std::size_t before = text.size();
        text.resize(std::min(before + piece, most_header_bytes + 1));
        const la_ssize_t got = archive_read_data(a, text.data() + before, text.size() - before);
        if (got < 0) fail(path, a);
        text.resize(before + std::size_t(got));
        if (got == 0) break;
    }
    return text;
}

Contents read_contents(const std::string& path) {
    const std::unique_ptr<archive, Close> a(archive_read_new());
    archive_read_support_format_tar(a.get());
    const File file = File::open_to_read(path);  // nothing that is no regular file
    if (archive_read_open_filename(a.get(), path.c_str(), 1 << 16) != ARCHIVE_OK) fail(path, a.get());
    Contents contents;
    archive_entry* entry = nullptr;
    int status = 0;
    while ((status = archive_read_next_header(a.get(), &entry)) == ARCHIVE_OK) {
        const char* const written = archive_entry_pathname(entry);
        const std::string name = written != nullptr ? written : "";
        if (archive_entry_size(entry) < 0) fail(path, a.get());
        const auto bytes = std::uint64_t(archive_entry_size(entry));
        if (name.ends_with(".sigmf-meta")) {
            ++contents.headers;
            contents.meta_name = name;
            contents.meta_text = text_of(path, a.get());
        } else if (name.ends_with(".sigmf-data")) {
            const void* block = nullptr;
            std::size_t length = 0;
            la_int64_t skip = 0;
            // Once the first block of an entry is there, the position is that of its first byte.
            contents.data.push_back({name, 0, bytes});
            if (bytes != 0 && archive_read_data_block(a.get(), &block, &length, &skip) != ARCHIVE_OK) fail(path, a.get());
            contents.data.back().offset = std::uint64_t(archive_filter_bytes(a.get(), 0));
        }
    }
    if (status != ARCHIVE_EOF) fail(path, a.get());
    return contents;
}

}  // namespace

Recording read_sigmf_archive(const std::string& path) {
    const Contents contents = read_contents(path);
    Diagnostic mistake;
    mistake.at.file = path;
    mistake.expected = "an archive of one recording";
    if (contents.headers != 1) {
        mistake.got = fmt::format("one of {}", contents.headers);
        mistake.hint = "unpack it: tar -xf " + std::filesystem::path(path).filename().string();
        throw Refused(std::move(mistake), ExitCode::file);
    }
    const std::string data_name = std::filesystem::path(contents.meta_name).replace_extension(".sigmf-data").string();
    for (const Member& member : contents.data) {
        if (member.name != data_name) continue;
        Recording r = interpret_sigmf(parse_sigmf(contents.meta_text, path), path, member.bytes, member.offset);
        r.path = r.data_path = path;
        return r;
    }
    mistake.got = "one without " + data_name;
    throw Refused(std::move(mistake), ExitCode::file);
}

}  // namespace flowspan::io
