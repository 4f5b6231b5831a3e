#include "io/found/once.hpp"

#include <filesystem>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace flowspan::io {
namespace fs = std::filesystem;
namespace {

struct Hash {
    std::size_t operator()(const FileKey& key) const {
        return std::hash<std::uint64_t>()(key.inode * 0x9e3779b97f4a7c15U + key.device);
    }
    std::size_t operator()(const std::pair<FileKey, std::string_view>& one) const {
        return (*this)(one.first) ^ std::hash<std::string_view>()(one.second);
    }
};

/// Some file systems give several files one number: then names that are no links tell them apart.
bool are_one(const Candidate& a, const Candidate& b) {
    if (a.path == b.path || (a.key.links > 1 && b.key.links > 1)) return true;
    std::error_code none;
    return fs::canonical(a.path, none) == fs::canonical(b.path, none);
}

}  // namespace

std::vector<std::string> each_once(std::vector<Candidate> all, std::vector<std::string>& notes) {
    std::unordered_map<FileKey, const Candidate*, Hash> headers_of;
    std::unordered_map<std::pair<FileKey, std::string_view>, const Candidate*, Hash> seen;
    for (const Candidate& one : all)
        if (one.data) headers_of.try_emplace(*one.data, &one);
    std::vector<Candidate*> kept;
    PassedOver::Kind again;
    std::string as;
    const auto drop = [&](const Candidate& one, const Candidate& other) {
        if (again.count == 0) as = other.path;
        again.add(one.path);
    };
    seen.reserve(all.size());
    for (Candidate& one : all) {
        const auto header = one.data ? headers_of.end() : headers_of.find(one.key);
        if (header != headers_of.end()) {
            drop(one, *header->second);
            continue;
        }
        const auto [first, fresh] = seen.try_emplace({one.key, one.within}, &one);
        if (fresh || !are_one(*first->second, one))
            kept.push_back(&one);
        else
            drop(one, *first->second);
    }
    const std::string how = as == again.first ? as : fmt::format("{} as {}", as, again.first);
    if (again.count == 1) notes.push_back("named again and counts once: " + how);
    if (again.count > 1)
        notes.push_back(fmt::format("named again and count once: {} recordings, the first {}", again.count, how));
    std::vector<std::string> paths;
    paths.reserve(kept.size());
    for (Candidate* one : kept) paths.push_back(std::move(one->path));
    return paths;
}

}  // namespace flowspan::io
