// Going through folders, whole or after a pattern.
#include "io/found/tree.hpp"

#include "io/formats/formats.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

constexpr const char* magic = "*?[";

std::string joined(const std::string& folder, const std::string& name) {
    return folder.back() == '/' ? folder + name : folder + "/" + name;
}

std::string with_extension(const std::string& name, const char* extension) {
    return fs::path(name).replace_extension(extension).string();
}

bool holds_recording(const std::string& path) {
    try {
        return std::any_of(formats().begin(), formats().end(), [&](const auto& f) { return f->holds_folder(path); });
    } catch (const Refused&) { return false; }  // it holds several
}

/// Formats know a folder also by the one that it holds: then that is the recording.
bool is_recording(const std::string& path, const Folder& folder) {
    return holds_recording(path) && std::none_of(folder.entries.begin(), folder.entries.end(), [&](const auto& entry) {
               return entry.kind == FileKind::folder && holds_recording(joined(path, entry.name));
           });
}

class Walk {
public:
    Walk(Depth depth, std::vector<Candidate>& to, PassedOver& passed, Diagnostics& found)
        : depth_(depth), to_(to), passed_(passed), found_(found) {}

    void below(const std::string& path) {
        const Folder folder = read(path);
        if (std::find(around_.begin(), around_.end(), folder.key) != around_.end()) return passed_.rings.add(path);
        if (folder.of_products && !around_.empty()) return passed_.of_products.add(path);
        if (is_recording(path, folder)) return to_.push_back({path, NamedAs::recording, folder.key});
        around_.push_back(folder.key);
        to_.reserve(to_.size() + folder.entries.size());
        for (const Folder::Entry& entry : folder.entries) {
            if (entry.kind == FileKind::folder)
                folder_in(joined(path, entry.name));
            else
                take(folder, entry, path, false);
        }
        around_.pop_back();
    }

    /// One that lies in another, or matches a pattern.
    void folder_in(const std::string& path) {
        if (depth_ == Depth::below) return below(path);
        if (!holds_recording(path)) return passed_.folders.add(path);
        to_.push_back({path, NamedAs::recording, key_of(path).value_or(FileKey{})});
    }

    Folder read(const std::string& path) {
        Folder folder = list_folder(path);
        if (folder.error != 0)
            found_.push_back({{}, "", "a folder that can be read", path + ": " + std::strerror(folder.error), "", {}});
        return folder;
    }

    void take(const Folder& folder, const Folder::Entry& entry, const std::string& path, bool all) {
        const std::string whole = joined(path, entry.name);
        if (entry.kind == FileKind::none) return passed_.dangling.add(whole);
        if (entry.kind != FileKind::regular) return passed_.others.add(whole);
        switch (entry.named) {
            case NamedAs::sigmf_collection:
                return;  // its members are there themselves
            case NamedAs::sigmf_data:
                if (folder.find(with_extension(entry.name, ".sigmf-meta"), FileKind::regular) == nullptr)
                    passed_.without_samples.add(whole);
                return;
            case NamedAs::sigmf_meta:
                return take_header(folder, entry, whole);
            case NamedAs::other:
                if (!all) return passed_.others.add(whole);
                return to_.push_back({whole, entry.named, key_of(whole).value_or(FileKey{})});
            default:
                to_.push_back({whole, entry.named, entry.key});
        }
    }

private:
    void take_header(const Folder& folder, const Folder::Entry& entry, const std::string& whole) {
        const auto* const data = folder.find(with_extension(entry.name, ".sigmf-data"), FileKind::regular);
        if (auto made = sigmf_candidate(whole, entry.key, data == nullptr ? std::nullopt : std::optional(data->key)))
            to_.push_back(std::move(*made));
        else
            passed_.without_samples.add(whole);
    }

    Depth depth_;
    std::vector<Candidate>& to_;
    PassedOver& passed_;
    Diagnostics& found_;
    std::vector<FileKey> around_;  // the folders that it is in
};

