// Journals that are cut, damaged or forged: no unit becomes more than it was, and what is whole counts.
#include "tests/unit/batch/journal/batch.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace flowspan::batch {
namespace {

using flowspan::test::Folder;
using test::history;
using test::Script;

TEST(DamagedHistory, TrustsNoOlderProductWhereANewerMayHaveReplacedIt) {
    // The line that committed the second is lost: what lies there is not what the first line says.
    Script one(1), two(2), three(3);
    const UnitId a = one.unit("a"), b = one.unit("b");
    for (const auto& [id, run] : {std::pair(a, "a1"), {b, "b1"}}) {
        one.add(test::commit(id, run, "old"));
        one.add(test::done(id, run));
    }
    two.add(test::start(a, "a2"));
    const std::string commit = sealed_line(test::commit(a, "a2", "new"));
    std::string damaged = commit;
    damaged[40] ^= 1;
    const std::string done = sealed_line(test::done(a, "a2"));
    const auto known = [&](const std::string& rest) { return history({one.text(), two.text() + rest, three.text()}).known(0); };
    EXPECT_EQ(known(commit + done).key, "new");
    EXPECT_EQ(known("").key, "old");
    EXPECT_EQ(known(commit.substr(0, 50)).key, "old");  // not durable: nothing has been renamed
    for (const std::string& rest : {damaged + done, "junk\n" + std::string(), damaged}) {
        EXPECT_EQ(known(rest).state, State::fresh);
        EXPECT_EQ(known(rest).key, "");
        EXPECT_EQ(history({one.text(), two.text() + rest, three.text()}).state(1), State::done);
    }
}

TEST(DamagedHistory, SaysThatAJournalIsMissing) {
    const Folder out;
    for (const int start : {1, 2, 5}) out.write(".flowspan/" + JournalName{0, std::uint32_t(start)}.text(), Script(1).text());
    const History h = History::read(out.path());
    EXPECT_TRUE(h.lacks_a_journal());
    ASSERT_EQ(h.troubles().count, 1u);
    EXPECT_EQ(h.troubles().first[0].text(), (out / ".flowspan/journal-0-0003") + " is passed over: it has been removed");
    out.write(".flowspan/journal-0-0003", "");
    out.write(".flowspan/journal-0-0004", "");
    EXPECT_FALSE(History::read(out.path()).lacks_a_journal());
}

TEST(DamagedHistory, PassesOverLinesThatDoNotSayWhatTheyMust) {
    Script s(1);
    const UnitId a = s.unit("a");
    const std::string good = test::all_of(history({s.text()}));
    const std::vector<Value> wrong = {
        Value::Map{},
        Value::Map{{"is", 1}},
        Value::Map{{"is", "marvel"}},
        Value::List{1},
        "text",
        test::start({1, 7}, "r1"),
        test::start({9, 0}, "r1"),
        test::start(a, "../r1"),
        Value::Map{{"is", "start"}, {"unit", "1.0"}},
        Value::Map{{"is", "done"}, {"unit", "1.-0"}, {"run", "r"}},
        test::done(a, "r1"),
        line::Unchanged{a, "", "k", {}, ""}.value(),
        line::Described{{1, 0}, test::unit("b")}.value(),
        line::Described{{2, 1}, test::unit("b")}.value(),
    };
    for (const Value& v : wrong) {
        const History h = history({s.text() + sealed_line(v)});
        EXPECT_EQ(h.troubles().count, 1u) << v.json();
        EXPECT_EQ(test::all_of(h), good) << v.json();
    }
}

TEST(DamagedHistory, TakesNothingThatItCouldNotReadLater) {
    // As a hostile writer would: the checksum is no secret.
    Script s(1);
    const UnitId a = s.unit("a");
    const std::string good = test::all_of(history({s.text()}));
    const auto with = [&](const std::string& what, const std::string& other) {
        std::string json = test::commit(a, "r1").json();
        const std::size_t at = json.find(what);
        return json.replace(at, what.size(), other);
    };
    const std::string content = R"({"pieces":["00ff"]})";
    std::string deep(40, '[');
    deep += std::string(40, ']');
    std::string too_deep(2'000'000, '[');
    const std::vector<std::string> wrong = {
        "{]",
        "",
        too_deep,
        with(content, "{]"),
        with(content, "[}"),
        with(content, deep),
        with(content, too_deep),
        with(content, ""),
        with(content, "1e999"),
        with(content, R"("\u0000zz")"),
        with(content, "\"\xff\""),
        with(R"("k1")", R"("\q")"),
        with(R"("f1")", "7"),
        with("[\"a.wav\",5,0,1]", "[\"a.wav\",5,0]"),
        with("[\"a.wav\",5,0,1]", "[\"a.wav\",-5,0,1]"),
        with("[\"a.wav\",5,0,1]", "[\"a.wav\",5,0,99999999999]"),
        with("[\"a.wav\",5,0,1]", "[\"a.wav\",5e0,0,1]"),
        with("[\"a.wav\",5,0,1]", "[\"a\\u0000zz\",5,0,1]"),
        R"({"is":"unit","id":"1.1","unit":"b","recording":"\u0000zz"})",
        R"({"is":"unit","id":"1.1","unit":"b","recording":"r","parameters":7})",
        R"({"is":"unit","id":"1.1","unit":"b","recording":"r","parameters":{"x":7}})",
        R"({"is":"unit","id":"1.1","unit":"b","recording":"r","graph":7})",
    };
    for (const std::string& json : wrong) {
        const History h = history({s.text() + sealed_json(json)});
        EXPECT_EQ(h.troubles().count, 1u) << json.substr(0, 200);
        EXPECT_EQ(test::all_of(h), good) << json.substr(0, 200);
    }
    EXPECT_EQ(history({s.text() + sealed_json(with(content, "1"))}).state(0), State::committed);
}

TEST(DamagedHistory, RefusesNamesThatLeadOut) {
    for (const std::string folder :
         {"", "..", "../x", "a/../b", "/etc", "a//b", "./a", "a/.", ".flowspan", "a/.hidden", "a/"}) {
        const History h = history({sealed_line(line::Described{{1, 0}, test::unit(folder)}.value())});
        EXPECT_EQ(h.size(), 0u) << folder;
        ASSERT_EQ(h.troubles().count, 1u) << folder;
        EXPECT_EQ(h.troubles().first[0].why, "it does not say what it must");
    }
    Script s(1);
    const UnitId a = s.unit("a");
    for (const std::string name :
         {"", "..", "../../victim", "/etc/passwd", "b/../../c", ".flowspan.0a.lock", ".x.0a.0.1.part", "b//c", "b/", "b/."}) {
        const History h = history({s.text() + sealed_line(test::commit(a, "r1", "k", {{name, 1, 0, 0}}))});
        EXPECT_EQ(h.state(0), State::fresh) << name;
        EXPECT_EQ(h.troubles().count, 1u) << name;
    }
    EXPECT_EQ(
        history({s.text() + sealed_line(test::commit(a, "r1", "k", {{std::string("b\0c", 3), 1, 0, 0}}))}).troubles().count,
        1u);
    EXPECT_EQ(history({s.text() + sealed_line(test::commit(a, "r1", "k", {{".b/.c", 1, 0, 0}}))}).state(0), State::committed);
}

/// Some of everything, in two starts.
std::vector<Script> realistic() {
    Script one(1), two(2);
    const UnitId a = one.unit("night/a.wav"), b = one.unit("b/gain=2"), c = one.unit("c"), d = one.unit("d");
    one.add(test::start(a, "a1"));
    one.add(test::start(b, "b1"));
    one.add(test::commit(a, "a1"));
    one.add(test::start(c, "c1"));
    one.add(test::done(a, "a1"));
    one.add(test::failed(b, "b1", 1, true));
    one.add(test::start(b, "b2", 2));
    one.add(test::commit(b, "b2"));
    one.add(test::start(d, "d1"));
    two.add(line::Cleared{}.value());
    two.add(test::done(b, "b2"));
    const UnitId e = two.unit("e");
    two.add(test::start(c, "c2"));
    two.add(test::failed(c, "c2", 3, false));
    two.add(test::start(a, "a2"));
    two.add(line::Unchanged{a, "a2", "k1", Value::Map{{"x", 1}}, "f9"}.value());
    two.add(line::Asked{"retry", c, ""}.value());
    two.add(test::start(c, "c3"));
    two.add(test::commit(c, "c3", "k3"));
    two.add(test::start(e, "e1"));
    two.add(test::done(c, "c3"));
    two.add(line::Asked{"delete", b, ""}.value());
    two.add(line::End{75, Value::Map{{"done", 2}}}.value());
    return {one, two};
}

/// Units that a whole `done` line among the first n says are done, by the test's own reading.
std::set<std::string> said_done(const std::vector<std::string>& lines, std::size_t n) {
    std::set<std::string> ids;
    for (std::size_t k = 0; k < n; ++k)
        if (const std::size_t at = lines[k].find(R"("is":"done")"); at != std::string::npos)
            ids.insert(lines[k].substr(lines[k].find(R"("unit":")") + 8, 3));
    return ids;
}

TEST(DamagedHistory, OfAJournalCutAnywhereIsThatOfItsWholeLines) {
    const auto scripts = realistic();
    for (std::size_t which = 0; which < 2; ++which) {
        const std::string first = which == 0 ? "" : scripts[0].text(), text = scripts[which].text();
        const auto folded = [&](const std::string& t) { return which == 0 ? history({t}) : history({first, t}); };
        std::size_t whole = 0, end = 0;
        std::string expected = test::all_of(folded(""));
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            // A line whose newline alone is missing is whole.
            while (whole < scripts[which].lines.size() && end + scripts[which].lines[whole].size() <= cut + 1) {
                end += scripts[which].lines[whole++].size();
                const std::vector<std::string> some(scripts[which].lines.begin(),
                                                    scripts[which].lines.begin() + std::ptrdiff_t(whole));
                expected = test::all_of(folded(Script::text_of(some)));
            }
            const History h = folded(text.substr(0, cut));
            ASSERT_EQ(test::all_of(h), expected) << cut;
            ASSERT_EQ(h.troubles().count, cut > end ? 1u : 0u) << cut;
            auto done = said_done(scripts[which].lines, whole);
            if (which == 1) done.merge(said_done(scripts[0].lines, scripts[0].lines.size()));
            for (std::size_t u = 0; u < h.size(); ++u) {
                if (h.state(u) == State::done) { ASSERT_TRUE(done.contains(h.id(u).text())) << cut << " " << h.id(u).text(); }
            }
        }
    }
}

TEST(DamagedHistory, OfAJournalWithAByteChangedIsThatOfTheOtherLines) {
    const auto scripts = realistic();
    const std::string text = scripts[0].text(), second = scripts[1].text();
    const std::string all = test::all_of(history({text, second}));
    std::size_t begin = 0;
    for (std::size_t l = 0; l < scripts[0].lines.size(); ++l) {
        auto others = scripts[0].lines;
        others[l] = "junk\n";
        const std::string without = test::all_of(history({Script::text_of(others), second}));
        const std::size_t length = scripts[0].lines[l].size();
        for (std::size_t at = begin; at < begin + length; ++at) {
            for (const char c : {char(text[at] ^ 1), char(text[at] ^ 0x80), '\n'}) {
                if (c == text[at]) continue;
                std::string changed = text;
                changed[at] = c;
                const History h = history({changed, second});
                ASSERT_EQ(test::all_of(h), at + 1 == begin + length ? all : without) << at << " " << int(c);
                ASSERT_GE(h.troubles().count, 1u) << at;
            }
        }
        begin += length;
    }
}

TEST(DamagedHistory, OfAJournalWithALineTwiceIsThatOfOne) {
    // As a writer leaves it that did not know what had been kept: from any line to any later one, all of it once more.
    const auto scripts = realistic();
    const std::string second = scripts[1].text(), all = test::all_of(history({scripts[0].text(), second}));
    const auto& lines = scripts[0].lines;
    for (std::size_t from = 0; from < lines.size(); ++from)
        for (std::size_t to = from + 1; to <= lines.size(); ++to) {
            auto twice = lines;
            twice.insert(twice.begin() + std::ptrdiff_t(to), lines.begin() + std::ptrdiff_t(from),
                         lines.begin() + std::ptrdiff_t(to));
            const History h = history({Script::text_of(twice), second});
            ASSERT_EQ(test::all_of(h), all) << from << " " << to;
        }
}

}  // namespace
}  // namespace flowspan::batch
