#include "io/recording/recording_reader.hpp"
#include "io/formats/refuse.hpp"

#include "core/files/file_kind.hpp"
#include "io/formats/formats.hpp"
#include "io/names/name.hpp"
#include "io/recording/flat_reader.hpp"
#include "io/series/series.hpp"
#include "io/sigmf/archives/archive.hpp"
#include "io/sigmf/collection.hpp"

#include <flowspan/io.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

namespace flowspan::io {
namespace fs = std::filesystem;

std::optional<Rational> rate_of(double hz) {
    if (!(hz >= 1e-6 && hz <= 1e12)) return std::nullopt;
    return Rational::nearest(hz);
}

bool is_frequency(double hz) { return std::abs(hz) <= 1e15; }

bool is_named_as_raw(const std::string& path) {
    const fs::path name = fs::path(path).filename();
    return says_type(name.string());
}

const RecordingFormat* format_of(const std::string& path, std::span<const std::byte> head) {
    for (const auto& format : formats())
        if (format->holds(head)) return format.get();
    if (const auto unread = known_unread(path, head))
        refuse_file(path, "a recording in a format that flowspan reads", unread->name, unread->hint);
    for (const auto& format : formats())
        if (format->named(path)) return format.get();
    return nullptr;
}

NamedAs named_as(const std::string& path) {
    const std::string extension = extension_of(path);
    if (extension == "sigmf-meta") return NamedAs::sigmf_meta;
    if (extension == "sigmf-data") return NamedAs::sigmf_data;
    if (extension == "sigmf-collection") return NamedAs::sigmf_collection;
    const bool known = std::any_of(formats().begin(), formats().end(), [&](const auto& f) { return f->named(path); });
    return known ? NamedAs::recording : NamedAs::other;
}

namespace {

std::vector<std::byte> head_of(const std::string& path) {
    constexpr std::uint64_t most = 4096;
    const File file = File::open_to_read(path);
    std::vector<std::byte> head(std::size_t(std::min(most, file.size())));
    file.read(0, head);
    return head;
}

Recording read_stdin() {
    Recording recording;
    recording.path = recording.data_path = recording.identity = "-";
    recording.format = "raw";
    recording.seeks = recording.length_known = false;
    return recording;
}

Recording read_file(const std::string& path) {
    if (path == "-") return read_stdin();
    const auto within = archive_path(path);
    if (within && within->name) return read_sigmf_archive(path);
    if (kind_of(path) == FileKind::folder)
        for (const auto& format : formats())
            if (format->holds_folder(path)) return format->facts(path);
    if (names_series(path)) return read_series(path);
    const NamedAs named = named_as(path);
    if (named == NamedAs::sigmf_meta) return read_sigmf(path);
    if (named == NamedAs::sigmf_data) {
        Recording recording = read_sigmf(fs::path(path).replace_extension(".sigmf-meta").string());
        recording.path = path;
        return recording;
    }
    if (named == NamedAs::sigmf_collection) refuse_collection(path);
    const std::vector<std::byte> head = head_of(path);
    const RecordingFormat* const format = format_of(path, head);
    if (format == nullptr) return read_raw(path);
    Recording recording = format->facts(path);
    if (named == NamedAs::recording && !format->named(path))
        recording.warnings.push_back(
            fmt::format("by its name it is something else; it is read as {}, as which it begins", recording.format));
    return recording;
}

}  // namespace

Recording read_recording(const std::string& path) {
    Recording recording = read_file(path);
    if (recording.name.empty()) {
        recording.name = fs::path(path).filename().string();
        recording.name = recording.name.substr(0, recording.name.find_last_of('.'));
    }
    if (path == "-" || recording.files || !recording.identity.empty()) return recording;
    const std::string& file = recording.data_path.empty() ? recording.path : recording.data_path;
    std::error_code none;
    recording.identity = fs::weakly_canonical(file, none).string();
    if (none) recording.identity = fs::path(file).lexically_normal().string();
    if (const auto within = archive_path(path); within && within->name) recording.identity += "#" + *within->name;
    return recording;
}

Recording read_raw(const std::string& path) {
    Recording recording = named_raw(path);
    recording.data_bytes = File::open_to_read(path).size();
    RecordingFacts& facts = recording;
    if (facts.type != SampleType::any) facts = as_datatype(facts, {facts.type, facts.big_endian});
    return recording;
}

Recording named_raw(const std::string& path) {
    Recording recording;
    recording.path = recording.data_path = path;
    recording.format = "raw";
    const Named named = read_name(fs::path(path).filename().string());
    if (named.datatype) {
        recording.type = named.datatype->type;
        recording.big_endian = named.datatype->big_endian;
        recording.from_name.emplace_back("datatype");
    }
    complete_by_name(recording, named);
    return recording;
}

RecordingFacts as_datatype(const RecordingFacts& recording, const Datatype& datatype) {
    RecordingFacts seen = recording;
    seen.type = datatype.type;
    seen.big_endian = datatype.big_endian;
    const std::uint64_t size = size_of(datatype.type) * recording.channels;
    seen.length = recording.data_bytes / size;
    seen.tail_bytes = recording.data_bytes - seen.length * size;
    return seen;
}

void refuse_tail(const RecordingFacts& r) {
    Diagnostic odd;
    odd.at.file = r.data_path;
    odd.expected =
        fmt::format("a whole number of {} samples of {} bytes", sigmf_datatype(r.type, r.big_endian), stored_bytes(r));
    odd.got = fmt::format("{} byte{} behind the last of {}", r.tail_bytes, r.tail_bytes == 1 ? "" : "s", r.length);
    odd.hint = "is it cut off, or of another `datatype`? `tail: warn` leaves them out";
    throw Refused(std::move(odd), ExitCode::file);
}

}  // namespace flowspan::io