class Matching {
public:
    Matching(const std::string& pattern, Depth depth, std::vector<Candidate>& to, PassedOver& passed, Diagnostics& found)
        : walk_(depth, to, passed, found) {
        for (const fs::path& one : fs::path(pattern))
            if (!one.empty()) names_.push_back(one.string());
        const std::string extension = fs::path(names_.back()).extension().string();
        all_ = extension.size() > 1 && extension.find_first_of(magic) == std::string::npos;
    }

    void from(const std::string& path, std::size_t at) {
        if (at == names_.size()) return;
        const std::string& name = names_[at];
        if (name == "**") return any_depth(path, at);
        if (name.find_first_of(magic) != std::string::npos) return each(path, at);
        const std::string next = joined(path, name);
        FileKind kind = FileKind::none;
        if (!key_of(next, &kind)) return;
        if (at + 1 < names_.size()) return kind == FileKind::folder ? from(next, at + 1) : void();
        if (const Folder& folder = folder_of(path); const auto* entry = folder.find(name, kind)) hit(path, folder, *entry);
    }

private:
    void any_depth(const std::string& path, std::size_t at) {
        if (at + 1 == names_.size()) return walk_.below(path);
        from(path, at + 1);
        const Folder& folder = folder_of(path);
        if (std::find(around_.begin(), around_.end(), folder.key) != around_.end()) return;
        around_.push_back(folder.key);
        for (const Folder::Entry& entry : folder.entries)
            if (entry.kind == FileKind::folder) any_depth(joined(path, entry.name), at);
        around_.pop_back();
    }
    void each(const std::string& path, std::size_t at) {
        const Folder& folder = folder_of(path);
        for (const Folder::Entry& entry : folder.entries) {
            if (::fnmatch(names_[at].c_str(), entry.name.c_str(), FNM_PERIOD) != 0) continue;
            if (at + 1 == names_.size())
                hit(path, folder, entry);
            else if (entry.kind == FileKind::folder)
                from(joined(path, entry.name), at + 1);
        }
    }
    void hit(const std::string& path, const Folder& folder, const Folder::Entry& entry) {
        if (entry.kind == FileKind::folder) return walk_.folder_in(joined(path, entry.name));
        if (entry.named == NamedAs::sigmf_data)
            if (const auto* meta = folder.find(with_extension(entry.name, ".sigmf-meta"), FileKind::regular))
                return walk_.take(folder, *meta, path, all_);
        walk_.take(folder, entry, path, all_);
    }
    /// Patterns with `**` ask for a folder more than once.
    const Folder& folder_of(const std::string& path) {
        const auto [at, fresh] = folders_.try_emplace(path);
        if (fresh) at->second = walk_.read(path);
        return at->second;
    }

    Walk walk_;
    std::vector<std::string> names_;
    bool all_ = false;
    std::map<std::string, Folder> folders_;
    std::vector<FileKey> around_;
};

}  // namespace

void recordings_of(const std::string& folder, Depth depth, std::vector<Candidate>& to, PassedOver& passed, Diagnostics& found) {
    Walk(depth, to, passed, found).below(folder);
}

void recordings_matching(const std::string& folder, const std::string& pattern, Depth depth, std::vector<Candidate>& to,
                         PassedOver& passed, Diagnostics& found) {
    std::vector<Candidate> matched;
    Matching(pattern, depth, matched, passed, found).from(folder, 0);
    std::sort(matched.begin(), matched.end(), [](const Candidate& a, const Candidate& b) { return a.path < b.path; });
    std::string last;
    for (Candidate& one : matched) {  // `**` finds some twice
        if (one.path == last) continue;
        last = one.path;
        to.push_back(std::move(one));
    }
}

bool is_pattern(const std::string& word) { return word.find_first_of(magic) != std::string::npos; }

std::string fixed_folder(const std::string& pattern) {
    const std::size_t first = pattern.find_first_of(magic), slash = pattern.rfind('/', first);
    return slash == std::string::npos ? "" : slash == 0 ? "/" : pattern.substr(0, slash);
}

}  // namespace flowspan::io
