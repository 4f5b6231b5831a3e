// What a rank tells the launcher, through its stderr: the one way that mpirun offers on every host. A word stands between two
// record separators, which no text for people has.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::cli {

/// Set in the environment of what the launcher starts.
inline constexpr const char* launcher_variable = "FLOWSPAN_LAUNCHER";
inline constexpr const char* terminal_variable = "FLOWSPAN_TERMINAL";

/// Whether this process was started by `launch`, so that TERM and INT reach it only as its end.
bool under_launcher();
/// Whether people see what goes to stderr as it comes: a terminal, or one behind `launch`.
bool stderr_is_terminal();

// Under `launch`; elsewhere nothing happens.
/// Any rank: it is there, on this host and as this process, and can take a signal.
void announce_here(int rank);
/// Any rank: when it goes now it is not lost: it has been told to, or is through. Waits for nobody.
void announce_leaving(int rank);
/// Rank 0, from any thread: it lives. Waits for nobody.
void announce_alive();
/// Rank 0: these are about to be the job's locks.
void announce_locks(const std::vector<std::string>& locks);
/// Rank 0: the run is committed.
void announce_committed();
/// Rank 0: all ranks can take a signal.
void announce_ready();
/// Not rank 0: how that was lost, for the launcher to say with what has become of the products.
void announce_loss(const std::string& how);
/// Rank 0: why the job ends by a signal that the launcher has got, for it to say.
void announce_end(const std::string& why);
/// Any rank, from now on: what it says when it crashes, to the launcher or, elsewhere, to people. Before MPI begins.
void announce_crashes(int rank, int ranks);
/// Any rank: the job's code.
void leave_code(int code);

/// Takes words out of a text that comes in pieces.
class WordFilter {
public:
    using Word = std::function<void(std::string_view name, const std::string& value)>;
    explicit WordFilter(Word word) : word_(std::move(word)) {}
    /// What is for people.
    std::string filter(std::string_view piece);
    /// What was held back of a word that never came to its end.
    std::string rest();

private:
    Word word_;
    std::string held_;  // of a word, from its separator on
};

}  // namespace flowspan::cli
