#include "io/formats/packed_format.hpp"
#include "io/formats/refuse.hpp"

#include "io/bytes/bytes.hpp"
#include "io/formats/formats.hpp"
#include "io/names/name.hpp"
#include "io/recording/flat_reader.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/sigmf/archives/archive.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/io.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

using namespace std::string_view_literals;

constexpr std::array endings{"gz"sv, "xz"sv, "zst"sv, "bz2"sv, "zip"sv, "lz4"sv};
constexpr std::size_t head_bytes = std::size_t{1} << 20;

/// What a header reader sees of what is packed: its beginning and its end as they are, zeros between, and its length.
class Sketch {
public:
    explicit Sketch(Bytes& packed) : descriptor_(::memfd_create("flowspan", MFD_CLOEXEC)) {
        if (descriptor_ < 0)
            throw Failure(ExitCode::file, fmt::format("cannot make a file in memory: {}", std::strerror(errno)));
        std::vector<std::byte> now(head_bytes), before;
        std::uint64_t at = 0;
        for (std::size_t got = now.size(); got == now.size(); at += got) {
            before.swap(now);
            now.resize(head_bytes);
            got = packed.read(at, now);
            if (at == 0) write(0, std::span(now).first(got));
            if (got < now.size()) {
                if (at > head_bytes) write(at - head_bytes, before);
                write(at, std::span(now).first(got));
            }
        }
    }
    Sketch(const Sketch&) = delete;
    Sketch& operator=(const Sketch&) = delete;
    ~Sketch() { ::close(descriptor_); }
    std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

private:
    void write(std::uint64_t at, std::span<const std::byte> bytes) const {
        while (!bytes.empty()) {
            const ssize_t n = ::pwrite(descriptor_, bytes.data(), bytes.size(), off_t(at));
            if (n <= 0) throw Failure(ExitCode::file, fmt::format("cannot write to memory: {}", std::strerror(errno)));
            at += std::uint64_t(n);
            bytes = bytes.subspan(std::size_t(n));
        }
    }
    int descriptor_;
};

/// The facts of what is packed in `path`, by a format that looks at a file; what it says is about `path`.
Recording sketched(const RecordingFormat& format, const std::string& path) {
    const Sketch sketch(*packed_bytes(path));
    const std::string own = sketch.path();
    try {
        Recording r = format.facts(own);
        r.path = r.data_path = path;
        return r;
    } catch (const Refused& e) {
        Diagnostics found = e.diagnostics();
        for (Diagnostic& d : found)
            if (d.at.file == own) d.at.file = path;
        throw Refused(std::move(found), e.code());
    }
}

class Packed final : public RecordingFormat {
public:
    std::string name() const override { return "packed"; }
    bool holds(std::span<const std::byte> head) const override { return is_packed(head); }
    bool named(const std::string& path) const override {
        return std::find(endings.begin(), endings.end(), extension_of(path)) != endings.end();
    }

    Recording facts(const std::string& path) const override {
        const std::vector<PackedFile> files = packed_files(path);
        const bool sigmf = std::any_of(files.begin(), files.end(), [](const PackedFile& f) { return f.is_header(); });
        if (!sigmf && files.size() != 1)
            refuse_file(path, "one recording that is packed", fmt::format("{} files", files.size()), "unpack it first");
        Recording r = sigmf ? read_packed_sigmf(path, files) : of_one(path, files.front().name);
        r.seeks = false;
        return r;
    }

    std::unique_ptr<SampleReader> open(const Recording& recording, bool hash) const override {
        return open_flat(recording, hash);
    }

private:
    /// What has a header. Its samples must lie one behind the other.
    static Recording headed(const RecordingFormat& format, const std::string& path, const std::string& name) {
        Recording r = sketched(format, path);
        if (r.format == "flac" || r.format == "ogg" || (r.header.is<Value::Map>() && r.header.find("blocks") != nullptr))
            refuse_file(path, "a packed recording whose samples lie one behind the other",
                        r.format == "wav" ? "one in many chunks" : r.format, "unpack it first");
        if (r.format == "wav") {
            r.path = name;
            complete_audio_by_name(r);
            r.path = path;
        }
        return r;
    }

    static Recording of_one(const std::string& path, const std::string& packed_name) {
        namespace fs = std::filesystem;
        const fs::path whole(path);
        const std::string name =
            (whole.parent_path() / (packed_name.empty() ? whole.stem() : fs::path(packed_name).filename())).string();
        std::vector<std::byte> head(4096);
        head.resize(packed_bytes(path)->read(0, head));
        const RecordingFormat* format = format_of(name, head);
        // Samples may begin as anything; something packed has a name that says so, too.
        if (format != nullptr && format->name() == "packed" && !format->named(name)) format = nullptr;
        if (format != nullptr && format->name() == "packed")
            refuse_file(path, "a recording that is packed once", "one that is packed again");
        if (format != nullptr && format->name() != "raw") return headed(*format, path, name);
        Recording r = named_raw(name);
        r.path = r.data_path = path;
        r.length_known = false;
        return r;
    }
};

}  // namespace

std::shared_ptr<const RecordingFormat> packed_format() { return std::make_shared<Packed>(); }

}  // namespace flowspan::io
