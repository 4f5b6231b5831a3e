// Plug-ins are those that rank 0 names, on all ranks: a host that lacks one is sent a copy. docs/batches.md.
#pragma once

#include "comm/communicator.hpp"
#include "run/plugins/library.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::run {

/// A plug-in of rank 0, as the others are told of it.
struct OfferedPlugin {
    std::string name;
    std::uint64_t bytes = 0;
    std::string hash;  // SHA-256

    Value value() const;
    static OfferedPlugin from(const Value& v);
};

/// Its content, on rank 0. Nothing where it cannot be read: then every rank says so of its own.
struct PluginContent {
    OfferedPlugin offered;
    std::string bytes;
    /// Each file once, whatever the paths that lead to it.
    static std::vector<PluginContent> of(const std::vector<std::string>& files);
};

/// A copy that comes piece by piece: a file of memory (no folder that is full, or whose files may not be run, and nothing that
/// is left behind), which lasts as long as this process.
class PluginCopy {
public:
    explicit PluginCopy(OfferedPlugin offered) : offered_(std::move(offered)) {}
    /// The next piece. Nothing is thrown: what goes wrong is said by `plugin`.
    void add(const std::string& piece);
    bool complete() const { return got_ >= offered_.bytes; }
    std::uint64_t bytes() const { return got_; }
    const OfferedPlugin& offered() const { return offered_; }
    /// Once it is complete. Its name leads there for other processes of this user and host as well.
    PluginFile plugin();

private:
    OfferedPlugin offered_;
    int file_ = -1;  // is not closed: another file would come to have its name, by which the loader knows what it has
    std::uint64_t got_ = 0;
    std::string trouble_;
};

inline constexpr std::size_t plugin_piece_bytes = std::size_t(1) << 20;

/// Whether nothing has the name of this plug-in here. (What has, is loaded, and ranks compare what they have loaded.)
bool is_lacking(const std::string& name);

/// What each rank has to load: rank 0's `files`, sent in pieces to one rank of each host that lacks some. Collective. Throws
/// Failure, ToldToLeave.
std::vector<PluginFile> share_plugins(comm::Communicator& communicator, double patience_s,
                                      const std::function<void(int code)>& leaving, const std::vector<std::string>& files);

}  // namespace flowspan::run
