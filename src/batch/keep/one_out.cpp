#include "batch/keep/one_out.hpp"

#include "core/process/alive.hpp"
#include "io/claim/folder.hpp"
#include "run/agree/together.hpp"

#include <flowspan/diagnostic.hpp>

#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::batch {
namespace {

using Clock = std::chrono::steady_clock;

/// As long as a client of NFS may take an old look at a folder for the present.
constexpr auto look_for = std::chrono::seconds(60);
/// Where each has a file system of its own, nothing is to be waited for.
constexpr auto look_locally_for = std::chrono::seconds(1);
constexpr auto look_every = std::chrono::milliseconds(50);
constexpr time_t old_s = 600;
constexpr std::string_view prefix = "token-";

std::string several(const std::vector<std::string>& names) {
    if (names.size() == 1) return names.front();
    const auto last = names.end() - 1;
    return fmt::format("{} and {}", fmt::join(names.begin(), last, ", "), *last);
}

Value value_of(const OutSeen& seen) {
    Value::List sees;
    for (const int rank : seen.sees) sees.emplace_back(rank);
    return Value::Map{{"trouble", seen.trouble}, {"sees", sees}};
}

}  // namespace

bool share_out(const OutSeen& a, const OutSeen& b) {
    return a.trouble.empty() && b.trouble.empty() && a.sees.contains(b.rank) && b.sees.contains(a.rank);
}

std::set<int> apart_from_first(const std::vector<OutSeen>& all) {
    std::set<int> apart;
    for (const OutSeen& seen : all)
        if (seen.rank != all.front().rank && !share_out(seen, all.front())) apart.insert(seen.rank);
    if (!apart.empty()) return apart;
    for (std::size_t a = 1; a < all.size(); ++a)
        for (std::size_t b = a + 1; b < all.size(); ++b)
            if (!share_out(all[a], all[b])) apart.insert({all[a].rank, all[b].rank});
    return apart;
}

std::string why_not_one(const std::vector<OutSeen>& all) {
    for (const OutSeen& seen : all)
        if (!seen.trouble.empty()) return fmt::format("{} cannot write there: {}", seen.host, seen.trouble);
    for (const OutSeen& writer : all) {
        std::vector<std::string> blind;
        for (const OutSeen& seen : all)
            if (!seen.sees.contains(writer.rank)) blind.push_back(seen.host);
        if (blind.empty()) continue;
        return fmt::format("{} {} not see what {} writes there", several(blind), blind.size() == 1 ? "does" : "do",
                           writer.host);
    }
    return "";
}

std::vector<int> first_ranks(const std::vector<std::string>& hosts) {
    std::map<std::string, int> first;
    std::vector<int> by_rank;
    for (std::size_t r = 0; r < hosts.size(); ++r) by_rank.push_back(first.emplace(hosts[r], int(r)).first->second);
    return by_rank;
}

std::string token_name(const std::string& run, int rank) { return fmt::format("{}{}-{}", prefix, run, rank); }
bool is_token(const std::string& name) { return name.starts_with(prefix); }

void Token::make() {
    made_out_ = !io::is_there(out_);
    made_folder_ = !io::is_there(folder());
    const std::string path = folder() + "/" + token_name(run_, rank_), aside = path + ".new";
    made_ = true;
    constexpr int tries = 3;  // another start that is refused may remove the folder
    for (int k = 0; k < tries; ++k) {
        io::make_folder(folder());
        std::ofstream(aside) << run_ << '\n';
        if (std::rename(aside.c_str(), path.c_str()) == 0) return;
    }
    throw file_failure("write", path, errno);
}

std::set<int> Token::found(const std::set<int>& ranks) const {
    const std::vector<std::string> names = io::names_in(folder());
    const std::set<std::string> there(names.begin(), names.end());
    std::set<int> found;
    for (const int rank : ranks)
        if (there.contains(token_name(run_, rank))) found.insert(rank);
    return found;
}

void Token::remove(bool folders) {
    if (!made_) return;
    const std::string own = folder() + "/" + token_name(run_, rank_);
    struct stat mine {};
    if (::stat(own.c_str(), &mine) == 0) {
        for (const std::string& name : io::names_in(folder())) {
            const std::string path = folder() + "/" + name;
            struct stat other {};
            const bool old = is_token(name) && ::lstat(path.c_str(), &other) == 0 && mine.st_mtime - other.st_mtime > old_s;
            if (old) ::unlink(path.c_str());
        }
    }
    ::unlink(own.c_str());
    ::unlink((own + ".new").c_str());
    if (folders && made_folder_) ::rmdir(folder().c_str());
    if (folders && made_out_) ::rmdir(out_.c_str());
}

bool Token::local() const {
    // ext, XFS, Btrfs, tmpfs, ramfs, overlayfs
    static constexpr std::array<unsigned long, 6> types{0xEF53, 0x58465342, 0x9123683E, 0x01021994, 0x858458f6, 0x794c7630};
    struct statfs s {};
    if (::statfs(folder().c_str(), &s) != 0) return false;
    return std::find(types.begin(), types.end(), static_cast<unsigned long>(s.f_type) & 0xffffffffU) != types.end();
}

std::vector<OutSeen> look_at_out(comm::Communicator& communicator, const std::string& out, const std::string& run,
                                 const std::vector<std::string>& hosts) {
    const std::vector<int> first = first_ranks(hosts);
    const std::set<int> speakers(first.begin(), first.end());
    if (speakers.size() < 2) return {};
    const int own = communicator.rank();
    const bool speaks = first[std::size_t(own)] == own;
    OutSeen seen{.rank = own, .host = hosts[std::size_t(own)]};
    Token token(out, run, own);
    try {
        if (speaks) token.make();
    } catch (const std::exception& e) { seen.trouble = e.what(); }
    const std::vector<std::string> locals = communicator.all_gather(!speaks || token.local() ? "local" : "");
    const bool all_local = std::all_of(locals.begin(), locals.end(), [](const std::string& s) { return !s.empty(); });
    const auto until = Clock::now() + (all_local ? look_locally_for : look_for);
    while (speaks && seen.trouble.empty() && (seen.sees = token.found(speakers)) != speakers && Clock::now() < until) {
        std::this_thread::sleep_for(look_every);
        still_here();
    }
    const std::vector<std::string> said = communicator.all_gather(run::packed(value_of(seen)));
    std::vector<OutSeen> all;
    for (const int rank : speakers) {
        const Value v = run::unpacked(said[std::size_t(rank)]);
        OutSeen& s = all.emplace_back(OutSeen{.rank = rank, .host = hosts[std::size_t(rank)]});
        s.trouble = v.at("trouble").string();
        for (const Value& r : v.at("sees").list()) s.sees.insert(int(r.integer()));
    }
    if (speaks) token.remove(!why_not_one(all).empty());
    return all;
}

}  // namespace flowspan::batch
