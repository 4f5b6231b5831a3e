// Which rank has been lost where none could say so: rank 0 itself, or one that is lost while the run begins.
#pragma once

#include "cli/launch/relay.hpp"

#include <set>
#include <string>
#include <utility>

namespace flowspan::cli {

/// Below mpirun one loss ends all within two seconds, so what counts is who went first, without a word. Ranks of this host are
/// seen to go. Of other hosts it is known who has said that it leaves: each says so when mpirun tells it to.
class LostRanks {
public:
    /// `host`: this one.
    explicit LostRanks(std::string host) : host_(std::move(host)) {}
    /// Called all the time. `is_there` says whether a process of this host is.
    template <class IsThere>
    void look(const Told& told, const IsThere& is_there) {
        std::erase_if(gone_, [&](int rank) { return told.leaving.contains(rank); });  // (the word came later)
        if (!gone_.empty()) return;
        for (const auto& [rank, here] : told.here)
            if (here.host == host_ && !told.leaving.contains(rank) && !is_there(here.process)) gone_.insert(rank);
    }
    /// After the end, as the beginning of a sentence: "rank 0 (node7, process 4711) is lost", or how it crashed. "" where
    /// nobody knows.
    std::string text(const Told& told, int ranks) const;
    /// Of ranks that could say that they crash: "rank 1 (node7, process 4711) crashed by SIGSEGV in block gain". "" where none
    /// did.
    static std::string crashed(const Told& told);

private:
    std::string host_;
    std::set<int> gone_;  // the first
};

}  // namespace flowspan::cli
