#include "io/record/recover.hpp"

#include "core/files/file_kind.hpp"
#include "io/claim/folder.hpp"
#include "io/publish/tree.hpp"
#include "io/record/record.hpp"

#include <flowspan/diagnostic.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>
#include <utility>

namespace flowspan::io {
namespace {

bool is_ours(const std::string& path) {
    struct stat there {};
    return ::lstat(path.c_str(), &there) == 0 && (S_ISREG(there.st_mode) || S_ISDIR(there.st_mode)) &&
           there.st_uid == ::geteuid();
}

/// One folder.
class Recovery {
public:
    /// `gone`: a run that is known to be dead; "": none.
    Recovery(const RunLocks& locks, const std::string& folder, std::string shown, const std::string& gone, Recovered& done)
        : folder_(folder), shown_(std::move(shown)), done_(done) {
        living_.insert(locks.run_id());
        for (const FoundLock& lock : locks_in(folder).locks) {
            if (lock.run != gone && !lock.is_dead(locks.made_ns(folder)))
                living_.insert(lock.run);
            else if (lock.owner == ::geteuid())
                dead_.emplace(lock.run, lock);
        }
    }

    void run() {
        const auto names = names_in(folder_);
        std::set<std::string> records;
        for (const std::string& name : names)
            if (const auto run = run_of(name, "commit"); run && !living_.contains(*run)) records.insert(*run);
        for (const std::string& run : records) look_at_record(run);
        for (const std::string& name : names) {
            const auto part = PartName::from(name);
            const auto unfinished = run_of(name, "commit.new");
            const std::string run = part ? part->run : unfinished.value_or("");
            if (!run.empty() && is_over(run)) remove(name);
        }
        for (const std::string& run : void_records_) ::unlink(record_path(folder_, run).c_str());
        for (const auto& [run, lock] : dead_)
            if (!kept_.contains(run)) remove_lock(lock);
    }

    /// Records that stay because of what their runs have left in folders that are not looked at.
    void find_elsewhere(std::set<std::string>& found) const {
        for (const Record& record : rolled_) {
            const std::string& main = record.main.empty() ? folder_ : record.main;
            ReadRecord now = read_record(main, record.run);
            if (now.record && now.record->products.empty() && now.record->stale.empty()) {
                settle(main, *now.record, {});  // it has waited for this folder alone
                now = read_record(main, record.run);
            }
            if (!now.record) continue;
            if (main != folder_) add_elsewhere(main, record.run, main, found);
            for (const std::string& other : now.record->others)
                if (other != folder_) add_elsewhere(main, record.run, other, found);
        }
    }

private:
    void look_at_record(const std::string& run) {
        ReadRecord read = read_record(folder_, run);
        if (!read.record) {
            if (read.why.empty()) return;
            warn(run, fmt::format("is no record of a run: {}; it is left alone", read.why));
            return;
        }
        switch (standing_of(*read.record)) {
            case Standing::committed:
                return roll(*read.record);
            case Standing::never:
                void_records_.insert(run);
                return;
            case Standing::unknown:
                return warn(
                    run, fmt::format("belongs to a record in {}, which cannot be read; it is left alone", read.record->main));
        }
    }

    void roll(const Record& record) {
        try {
            const Rolled rolled = roll_forward(folder_, record);
            for (const std::string& name : rolled.published) done_.published.push_back(shown(name));
            for (const Left& l : rolled.left)
                done_.blocked.push_back({shown_, l.name, l.why, record.run, shown(own_name(record.run, "commit"))});
            if (rolled.left.empty()) {
                over_.insert(record.run);
                rolled_.push_back(record);
            } else {
                kept_.insert(record.run);
            }
        } catch (const Failure& e) {
            kept_.insert(record.run);
            done_.warnings.push_back(e.what());
        }
    }

