#include "batch/journal/roll.hpp"

#include "io/claim/folder.hpp"
#include "io/publish/product.hpp"

#include <flowspan/diagnostic.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;

/// Its size, where it is a regular file.
std::optional<std::uint64_t> size_of(const std::string& path) {
    struct stat there {};
    if (::lstat(path.c_str(), &there) != 0 || !S_ISREG(there.st_mode)) return std::nullopt;
    return std::uint64_t(there.st_size);
}

std::string many(std::size_t n, const std::string& what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

class Roll {
public:
    Roll(const std::string& out, const History& history, int patience_ms)
        : out_(out.empty() ? "." : out), canonical_(io::canonical_folder(out_)), history_(history), patience_ms_(patience_ms) {}

    Rolled run() {
        std::set<std::size_t> units;
        for (const Committed& commit : history_.committed())
            if (publish(commit)) units.insert(commit.unit);
        if (published_ > 0)
            rolled_.did.push_back(fmt::format("published {} of {}, which an earlier start had committed",
                                              many(published_, "product"), many(units.size(), "unit")));
        std::map<std::size_t, std::set<std::string>> dead;
        for (const Dead& d : history_.dead()) dead[d.unit].insert(d.run);
        for (const auto& [unit, runs] : dead) clear(unit, runs);
        if (removed_ > 0)
            rolled_.did.push_back(fmt::format("removed {} of {}, which earlier starts had begun", many(removed_, "part"),
                                              many(cleared_units_, "unit")));
        return std::move(rolled_);
    }

private:
    std::string folder_of(std::size_t unit) const { return out_ + "/" + history_.known(unit).unit.folder; }

    /// Whether it is below OUT, wherever links lead.
    bool is_inside(const std::string& folder) const { return io::canonical_folder(folder).starts_with(canonical_ + "/"); }

    void cannot(const std::string& verb, const std::string& path, const std::string& why) {
        rolled_.cannot.push_back(fmt::format("cannot {} {}: {}; the next start tries again", verb, path, why));
    }

    /// Whether a product got its name.
    bool publish(const Committed& commit) {
        const std::string folder = folder_of(commit.unit) + "/";
        const std::size_t before = published_;
        std::set<std::string> folders;
        for (const MadeFile& file : commit.products) {
            const std::string within = io::folder_of(folder + file.name);
            if (folders.insert(within).second && !is_inside(within)) {
                cannot("publish", folder + file.name, "a link leads out of " + out_);
                return false;
            }
        }
        for (const MadeFile& file : commit.products)
            if (std::string why = gone(folder + file.part(commit.run), folder + file.name, file.bytes); !why.empty()) {
                rolled_.lost.push_back({commit.unit, commit.run, std::move(why)});
                return false;
            }
        bool all = true;
        for (const MadeFile& file : commit.products)
            all = rename(folder + file.part(commit.run), folder + file.name, file.bytes) && all;
        if (make_durable(folders) && all) rolled_.done.push_back({commit.unit, commit.run, ""});
        return published_ > before;
    }

    /// Why there is neither the part nor the product, as they were committed; "" where there is one.
    static std::string gone(const std::string& part, const std::string& path, std::uint64_t bytes) {
        const auto waits = size_of(part), named = size_of(path);
        if (waits == bytes || (!waits && named == bytes)) return {};
        if (waits) return fmt::format("{} has {} bytes, not {}", part, *waits, bytes);
        if (named) return fmt::format("{} has {} bytes, not {}", path, *named, bytes);
        return fmt::format("neither {} nor {} is there", path, io::name_of(part));
    }

    bool rename(const std::string& part, const std::string& path, std::uint64_t bytes) {
        if (!size_of(part)) return true;  // it has been done
        // Where some have failed for good, the others are not waited for as long.
        const int patience_ms = rolled_.cannot.size() < 8 ? patience_ms_ : 0;
        if (const std::string why = io::rename_patiently(part, path, bytes, patience_ms); !why.empty()) {
            cannot("publish", path, why);
            return false;
        }
        ++published_;
        return true;
    }

    bool make_durable(const std::set<std::string>& folders) {
        try {
            for (const std::string& folder : folders) io::sync_folder(folder);
            return true;
        } catch (const Failure& e) {
            rolled_.cannot.push_back(fmt::format("{}; the next start tries again", e.what()));
            return false;
        }
    }

    /// Parts may lie below the unit's folder, where its graph says so.
    void clear(std::size_t unit, const std::set<std::string>& runs) {
        const std::string folder = folder_of(unit);
        const std::size_t before = removed_;
        if (!io::is_there(folder)) return;
        if (!is_inside(folder)) return keep("clear", folder, "a link leads out of " + out_);
        std::error_code error;
        fs::recursive_directory_iterator entry(folder, error), end;
        for (; !error && entry != end; entry.increment(error)) {
            const auto part = io::PartName::from(entry->path().filename().string());
            if (!part || !runs.contains(part->run)) continue;
            if (::unlink(entry->path().c_str()) == 0)
                ++removed_;
            else if (errno != ENOENT)
                keep("remove", entry->path().string(), std::strerror(errno));
        }
        if (error) keep("clear", folder, error.message());
        if (removed_ > before) ++cleared_units_;
    }

    void keep(const std::string& verb, const std::string& path, const std::string& why) {
        cannot(verb, path, why);
        rolled_.cleared = false;
    }

    std::string out_, canonical_;
    const History& history_;
    int patience_ms_;
    Rolled rolled_;
    std::size_t published_ = 0, removed_ = 0, cleared_units_ = 0;
};

}  // namespace

Rolled roll_forward(const std::string& out, const History& history, int patience_ms) {
    return Roll(out, history, patience_ms).run();
}

void append(Journal& journal, const History& history, const Rolled& rolled) {
    // First: it is about attempts that nobody committed, and those that are lost become such.
    if (rolled.cleared && !history.dead().empty()) journal.append(line::Cleared{}.value());
    for (const auto& commit : rolled.done) journal.append(line::Done{history.id(commit.unit), commit.run}.value());
    for (const auto& commit : rolled.lost) {
        const Known known = history.known(commit.unit);
        journal.append(line::Failed{.unit = history.id(commit.unit),
                                    .run = commit.run,
                                    .attempt = known.attempts,
                                    .cause = commit.why,
                                    .code = int(ExitCode::file),
                                    .again = true}
                           .value());
    }
}

}  // namespace flowspan::batch
