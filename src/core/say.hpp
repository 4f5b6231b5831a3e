// Lines for people on stderr.
#pragma once

#include <string>

namespace flowspan {

/// Writes the text to stderr, whole and at once. Never fails: the terminal may be closed, and a run does not end of that.
void say(const std::string& text);
/// The same with an end of line.
inline void say_line(const std::string& text) { say(text + "\n"); }

}  // namespace flowspan
