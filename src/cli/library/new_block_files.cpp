#include "cli/library/new_block_files.hpp"

namespace flowspan::cli {
namespace {

constexpr std::string_view block = R"(#include <flowspan/flowspan.hpp>

using namespace flowspan;

namespace {

// y[n] = factor (x[n] - x[n-1])
struct @Name@Block final : Block {
    Parameter<double> factor{
        *this, "factor", {.initial = 1.0, .min = 0.0, .when = Change::running, .help = "What each difference is multiplied by."}};
    Input<cf32> in{*this, "in"};
    Output<cf32> out{*this, "out"};

    void describe() override {  // pure: runs on every rank, before anything else
        in.history(1);          // `work` reads in[-1]
        out.describe(in.description());
    }
    void work(std::size_t n) override {
        const f32 k = f32(factor);
        for (long i = 0; i < long(n); ++i) out[i] = k * (in[i] - in[i - 1]);
    }
};

}  // namespace

void flowspan_register(Registry& registry) {
    registry.add<@Name@Block>("@name@", "Differences of neighbouring samples.", "factor: 2");
}
)";

constexpr std::string_view test = R"(// @name@ alone: no graph file, no MPI.
#include <flowspan/plugin.hpp>
#include <flowspan/test.hpp>

#include <cstdio>

using namespace flowspan;

namespace {

int failures = 0;

void check(bool holds, const char* sentence) {
    std::printf("%s %s\n", holds ? "ok    " : "FAILED", sentence);
    failures += holds ? 0 : 1;
}

std::vector<cf32> made(const Value::Map& parameters, const std::vector<cf32>& input, std::uint64_t seed = 0) {
    Registry registry;
    flowspan_register(registry);
    test::Options options;
    options.registry = &registry;
    options.seed = seed;  // not 0: calls of random size
    return test::run("@name@", parameters, {test::Stream::of(input, Rational(1000))}, options).outputs[0].samples<cf32>();
}

}  // namespace

int main() {
    check(made({{"factor", 2.0}}, {{1, 0}, {3, 1}, {6, 0}}) == std::vector<cf32>{{2, 0}, {4, 2}, {6, -2}},
          "differences are multiplied by the factor, and before the first sample there is zero");
    check(made({}, {}).empty(), "nothing comes out where nothing goes in");

    std::vector<cf32> input(10007);
    for (std::size_t i = 0; i < input.size(); ++i) input[i] = {f32(i % 97), f32(i % 89)};
    const auto whole = made({}, input);
    check(whole.size() == input.size(), "as many samples come out as go in");
    for (std::uint64_t seed = 1; seed <= 5; ++seed) check(made({}, input, seed) == whole, "calls of any size give the same");

    try {
        made({{"factor", -1.0}}, input);
        check(false, "a negative factor is refused");
    } catch (const Refused& e) {
        check(e.diagnostics().at(0).expected == "a number >= 0", "a negative factor is refused");
    }
    return failures == 0 ? 0 : 1;
}
)";

constexpr std::string_view program = R"(// flowspan's command line with @name@ inside.
#include <flowspan/main.hpp>
#include <flowspan/plugin.hpp>

int main(int argc, char** argv) { return flowspan::main(argc, argv, flowspan_register); }
)";

constexpr std::string_view graph = R"(flowspan: 1
name: @name@
blocks:
  source: {type: signal_source, sample_rate: 1 MHz, frequency: 10 kHz, length: 1000000}
  block:  {type: @name@, factor: 2}
  sink:   {type: file_sink, path: @name@.sigmf-meta}
connections:
  - source -> block -> sink
ranks:
  0: source
  1: block, sink
)";

constexpr std::string_view cmake = R"(cmake_minimum_required(VERSION 3.25)
project(@name@ LANGUAGES CXX)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
find_package(flowspan @version@ REQUIRED)

flowspan_add_plugin(@name@_plugin @name@.cpp)  # for `flowspan run --plugin`

add_executable(@name@_program @name@_program.cpp @name@.cpp)  # or a program of its own
target_link_libraries(@name@_program PRIVATE flowspan::flowspan)

enable_testing()
add_executable(@name@_test @name@_test.cpp @name@.cpp)
target_link_libraries(@name@_test PRIVATE flowspan::flowspan)
add_test(NAME @name@_test COMMAND @name@_test)
add_test(NAME @name@_graph COMMAND flowspan::program run "${CMAKE_CURRENT_SOURCE_DIR}/@name@.yaml"
  --plugin $<TARGET_FILE:@name@_plugin> --out out --overwrite)
)";

constexpr std::string_view readme = R"(# @name@

A block for flowspan: `@name@.cpp`. Its test is `@name@_test.cpp`; `@name@.yaml` is a graph that uses it.

```sh
cmake -S . -B build             # flowspan elsewhere than /usr or /usr/local: -DCMAKE_PREFIX_PATH=WHERE
cmake --build build
ctest --test-dir build --output-on-failure

flowspan blocks @name@ --plugin build/@name@_plugin.so             # its ports and parameters
flowspan run @name@.yaml --plugin build/@name@_plugin.so           # on one rank
flowspan run @name@.yaml --plugin build/@name@_plugin.so -n 2 --overwrite
build/@name@_program run @name@.yaml --overwrite                   # a program with the block inside
```

`export FLOWSPAN_PLUGINS=$PWD/build/@name@_plugin.so` makes `--plugin` unnecessary. A plug-in runs with the very flowspan that it was
built against; after an update of flowspan, build it anew.
)";

constexpr TemplateFile files[] = {{"@name@.cpp", block},  {"@name@_test.cpp", test}, {"@name@_program.cpp", program},
                                  {"@name@.yaml", graph}, {"CMakeLists.txt", cmake}, {"README.md", readme}};

}  // namespace

std::span<const TemplateFile> new_block_files() { return files; }

}  // namespace flowspan::cli
