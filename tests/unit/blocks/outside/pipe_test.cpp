// Programs within a graph: what they write, how they end, and how much they may write when.
#include "tests/unit/blocks/running.hpp"

#include <gmock/gmock.h>

namespace flowspan::test {
namespace {
using testing::HasSubstr;

Stream counting(std::size_t n) {
    std::vector<f32> x(n);
    for (std::size_t k = 0; k < n; ++k) x[k] = f32(k);
    return Stream::of(x, Rational(1000));
}
Value::Map shell(const std::string& line, Value::Map more = {}) {
    more["command"] = Value::List{line};
    more["shell"] = true;
    return more;
}
std::string failure_of(const Value::Map& parameters, const Stream& in) {
    try {
        run("pipe", parameters, {in});
    } catch (const Failure& failure) { return failure.what(); }
    return "nothing";
}

TEST(Pipe, PassesWhatAProgramMakes) {
    for (const std::size_t n : {0, 1, 1000, 65535, 65536, 65537, 300001}) {
        const Stream in = counting(n);
        EXPECT_TRUE(run("pipe", {{"command", Value::List{"cat"}}}, {in}).outputs[0].bytes == in.bytes) << n;
    }
    expect_chunks_do_not_matter("pipe", {{"command", Value::List{"cat"}}}, {counting(2000)});
}

TEST(Pipe, TakesAllThatComesAtTheEnd) {
    const Stream in = counting(700001);
    EXPECT_TRUE(run("pipe", shell("cat >/tmp/flowspan-pipe.$$; cat /tmp/flowspan-pipe.$$; rm /tmp/flowspan-pipe.$$"), {in})
                    .outputs[0]
                    .bytes == in.bytes);
}

TEST(Pipe, KnowsRatesAndTypes) {
    // Each float becomes its first two bytes: a number of 16 bits of every 32.
    const Outcome o = run("pipe", shell("cat", {{"output", "ri16"}, {"ratio", "2"}}), {counting(100)});
    EXPECT_EQ(o.outputs[0].description.type, SampleType::ri16);
    EXPECT_EQ(o.outputs[0].description.sample_rate, Rational(2000));
    EXPECT_EQ(o.outputs[0].bytes.size(), 400U);
    const Outcome told =
        run("pipe", shell("cat >&2; echo rate $FLOWSPAN_SAMPLE_RATE $FLOWSPAN_INPUT >&2", {{"ratio", "1/10"}}), {counting(0)});
    EXPECT_EQ(told.outputs[0].description.sample_rate, Rational(100));
    ASSERT_EQ(told.warnings.size(), 1U);
    EXPECT_EQ(told.warnings[0], "stderr: rate 1000 rf32");
}

TEST(Pipe, AnswersFrameByFrame) {
    const Stream in = counting(100003);
    for (const int frame : {1000, 7, 200000})
        EXPECT_TRUE(run("pipe", {{"command", Value::List{"cat"}}, {"framing", frame}}, {in}).outputs[0].bytes == in.bytes)
            << frame;
    expect_refused("pipe", shell("cat", {{"framing", 7}, {"ratio", "1/2"}}), {in},
                   "a number of items of which `ratio` makes whole ones", "7 samples");
}

TEST(Pipe, FailsAsItsProgramDoes) {
    EXPECT_EQ(failure_of(shell("cat; echo no more paper >&2; exit 3"), counting(10)),
              "command `cat; echo no more paper >&2; exit 3`: it has ended with 3: no more paper");
    EXPECT_THAT(failure_of(shell("kill -9 $$"), counting(10)), HasSubstr("it was ended by signal 9 (Killed)"));
    EXPECT_THAT(failure_of({{"command", Value::List{"no-such-program"}}}, counting(10)),
                HasSubstr("command `no-such-program`: cannot run it: No such file or directory"));
    EXPECT_THAT(failure_of(shell("cat; cat /dev/zero | head -c 10000000"), counting(10)),
                HasSubstr("`command` writes more items than `ratio` tells of"));
}

TEST(Pipe, SaysWhatAProgramDidNotRead) {
    const Outcome o = run("pipe", shell("head -c 400; exec 0<&-"), {counting(1000)});
    EXPECT_EQ(o.outputs[0].bytes.size(), 400U);
    EXPECT_EQ(o.results.at("reproducibility").string(), "not checked");
    EXPECT_EQ(run("pipe", shell("head -c 7"), {counting(10)}).warnings[0], "3 bytes behind the last whole item are left out");
}

TEST(Pipe, HasARunOfItsOwnForEachStretch) {
    Stream in = counting(1000);
    in.stretches = {{400, {Break::gap, 50}, {}, {}}};
    const Outcome o = run("pipe", shell("cat >/dev/null; echo abc"), {in});
    EXPECT_EQ(o.results.at("programs").integer(), 2);
    EXPECT_EQ(o.outputs[0].bytes.size(), 8U);
}

TEST(Pipe, RefusesWhatItCannotBe) {
    expect_refused("pipe", {{"command", Value::List{}}}, {counting(1)}, "a program", "[]");
    expect_refused("pipe", {{"command", Value::List{"a", "b"}}, {"shell", true}}, {counting(1)}, "one line for the shell",
                   "[\"a\",\"b\"]");
    expect_refused("pipe", shell("cat", {{"ratio", "none"}}), {counting(1)},
                   "a ratio of numbers from 1 to 1048576, such as 1/10", "none");
    expect_refused("pipe", shell("cat", {{"input", "cf32"}}), {counting(1)}, "rf32, which comes", "cf32");
}

}  // namespace
}  // namespace flowspan::test
