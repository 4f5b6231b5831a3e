// The fold of journals: what has become of each unit, and that no damage makes more of it than there was.
#include "batch/journal/history.hpp"

#include "tests/unit/batch/journal/batch.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace flowspan::batch {
namespace {

using flowspan::test::Folder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Lines of a start, kept for looking at.
class Script {
public:
    explicit Script(std::uint32_t start) : start_(start) { add(test::begin().value()); }
    UnitId unit(const std::string& folder) {
        const UnitId id{start_, units_++};
        add(line::Described{id, test::unit(folder)}.value());
        return id;
    }
    void add(const Value& v) { lines.push_back(sealed_line(v)); }
    std::string text() const { return text_of(lines); }
    static std::string text_of(const std::vector<std::string>& lines) {
        std::string all;
        for (const auto& l : lines) all += l;
        return all;
    }
    std::vector<std::string> lines;

private:
    std::uint32_t start_, units_ = 0;
};

/// The history of journals with these texts.
History history(const std::vector<std::string>& texts, bool alive = false) {
    History h;
    for (std::size_t k = 0; k < texts.size(); ++k)
        h.journal(std::uint32_t(k + 1), [&](const TakeLine& take, Troubles& troubles) {
            LineReader reader("J", take, troubles);
            reader.add(texts[k]);
            reader.end();
        });
    if (!alive) h.end();
    return h;
}

TEST(History, OfNothingIsEmpty) {
    const Folder out;
    const History h = History::read(out.path());
    EXPECT_EQ(h.size(), 0u);
    EXPECT_FALSE(h.first());
    EXPECT_THAT(h.suspects(), IsEmpty());
}

TEST(History, FollowsAUnitThroughItsStates) {
    Script s(1);
    const UnitId a = s.unit("night/a.wav");
    const auto now = [&] { return test::known_of(history({s.text()}, true), "night/a.wav"); };
    EXPECT_EQ(now().state, State::fresh);
    EXPECT_EQ(now().unit, test::unit("night/a.wav"));
    s.add(test::start(a, "r1"));
    EXPECT_EQ(now().state, State::running);
    EXPECT_EQ(now().run, "r1");
    s.add(test::failed(a, "r1", 1, true));
    EXPECT_EQ(now().state, State::fresh);
    EXPECT_EQ(now().attempts, 1);
    EXPECT_EQ(now().cause, "fft: it \"failed\"");
    EXPECT_EQ(now().code, 4);
    EXPECT_EQ(now().host, "node1");
    s.add(test::start(a, "r2", 2));
    s.add(test::commit(a, "r2"));
    EXPECT_EQ(now().state, State::committed);
    EXPECT_EQ(now().key, "");
    s.add(test::done(a, "r2"));
    Known k = now();
    EXPECT_EQ(k.state, State::done);
    EXPECT_EQ(k.run, "r2");
    EXPECT_EQ(k.key, "k1");
    EXPECT_EQ(k.fingerprint, "f1");
    EXPECT_EQ(k.content.json(), R"({"pieces":["00ff"]})");
    EXPECT_EQ(k.products, test::two_products());
    EXPECT_EQ(k.attempts, 0);
    EXPECT_EQ(k.cause, "");
    s.add(test::start(a, "r3"));
    s.add(line::Unchanged{a, "r3", "k2", Value::Map{{"touched", 1}}, "f2"}.value());
    k = now();
    EXPECT_EQ(k.state, State::done);
    EXPECT_EQ(k.key, "k2");
    EXPECT_EQ(k.fingerprint, "f2");
    EXPECT_EQ(k.content.json(), R"({"touched":1})");
    EXPECT_EQ(k.products, test::two_products());
    EXPECT_EQ(k.run, "r2");
    s.add(test::start(a, "r4"));
    s.add(test::failed(a, "r4", 3, false));
    EXPECT_EQ(now().state, State::failed);
    EXPECT_EQ(now().key, "k2");  // its old products are there
    s.add(line::Asked{"retry", a, ""}.value());
    EXPECT_EQ(now().state, State::fresh);
    EXPECT_EQ(now().attempts, 0);
    s.add(line::Asked{"delete", a, ""}.value());
    EXPECT_EQ(now().state, State::deleted);
    EXPECT_EQ(now().key, "");
    EXPECT_THAT(now().products, IsEmpty());
    s.add(test::start(a, "r5"));
    EXPECT_EQ(now().state, State::running);
}

TEST(History, NamesWhatIsToBeRolledForwardAndRemoved) {
    Script one(1);
    const UnitId a = one.unit("a"), b = one.unit("b"), c = one.unit("c");
    for (const auto& [id, run] : {std::pair(a, "ra"), {b, "rb"}, {c, "rc"}}) one.add(test::start(id, run));
    one.add(test::commit(b, "rb"));
    one.add(test::commit(a, "ra"));
    one.add(test::done(a, "ra"));
    const History h = history({one.text()});
    ASSERT_EQ(h.committed().size(), 1u);
    EXPECT_EQ(h.committed()[0].run, "rb");
    EXPECT_EQ(h.committed()[0].products, test::two_products());
    EXPECT_THAT(h.dead(), ElementsAre(Dead{2, "rc"}));
    // The next start clears, rolls and goes on.
    Script two(2);
    two.add(line::Cleared{}.value());
    two.add(test::done(b, "rb"));
    two.add(test::start(c, "rd"));
    const History later = history({one.text(), two.text()});
    EXPECT_THAT(later.committed(), IsEmpty());
    EXPECT_THAT(later.dead(), ElementsAre(Dead{2, "rd"}));
    // One that dies before it can say so leaves both to the third.
    EXPECT_EQ(history({one.text(), Script(2).text()}).dead(), h.dead());
    EXPECT_EQ(history({one.text(), Script(2).text()}).committed().size(), 1u);
}

TEST(History, GivesUpACommitWhoseProductsAreGone) {
    Script s(1);
    const UnitId a = s.unit("a");
    s.add(test::start(a, "r1"));
    s.add(test::commit(a, "r1"));
    s.add(test::failed(a, "r1", 0, true));
    s.add(line::End{0, {}}.value());
    const History h = history({s.text()});
    EXPECT_EQ(h.state(0), State::fresh);
    EXPECT_THAT(h.committed(), IsEmpty());
    EXPECT_THAT(h.dead(), ElementsAre(Dead{0, "r1"}));
}

TEST(History, NeverRollsAnOlderCommitOverANewerProduct) {
    Script one(1), two(2);
    const UnitId a = one.unit("a");
    one.add(test::commit(a, "r1", "old"));
    two.add(test::commit(a, "r2", "new"));
    two.add(test::done(a, "r2"));
    const History h = history({one.text(), two.text()});
    EXPECT_EQ(test::known_of(h, "a").key, "new");
    EXPECT_EQ(h.state(0), State::done);
    EXPECT_THAT(h.committed(), IsEmpty());
    EXPECT_THAT(h.dead(), ElementsAre(Dead{0, "r1"}));
}

TEST(History, TakesTheFirstOfTwoStartsThatMadeTheSame) {
    Script one(1), two(2);
    const UnitId a = one.unit("a");
    one.add(test::start(a, "r1"));
    two.add(test::start(a, "r2"));
    one.add(test::commit(a, "r1"));
    one.add(test::done(a, "r1"));
    two.add(test::commit(a, "r2", "k1", test::two_products(), "f2"));
    const History half = history({one.text(), two.text()});
    EXPECT_EQ(half.state(0), State::done);  // though the second is still to be rolled forward
    EXPECT_EQ(half.committed().size(), 1u);
    two.add(test::done(a, "r2"));
    two.add(test::done(a, "r2"));
    const History h = history({one.text(), two.text()});
    EXPECT_EQ(h.state(0), State::done);
    EXPECT_EQ(h.known(0).run, "r1");
    EXPECT_EQ(h.known(0).fingerprint, "f2");
    EXPECT_THAT(h.committed(), IsEmpty());
    // With another key it is another product.
    Script three(3);
    three.add(test::commit(a, "r3", "k2"));
    three.add(test::done(a, "r3"));
    EXPECT_EQ(history({one.text(), two.text(), three.text()}).known(0).run, "r3");
}

TEST(History, OfTwoStartsAtOnceMixesNoUnits) {
    // Both have read the same, neither sees the other: they name different units alike but for the start.
    Script one(1), two(2), three(3);
    const UnitId x = one.unit("x"), y = two.unit("y"), x_again = two.unit("x");
    EXPECT_EQ(x.number, y.number);
    one.add(test::start(x, "r1"));
    two.add(test::start(y, "r2"));
    two.add(test::commit(y, "r2"));
    two.add(test::done(y, "r2"));
    two.add(test::start(x_again, "r3"));
    one.add(test::failed(x, "r1", 1, true));
    three.add(test::commit(x_again, "r4"));
    three.add(test::done(x, "r4"));  // either name will do
    const History h = history({one.text(), two.text(), three.text()});
    ASSERT_EQ(h.size(), 2u);
    EXPECT_EQ(test::known_of(h, "x").run, "r4");
    EXPECT_EQ(test::known_of(h, "y").run, "r2");
    EXPECT_EQ(test::state_of(h, "x"), State::done);
    EXPECT_EQ(h.troubles().count, 0u);
}

TEST(History, TrustsNoOlderProductWhereANewerMayHaveReplacedIt) {
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

TEST(History, SaysThatAJournalIsMissing) {
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

TEST(History, SuspectsWhatWasHandedOutWhenABatchDiedWithoutAWord) {
    Script one(1), two(2), three(3);
    const UnitId a = one.unit("a"), b = one.unit("b"), c = one.unit("c");
    one.add(test::start(a, "a1", 1, "node1"));
    one.add(test::start(b, "b1", 1, "node2"));
    one.add(test::start(c, "c1", 1, "node3"));
    one.add(test::commit(c, "c1"));
    EXPECT_THAT(history({one.text()}).suspects(), ElementsAre(0u, 1u));
    EXPECT_THAT(history({one.text()}, true).suspects(), IsEmpty());
    EXPECT_EQ(history({one.text()}, true).state(0), State::running);
    two.add(test::done(c, "c1"));
    two.add(test::start(a, "a2", 1, "node1"));
    two.add(test::commit(a, "a2"));
    two.add(test::done(a, "a2"));
    two.add(test::start(b, "b2", 1, "node4"));
    const History h = history({one.text(), two.text()});
    EXPECT_THAT(h.suspects(), ElementsAre(1u));
    EXPECT_EQ(h.known(1).deaths, 2);
    EXPECT_EQ(h.known(1).deaths_alone, 1);
    EXPECT_THAT(h.known(1).places, ElementsAre("node2", "node4"));
    EXPECT_EQ(h.known(1).attempts, 0);
    three.add(test::failed(b, "b2", 1, false));
    EXPECT_THAT(history({one.text(), two.text(), three.text()}).suspects(), IsEmpty());
}

TEST(History, SuspectsNothingThatAStopHasDropped) {
    Script one(1), two(2);
    const UnitId a = one.unit("a");
    one.add(test::start(a, "a1"));
    one.add(line::End{75, {}}.value());
    const History h = history({one.text(), two.text()});
    EXPECT_THAT(h.suspects(), IsEmpty());
    EXPECT_EQ(h.state(0), State::fresh);
    EXPECT_THAT(h.dead(), ElementsAre(Dead{0, "a1"}));
}

TEST(History, RunsNothingThatAnEarlierStartHadHandedOut) {
    Script one(1), two(2);
    const UnitId a = one.unit("a");
    one.add(test::start(a, "a1"));
    EXPECT_EQ(history({one.text(), two.text()}, true).state(0), State::fresh);
    EXPECT_THAT(history({one.text(), two.text()}, true).suspects(), ElementsAre(0u));
}

TEST(History, PinsWhatTheFirstStartHasSaid) {
    line::Begin first = test::begin(), second = first;
    first.part = second.part = 2;
    first.parts = 5;
    second.root = "/elsewhere";
    const std::string cut = sealed_line(first.value()).substr(0, 100) + "\n";
    const Folder out;
    out.write(".flowspan/journal-2-0001", cut);
    out.write(".flowspan/journal-2-0002", sealed_line(first.value()));
    out.write(".flowspan/journal-2-0003", sealed_line(second.value()));
    out.write(".flowspan/journal-4-0001", sealed_line(second.value()));
    const History h = History::read(out.path(), 2);
    EXPECT_EQ(h.first(), first);
    Troubles troubles;
    EXPECT_THAT(first_begins(out.path(), troubles), ElementsAre(std::pair(2, first), std::pair(4, second)));
    EXPECT_EQ(troubles.count, 1u);
    EXPECT_EQ(History::read(out.path(), 3).size(), 0u);
}

TEST(History, PassesOverLinesThatDoNotSayWhatTheyMust) {
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

TEST(History, RefusesNamesThatLeadOut) {
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

TEST(MadeFile, IsToldByItsPart) {
    EXPECT_EQ(MadeFile::of("x/a.wav", "x/.a.wav.r1.2.13.part", 5), (MadeFile{"x/a.wav", 5, 2, 13}));
    EXPECT_EQ((MadeFile{"x/a.wav", 5, 2, 13}.part("r1")), "x/.a.wav.r1.2.13.part");
    EXPECT_THROW(MadeFile::of("a.wav", "x/.a.wav.r1.2.13.part", 5), std::invalid_argument);
    EXPECT_THROW(MadeFile::of("b.wav", ".a.wav.r1.2.13.part", 5), std::invalid_argument);
}

TEST(Kinds, AreReadAsTheyWereWritten) {
    const auto again = [](auto line) {
        const std::string json = line.value().json();
        return std::pair(decltype(line)::from(Fields(json)).value(), line.value());
    };
    const auto same = [&](auto line) {
        const auto [read, written] = again(line);
        EXPECT_EQ(read, written);
    };
    line::Begin begin = test::begin();
    begin.plugins = {"x.so 77"};
    same(begin);
    same(line::Described{{3, 4}, {"f", "/r", "g", "1 s", "2 s", {{"gain", "1"}}}});
    same(line::Start{{3, 4}, "r1", 2, 7, "n", 1.5});
    same(line::Commit{{3, 4}, "r1", "k", Value::Map{{"a", Value::List{1, "x"}}}, "f", test::two_products(), 0.5, 7});
    same(line::Done{{3, 4}, "r1"});
    same(line::Unchanged{{3, 4}, "", "k", {}, "f"});
    same(line::Failed{{3, 4}, "r1", 2, "c", 4, 1, "n", "f", true, true});
    same(line::Asked{"delete", {3, 4}, "request"});
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

TEST(History, OfAJournalCutAnywhereIsThatOfItsWholeLines) {
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

TEST(History, OfAJournalWithAByteChangedIsThatOfTheOtherLines) {
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

TEST(History, OfAJournalWithALineTwiceIsThatOfOne) {
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
