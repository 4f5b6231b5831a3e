// Whether all hosts of a batch see one folder at OUT: each makes a token there, and looks for those of the others.
#pragma once

#include "comm/communicator.hpp"

#include <set>
#include <string>
#include <vector>

namespace flowspan::batch {

/// What a host has to say of OUT.
struct OutSeen {
    int rank = 0;  // its first
    std::string host;
    std::string trouble{};  // why it cannot write there; "" where it can
    std::set<int> sees{};   // the ranks whose tokens it has found, its own among them
};

/// Whether these two see what the other writes.
bool share_out(const OutSeen& a, const OutSeen& b);
/// The first ranks of hosts that do not share the folder of the first of `all`, which is rank 0's; where all do, those that do
/// not share it with some other.
std::set<int> apart_from_first(const std::vector<OutSeen>& all);
/// What is wrong, as one clause: "node2 and node3 do not see what node1 writes there"; "" where nothing is.
std::string why_not_one(const std::vector<OutSeen>& all);

/// By rank: the first rank of its host.
std::vector<int> first_ranks(const std::vector<std::string>& hosts);

/// Names of tokens. `is_token` holds for those of other runs, too.
std::string token_name(const std::string& run, int rank);
bool is_token(const std::string& name);

/// Collective, on all ranks; `run`: the same on all. Makes the tokens, looks for at most a minute, and removes them, with those
/// that dead starts have left. The same on every rank; empty where there is one host. What a host cannot do is in its
/// `trouble`.
std::vector<OutSeen> look_at_out(comm::Communicator& communicator, const std::string& out, const std::string& run,
                                 const std::vector<std::string>& hosts);

/// The part of it that one host does.
class Token {
public:
    Token(std::string out, std::string run, int rank) : out_(std::move(out)), run_(std::move(run)), rank_(rank) {}
    /// Aside, then renamed. Throws Failure.
    void make();
    /// Those of `ranks` that are there. The folder is listed anew, for a look at a name alone may be answered from memory.
    std::set<int> found(const std::set<int>& ranks) const;
    /// Its own, and all that are ten minutes older than it. `folders`: those that it has made and that are empty, too.
    void remove(bool folders = false);
    /// No other host can see the folder, as it is on a file system of this one.
    bool local() const;

private:
    std::string folder() const { return out_ + "/.flowspan"; }
    std::string out_, run_;
    int rank_;
    bool made_ = false, made_folder_ = false, made_out_ = false;
};

}  // namespace flowspan::batch
