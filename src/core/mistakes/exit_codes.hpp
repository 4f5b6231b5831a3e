// The exit codes of the program, for its help, its man page and docs/reference/exit-codes.md.
#pragma once

#include <flowspan/diagnostic.hpp>

#include <array>
#include <string_view>

namespace flowspan {

struct ExitCodeText {
    ExitCode code;
    std::string_view brief;  // "usage or graph"
    std::string_view means;  // whole sentences
};

inline constexpr std::array<ExitCodeText, 7> exit_codes{{
    {ExitCode::done, "done", "All that was asked for is done. Products have their names."},
    {ExitCode::usage, "usage or graph",
     "The command line, the graph or what its blocks are told is wrong. It is said what, where and what would be right; "
     "nothing has "
     "run, and nothing is made. Of `ctl`: the run has refused it."},
    {ExitCode::file, "input or output",
     "A file cannot be read or written, or does not hold what it should. Nothing is published, but where the last line says "
     "so."},
    {ExitCode::block, "a block failed",
     "A block has failed while it ran; rank, block and cause are named, and nothing is published. Of `batch`: units have "
     "failed, the "
     "others are done."},
    {ExitCode::communication, "communication or a lost rank",
     "A rank or the way to it is lost, or ranks do not fit together. The rank is named; the last line says whether products "
     "had been "
     "committed. Of `ctl`: nobody serves the socket, or the connection was lost."},
    {ExitCode::bug, "a bug in flowspan", "Something that must not happen. Please report it, with the last lines on stderr."},
    {ExitCode::stopped, "stopped on request",
     "A signal or `ctl stop` has ended it before its end. What was made is kept as `NAME.partial.EXT`; of a batch, the next "
     "start goes "
     "on where this one was left."},
}};

/// What ends a process otherwise.
inline constexpr std::string_view code_of_signals =
    "128 + N: Ended by signal N, which is no request to stop: 131 by QUIT, 137 by KILL, 153 where a file grew beyond `ulimit "
    "-f`. What "
    "was left then, the next run there or `flowspan recover` clears away.";

}  // namespace flowspan
