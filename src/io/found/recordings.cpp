#include "io/found/recordings.hpp"

#include "core/files/text.hpp"
#include "core/mistakes/names.hpp"
#include "io/found/once.hpp"
#include "io/sigmf/archives/archive.hpp"

#include <filesystem>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_list_bytes = std::size_t{1} << 30;
constexpr int most_hints = 50;  // each looks at all names of a folder

std::string in_folder(const std::string& folder, const std::string& path) {
    return folder.empty() || path.starts_with('/') ? path : (fs::path(folder) / path).string();
}

std::string parent_of(const std::string& path) { return fs::path(path).parent_path().string(); }

}  // namespace

std::string absolute_path(const std::string& path) {
    fs::path whole = fs::absolute(path);
    for (const fs::path& one : whole) {
        if (one != "..") continue;
        std::error_code none;
        const fs::path folder = fs::weakly_canonical(whole.parent_path(), none);  // (what `..` means depends on links)
        if (!none && whole.has_filename() && whole.filename() != "..") whole = folder / whole.filename();
        break;
    }
    std::string plain = whole.lexically_normal().string();
    if (plain.size() > 1 && plain.back() == '/') plain.pop_back();
    return plain;
}

void Finder::mistake(const Word& word, std::string expected, std::string got, std::string hint) {
    found_.push_back({word.at, "", std::move(expected), std::move(got), std::move(hint), {}});
}

/// "did you mean `data/b.wav`?", of the first name in the path that is not there.
std::string Finder::near(const std::string& path) {
    if (++hints_ > most_hints) return {};
    fs::path there = path, name;
    std::error_code none;
    while (!there.empty() && !fs::exists(there, none) && there.has_relative_path()) {
        name = there.filename();
        there = there.parent_path();
    }
    std::vector<std::string> names;
    for (Folder::Entry& one : list_folder(there.empty() ? "." : there.string()).entries) names.push_back(std::move(one.name));
    const std::string best = nearest_name(name.string(), names);
    return best.empty() ? "" : fmt::format("did you mean `{}`?", (there / best).string());
}

void Finder::lead_to_nothing(const Word& word, std::string expected, const std::string& path) {
    mistake(word, std::move(expected), word.text.empty() ? "\"\"" : word.text, word.text.empty() ? "" : near(path));
}

std::vector<Candidate> Finder::look(const Word& word) {
    std::vector<Candidate> to;
    if (word.text.starts_with('@')) {
        list(word, to);
        return to;
    }
    const std::string path = in_folder(word.folder, word.text);
    FileKind kind = FileKind::none;
    if (const auto key = word.text.empty() ? std::nullopt : key_of(path, &kind)) {
        if (kind == FileKind::folder)
            folder(word, absolute_path(path), to);
        else if (kind == FileKind::regular)
            file(word, absolute_path(path), *key, to);
        else
            mistake(word, "a recording", fmt::format("{}, {}", word.text, name_of(kind)));
    } else if (const auto one = archive_path(path); one && one->name && key_of(one->file)) {
        // (whether the archive has it, its header says: the unit fails where it has not)
        const std::string file = absolute_path(one->file);
        folders_.insert(parent_of(file));
        to.push_back({file + "#" + *one->name, NamedAs::recording, *key_of(one->file), {}, *one->name});
    } else if (is_pattern(word.text)) {
        pattern(word, to);
    } else {
        lead_to_nothing(word, "a file or folder that is there", path);
    }
    return to;
}

void Finder::file(const Word& word, const std::string& path, const FileKey& key, std::vector<Candidate>& to) {
    const NamedAs named = named_as(path);
    if (named == NamedAs::sigmf_collection) return collection(word, path, to);
    if (named == NamedAs::sigmf_data) return data_of_sigmf(word, path, to);
    folders_.insert(parent_of(path));
    if (named != NamedAs::sigmf_meta) return to.push_back({path, named, key});
    const auto data = key_of(fs::path(path).replace_extension(".sigmf-data").string());
    // Without samples its unit fails, and says so.
    to.push_back(sigmf_candidate(path, key, data).value_or(Candidate{path, named, key}));
}

