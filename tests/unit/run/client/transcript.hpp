// Replays a written conversation with a control socket: docs/control.md has one.
#pragma once

#include "raw_client.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace flowspan::test {

/// The lines of the fenced block that begins with a line of the server (`< `). Empty when there is none.
std::vector<std::string> transcript_in(const std::string& markdown);

/// Whether `line` is `pattern`, in which each `…` stands for any characters.
bool matches(std::string_view pattern, std::string_view line);

/// Sends the lines that begin with `> ` and compares what comes with those that begin with `< `. Lines of the server that
/// stand together may come in any order. The first difference as a sentence; "" when there is none.
std::string replay(const std::vector<std::string>& transcript, RawClient& client);

}  // namespace flowspan::test
