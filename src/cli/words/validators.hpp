// What a word of the command line must be: checks for options, in our own sentences.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class Validator;
}

namespace flowspan::cli {

/// "expected a whole number from 1 to 8, got two".
CLI::Validator whole_number(std::int64_t least, std::int64_t most);
/// "expected cpu, cuda or auto, got gpu", with the nearest one.
CLI::Validator one_of(std::vector<std::string> words);
/// More than 0 and at most 1e7; makes a plain number of a time with a unit, as in 2 min.
CLI::Validator seconds();
/// As in a graph, 100 MB or 8 GiB; a letter alone is a power of 1024, as in 8G. Makes bytes of it.
CLI::Validator size();

}  // namespace flowspan::cli