void Finder::data_of_sigmf(const Word& word, const std::string& path, std::vector<Candidate>& to) {
    const std::string header = fs::path(path).replace_extension(".sigmf-meta").string();
    if (const auto key = key_of(header)) return file(word, header, *key, to);
    mistake(word, fmt::format("{} beside its data", fs::path(header).filename().string()), word.text + " alone");
}

void Finder::folder(const Word& word, const std::string& path, std::vector<Candidate>& to) {
    const std::uint64_t others = passed_.others.count;
    const std::size_t wrong = found_.size();
    folders_.insert(path);
    recordings_of(path, depth_, to, passed_, found_);
    if (!to.empty() || found_.size() > wrong) return;
    mistake(word, "a folder with recordings", word.text + ", which has none",
            passed_.others.count == others
                ? ""
                : fmt::format("files of other names are read where a pattern says so: '{}/*.EXT'", word.text));
}

void Finder::pattern(const Word& word, std::vector<Candidate>& to) {
    const std::size_t wrong = found_.size();
    const std::uint64_t others = passed_.others.count;
    const std::string fixed = fixed_folder(word.text);
    const std::string folder = absolute_path(in_folder(word.folder, fixed.empty() ? "." : fixed));
    std::error_code none;
    if (!fs::is_directory(folder, none)) return lead_to_nothing(word, "a pattern that matches recordings", folder);
    folders_.insert(folder);
    recordings_matching(folder, word.text.substr(fixed.size() + (fixed.empty() || fixed == "/" ? 0 : 1)), depth_, to, passed_,
                        found_);
    if (!to.empty() || found_.size() > wrong) return;
    mistake(word, "a pattern that matches recordings", word.text,
            passed_.others.count == others ? "" : "files of other names are read where it ends in their extension: *.bin");
}

void Finder::list(const Word& word, std::vector<Candidate>& to) {
    const bool from_stdin = word.text == "@-";
    const std::string path = from_stdin ? "/dev/stdin" : in_folder(word.folder, word.text.substr(1));
    if (!from_stdin && !key_of(path)) return lead_to_nothing(word, "a list of words that is there", path);
    std::error_code none;
    if (!lists_.insert(from_stdin ? path : fs::weakly_canonical(path, none).string()).second)
        return;  // nothing more comes of it
    std::string text;
    try {
        text = read_text(path, most_list_bytes, PipePatience{});
    } catch (const Failure& failure) { return mistake(word, "a list of words that can be read", failure.what()); }
    if (text.size() > most_list_bytes) return mistake(word, "a list of at most 1 GiB", word.text);
    const std::string folder = from_stdin ? "" : parent_of(absolute_path(path)),
                      name = from_stdin ? "stdin" : word.text.substr(1);
    int number = 0;
    for (std::size_t begin = text.starts_with("\xef\xbb\xbf") ? 3 : 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        ++number;
        if (line.ends_with('\r')) line.pop_back();
        if (line.starts_with('#') || line.find_first_not_of(" \t") == std::string::npos) continue;
        for (Candidate& one : look({line, {name, number, 1, line}, folder})) to.push_back(std::move(one));
    }
}

void Finder::collection(const Word& word, const std::string& path, std::vector<Candidate>& to) {
    folders_.insert(parent_of(path));
    for (const std::string& header : members_of(path, found_))
        if (const auto key = key_of(header)) file(word, header, *key, to);
}

Recordings find_recordings(const std::vector<std::string>& words, Diagnostics& found, Depth depth) {
    Finder finder(found, depth);
    std::vector<Candidate> all;
    for (const std::string& word : words) {
        std::vector<Candidate> some = finder.look({word});
        if (all.empty())
            all = std::move(some);
        else
            all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
    }
    Recordings recordings{{}, finder.folders(), finder.passed().notes()};
    recordings.paths = each_once(std::move(all), recordings.notes);
    return recordings;
}

}  // namespace flowspan::io
