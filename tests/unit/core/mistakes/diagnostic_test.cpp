#include <gtest/gtest.h>
#include <flowspan/diagnostic.hpp>

#include <cerrno>

namespace flowspan {
namespace {

TEST(Diagnostic, ShowsPlaceTextCaretAndHint) {
    const Diagnostic one{{"configs/fm.yaml", 14, 17, "    decimation: 0"},
                         "blocks.lowpass.decimation",
                         "an integer >= 1",
                         "0",
                         "leave it out",
                         {}};
    EXPECT_EQ(one.text(),
              "configs/fm.yaml:14:17: blocks.lowpass.decimation: expected an integer >= 1, got 0\n"
              "   14 |     decimation: 0\n"
              "      |                 ^\n"
              "   hint: leave it out");
}

TEST(Diagnostic, LeavesOutWhatIsNotKnown) {
    EXPECT_EQ((Diagnostic{{}, "", "a graph", "", "", {}}.text()), "expected a graph");
    EXPECT_EQ((Diagnostic{{"--set a=1", 0, 0, ""}, "parameters.a", "2", "1", "", {}}.text()),
              "--set a=1: parameters.a: expected 2, got 1");
    EXPECT_EQ((Diagnostic{{"f", 3, 0, "text"}, "", "2", "1", "", {}}.text()), "f:3: expected 2, got 1\n    3 | text");
    EXPECT_EQ((Diagnostic{{"f", 3, 9, ""}, "k", "2", "1", "", {}}.text()), "f:3:9: k: expected 2, got 1");
}

TEST(Diagnostic, PutsTheCaretUnderTheCharacterWhateverItsBytes) {
    EXPECT_EQ((Diagnostic{{"f", 1, 4, "äöü!"}, "", "x", "!", "", {}}.text()),
              "f:1:4: expected x, got !\n    1 | äöü!\n      |    ^");
    EXPECT_EQ((Diagnostic{{"f", 1, 2, "\tx"}, "", "y", "x", "", {}}.text()),
              "f:1:2: expected y, got x\n    1 | \tx\n      | \t^");
    EXPECT_EQ((Diagnostic{{"f", 1, 4, "a"}, "", "y", "", "", {}}.text()), "f:1:4: expected y\n    1 | a\n      |    ^");
}

TEST(Diagnostic, ShowsOfALongLineWhatIsAroundTheColumn) {
    const std::string x(79, 'x'), y(79, 'y');
    const auto shown = [](const std::string& line, int column) {
        return Diagnostic{{"f", 1, column, line}, "", "2", "1", "", {}}.text();
    };
    const std::string first = "f:1:1: expected 2, got 1\n    1 | ";
    EXPECT_EQ(shown(x + "äö" + y, 1), first + x + "äö" + y + "\n      | ^");
    EXPECT_EQ(shown(x + "äö" + y + "z", 1), first + x + "äö" + y + "…\n      | ^");
    EXPECT_EQ(shown(std::string(920, '-') + x + "ä" + y + "ö!", 1000),
              "f:1:1000: expected 2, got 1\n    1 | …" + x + "ä" + y + "ö…\n      |  " + std::string(79, ' ') + "^");
    EXPECT_EQ(shown(std::string(920, '-') + x + "ä", 1001),
              "f:1:1001: expected 2, got 1\n    1 | …" + x.substr(1) + "ä\n      |  " + std::string(79, ' ') + "^");
}

TEST(Diagnostic, ShowsTheBeginningOfALongText) {
    EXPECT_EQ((Diagnostic{{}, "", "a name", std::string(400, 'a'), "", {}}.text()),
              "expected a name, got " + std::string(400, 'a'));
    EXPECT_EQ((Diagnostic{{}, "", "a name", std::string(401, 'a'), "", {}}.text()),
              "expected a name, got " + std::string(400, 'a') + "…");
}

TEST(Diagnostic, ListsWhereItComesFromInnermostFirst) {
    const Diagnostic one{{"f", 0, 0, ""}, "", "2", "1", "h", {"$a is 1 (f:2:3)", "in group g"}};
    EXPECT_EQ(one.text(), "f: expected 2, got 1\n   $a is 1 (f:2:3)\n   in group g\n   hint: h");
}

TEST(Refused, SaysEverythingThatWasFound) {
    const Refused refused(Diagnostics{{{}, "a", "1", "2", "", {}}, {{}, "b", "3", "4", "", {}}});
    EXPECT_STREQ(refused.what(), "a: expected 1, got 2\nb: expected 3, got 4");
    EXPECT_EQ(refused.code(), ExitCode::usage);
    EXPECT_EQ(refused.diagnostics().size(), 2u);
}

TEST(FileFailure, NamesVerbPathAndCause) {
    const Failure failure = file_failure("write", "audio/01.wav", ENOSPC);
    EXPECT_STREQ(failure.what(), "cannot write audio/01.wav: No space left on device");
    EXPECT_EQ(failure.code(), ExitCode::file);
}

}  // namespace
}  // namespace flowspan
