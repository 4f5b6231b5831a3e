#include "core/mistakes/names.hpp"

#include <gtest/gtest.h>
#include <flowspan/parameter.hpp>

namespace flowspan {
namespace {

TEST(NearestName, IsAtMostAThirdOfTheLengthAway) {
    const std::vector<std::string> known{"decimation", "interpolation", "gain", "in"};
    EXPECT_EQ(nearest_name("decimatoin", known), "decimation");
    EXPECT_EQ(nearest_name("gian", known), "gain");
    EXPECT_EQ(nearest_name("inn", known), "in");
    EXPECT_EQ(nearest_name("on", known), "");
    EXPECT_EQ(nearest_name("frequency", known), "");
    EXPECT_EQ(nearest_name("", known), "");
}

TEST(KnownNames, AnUnknownOneIsRefusedWithTheNearestElseWithAllElseWithTheWordThatThereIsNone) {
    const KnownNames known{"a parameter of gain", {"constant", "length"}};
    EXPECT_TRUE(known.has("length"));
    EXPECT_FALSE(known.has("lengths"));
    EXPECT_EQ(known.mistake("constnt").text(), "expected a parameter of gain, got constnt\n   hint: did you mean `constant`?");
    EXPECT_EQ(known.mistake("taps").text(), "expected a parameter of gain, got taps\n   hint: it has: constant, length");
    EXPECT_EQ(KnownNames({"a command of gain", {}}).mistake("reset").text(),
              "expected a command of gain, got reset\n   hint: it has none");
    EXPECT_EQ(KnownNames({"a block of the graph", {"gain"}, "the graph"}).mistake("sink").text(),
              "expected a block of the graph, got sink\n   hint: the graph has: gain");
}

TEST(KnownNames, WhatStandsBeforeTheNameIsQuotedWithIt) {
    EXPECT_EQ(KnownNames({"a parameter of gain", {"constant"}}).mistake("constnt", "gain.").text(),
              "expected a parameter of gain, got gain.constnt\n   hint: did you mean `gain.constant`?");
}

TEST(KnownNames, OfManyTheFirstFortyAreListed) {
    KnownNames known{"a block", {}};
    for (int k = 10; k < 53; ++k) known.names.push_back(std::to_string(k));
    EXPECT_TRUE(known.hint("receiver").starts_with("it has: 10, 11, "));
    EXPECT_TRUE(known.hint("receiver").ends_with(", 48, 49, and 3 more")) << known.hint("receiver");
}

TEST(KnownNames, OfParametersThatMayChangeAreThoseOnly) {
    ParameterDeclaration fixed, free;
    fixed.name = "length";
    free.name = "constant";
    free.when = Change::running;
    const KnownNames known = changeable_parameters("gain", {&fixed, &free});
    EXPECT_EQ(known.what, "a parameter of gain that may change while it runs");
    EXPECT_EQ(known.names, std::vector<std::string>{"constant"});
}

TEST(OnOneLine, TheHintStandsBehindTheMistake) {
    EXPECT_EQ(on_one_line({{}, "", "a command of gain", "reset", "it has none", {}}),
              "expected a command of gain, got reset (it has none)");
    EXPECT_EQ(on_one_line({{"a.yaml", 3, 0, {}}, "x", "a number", "loud", "", {}}), "expected a number, got loud");
}

}  // namespace
}  // namespace flowspan
