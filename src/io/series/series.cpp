// Finding the files of a recording, and reading their headers.
#include "io/series/series.hpp"

#include "core/files/file_kind.hpp"
#include "core/mistakes/collect.hpp"
#include "io/formats/refuse.hpp"
#include "io/found/recordings.hpp"
#include "io/publish/digest.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/series/first_warnings.hpp"

#include <flowspan/parameter.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_reported = 20;

bool is_list(const std::string& path) { return path.find(InputPath::between) != std::string::npos; }

std::vector<std::string> words_of(const std::string& path) {
    std::vector<std::string> words;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find(InputPath::between, begin), path.size());
        words.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

[[noreturn]] void fail(const std::string& path, const Diagnostic& why) {
    throw Failure(ExitCode::file, fmt::format("cannot read {}: expected {}, got {}{}", path, why.expected, why.got,
                                              why.hint.empty() ? "" : fmt::format(" ({})", why.hint)));
}

/// Numbers in names count as such: part9 comes before part10.
void sort_by_name(std::vector<std::string>& paths) {
    std::stable_sort(paths.begin(), paths.end(),
                     [](const std::string& a, const std::string& b) { return ::strverscmp(a.c_str(), b.c_str()) < 0; });
}

class Reading {
public:
    explicit Reading(Recordings found) : found_(std::move(found)) {}

    Recording read(const std::string& called) {
        whole_.path = called;
        whole_.format = "series";
        whole_.warnings = std::move(found_.notes);
        for (std::string& path : found_.paths) {
            if (mistakes_.size() >= most_reported) break;
            collect(mistakes_, [&] { add(read_recording(path)); });
            path = {};
        }
        if (!mistakes_.empty()) throw Refused(std::move(mistakes_), ExitCode::file);
        whole_.files = std::make_shared<const std::string>(packed_.take());
        first_warnings_.append_to(whole_.warnings);
        Value::Map header;
        if (global_) header["global"] = std::move(*global_);
        if (!annotated_.empty()) header["files"] = std::move(annotated_);
        whole_.header = std::move(header);
        whole_.identity = fmt::format("{} files {}", files_, identities_.finish());
        return std::move(whole_);
    }

private:
    void add(Recording&& file) {
        if (file.data_path.empty()) refuse_file(file.path, "a recording with samples", "`core:metadata_only`");
        if (file.missing_inside)
            refuse_file(file.path, "a file whose missing samples its header says", "a continuous Digital RF channel",
                        "read it alone");
        if (!file.seeks || !file.length_known)
            refuse_file(file.path, "a file that can be read from any place, as those of a recording of several files must",
                        "one that is packed", "unpack it, or read it alone");
        for (const std::string& warning : file.warnings) first_warnings_.add(fmt::format("{}: {}", file.path, warning));
        if (file.header.is<Value::Map>()) take_header(file);
        whole_.data_bytes += file.data_bytes;
        if (files_ == 0) {
            whole_.data_path = fs::path(file.data_path).parent_path().string();
            whole_.name = file.name;
        }
        ++files_;
        file.identity += InputPath::between;
        identities_.add(std::as_bytes(std::span(std::as_const(file.identity))));
        packed_.add(file);
    }

    void take_header(Recording& file) {
        if (!global_) {
            const Value* global = file.header.find("global");
            global_ = global == nullptr ? Value() : *global;
        }
        const Value* list = file.header.find("annotations");
        if (list == nullptr || !list->is<Value::List>() || list->list().empty()) return;
        annotated_.emplace_back(Value::Map{{"path", file.path}, {"annotations", *list}});
    }

    Recordings found_;
    Recording whole_;
    PackedFiles packed_;
    Diagnostics mistakes_;
    FirstWarnings first_warnings_;
    std::optional<Value> global_;
    Value::List annotated_;
    Xxh128 identities_;
    std::size_t files_ = 0;
};

}  // namespace

bool names_series(const std::string& path) {
    std::error_code none;
    const fs::file_status status = fs::status(path, none);
    if (fs::exists(status)) return fs::is_directory(status);
    return is_list(path) || is_pattern(path);
}

Recording read_series(const std::string& path) {
    const std::vector<std::string> words = words_of(path);
    Diagnostics mistakes;
    Recordings found = find_recordings(words, mistakes, Depth::in_it);
    std::string called = words.front();
    if (words.size() > 1) called += fmt::format(" and {} more", words.size() - 1);
    if (!mistakes.empty()) fail(called, mistakes.front());
    if (found.paths.empty()) fail(called, {{}, "", "recordings", "a list that names none", "", {}});
    if (words.size() == 1) sort_by_name(found.paths);
    std::error_code none;
    const std::string of_folder = fs::is_directory(path, none) ? fs::path(absolute_path(path)).filename().string() : "";
    if (found.paths.size() > 1) {
        Recording all = Reading(std::move(found)).read(called);
        if (!of_folder.empty()) all.name = of_folder;
        return all;
    }
    Recording one = read_recording(found.paths.front());
    one.path = called;
    if (!of_folder.empty()) one.name = of_folder;
    one.warnings.insert(one.warnings.end(), found.notes.begin(), found.notes.end());
    return one;
}

std::vector<std::string> files_below(const std::string& folder) {
    std::vector<std::string> paths;
    std::error_code none;
    for (fs::recursive_directory_iterator at(folder, none), end; !none && at != end; at.increment(none))
        if (at->is_regular_file(none)) paths.push_back(at->path().string());
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::size_t count_files(const RecordingFacts& recording) {
    if (!recording.files) return 1;
    std::size_t count = 0;
    for (FilesInOrder files(recording.files); files.next();) ++count;
    return count;
}

std::vector<std::string> data_files(const RecordingFacts& recording) {
    if (!recording.files && kind_of(recording.data_path) == FileKind::folder) return files_below(recording.data_path);
    if (!recording.files) return recording.data_path.empty() ? std::vector<std::string>{} : std::vector{recording.data_path};
    std::vector<std::string> paths;
    for (FilesInOrder files(recording.files); files.next();) {
        if (files.file().path != files.file().data_path) paths.push_back(files.file().path);
        paths.push_back(files.file().data_path);
    }
    return paths;
}

}  // namespace flowspan::io
