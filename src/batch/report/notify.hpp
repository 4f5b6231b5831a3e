// `--notify CMD`: somebody is told that a batch is over.
#pragma once

#include <flowspan/value.hpp>

#include <map>
#include <string>

namespace flowspan::batch {

/// Runs the command by /bin/sh, with `summary` as JSON on its stdin and `variables` in its environment, and waits for it, at
/// most `patience_s`. Returns what is to be warned of, "" where it has ended with 0. Throws nothing.
std::string notify(const std::string& command, const Value& summary, const std::map<std::string, std::string>& variables,
                   double patience_s = 60);

}  // namespace flowspan::batch
