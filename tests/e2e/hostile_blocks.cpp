// A block that does what no block should, for tests: it passes samples on until it comes to `at`.
#include <flowspan/flowspan.hpp>

#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace flowspan {
namespace {

class Hostile final : public Block {
public:
    Parameter<std::string> does{*this,
                                "does",
                                {.initial = "nothing",
                                 .choices = {"nothing", "segfault", "abort", "hang", "eat", "exit", "throw", "kill"},
                                 .help = "What it does at that sample."}};
    Parameter<std::int64_t> at{*this, "at", {.initial = 500, .help = "The sample."}};
    Input<cf32> in{*this, "in"};
    Output<cf32> out{*this, "out"};

    void describe() override { out.describe(in.description()); }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) {
            if (std::int64_t(out.index() + k) == at) misbehave();
            out[std::ptrdiff_t(k)] = in[std::ptrdiff_t(k)];
        }
    }

private:
    void misbehave() {
        const std::string& what = does;
        if (what == "segfault") std::raise(SIGSEGV);
        if (what == "abort") std::abort();
        if (what == "kill") std::raise(SIGKILL);
        if (what == "exit") std::exit(3);
        if (what == "throw") throw std::runtime_error("it does not want to");
        while (what == "hang") usleep(10'000);
        static std::vector<std::vector<char>> eaten;
        while (what == "eat") eaten.emplace_back(std::size_t(1) << 20, 'x');
    }
};

}  // namespace
}  // namespace flowspan

void flowspan_register(flowspan::Registry& r) { r.add<flowspan::Hostile>("hostile", "Does what no block should."); }
