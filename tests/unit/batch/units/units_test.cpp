// Words, sweeps and lists become units.
#include "batch/units/units.hpp"

#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class FromRequest : public testing::Test {
protected:
    FromRequest() {
        for (const char* name : {"d/a.wav", "d/x/b.wav", "other/c.wav", "g/one.yaml", "g/two.yaml"}) data.write(name, "");
    }
    std::vector<std::string> folders(const UnitsRequest& request) {
        Diagnostics found;
        listed = list_units(request, found);
        for (const Diagnostic& one : found) ADD_FAILURE() << one.text();
        std::vector<std::string> names;
        for (const Unit& unit : listed.units) names.push_back(unit.folder);
        return names;
    }
    std::string wrong(const UnitsRequest& request) const {
        Diagnostics found;
        (void)list_units(request, found);
        std::string all;
        for (const Diagnostic& one : found) all += one.text() + "\n";
        for (std::size_t at = 0; (at = all.find(data.path(), at)) != std::string::npos;)
            all.replace(at, data.path().size(), "DATA");
        return all;
    }
    std::string list(const std::string& text) const { return data.write("g/list.csv", text); }

    test::Folder data;
    Listed listed;
};

TEST_F(FromRequest, ARecordingIsAUnitWithoutMore) {
    EXPECT_THAT(folders({.words = {data / "d"}}), ElementsAre("a.wav", "x/b.wav"));
    EXPECT_EQ(listed.root, data / "d");
    EXPECT_EQ(listed.units[1], (Unit{.folder = "x/b.wav", .recording = data / "d/x/b.wav"}));
    EXPECT_THAT(folders({}), IsEmpty());
}

TEST_F(FromRequest, SweepsMultiplyTheLastFastest) {
    EXPECT_THAT(folders({.words = {data / "d/a.wav"}, .sweeps = {"gain=1,2", "from=0 s,1 s"}, .duration = "10"}),
                ElementsAre("a.wav/duration=10,from=0%20s,gain=1", "a.wav/duration=10,from=1%20s,gain=1",
                            "a.wav/duration=10,from=0%20s,gain=2", "a.wav/duration=10,from=1%20s,gain=2"));
    EXPECT_EQ(listed.units[3], (Unit{.folder = "a.wav/duration=10,from=1%20s,gain=2",
                                     .recording = data / "d/a.wav",
                                     .from = "1 s",
                                     .duration = "10",
                                     .parameters = {{"gain", "2"}}}));
}

TEST_F(FromRequest, AListNamesRecordingsRelativeToItself) {
    const std::string file = list("recording,gain,graph,from\n../d/a.wav,1,two.yaml,\n../d/x/*.wav,2,one.yaml,5 s\n");
    EXPECT_THAT(folders({.list = file, .from = "1 s", .graph = data / "g/one.yaml"}),
                ElementsAre("a.wav/from=1%20s,gain=1,graph=two.yaml", "x/b.wav/from=5%20s,gain=2"));
    EXPECT_EQ(listed.units[0].graph, data / "g/two.yaml");
    EXPECT_EQ(listed.units[1].graph, "");
    EXPECT_EQ(listed.root, data / "d");
}

TEST_F(FromRequest, AListMayComeThroughStdin) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const std::string text = "recording,gain\n" + (data / "d/a.wav,1\n");
    ASSERT_EQ(::write(ends[1], text.data(), text.size()), ssize_t(text.size()));
    ::close(ends[1]);
    const int before = ::dup(0);
    ::dup2(ends[0], 0);
    EXPECT_THAT(folders({.list = "-"}), ElementsAre("a.wav/gain=1"));
    ::dup2(before, 0);
    ::close(before);
    ::close(ends[0]);
}

TEST_F(FromRequest, LinesWithoutARecordingAreAboutAllThatWordsName) {
    EXPECT_THAT(folders({.words = {data / "d"}, .list = list("gain,taps\n1,5\n2,7\n")}),
                ElementsAre("a.wav/gain=1,taps=5", "a.wav/gain=2,taps=7", "x/b.wav/gain=1,taps=5", "x/b.wav/gain=2,taps=7"));
    EXPECT_THAT(folders({.words = {data / "d"}, .list = list("gain,recording\n1,../d/a.wav\n")}),
                ElementsAre("a.wav/gain=1", "a.wav", "x/b.wav"));
}

