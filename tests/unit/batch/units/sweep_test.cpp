#include "batch/units/sweep.hpp"

#include <gmock/gmock.h>

namespace flowspan::batch {
namespace {

using testing::ElementsAre;

std::vector<std::string> values(const std::string& text) {
    Diagnostics found;
    const auto sweeps = read_sweeps({text}, {}, found);
    for (const Diagnostic& one : found) ADD_FAILURE() << one.text();
    return sweeps.size() == 1 ? sweeps[0].values : std::vector<std::string>{};
}

std::string wrong(const std::vector<std::string>& texts, const std::vector<std::string>& set = {}) {
    Diagnostics found;
    (void)read_sweeps(texts, set, found);
    std::string all;
    for (const Diagnostic& one : found) all += one.text() + "\n";
    return all;
}

TEST(Sweep, IsAKeyAndItsValuesAsWritten) {
    Diagnostics found;
    const auto sweeps = read_sweeps({"gain=1,2.50, 4 ", "receive[*].demod.deviation=5 kHz,75 kHz"}, {"other"}, found);
    EXPECT_TRUE(found.empty());
    ASSERT_EQ(sweeps.size(), 2U);
    EXPECT_EQ(sweeps[0].key, "gain");
    EXPECT_THAT(sweeps[0].values, ElementsAre("1", "2.50", "4"));
    EXPECT_EQ(sweeps[1].key, "receive[*].demod.deviation");
    EXPECT_THAT(sweeps[1].values, ElementsAre("5 kHz", "75 kHz"));
}

TEST(Sweep, ValuesMayHoldCommasInBracketsAndQuotes) {
    EXPECT_THAT(values("taps=[1,2],[3,4]"), ElementsAre("[1,2]", "[3,4]"));
    EXPECT_THAT(values("taps=[[1,2],[3]],[]"), ElementsAre("[[1,2],[3]]", "[]"));
    EXPECT_THAT(values("names=[\"a,]\", 'b,'],c"), ElementsAre("[\"a,]\", 'b,']", "c"));
    EXPECT_THAT(values("cutoff=min(1, $x),2"), ElementsAre("min(1, $x)", "2"));
    EXPECT_THAT(values("name=\"a,b\" , \"say \"\"x\"\"\",c"), ElementsAre("a,b", "say \"x\"", "c"));
    EXPECT_THAT(values("path=a=b"), ElementsAre("a=b"));
    EXPECT_THAT(values("name=it's,5\""), ElementsAre("it's", "5\""));
}

TEST(Sweep, SaysAllThatIsWrong) {
    EXPECT_EQ(wrong({"gain", "=1", "gain=", "gain=1,,2", "gain=1,"}),
              "--sweep: expected KEY=VALUE,VALUE,…, got gain\n"
              "--sweep: expected KEY=VALUE,VALUE,…, got =1\n"
              "--sweep gain: expected a value before and behind each comma, got nothing\n"
              "--sweep gain: expected each parameter once, got it again\n   hint: all values of a parameter stand in one list: "
              "KEY=1,2,3\n"
              "--sweep gain: expected a value before and behind each comma, got 1,,2\n"
              "--sweep gain: expected each parameter once, got it again\n   hint: all values of a parameter stand in one list: "
              "KEY=1,2,3\n"
              "--sweep gain: expected a value before and behind each comma, got 1,\n"
              "--sweep gain: expected each parameter once, got it again\n   hint: all values of a parameter stand in one list: "
              "KEY=1,2,3\n");
    EXPECT_EQ(wrong({"a=1,1", "b=2"}, {"b"}),
              "--sweep a: expected each value once, got 1 again\n"
              "--sweep b: expected a parameter that --set leaves open, got one that it gives\n");
    EXPECT_EQ(
        wrong({"a=[1,2", "b=1],2", "c=\"x", "d=\"x\"y", "e=[\"x]"}),
        "--sweep a: expected brackets and quotes that are closed, got [1,2\n   hint: a text with brackets stands in double "
        "quotes\n"
        "--sweep b: expected brackets and quotes that are closed, got 1],2\n   hint: a text with brackets stands in double "
        "quotes\n"
        "--sweep c: expected a closing quote and then a comma or the end, got \"x\n   hint: a quote within quotes is doubled\n"
        "--sweep d: expected a closing quote and then a comma or the end, got \"x\"y\n   hint: a quote within quotes is "
        "doubled\n"
        "--sweep e: expected brackets and quotes that are closed, got [\"x]\n   hint: a text with brackets stands in double "
        "quotes\n");
    EXPECT_EQ(wrong({"from=1 s,soon", "recording=a.wav"}),
              "--sweep from: expected a number of samples, seconds as 2.5 s, or UTC as 2019-08-29T19:08:20Z, got soon\n"
              "--sweep recording: expected a parameter, `from` or `duration`, got recording\n"
              "   hint: recordings are words behind the graph; `--units FILE` names graphs\n");
    EXPECT_EQ(wrong({"\xff=1"}), "--sweep: expected text in UTF-8, got \xff\n");
    EXPECT_EQ(wrong({"a=\xff"}), "--sweep a: expected text in UTF-8, got \xff\n");
}

}  // namespace
}  // namespace flowspan::batch
