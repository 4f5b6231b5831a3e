#include "core/mistakes/collect.hpp"

#include <gtest/gtest.h>

namespace flowspan {
namespace {

Diagnostic expected(const std::string& what) { return {{}, "", what, "nothing", "", {}}; }

std::string text_of(const Diagnostics& found) {
    std::string text;
    for (const Diagnostic& one : found) text += one.text() + "\n";
    return text;
}

TEST(Collect, WhatStepsRefuseIsPutTogetherInTheirOrder) {
    Diagnostics found{expected("one")};
    bool last = false;
    EXPECT_FALSE(collect(found, [] { throw Refused(Diagnostics{expected("two"), expected("three")}); }));
    EXPECT_TRUE(collect(found, [&] { last = true; }));
    EXPECT_TRUE(last);
    EXPECT_EQ(text_of(found), "expected one, got nothing\nexpected two, got nothing\nexpected three, got nothing\n");
}

TEST(Collect, AFailureIsNoMistakeAndGoesOn) {
    Diagnostics found;
    EXPECT_THROW(collect(found, [] { throw Failure(ExitCode::file, "cannot read a"); }), Failure);
    EXPECT_TRUE(found.empty());
}

TEST(SayingMore, WhatIsRefusedGetsItsPlaceAndKeepsItsCode) {
    try {
        saying_more([] { throw Refused(expected("two"), ExitCode::block); },
                    [](Diagnostics& found) { found.front().at.file = "a.yaml"; });
        FAIL() << "nothing was refused";
    } catch (const Refused& refused) {
        EXPECT_EQ(text_of(refused.diagnostics()), "a.yaml: expected two, got nothing\n");
        EXPECT_EQ(refused.code(), ExitCode::block);
    }
}

TEST(SayingMore, WhereNothingIsRefusedTheResultComesBack) {
    EXPECT_EQ(saying_more([] { return 7; }, [](Diagnostics& found) { found.clear(); }), 7);
}

}  // namespace
}  // namespace flowspan
