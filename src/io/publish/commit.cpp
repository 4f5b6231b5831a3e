#include "io/publish/commit.hpp"

#include "io/claim/folder.hpp"

#include <flowspan/diagnostic.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

bool is_regular(const std::string& path) {
    struct stat there {};
    return ::lstat(path.c_str(), &there) == 0 && S_ISREG(there.st_mode);
}

bool has_field(const Pattern& pattern, ProductPattern::Field field) {
    return std::any_of(pattern.begin(), pattern.end(),
                       [&](const auto& piece) { return piece == ProductPattern::Piece(field); });
}

std::string literal(const Pattern& pattern, std::size_t k) {
    return k < pattern.size() && std::holds_alternative<std::string>(pattern[k]) ? std::get<std::string>(pattern[k]) : "";
}

/// Parts of a product have consecutive numbers: what goes on where those that were made end is of an earlier run.
std::vector<std::string> stale_parts(const Pattern& pattern, const std::set<std::string>& made, const std::string& folder) {
    const std::string before = literal(pattern, 0), behind = literal(pattern, before.empty() ? 1 : 2);
    std::size_t count = 0, digits = SIZE_MAX;
    for (const std::string& name : made) {
        if (!matches(pattern, name)) continue;
        ++count;
        digits = std::min(digits, name.size() - before.size() - behind.size());
    }
    std::vector<std::string> stale;
    for (; count > 0; ++count) {
        std::string name = fmt::format("{}{:0{}}{}", before, count, digits, behind);
        if (!is_regular(folder + "/" + name)) break;
        stale.push_back(std::move(name));
    }
    return stale;
}

}  // namespace

Commit::Commit(std::string run_id, const Claims* claims, const RunLocks* locks, bool overwrite)
    : run_id_(std::move(run_id)), claims_(claims), locks_(locks), overwrite_(overwrite) {}

void Commit::add(const std::vector<Publisher::Entry>& products) {
    std::set<std::string> names, seen;
    if (locks_ != nullptr)
        for (std::string& folder : locks_->folders()) seen.insert(std::move(folder));
    for (const auto& product : products) {
        if (product.in_place) continue;
        const std::string shown = folder_of(product.path);
        auto known = folders_.find(shown);
        if (known == folders_.end()) known = folders_.emplace(shown, canonical_folder(shown)).first;
        const std::string &folder = known->second, name = name_of(product.path);
        shown_.emplace(folder, shown);
        if (!names.insert(folder + "/" + name).second)
            throw Failure(ExitCode::block, "cannot publish " + product.path + ": two blocks of this run have made it");
        if (locks_ != nullptr && !seen.contains(folder)) continue;  // a folder of another node
        records_[folder].products.push_back({name_of(product.part), name, product.bytes});
    }
}

/// Numbered stretches and parts of own products that were not made again, and nothing else that has such a name.
void Commit::add_stale() {
    if (!overwrite_ || claims_ == nullptr) return;
    for (auto& [folder, record] : records_) {
        const auto claim = claims_->find(folder);
        if (claim == claims_->end() || claim->second.numbered.patterns().empty()) continue;
        std::set<std::string> made;
        for (const auto& p : record.products) made.insert(p.name);
        Names stretches;
        for (const auto& [pattern, block] : claim->second.numbered.patterns())
            if (has_field(pattern, ProductPattern::Field::digits))
                for (std::string& name : stale_parts(pattern, made, folder)) record.stale.push_back(std::move(name));
            else
                stretches.add(pattern, block);
        if (stretches.patterns().empty()) continue;
        for (std::string& name : names_in(folder))
            if (!made.contains(name) && !looks_like_our_own(name) && stretches.clash(name) && is_regular(folder + "/" + name))
                record.stale.push_back(std::move(name));
    }
}

void Commit::write(const std::vector<Publisher::Entry>& products) {
    add(products);
    add_stale();
    if (records_.empty()) return;
    const std::string& main = records_.begin()->first;
    for (auto& [folder, record] : records_) {
        record.run = run_id_;
        if (folder == main) continue;
        record.main = main;
        records_.begin()->second.others.push_back(folder);
    }
    try {
        for (auto it = records_.rbegin(); it != records_.rend(); ++it) {
            if (it->first == main && locks_ != nullptr) locks_->verify();
            write_record(it->first, it->second);
        }
        durable_ = true;
    } catch (...) {
        // A main record that stands and cannot be removed is a commit all the same.
        const std::string path = record_path(main, run_id_);
        durable_ = ::unlink(path.c_str()) != 0 && errno != ENOENT && is_there(path);
        if (!durable_)
            for (const auto& [folder, record] : records_) ::unlink(record_path(folder, run_id_).c_str());
        throw;
    }
}

std::vector<std::string> Commit::finish(const std::vector<Unpublished>& left) {
    std::map<std::string, std::vector<Left>> of_folder;
    for (const auto& l : left) {
        const auto folder = folders_.find(folder_of(l.path));
        of_folder[folder == folders_.end() ? "" : folder->second].push_back({name_of(l.path), l.why});
    }
    std::vector<std::string> warnings;
    for (auto it = records_.rbegin(); it != records_.rend(); ++it) {
        try {
            settle(it->first, it->second, of_folder[it->first]);
        } catch (const Failure& e) { warnings.emplace_back(e.what()); }
    }
    return warnings;
}

std::vector<Unpublished> Commit::roll_forward() {
    std::vector<Unpublished> left;
    for (auto it = records_.rbegin(); it != records_.rend(); ++it) {
        const std::filesystem::path shown = shown_.at(it->first);
        try {
            for (const Left& l : io::roll_forward(it->first, it->second, 1000).left)
                left.push_back({(shown / l.name).string(), l.why});
        } catch (const Failure& e) { left.push_back({record_path(shown, run_id_), e.what()}); }
    }
    return left;
}

std::string Commit::record_of(const std::string& path) const {
    return (std::filesystem::path(folder_of(path)) / own_name(run_id_, "commit")).string();
}

}  // namespace flowspan::io
