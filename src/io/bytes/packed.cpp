// What is packed, by libarchive: read from its beginning on.
#include "io/bytes/archive_reader.hpp"
#include "io/bytes/bytes.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/io.hpp>

#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

using namespace std::string_view_literals;

struct Packing {
    std::string_view mark;
    int filter;
    bool tells = true;  // else samples, too, may well begin so
};
constexpr auto packings = std::to_array<Packing>({
    {"\x1f\x8b\x08"sv, ARCHIVE_FILTER_GZIP},
    {"\xfd\x37zXZ\0"sv, ARCHIVE_FILTER_XZ},
    {"\x28\xb5\x2f\xfd"sv, ARCHIVE_FILTER_ZSTD},
    {"BZh"sv, ARCHIVE_FILTER_BZIP2},
    {"\x04\x22\x4d\x18"sv, ARCHIVE_FILTER_LZ4},
    {"LZIP"sv, ARCHIVE_FILTER_LZIP, false},
    {"\x5d\0\0"sv, ARCHIVE_FILTER_LZMA, false},
});

class PackedBytes final : public BytesInOrder {
public:
    PackedBytes(std::string path, const std::string& member) : path_(std::move(path)), archive_(archive_read_new()) {
        archive* const a = archive_.get();
        if (unpack_once(a, path_))
            archive_read_support_format_zip(a);
        else if (member.empty())
            archive_read_support_format_raw(a);
        else
            archive_read_support_format_tar(a);
        if (archive_read_open_filename(a, path_.c_str(), 1 << 20) != ARCHIVE_OK) fail();
        find(member);
    }

private:
    [[noreturn]] void fail() { fail_archive(path_, archive_.get(), nothing_packed); }

    void find(const std::string& member) {
        archive_entry* entry = nullptr;
        for (;;) {
            const int status = archive_read_next_header(archive_.get(), &entry);
            if (status == ARCHIVE_EOF) throw Failure(ExitCode::file, fmt::format("cannot read {}: it holds nothing", path_));
            if (status != ARCHIVE_OK && status != ARCHIVE_WARN) fail();
            if (archive_entry_filetype(entry) == AE_IFDIR) continue;
            const char* const name = archive_entry_pathname(entry);
            if (member.empty() || (name != nullptr && name == member)) return;
        }
    }

    std::size_t take(std::span<std::byte> to) override {
        const la_ssize_t n = archive_read_data(archive_.get(), to.data(), to.size());
        if (n < 0) fail();
        return std::size_t(n);
    }

    std::string path_;
    ArchiveReader archive_;
};

}  // namespace

bool is_packed(std::span<const std::byte> head) {
    const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
    return text.starts_with("PK\x03\x04") ||
           std::any_of(packings.begin(), packings.end(), [&](const Packing& p) { return p.tells && text.starts_with(p.mark); });
}

bool unpack_once(archive* a, const std::string& path) {
    const File file = File::open_to_read(path);  // nothing that is no regular file
    std::string head(std::size_t(std::min<std::uint64_t>(file.size(), 6)), '\0');
    file.read(0, std::as_writable_bytes(std::span(head)));
    for (const Packing& packing : packings)
        if (head.starts_with(packing.mark)) archive_read_append_filter(a, packing.filter);
    return head.starts_with("PK");
}

std::unique_ptr<Bytes> packed_bytes(const std::string& path, const std::string& member) {
    return std::make_unique<PackedBytes>(path, member);
}

}  // namespace flowspan::io
