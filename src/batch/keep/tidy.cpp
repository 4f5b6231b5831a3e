#include "batch/keep/tidy.hpp"

#include "batch/journal/roll.hpp"
#include "batch/keep/hold.hpp"
#include "batch/see/index_all.hpp"
#include "batch/see/seen.hpp"
#include "core/mistakes/sane.hpp"
#include "io/claim/folder.hpp"
#include "io/claim/process.hpp"
#include "io/record/record.hpp"
#include "run/start/startup.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/version.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;

std::string many(std::size_t n, const std::string& what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

/// With host and process of who is there.
void refuse_where_it_runs(const std::string& out, const std::vector<PartOf>& parts) {
    for (const PartOf& part : parts)
        if (const auto holder = holder_of(out, part.k))
            throw Refused(Diagnostic{{},
                                     "",
                                     "a batch that does not run",
                                     fmt::format("{}, which process {} on {} works on{}", out, holder->pid, holder->host,
                                                 part.text().empty() ? "" : fmt::format(" ({})", part.text())),
                                     "wait for it, or stop it: TERM, USR1 or Ctrl-C",
                                     {}});
}

/// All that could begin meanwhile.
std::vector<int> numbers_of(const std::vector<PartOf>& parts) {
    constexpr int most = 10'000;
    std::set<int> numbers{0};
    for (const PartOf& part : parts) {
        numbers.insert(part.k);
        for (int k = 1; k <= std::min(part.n, most); ++k) numbers.insert(k);
    }
    return {numbers.begin(), numbers.end()};
}

/// A part of a batch with nobody in it but us: what dead starts have begun is ended first.
class Held {
public:
    Held(const std::string& out, const PartOf& part, const std::vector<std::string>& command, const std::string& run,
         Tidied& tidied)
        : out_(out), history_(History::read(out, part.k)) {
        for (const std::string& line : warnings_of(history_.troubles())) tidied.warnings.push_back(line);
        if (history_.lacks_a_journal())
            throw Failure(ExitCode::file, fmt::format("{}/.flowspan: a whole journal cannot be read; what it says of units is "
                                                      "needed: bring it back first",
                                                      out));
        const Rolled rolled = roll_forward(out, history_);
        tidied.did.insert(tidied.did.end(), rolled.did.begin(), rolled.did.end());
        tidied.warnings.insert(tidied.warnings.end(), rolled.cannot.begin(), rolled.cannot.end());
        journal_ = std::make_unique<Journal>(out, part.k);
        journal_->append(begin(part, command, run).value());
        append(*journal_, history_, rolled);
        journal_->sync();
        history_ = History::read(out, part.k, true);
    }
    const History& history() const { return history_; }
    Journal& journal() { return *journal_; }
    void end() {
        journal_->append(line::End{}.value());
        journal_->sync();
    }

private:
    line::Begin begin(const PartOf& part, const std::vector<std::string>& command, const std::string& run) const {
        line::Begin begin = history_.first().value_or(line::Begin());
        begin.run = run;
        begin.flowspan = version;
        const io::Process own = io::Process::own();
        begin.host = own.host;
        begin.pid = own.pid;
        begin.time = line::now_s();
        begin.command = command;
        begin.part = part.k;
        begin.parts = part.n;
        return begin;
    }

    std::string out_;
    History history_;
    std::unique_ptr<Journal> journal_;
};

/// The products of a unit, as the journal has them; links that lead out of OUT are not followed.
class Removal {
public:
    Removal(const std::string& out, const Known& known, Tidied& tidied)
        : out_(out),
          folder_(out + "/" + known.unit.folder),
          canonical_(io::canonical_folder(out)),
          known_(known),
          tidied_(tidied) {}

    /// Whether all are gone.
    bool run() {
        std::set<std::string> folders{folder_};
        for (const MadeFile& product : known_.products) {
            const std::string path = folder_ + "/" + product.name;
            const std::string within = io::folder_of(path);
            if (io::is_there(within) && !io::canonical_folder(within).starts_with(canonical_ + "/"))
                cannot(path, "a link leads out of " + out_);
            else if (::unlink(path.c_str()) == 0)
                ++removed_;
            else if (errno != ENOENT && errno != ENOTDIR)
                cannot(path, std::strerror(errno));
            for (std::string up = within; up.size() > out_.size() && folders.insert(up).second;) up = io::folder_of(up);
        }
        for (std::string up = folder_; up.size() > out_.size(); up = io::folder_of(up)) folders.insert(up);
        for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) ::rmdir(folder->c_str());  // if it is empty
        if (all_) tidied_.did.push_back(fmt::format("{}: {} removed", known_.unit.folder, many(removed_, "product")));
        if (all_ && io::is_there(folder_)) tidied_.warnings.push_back(folder_ + " holds other files, which stay");
        return all_;
    }

private:
    void cannot(const std::string& path, const std::string& why) {
        all_ = false;
        tidied_.warnings.push_back(
            fmt::format("cannot remove {}: {}; {} stays as it is in the journal", path, why, known_.unit.folder));
    }
    std::string out_, folder_, canonical_;
    const Known& known_;
    Tidied& tidied_;
    std::size_t removed_ = 0;
    bool all_ = true;
};

