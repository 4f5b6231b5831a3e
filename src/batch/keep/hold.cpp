#include "batch/keep/hold.hpp"

#include "io/claim/folder.hpp"
#include "io/record/recover.hpp"

#include <flowspan/diagnostic.hpp>

#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

std::string own_folder(const std::string& out) { return out + "/.flowspan"; }
std::string lock_name(int part) { return fmt::format("batch-{}", part); }

}  // namespace

std::optional<Holder> holder_of(const std::string& out, int part) {
    io::Names names;
    names.add(lock_name(part));
    const auto now = std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
    for (const io::FoundLock& lock : io::locks_in(own_folder(out)).locks)
        if (lock.names.common(names) && !lock.is_dead(now)) return Holder{lock.run, lock.process.host, lock.process.pid};
    return std::nullopt;
}

std::unique_ptr<io::RunLocks> lock_parts(const std::string& out, const std::vector<int>& parts, const std::string& run) {
    const std::string folder = own_folder(out);
    io::make_folder(folder);
    io::Claims claims;
    io::Claim& claim = claims[io::canonical_folder(folder)];
    claim.folder = folder;
    claim.elsewhere = false;
    for (const int part : parts) claim.names.add(lock_name(part));
    try {
        auto locks = std::make_unique<io::RunLocks>(run, claims);
        io::recover(*locks, claims);  // locks of starts that were killed go
        return locks;
    } catch (const Refused& refused) {
        Diagnostics all = refused.diagnostics();
        for (Diagnostic& d : all) {
            d.expected = "a folder that no other batch works on";
            d.hint = "wait for that batch (--wait), or give another --out";
        }
        throw Refused(std::move(all));
    }
}

}  // namespace flowspan::batch
