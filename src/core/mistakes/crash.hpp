// What a process says when it crashes.
#pragma once

#include <string>

namespace flowspan {

/// How the line, or the word, of a crash is made: all that can be laid ready for it.
struct CrashWords {
    std::string who;             // "rank 1 (node7): "; "" where there is one rank
    std::string before, behind;  // for a launcher, in the place of the line: around "SIGSEGV gain"; "": nobody asks for it
};

/// From now on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT say on stderr in which block the thread was,
///     flowspan: rank 1 (node7): gain: crashed by SIGSEGV
/// before they end the process as always. Signals that somebody else handles already (a sanitizer) are left to that. Before MPI
/// begins, whose own handlers print a page; `words` may be said anew, then they hold from there on.
void say_crashes(const CrashWords& words);

/// As before the first `say_crashes`. For processes that are made by fork, and watched by who made them.
void say_no_crashes();

/// The name of the block in a call of which this thread is (see InCall); null outside of them. For handlers of signals, too.
const std::string* in_call_of();

/// "SIGSEGV gain", as it came to the launcher, in words: "crashed by SIGSEGV in block gain".
std::string crash_text(const std::string& word);

}  // namespace flowspan