TEST_F(FromRequest, MoreRecordingsMoveNothing) {
    EXPECT_THAT(folders({.words = {data / "d/x"}}), ElementsAre("b.wav"));
    data.write("d/x/y/new.wav", "");
    EXPECT_THAT(folders({.words = {data / "d/x"}}), ElementsAre("b.wav", "y/new.wav"));
    EXPECT_THAT(folders({.words = {data / "d/x/b.wav", data / "d"}, .pinned_root = data.path()}),
                ElementsAre("d/x/b.wav", "d/a.wav", "d/x/y/new.wav"));
    EXPECT_THAT(folders({.words = {data / "d/x/b.wav"}, .root = data.path()}), ElementsAre("d/x/b.wav"));
    fs::create_directory_symlink(data / "d", data / "link");
    EXPECT_THAT(folders({.words = {data / "link/a.wav"}, .root = data / "link", .pinned_root = data / "d"}),
                ElementsAre("a.wav"));
}

TEST_F(FromRequest, WhatLiesOutsideOfTheRootIsRefused) {
    EXPECT_EQ(wrong({.words = {data / "d", data / "other/c.wav"}, .pinned_root = data / "d"}),
              "expected a recording below DATA/d, got DATA/other/c.wav\n   hint: the first start of this batch has fixed this "
              "root; another --out begins another "
              "batch\n");
    EXPECT_EQ(wrong({.words = {data / "other"}, .root = data / "d"}),
              "expected a recording below DATA/d, got DATA/other/c.wav\n");
    EXPECT_EQ(wrong({.words = {data / "d"}, .root = data.path(), .pinned_root = data / "d"}),
              "--root: expected DATA/d, which the first start of this batch has fixed, got DATA\n   hint: another --out begins "
              "another batch\n");
    EXPECT_EQ(wrong({.words = {data / "d"}, .root = data / "nowhere"}),
              "--root: expected a folder that is there, got DATA/nowhere\n");
    for (int k = 0; k < 30; ++k) data.write("other/" + std::to_string(k) + ".wav", "");
    const std::string said = wrong({.words = {data / "other"}, .root = data / "d"});
    EXPECT_THAT(said, testing::HasSubstr("\nexpected recordings below DATA/d, got 11 more that lie elsewhere\n"));
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 21);
}

TEST_F(FromRequest, AllMistakesAreSaidAtOnce) {
    EXPECT_EQ(wrong({.words = {data / "d/a.wave"},
                     .sweeps = {"gain=", "from=1 s"},
                     .list = list("recording,graph,from\n../d/b.wav,no.yaml,soon\n../d/b.wav,,\n../x,,\n"),
                     .from = "1 s",
                     .duration = "x",
                     .root = data / "n"}),
              "--sweep gain: expected a value before and behind each comma, got nothing\n"
              "--duration: expected a number of samples, seconds as 2.5 s, or UTC as 2019-08-29T19:08:20Z, got x\n"
              "--sweep from: expected --from or a sweep of it, got both\n"
              "expected a file or folder that is there, got DATA/d/a.wave\n   hint: did you mean `DATA/d/a.wav`?\n"
              "DATA/g/list.csv:1:17: from: expected what --sweep does not give, got it here as well\n"
              "    1 | recording,graph,from\n      |                 ^\n"
              "--root: expected a folder that is there, got DATA/n\n");
    EXPECT_EQ(
        wrong({.list = list(
                   "recording,graph,from\n../d/b.wav,no.yaml,\n../d/b.wav,,\n\"../\nx\",,soon\n../d/b.wav,no.yaml,\n,,3")}),
        "DATA/g/list.csv:2:12: graph: expected a graph file that is there, got no.yaml\n    2 | ../d/b.wav,no.yaml,\n      |   "
        "         ^\n"
        "DATA/g/list.csv:2:1: recording: expected a file or folder that is there, got ../d/b.wav\n    2 | "
        "../d/b.wav,no.yaml,\n      | ^\n"
        "   hint: did you mean `DATA/g/../d/a.wav`?\n"
        "DATA/g/list.csv:5:5: from: expected a number of samples, seconds as 2.5 s, or UTC as 2019-08-29T19:08:20Z, got soon\n"
        "    5 | x\",,soon\n      |     ^\n"
        "DATA/g/list.csv:7:1: recording: expected a recording here, or words that name some, got neither\n    7 | ,,3\n      | "
        "^\n");
    EXPECT_EQ(wrong({.list = data / "g/none.csv"}),
              "--units: expected a list that can be read, got cannot read DATA/g/none.csv: No such file or directory\n");
    EXPECT_EQ(wrong({.words = {data / "d"}, .sweeps = {"a=" + std::string(20001, '1')}}), "");
}

