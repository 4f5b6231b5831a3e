// What is packed, by libarchive: read from its beginning on.
#include "io/recording/bytes.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/io.hpp>

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

struct Close {
    void operator()(archive* a) const { archive_read_free(a); }
};

class PackedBytes final : public Bytes {
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

    std::size_t read(std::uint64_t offset, std::span<std::byte> to) override {
        std::array<std::byte, 1 << 16> aside;
        while (at_ < offset) {
            const std::size_t some =
                take(std::span(aside).first(std::size_t(std::min<std::uint64_t>(aside.size(), offset - at_))));
            if (some == 0) return 0;
        }
        std::size_t got = 0;
        while (got < to.size()) {
            const std::size_t some = take(to.subspan(got));
            if (some == 0) break;
            got += some;
        }
        return got;
    }

private:
    [[noreturn]] void fail() {
        const char* const reason = archive_error_string(archive_.get());
        throw Failure(ExitCode::file,
                      fmt::format("cannot read {}: {}", path_, reason != nullptr ? reason : "it is nothing packed"));
    }

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

    std::size_t take(std::span<std::byte> to) {
        const la_ssize_t n = archive_read_data(archive_.get(), to.data(), to.size());
        if (n < 0) fail();
        at_ += std::uint64_t(n);
        return std::size_t(n);
    }

    std::string path_;
    std::unique_ptr<archive, Close> archive_;
    std::uint64_t at_ = 0;
};

}  // namespace

bool unpack_once(archive* a, const std::string& path) {
    using namespace std::string_view_literals;
    static constexpr auto known = std::to_array<std::pair<std::string_view, int>>({
        {"\x1f\x8b\x08"sv, ARCHIVE_FILTER_GZIP},
        {"\xfd\x37zXZ\0"sv, ARCHIVE_FILTER_XZ},
        {"\x28\xb5\x2f\xfd"sv, ARCHIVE_FILTER_ZSTD},
        {"BZh"sv, ARCHIVE_FILTER_BZIP2},
        {"\x04\x22\x4d\x18"sv, ARCHIVE_FILTER_LZ4},
        {"LZIP"sv, ARCHIVE_FILTER_LZIP},
        {"\x5d\0\0"sv, ARCHIVE_FILTER_LZMA},
    });
    const File file = File::open_to_read(path);  // nothing that is no regular file
    std::string head(std::size_t(std::min<std::uint64_t>(file.size(), 6)), '\0');
    file.read(0, std::as_writable_bytes(std::span(head)));
    for (const auto& [magic, filter] : known)
        if (head.starts_with(magic)) archive_read_append_filter(a, filter);
    return head.starts_with("PK");
}

std::unique_ptr<Bytes> packed_bytes(const std::string& path, const std::string& member) {
    return std::make_unique<PackedBytes>(path, member);
}

}  // namespace flowspan::io
