// Lines of journals: what is written is read, and nothing else is taken for a line.
#include "batch/journal/lines/line.hpp"

#include "batch/journal/lines/fields.hpp"
#include "batch/journal/lines/kinds.hpp"
#include "tests/unit/batch/journal/batch.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flowspan::batch {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Found {
    std::vector<std::string> lines;
    Troubles troubles;
    std::vector<std::string> sentences() const {
        std::vector<std::string> all;
        for (const Trouble& t : troubles.first) all.push_back(t.text());
        return all;
    }
};

Found read(const std::string& text, std::size_t piece = 1000) {
    Found found;
    LineReader reader(
        "J", [&](std::string_view json) { return found.lines.emplace_back(json), ""; }, found.troubles);
    for (std::size_t at = 0; at < text.size(); at += piece) reader.add(std::string_view(text).substr(at, piece));
    reader.end();
    return found;
}

Found read_file(const std::string& folder, const std::string& name) {
    Found found;
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY);
    read_lines(
        descriptor, name, name, [&](std::string_view json) { return found.lines.emplace_back(json), ""; }, found.troubles);
    ::close(descriptor);
    return found;
}

// Checksums from scripts/oracles/xxh3_short.py.
TEST(Line, HasLengthChecksumAndJson) {
    const std::string line = sealed_line(Value::Map{});
    EXPECT_EQ(line, "2 1349cde127705c16 {}\n");
}

TEST(Line, IsReadInPiecesOfAnySize) {
    const std::string text = sealed_line(Value::Map{{"a", 1}}) + "\n" + sealed_line(Value::Map{{"b", "x\ny"}}) + "junk\n" +
                             sealed_line(Value::Map{{"c", 3}});
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        const Found found = read(text, piece);
        EXPECT_THAT(found.lines, ElementsAre("{\"a\":1}", "{\"b\":\"x\\ny\"}", "{\"c\":3}")) << piece;
        EXPECT_EQ(found.troubles.count, 1u);
    }
}

TEST(Line, SaysWhatIsPassedOverAndWhere) {
    const std::string good = sealed_line(Value::Map{{"a", 1}});
    std::string bad = good, longer = good;
    bad[bad.size() - 3] = '2';
    longer.insert(longer.size() - 1, " ");
    const std::string text =
        "x\n" + bad + good + longer + good.substr(0, 10) + "\n" + "99" + good + good.substr(0, good.size() - 5);
    const Found found = read(text);
    EXPECT_EQ(found.lines.size(), 2u);
    EXPECT_THAT(found.sentences(),
                ElementsAre("J: the line at byte 0 is passed over: it does not begin as one",
                            "J: the line at byte 2 is passed over: its checksum is another",
                            "J: the line at byte 82 is passed over: another byte stands for the newline before it",
                            "J: the line at byte 84 is passed over: it does not begin as one",
                            "J: the line at byte 95 is passed over: its length is another",

                            "J: the line at byte 124 is passed over: it is cut off"));
}

TEST(Line, IsWhateverHasTheChecksum) {
    EXPECT_EQ(sealed_json("{]"), "2 7efa118539631e61 {]\n");
    EXPECT_THAT(read("2 7efa118539631e61 {]\n").lines, ElementsAre("{]"));
    EXPECT_THAT(read("2 7EFA118539631e61 {]\n2 7efa11853963 e61 {]\n2 0efa118539631e61 {]\n").lines, ElementsAre("{]"));
}

TEST(Line, BehindADamagedNewlineIsRead) {
    const std::string a = sealed_line(Value::Map{{"a", 1}}), b = sealed_line(Value::Map{{"b", 2}});
    std::string text = a + b;
    text[a.size() - 1] = 'Z';
    const Found found = read(text);
    EXPECT_THAT(found.lines, ElementsAre("{\"a\":1}", "{\"b\":2}"));
    EXPECT_THAT(found.sentences(),
                ElementsAre("J: the line at byte 26 is passed over: another byte stands for the newline before it"));
}

TEST(Line, ThatIsTooLongIsPassedOverInBoundedMemory) {
    Found found;
    LineReader reader(
        "J", [&](std::string_view json) { return found.lines.emplace_back(json), ""; }, found.troubles);
    const std::string much(std::size_t{1} << 24, '7');
    for (int k = 0; k < 5; ++k) reader.add(much);
    reader.add("\n" + sealed_line(Value::Map{{"a", 1}}));
    reader.end();
    EXPECT_THAT(found.lines, ElementsAre("{\"a\":1}"));
    EXPECT_THAT(found.sentences(), ElementsAre("J: the line at byte 0 is passed over: it is longer than 67108864 bytes"));
}

TEST(Line, KeepsTheFirstTroublesAndCountsAll) {
    std::string text;
    for (int k = 0; k < 1000; ++k) text += "x\n";
    const Found found = read(text);
    EXPECT_EQ(found.troubles.count, 1000u);
    EXPECT_EQ(found.troubles.first.size(), Troubles::most);
}

