#include "batch/units/lists/list.hpp"

#include "tests/unit/io/folder.hpp"

#include <flowspan/value.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <random>

namespace flowspan::batch {
namespace {

using testing::ElementsAre;

constexpr const char* data = FLOWSPAN_SOURCE_DIR "/tests/unit/batch/units/data/";

std::vector<Unit> read(const std::string& text, std::string* wrong = nullptr, const Elsewhere& elsewhere = {}) {
    Diagnostics found;
    std::vector<Unit> units;
    read_list(
        {"list", text}, elsewhere, [&](ListedUnit&& one) { units.push_back(std::move(one.unit)); }, found);
    for (const Diagnostic& one : found) {
        if (wrong == nullptr) ADD_FAILURE() << one.text();
        if (wrong != nullptr) *wrong += one.text() + "\n";
    }
    return units;
}

std::string wrong(const std::string& text, const Elsewhere& elsewhere = {}) {
    std::string said;
    (void)read(text, &said, elsewhere);
    return said;
}

TEST(Csv, IsReadAsPythonDoes) {
    const std::string text = test::content_of(std::string(data) + "cells.csv");
    std::ifstream expected(std::string(data) + "cells.jsonl");
    Csv rows(text);
    std::vector<Csv::Cell> row;
    std::string line;
    int seen = 0;
    for (; std::getline(expected, line); ++seen) {
        ASSERT_TRUE(rows.next(row));
        EXPECT_FALSE(rows.mistake());
        std::vector<std::string> cells, wanted;
        for (const Csv::Cell& cell : row) cells.push_back(cell.text);
        const Value python = Value::from_json(line);
        for (const Value& one : python.list()) wanted.push_back(one.string());
        EXPECT_EQ(cells, wanted);
    }
    EXPECT_FALSE(rows.next(row));
    EXPECT_EQ(seen, 300);
}

TEST(List, OfCsvHasAUnitALineBelowTheNames) {
    EXPECT_THAT(read("\xef\xbb\xbfrecording, gain,from,duration,graph,taps\r\n"
                     "a.wav,1,,,,\r\n"
                     "\r\n"
                     "\"b, 2.wav\",  2.50 ,1 s,1000,other.yaml,\"[1,2]\"\r\n"
                     " c.wav,,,,,\"say \"\"x\"\"\nand y\""),
                ElementsAre(Unit{.folder = "", .recording = "a.wav", .parameters = {{"gain", "1"}}},
                            Unit{.folder = "",
                                 .recording = "b, 2.wav",
                                 .graph = "other.yaml",
                                 .from = "1 s",
                                 .duration = "1000",
                                 .parameters = {{"gain", "2.50"}, {"taps", "[1,2]"}}},
                            Unit{.folder = "", .recording = " c.wav", .parameters = {{"taps", "say \"x\"\nand y"}}}));
}

TEST(List, OfJsonHasAnObjectALine) {
    EXPECT_THAT(
        read(
            "\n{\"recording\": \"a\\u00e9.wav\", \"gain\": 1.0, \"n\": 12345678901234567890, \"on\": true , \"none\": null}\r\n"
            "{\"name\":\"US$5, {x}\",\"taps\":[1, 2.5,\"a$\"],\"from\":100,\"empty\":\"\"}"),
        ElementsAre(Unit{.folder = "",
                         .recording = "aé.wav",
                         .parameters = {{"gain", "1.0"}, {"n", "12345678901234567890"}, {"on", "true"}}},
                    Unit{.folder = "",
                         .recording = "",
                         .from = "100",
                         .parameters = {{"empty", ""}, {"name", "US$$5, {x}"}, {"taps", "[1, 2.5, \"a$$\"]"}}}));
}

TEST(List, OfCsvSaysWhatIsWrongAndWhere) {
    EXPECT_EQ(wrong(""),
              "list:1:1: expected a line of names, recording, graph, from, duration or parameters, got an empty list\n");
    EXPECT_EQ(wrong("recording,gain\n"),
              "list:1:1: expected a line for each unit below the names, got none\n    1 | recording,gain\n      | ^\n");
    EXPECT_EQ(wrong("é,gain,,gain,x\n1,2,3,4,5\n", {{"x", "--sweep"}}),
              "list:1:8: expected the name of a parameter, or recording, graph, from or duration, got nothing\n"
              "    1 | é,gain,,gain,x\n      |        ^\n"
              "list:1:9: expected each name once, got gain again\n    1 | é,gain,,gain,x\n      |         ^\n"
              "list:1:14: x: expected what --sweep does not give, got it here as well\n    1 | é,gain,,gain,x\n      |         "
              "     ^\n");
    EXPECT_EQ(wrong("recording;gain\na;1\n"),
              "list:1:1: expected names with commas between them, got recording;gain\n    1 | recording;gain\n      | ^\n");
    EXPECT_EQ(
        wrong("a,b,from\n1,2\n1,2,3,4\n\"1\n2\",x\"y,3\n\"1\"2,3,4\n1,2,soon\n1,\xff,3\n1,2,\"3"),
        "list:2:3: expected 3 cells, as the first line has, got 2\n    2 | 1,2\n      |   ^\n"
        "list:3:7: expected 3 cells, as the first line has, got 4\n    3 | 1,2,3,4\n      |       ^\n   hint: a cell with "
        "commas stands in double quotes\n"
        "list:5:5: expected a cell that is in quotes as a whole, with each quote in it doubled, got a quote within it\n"
        "    5 | 2\",x\"y,3\n      |     ^\n"
        "list:6:4: expected a comma or the end of the line behind a closing quote, got 2\n    6 | \"1\"2,3,4\n      |    ^\n"
        "list:7:5: from: expected a number of samples, seconds as 2.5 s, or UTC as 2019-08-29T19:08:20Z, got soon\n"
        "    7 | 1,2,soon\n      |     ^\n"
        "list:8:3: b: expected text in UTF-8, got \xff\n    8 | 1,\xff,3\n      |   ^\n"
        "list:9:5: expected a closing quote, got the end of the file\n    9 | 1,2,\"3\n      |     ^\n");
}

TEST(List, OfJsonSaysWhatIsWrongAndWhere) {
    EXPECT_EQ(
        wrong("{\"gain\": 1}\n{\"gain\": 1, gain: 2}\n[1]\n{\"é\": {}, \"recording\": 1, \"b\": [null], \"é\": 2}\n{\"from\": "
              "\"soon\", \"x\": 1}",
              {{"x", "--sweep"}}),
        "list:2:13: expected an object in JSON, got something else\n    2 | {\"gain\": 1, gain: 2}\n      |             ^\n"
        "list:3:1: expected an object in JSON, got [1]\n    3 | [1]\n      | ^\n"
        "list:4:24: recording: expected a text, got 1\n"
        "    4 | {\"é\": {}, \"recording\": 1, \"b\": [null], \"é\": 2}\n      |                        ^\n"
        "list:4:32: b: expected a number, a text, a boolean or a list of them, got [null]\n"
        "    4 | {\"é\": {}, \"recording\": 1, \"b\": [null], \"é\": 2}\n      |                                ^\n"
        "list:4:40: é: expected each key once, got it again\n"
        "    4 | {\"é\": {}, \"recording\": 1, \"b\": [null], \"é\": 2}\n      |                                        ^\n"
        "list:5:10: from: expected a number of samples, seconds as 2.5 s, or UTC as 2019-08-29T19:08:20Z, got soon\n"
        "    5 | {\"from\": \"soon\", \"x\": 1}\n      |          ^\n"
        "list:5:18: x: expected what --sweep does not give, got it here as well\n"
        "    5 | {\"from\": \"soon\", \"x\": 1}\n      |                  ^\n");
}

TEST(List, OfAnyBytesIsReadOrRefused) {
    const std::vector<std::string> seeds{
        "recording,gain,from\na.wav,1,2 s\n\"b\n\",\"x\"\"y\",\r\n",
        "{\"recording\": \"a\", \"g\": [1, \"x}\\\"\", {}], \"h\": 1e3}\n{\"i\": true }\n{}\n"};
    const std::string bytes = "\"\\,\n\r{}[]: \t1e\xff\xef\xbb\xbf\0$";
    std::mt19937 random(3);
    std::size_t units = 0, refused = 0;
    for (int k = 0; k < 20000; ++k) {
        std::string text = seeds[random() % seeds.size()], said;
        for (int changes = int(random() % 4); changes >= 0; --changes) {
            const std::size_t at = random() % (text.size() + 1);
            if (random() % 3 == 0)
                text.erase(at, 1 + random() % 3);
            else
                text.insert(at, 1, bytes[random() % bytes.size()]);
        }
        units += read(text, &said).size();
        refused += said.empty() ? 0 : 1;
    }
    EXPECT_GT(units, 1000U);
    EXPECT_GT(refused, 1000U);
}

TEST(List, StopsAtAThousandMistakes) {
    std::string text = "a\n";
    for (int k = 0; k < 5000; ++k) text += "1,2\n";
    const std::string said = wrong(text);
    EXPECT_EQ(std::count(said.begin(), said.end(), '|'), 2000);
}

}  // namespace
}  // namespace flowspan::batch
