// A program of your own around flowspan's command line.
#pragma once

namespace flowspan {

class Registry;

/// All that the program `flowspan` does with these arguments (`run GRAPH -n 4`, `check GRAPH`, `blocks`, …), with the block
/// types that `register_more` adds beside flowspan's own. Returns the exit code. Every rank runs the same program.
///
///     int main(int argc, char** argv) { return flowspan::main(argc, argv, flowspan_register); }
int main(int argc, char** argv, void (*register_more)(Registry&) = nullptr);

}  // namespace flowspan