TEST(Line, CarriesNamesOfAnyBytes) {
    std::string every;
    for (int byte = 1; byte < 256; ++byte) every += char(byte);
    const std::string odd[] = {every,
                               "\xff",
                               "\xc3",
                               "\xed\xa0\x80",
                               "\xf4\x90\x80\x80",
                               "\xc0\xaf",
                               std::string("a\0b", 3),
                               "\u00e9\u20ac\U0001F600"};
    for (const std::string& name : odd) {
        const Value v = Value::Map{{"is", "unit"}, {name, Value::List{name}}};
        const Found found = read(sealed_line(v));
        ASSERT_EQ(found.lines.size(), 1u);
        EXPECT_EQ(told(Value::from_json(found.lines[0])), v);
        const Unit u{.folder = "f", .recording = name, .parameters = {{"p", name}}};
        const std::string line = sealed_line(line::Described{{1, 2}, u}.value());
        EXPECT_EQ(line::Described::from(Fields(read(line).lines.at(0))).unit, u);
    }
}

TEST(JournalFile, IsARegularFileOfThisUserAndNoLink) {
    const flowspan::test::Folder folder;
    folder.write("good", sealed_line(Value::Map{}));
    ::symlink("good", (folder / "link").c_str());
    ::mkfifo((folder / "fifo").c_str(), 0666);
    ::mkdir((folder / "folder").c_str(), 0777);
    EXPECT_EQ(read_file(folder.path(), "good").lines.size(), 1u);
    EXPECT_THAT(read_file(folder.path(), "link").sentences(), ElementsAre("link is passed over: it is a link"));
    EXPECT_THAT(read_file(folder.path(), "fifo").sentences(), ElementsAre("fifo is passed over: it is no regular file"));
    EXPECT_THAT(read_file(folder.path(), "folder").sentences(), ElementsAre("folder is passed over: it is no regular file"));
    EXPECT_THAT(read_file(folder.path(), "none").sentences(), ElementsAre("none is passed over: No such file or directory"));
    ASSERT_EQ(::truncate((folder / "good").c_str(), off_t{1} << 37), 0);
    EXPECT_THAT(read_file(folder.path(), "good").sentences(), ElementsAre("good is passed over: it is too large"));
}

TEST(JournalFile, OfAnotherUserIsPassedOver) {
    const flowspan::test::Folder folder;
    folder.write("theirs", sealed_line(Value::Map{}));
    if (::chown((folder / "theirs").c_str(), 12345, 12345) != 0) GTEST_SKIP() << "only root gives files away";
    const Found found = read_file(folder.path(), "theirs");
    EXPECT_THAT(found.lines, IsEmpty());
    EXPECT_THAT(found.sentences(), ElementsAre("theirs is passed over: it belongs to another user"));
}

TEST(Fields, AreThoseOfTheObjectAlone) {
    const std::string json = R"({ "a" : "x,\"}]" , "b":[1,{"a":2}],"c":{"is":"no"}, "d":-5 ,"e":1.5e3,"f":true,"g":""})";
    const Fields f(json);
    EXPECT_EQ(f.text("a"), "x,\"}]");
    EXPECT_EQ(f.raw("b"), R"([1,{"a":2}])");
    EXPECT_EQ(f.raw("c"), R"({"is":"no"})");
    EXPECT_EQ(f.integer("d"), -5);
    EXPECT_EQ(f.real("e"), 1500);
    EXPECT_TRUE(f.flag("f"));
    EXPECT_EQ(f.text("g"), "");
    EXPECT_EQ(f.raw("is"), "");
    EXPECT_TRUE(f.value("is").is_null());
    EXPECT_THROW(f.text("is"), std::invalid_argument);
    EXPECT_THROW(f.text("d"), std::invalid_argument);
    EXPECT_THROW(f.integer("e"), std::invalid_argument);
    EXPECT_THROW(f.flag("a"), std::invalid_argument);
    for (const char* wrong : {"[1]", "", " ", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\" 1}", "{\"a\":1}}", "{\"a\":1]",
                              "{\"a\":1,}x", "{a:1}", "{\"a", "{\"a\":\"x}", "{\"a\":\"x\\", "{,}", "{\"a\":1,b}"})
        EXPECT_THROW(Fields{wrong}, std::exception) << wrong;
    EXPECT_THAT(items_of(R"([ 1 , "a,]" ,[2,{"b":[]}] ,{}])"), ElementsAre("1", "\"a,]\"", "[2,{\"b\":[]}]", "{}"));
    EXPECT_THAT(items_of("[]"), IsEmpty());
    for (const char* wrong : {"", "[", "[1", "[1}", "{}", "1", "[1]]", "]"})
        EXPECT_THROW(items_of(wrong), std::exception) << wrong;
    EXPECT_EQ(Fields("{}").raw("a"), "");
}

}  // namespace
}  // namespace flowspan::batch
