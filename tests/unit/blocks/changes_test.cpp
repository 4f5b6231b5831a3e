// What a change of a parameter does to a block in the middle of its stream: calls before it have the old value, calls after it
// the new one, and phases go on.
#include "kernels/fir/fir.hpp"
#include "kernels/rotate/rotate.hpp"
#include "runtime/task/access.hpp"
#include "tests/unit/blocks/running.hpp"

#include <flowspan/kernels.hpp>

#include <numbers>

namespace flowspan::test {
namespace {

constexpr double rate = 1000;

/// One block, called by hand, as the loop calls it around a change: work, set, prepare, work.
class Driven {
public:
    Driven(const std::string& type, const Value::Map& parameters, std::vector<cf32> in = {}) : in_(std::move(in)) {
        block_ = built_in_blocks().find(type)->variants[0].make();
        for (const auto& [name, value] : parameters) block_->parameter(name)->set(value);
        if (!block_->inputs().empty()) {
            StreamDescription d;
            d.type = SampleType::cf32;
            d.sample_rate = Rational(std::int64_t(rate));
            runtime::Access::describe(*block_->inputs()[0], d);
        }
        block_->describe();
        runtime::Access::connect(*block_->outputs()[0], true, sizeof(cf32));
        block_->prepare();
        if (!block_->inputs().empty()) history_ = block_->inputs()[0]->history();
        in_.insert(in_.begin(), history_, cf32{});
        out_.reserve(1 << 16);
    }
    void work(std::size_t n) {
        const std::uint64_t D = block_->declared().ratio.decimation, first = out_.size();
        if (!block_->inputs().empty())
            runtime::Access::place(*block_->inputs()[0], reinterpret_cast<const std::byte*>(&in_[history_ + first * D]),
                                   first * D, n * D);
        out_.resize(first + n);
        runtime::Access::place(*block_->outputs()[0], reinterpret_cast<std::byte*>(&out_[first]), first);
        block_->work(n);
    }
    void change(const std::string& name, const Value& value) {
        block_->parameter(name)->set(value);
        block_->prepare();
    }
    const std::vector<cf32>& out() const { return out_; }

private:
    std::unique_ptr<Block> block_;
    std::vector<cf32> in_, out_;
    std::size_t history_ = 0;
};

std::vector<cf32> ramp_of(std::size_t n) {
    std::vector<cf32> x;
    for (std::size_t k = 0; k < n; ++k) x.emplace_back(float(k), -0.5F * float(k));
    return x;
}

cf64 turned(double turns) { return std::polar(1.0, 2 * std::numbers::pi * turns); }

/// Turns after i samples, at f1 before `at` and f2 from there on.
double turns(std::size_t i, std::size_t at, double f1, double f2) {
    return i < at ? double(i) * f1 / rate : double(at) * f1 / rate + double(i - at) * f2 / rate;
}

TEST(Changes, OfAShiftKeepThePhase) {
    Driven block("frequency_translate", {{"shift", 37.0}}, std::vector<cf32>(1000, cf32(1, 0)));
    block.work(300);
    block.work(33);
    block.change("shift", -211.5);
    block.work(600);
    std::vector<cf64> expected;
    for (std::size_t i = 0; i < 933; ++i) expected.push_back(turned(-turns(i, 333, 37, -211.5)));
    EXPECT_LE(oracle::relative_error(block.out(), expected), 1e-6);
}

TEST(Changes, OfAShiftKeepThePhaseOfADecimatedStream) {
    // A tone that is followed: at 0 Hz before and after, so the output stands still. But between the time that the first output
    // with the new shift stands for and the change of the tone, as long as the filter's delay, it turns by the difference.
    constexpr int delay = 30;
    std::vector<cf32> in;
    for (std::size_t i = 0; i < 4000; ++i) in.emplace_back(turned(turns(i, 2000, 100, 120)));
    Driven block("frequency_translate", {{"shift", 100.0}, {"decimation", 4}, {"taps_count", 2 * delay + 1}}, in);
    block.work(500);
    block.change("shift", 120.0);
    block.work(450);
    const cf32 before = block.out()[490], after = block.out()[900];
    EXPECT_NEAR(std::abs(before), 1, 1e-3);
    EXPECT_NEAR(std::abs(cf64(before) * turned(-20.0 * delay / rate) - cf64(after)), 0, 1e-4) << "no phase was lost";
}

TEST(Changes, OfTheSameKindRepeatToTheBitHoweverCallsAreCut) {
    std::vector<std::vector<cf32>> made;
    for (const std::size_t piece : {1, 7, 250}) {
        Driven block("frequency_translate", {{"shift", 37.0}}, std::vector<cf32>(1000, cf32(1, 0)));
        for (std::size_t at = 0; at < 750; at += piece) {
            const std::size_t n = std::min(piece, 750 - at);
            const std::size_t first = at < 500 ? std::min(n, 500 - at) : n;  // the loop cuts at the change
            block.work(first);
            if (at + first == 500) block.change("shift", 90.0);
            if (n > first) block.work(n - first);
        }
        made.push_back(block.out());
    }
    EXPECT_TRUE(made[0] == made[1] && made[1] == made[2]);
}

TEST(Changes, OfASourcesFrequencyKeepThePhase) {
    Driven source("signal_source", {{"kind", "cosine"}, {"sample_rate", rate}, {"frequency", 10.0}, {"phase", 0.3}});
    source.work(123);
    source.change("frequency", 77.0);
    source.work(500);
    std::vector<cf64> expected;
    for (std::size_t i = 0; i < 623; ++i) expected.push_back(turned(0.3 / (2 * std::numbers::pi) + turns(i, 123, 10, 77)));
    EXPECT_LE(oracle::relative_error(source.out(), expected), 1e-6);
}

TEST(Changes, OfAConstantHoldFromTheNextSampleOn) {
    const std::vector<cf32> in = ramp_of(100);
    Driven block("multiply_const", {{"constant", 2.0}}, in);
    block.work(41);
    block.change("constant", -3.0);
    block.work(20);
    block.change("constant", std::complex<double>(-3, 1));
    block.work(39);
    for (std::size_t i = 0; i < 100; ++i) {
        const cf32 factor = i < 41 ? cf32(2, 0) : i < 61 ? cf32(-3, 0) : cf32(-3, 1);
        EXPECT_EQ(block.out()[i], in[i] * factor) << i;
    }
}

TEST(Changes, OfTapsHoldFromTheNextOutputOnOverTheSameHistory) {
    const std::vector<double> one{0.5, 0.25, -1, 2}, other{1, 0, 0.125, -0.5};
    const std::vector<cf32> in = ramp_of(400);
    const auto filtered = [&](const std::vector<double>& taps, std::size_t from, std::size_t n) {
        const kernels::Fir<cf32> filter(taps);
        std::vector<cf32> padded(filter.history()), out(n);
        padded.insert(padded.end(), in.begin(), in.end());
        filter(padded.data() + filter.history() + from, out.data(), n);
        return out;
    };
    std::vector<cf32> changed = filtered(one, 0, 133);
    const auto rest = filtered(other, 133, 267);
    changed.insert(changed.end(), rest.begin(), rest.end());
    for (std::size_t i = 0; i < changed.size(); ++i) {
        cf64 expected;
        for (std::size_t k = 0; k < 4 && k <= i; ++k) expected += (i < 133 ? one : other)[k] * cf64(in[i - k]);
        EXPECT_NEAR(std::abs(cf64(changed[i]) - expected), 0, 1e-3) << i;
    }
}

}  // namespace
}  // namespace flowspan::test