TEST_F(FromRequest, UnitsThatAreOneNameBoth) {
    EXPECT_EQ(wrong({.list = list("recording,gain\n../d/a.wav,1\n../d/a.wav,2\n../d/../d/a.wav,1\n")}),
              "expected units that differ in recording, span or parameters, got a.wav/gain=1 from DATA/d/a.wav "
              "(DATA/g/list.csv:2) and "
              "DATA/d/a.wav (DATA/g/list.csv:4)\n");
}

TEST_F(FromRequest, TooManyUnitsAreRefusedBeforeTheyAreMade) {
    std::string values = "=0";
    for (int k = 1; k < 1000; ++k) values += "," + std::to_string(k);
    EXPECT_EQ(wrong({.words = {data / "d"}, .sweeps = {"a" + values, "b" + values, "c" + values}}),
              "--sweep: expected at most 100000000 units, got 2e+09\n");
}

TEST_F(FromRequest, ThePartOfARecordingIsThatOfItsName) {
    for (int k = 0; k < 100; ++k) data.write("d/" + std::to_string(k) + ".wav", "");
    const std::vector<std::string> all = folders({.words = {data / "d"}});
    std::vector<std::string> joined;
    for (int k = 1; k <= 3; ++k) {
        const auto part = folders({.words = {data / "d"}, .part = {k, 3}});
        EXPECT_GT(part.size(), 15U);
        joined.insert(joined.end(), part.begin(), part.end());
    }
    EXPECT_THAT(joined, testing::UnorderedElementsAreArray(all));
    const auto before = folders({.words = {data / "d"}, .part = {2, 3}});
    data.write("d/0/more.wav", "");
    auto after = folders({.words = {data / "d"}, .part = {2, 3}});
    std::erase(after, "0/more.wav");
    EXPECT_EQ(after, before);
}

// python3 -c 'import xxhash; print(xxhash.xxh3_64_intdigest(b"day 1/a.wav") % 1000000)'
TEST(Part, IsTheXxh3OfTheName) {
    EXPECT_TRUE((Part{459529, 1000000}.has("day 1/a.wav")));
    EXPECT_TRUE((Part{89105, 1000000}.has("abc")));
    EXPECT_FALSE((Part{89106, 1000000}.has("abc")));
}

TEST(Part, IsOneOfSoMany) {
    Diagnostics found;
    const auto part = read_part("2/8", found);
    ASSERT_TRUE(part);
    EXPECT_EQ(part->k, 2);
    EXPECT_EQ(part->n, 8);
    EXPECT_TRUE(read_part("1000000/1000000", found));
    EXPECT_THAT(found, IsEmpty());
    for (const char* text : {"0/8", "9/8", "2", "2/", "/8", "2/8x", " 2/8", "-1/8", "2/1000001", "2/99999999999999", ""}) {
        found.clear();
        EXPECT_FALSE(read_part(text, found)) << text;
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(found[0].text(), "--part: expected K/N with 1 <= K <= N <= 1000000" +
                                       (text[0] == '\0' ? std::string(", got nothing") : std::string(", got ") + text));
    }
}

}  // namespace
}  // namespace flowspan::batch