/// The parts in which units are, and those that there are not.
std::map<int, std::vector<std::string>> find_units(const std::string& out, const std::vector<PartOf>& parts,
                                                   const std::vector<std::string>& words) {
    std::set<std::string> wanted;
    for (const std::string& word : words) wanted.insert(unit_name(out, word));
    std::map<int, std::vector<std::string>> found;
    std::vector<std::string> names;
    for (const PartOf& part : parts) {
        const History history = History::read(out, part.k, true, true);
        std::erase_if(wanted, [&](const std::string& name) {
            if (!history.find(name)) return false;
            found[part.k].push_back(name);
            return true;
        });
        if (wanted.empty()) break;
        for (std::size_t u = 0; u < history.size(); ++u) names.push_back(history.known(u).unit.folder);
    }
    Diagnostics wrong;
    for (const std::string& name : wanted) {
        const Refused none = no_such_unit(name, [&](const auto& give) {
            for (const std::string& one : names) give(one);
        });
        wrong.insert(wrong.end(), none.diagnostics().begin(), none.diagnostics().end());
    }
    if (!wrong.empty()) throw Refused(std::move(wrong));
    return found;
}

/// What lies in OUT/.flowspan aside: files that were being written.
bool is_left_aside(const std::string& name) {
    return (name.starts_with("index-") && name.ends_with(".part")) || name.starts_with("status-") ||
           (name.starts_with(".status-") && name.ends_with(".new"));
}

class Cleaning {
public:
    Cleaning(std::string out, std::string own_run, Tidied& tidied)
        : out_(std::move(out)), own_run_(std::move(own_run)), tidied_(tidied) {}

    void keep(const std::string& run) { committed_.insert(run); }
    void run() {
        std::error_code error;
        fs::recursive_directory_iterator entry(out_, error), end;
        for (; !error && entry != end; entry.increment(error)) {
            const std::string name = entry->path().filename().string();
            std::error_code ignored;
            if (name == ".flowspan" && entry->is_directory(ignored)) {
                entry.disable_recursion_pending();
                continue;
            }
            if (const auto part = io::PartName::from(name);
                part && entry->is_regular_file(ignored) && !entry->is_symlink(ignored))
                remove_part(entry->path().string(), part->run);
        }
        if (error) tidied_.warnings.push_back(fmt::format("cannot look through {}: {}", out_, error.message()));
        own_folder();
        tidied_.did.push_back(removed_ == 0 && aside_ == 0
                                  ? "nothing was left aside"
                                  : fmt::format("removed {} of attempts that nobody committed and {} aside",
                                                many(removed_, "part"), many(aside_, "file")));
    }

private:
    // A person may have runs of their own below OUT.
    bool belongs_to_a_run(const std::string& folder, const std::string& run) {
        if (committed_.contains(run) || io::is_there(io::record_path(folder, run))) return true;
        auto [known, is_new] = locks_.try_emplace(folder);
        if (is_new) {
            const auto now = std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
            for (const io::FoundLock& lock : io::locks_in(folder).locks)
                if (!lock.is_dead(now)) known->second.insert(lock.run);
        }
        return known->second.contains(run);
    }
    void remove_part(const std::string& path, const std::string& run) {
        if (belongs_to_a_run(io::folder_of(path), run)) {
            tidied_.warnings.push_back(path + " stays: a run has committed it, or is writing it");
            return;
        }
        remove(path, removed_);
    }
    void remove(const std::string& path, std::size_t& count) {
        if (::unlink(path.c_str()) == 0)
            ++count;
        else if (errno != ENOENT)
            tidied_.warnings.push_back(fmt::format("cannot remove {}: {}", path, std::strerror(errno)));
    }
    void own_folder() {
        const std::string folder = out_ + "/.flowspan";
        for (const std::string& name : io::names_in(folder))
            if (is_left_aside(name)) remove(folder + "/" + name, aside_);
        for (const std::string& name : io::names_in(folder + "/requests"))
            if (name.starts_with(".request-") && name.ends_with(".new")) remove(folder + "/requests/" + name, aside_);
        const auto now = std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
        for (const io::FoundLock& lock : io::locks_in(folder).locks)
            if (lock.run != own_run_ && lock.is_dead(now)) remove(lock.path, aside_);
    }

    std::string out_, own_run_;
    Tidied& tidied_;
    std::set<std::string> committed_;
    std::map<std::string, std::set<std::string>> locks_;
    std::size_t removed_ = 0, aside_ = 0;
};

}  // namespace

Tidied delete_units(const std::string& out, const std::vector<std::string>& words, const std::vector<std::string>& command) {
    Tidied tidied;
    const auto parts = parts_of(out);
    const auto found = find_units(out, parts, words);
    std::vector<PartOf> concerned;
    std::vector<int> numbers;
    for (const PartOf& part : parts)
        if (found.contains(part.k)) {
            concerned.push_back(part);
            numbers.push_back(part.k);
        }
    refuse_where_it_runs(out, concerned);
    const std::string run = run::new_run_id();
    const auto locks = lock_parts(out, numbers, run);
    for (const PartOf& part : concerned) {
        Held held(out, part, command, run, tidied);
        for (const std::string& name : found.at(part.k)) {
            const auto at = held.history().find(name);
            if (!at) continue;
            // The line comes last: products that are gone without it are missing ones, and made again.
            if (Removal(out, held.history().known(*at), tidied).run())
                held.journal().append(line::Asked{"delete", held.history().id(*at), ""}.value());
        }
        held.end();
    }
    if (io::is_there(out + "/index.jsonl")) write_index(out, run);
    return tidied;
}

Tidied clean(const std::string& out, const std::vector<std::string>& command) {
    Tidied tidied;
    const auto parts = parts_of(out);
    refuse_where_it_runs(out, parts);
    const std::string run = run::new_run_id();
    const auto locks = lock_parts(out, numbers_of(parts), run);
    Cleaning cleaning(out, run, tidied);
    for (const PartOf& part : parts) {
        Held held(out, part, command, run, tidied);
        for (const Committed& commit : held.history().committed()) cleaning.keep(commit.run);
        held.end();
    }
    cleaning.run();
    return tidied;
}

}  // namespace flowspan::batch
