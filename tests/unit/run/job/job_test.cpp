// Whole jobs on one rank, in this process.
#include "run/job/job.hpp"
#include "comm/local/local.hpp"
#include "tests/unit/run/start/always_there.hpp"

#include <flowspan/kernels.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

namespace flowspan::run {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Warns of every item.
struct Complain final : Block {
    Input<cf32> in{*this, "in"};
    void describe() override {}
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) warn("a sample");
    }
};

/// Sleeps in its first call.
struct Sleepy final : Block {
    Input<cf32> in{*this, "in"};
    void describe() override {}
    void work(std::size_t) override {
        if (in.index() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1050));
    }
};

struct Ran {
    JobResult result;
    std::vector<std::string> lines;  // without the time
    const Value& block(std::size_t k) const { return result.report.at("ranks").list()[0].at("blocks").list()[k]; }
};

Ran ran(const std::string& sink, const std::function<void(JobRequest&)>& change = {}) {
    Registry registry = built_in_blocks();
    registry.add<Complain>("complain", "Warns.");
    registry.add<Sleepy>("sleepy", "Sleeps.");
    JobRequest request;
    request.graph_file = "test.yaml";
    request.graph_text =
        "flowspan: 1\nblocks:\n  source: {type: signal_source, sample_rate: 1 MHz, length: 5000}\n  sink: {type: " + sink +
        "}\nconnections:\n  - source -> sink\nranks: {0: source, 1: sink}\n";
    request.out = ::testing::TempDir() + "/flowspan-job-" + std::to_string(getpid());
    if (change) change(request);
    Ran r;
    JobHooks hooks;
    hooks.note = [&](const std::string& line) { r.lines.push_back(line.substr(line.find(' ') + 1)); };
    const auto alone = comm::single_rank();
    r.result = run_job(*alone, registry, request, hooks, true);
    std::filesystem::remove_all(request.out);
    for (std::string& line : r.lines) {
        const auto host = line.find(alone->host());
        if (host != std::string::npos) line.replace(host, alone->host().size(), "HOST");
    }
    return r;
}

TEST(Job, SaysWarningsOfBlocksOnceAndCountsThem) {
    const Ran r = ran("complain", [](JobRequest& request) { request.log_level = 3; });
    EXPECT_EQ(r.result.code, ExitCode::done) << r.result.cause;
    EXPECT_THAT(r.lines, ElementsAre("warning [0 HOST sink] a sample", "warning [0 HOST sink] a sample … 4999 more"));
}

TEST(Job, SaysAsMuchAsItsLogLevelAsks) {
    EXPECT_THAT(ran("null_sink", [](JobRequest& request) { request.log_level = 4; }).lines, IsEmpty());
    EXPECT_THAT(ran("null_sink").lines, ElementsAre("info [0 HOST] the assignment is ignored on one rank"));
    EXPECT_THAT(ran("null_sink", [](JobRequest& request) { request.log_level = 0; }).lines,
                Contains("trace [0 HOST sink] ends after 5000 items"));
}

TEST(Job, KnowsTheLongestCallOfEveryBlockAndNamesOneThatIsTooLong) {
    const Ran r = ran("sleepy", [](JobRequest& request) { request.patience_s = 2; });
    EXPECT_GE(r.block(1).at("longest_call_s").real(), 1.05);
    EXPECT_THAT(r.lines, Contains(AllOf(HasSubstr("warning [0 HOST sink] one call took 1."),
                                        HasSubstr("longer than half of --patience (2 s)"))));
}

TEST(Job, OfOneRankGoesOnAfterACallOfAnyLength) {
    const Ran r = ran("sleepy", [](JobRequest& request) { request.patience_s = 0.5; });
    EXPECT_EQ(r.result.code, ExitCode::done) << r.result.cause;
    EXPECT_THAT(r.lines, Contains(HasSubstr("longer than half of --patience (0.5 s): among several ranks that is a failure")));
}

TEST(Job, ReportsWhichTransformAndTransportWereInForce) {
    const Ran r = ran("null_sink", [](JobRequest& request) { request.fft = "portable"; });
    EXPECT_EQ(r.result.report.at("fft").string(), "portable");
    EXPECT_EQ(r.result.report.at("transport").string(), "auto");
    EXPECT_NE(r.result.report.at("numeric_fingerprint"), ran("null_sink").result.report.at("numeric_fingerprint"))
        << "of a processor with SIMD";
}

/// Rank 0 of two, whose other rank says the same as this one, but for one word.
class Other final : public comm::Communicator {
public:
    Other(std::string word, std::string instead) : word_(std::move(word)), instead_(std::move(instead)) {}
    int rank() const override { return 0; }
    int size() const override { return 2; }
    std::string host() const override { return "node7"; }
    std::string library() const override { return "none"; }
    std::string broadcast(const std::string& text) override { return text; }
    std::vector<std::string> all_gather(const std::string& text) override {
        std::string other = text;
        if (const auto at = other.find(word_); at != std::string::npos) other.replace(at, word_.size(), instead_);
        return {text, other};
    }
    std::unique_ptr<Communicator> split(int) override { return nullptr; }
    comm::Request send(int, comm::Lane, const void*, std::size_t) override { return {}; }
    comm::Request send_synchronous(int, comm::Lane, const void*, std::size_t) override { return {}; }
    comm::Request receive(int, comm::Lane lane, void* data, std::size_t) override { return there_.receive(lane, data); }
    bool test(comm::Request& request, comm::Arrived* arrived) override { return there_.test(request, arrived); }
    bool cancel(comm::Request&) override { return true; }
    bool anything_unreceived() override { return false; }
    [[noreturn]] void abort(int code) override { std::exit(code); }

private:
    std::string word_, instead_;
    test::AlwaysThere there_;
};

std::string cause_beside(Other&& other, const std::string& fft) {
    JobRequest request;
    request.graph_file = "test.yaml";
    request.graph_text =
        "flowspan: 1\nblocks:\n  source: {type: null_source, length: 1}\n  sink: {type: null_sink}\nconnections:\n"
        "  - source -> sink\n";
    request.fft = fft;
    return run_job(other, built_in_blocks(), request, {}, true).cause;
}

TEST(Agreement, RefusesRanksThatComputeOtherBitsAndOffersPortableTransforms) {
    const std::string mine = kernels::fingerprint(), theirs = "0123456789abcdef";
    EXPECT_EQ(cause_beside({mine, theirs}, "native"),
              "the ranks differ:\n  fingerprint: \"" + mine + "\" on rank 0 (node7), \"" + theirs +
                  "\" on rank 1 (node7)\n"
                  "   hint: FFTW chooses its code by the processor; give --fft portable");
    kernels::portable_fft(true);
    EXPECT_THAT(cause_beside({kernels::fingerprint(), theirs}, "portable"),
                HasSubstr("   hint: start all ranks on nodes with the same libraries"));
    kernels::portable_fft(false);
}

TEST(Agreement, RefusesRanksOfAnotherBuild) {
    EXPECT_THAT(cause_beside({"little", "__big_"}, "native"),
                HasSubstr("the ranks differ:\n  byte_order: \"little\" on rank 0 (node7), \"__big_\" on rank 1 (node7)"));
}

}  // namespace
}  // namespace flowspan::run