    void warn(const std::string& run, const std::string& text) {
        kept_.insert(run);
        done_.warnings.push_back(shown(own_name(run, "commit")) + " " + text);
    }

    static void add_elsewhere(const std::string& main, const std::string& run, const std::string& folder,
                              std::set<std::string>& found) {
        const std::string record = record_path(main, run);
        std::error_code ignored;
        if (!std::filesystem::is_directory(folder, ignored))
            found.insert(
                fmt::format("{} stays: its run has written into {} too, which cannot be seen from here", record, folder));
        else if (is_there(record_path(folder, run)))
            found.insert(
                fmt::format("{} stays until `flowspan recover {}` has done what its run has left there", record, folder));
    }

    bool is_over(const std::string& run) const {
        return !kept_.contains(run) && !living_.contains(run) &&
               (dead_.contains(run) || over_.contains(run) || void_records_.contains(run));
    }

    void remove(const std::string& name) {
        const std::string path = folder_ + "/" + name;
        if (is_ours(path) && remove_product(path) == 0) done_.removed.push_back(shown(name));
    }

    void remove_lock(const FoundLock& lock) {
        struct stat there {};
        if (::lstat(lock.path.c_str(), &there) == 0 && there.st_ino == lock.inode && there.st_dev == lock.device)
            ::unlink(lock.path.c_str());
    }

    std::string shown(const std::string& name) const { return (std::filesystem::path(shown_) / name).string(); }

    std::string folder_, shown_;
    Recovered& done_;
    std::set<std::string> living_, over_, kept_, void_records_;
    std::map<std::string, FoundLock> dead_;
    std::vector<Record> rolled_;  // of which nothing is left here
};

std::string some_run_id() {
    std::random_device random;
    return fmt::format("{:08x}{:04x}", random(), random() & 0xffffU);
}

}  // namespace

std::string Blocked::text() const {
    return fmt::format("cannot publish {}, which run {} committed: {}; mend that, or remove {} to give it up",
                       (std::filesystem::path(folder) / name).string(), run, why, record);
}

namespace {

Recovered recover_after(const RunLocks& locks, const Claims& claims, const std::string& gone) {
    Recovered done;
    done.warnings = locks.strange();
    // The main record, that of the first folder, goes when the others have gone.
    std::vector<std::string> folders = locks.folders();
    std::reverse(folders.begin(), folders.end());
    std::vector<Recovery> recoveries;
    for (const std::string& folder : folders)
        recoveries.emplace_back(locks, folder, claims.at(folder).folder, gone, done).run();
    std::set<std::string> elsewhere;
    for (const Recovery& recovery : recoveries) recovery.find_elsewhere(elsewhere);
    done.warnings.insert(done.warnings.end(), elsewhere.begin(), elsewhere.end());
    std::sort(done.published.begin(), done.published.end());
    std::sort(done.removed.begin(), done.removed.end());
    return done;
}

Recovered recover_after(const std::vector<std::string>& folders, const std::string& gone) {
    Claims claims;
    for (const std::string& folder : folders)
        if (kind_of(folder) == FileKind::folder) claims[canonical_folder(folder)] = {folder, {}, {}, false};
    const RunLocks locks(some_run_id(), claims);
    return recover_after(locks, claims, gone);
}

}  // namespace

Recovered recover(const RunLocks& locks, const Claims& claims) { return recover_after(locks, claims, ""); }

Recovered recover(const std::vector<std::string>& folders) { return recover_after(folders, ""); }

std::string end_of_run(const std::vector<std::string>& folders, const std::string& run, bool committed) {
    committed = committed || std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
                    const ReadRecord read = read_record(folder, run);
                    return read.record && standing_of(*read.record) == Standing::committed;
                });
    const Recovered done = recover_after(folders, run);
    for (const Blocked& blocked : done.blocked)
        if (blocked.run == run) return blocked.text();
    return committed ? all_published : "nothing is published";
}

}  // namespace flowspan::io
