#include "cli/cli.hpp"

#include <CLI/CLI.hpp>

namespace flowspan::cli {

void add_draw(CLI::App&, int&) {}

}  // namespace flowspan::cli
