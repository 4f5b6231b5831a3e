// The fold of journals: what has become of each unit.
#include "batch/journal/history.hpp"

#include "tests/unit/batch/journal/batch.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowspan::batch {
namespace {

using flowspan::test::Folder;
using test::history;
using test::Script;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

TEST(History, KnowsWhatWasTakenFromTheCache) {
    const auto of = [](bool cached, bool again) {
        Script script(1);
        const UnitId a = script.unit("a.wav");
        line::Commit commit{a, "r1", "k", Value::Map{}, "f", test::two_products(), 0.5, 7};
        commit.cached = cached;
        script.add(test::start(a, "r1"));
        script.add(commit.value());
        script.add(test::done(a, "r1"));
        if (again) {
            script.add(test::start(a, "r2"));
            script.add(test::commit(a, "r2", "k2"));
            script.add(test::done(a, "r2"));
        }
        const History h = history({script.text()});
        return h.cached(h.find("a.wav").value());
    };
    EXPECT_TRUE(of(true, false));
    EXPECT_FALSE(of(false, false));
    EXPECT_FALSE(of(true, true)) << "made anew";
}

TEST(History, AnAttemptOnAHostThatLacksTheRecordingCountsForNothing) {
    Script script(1);
    const UnitId a = script.unit("a.wav");
    script.add(test::start(a, "r1"));
    script.add(test::failed(a, "r1", 0, true));
    script.add(test::start(a, "r2"));
    script.add(test::commit(a, "r2"));
    script.add(test::done(a, "r2"));
    const History h = history({script.text()});
    EXPECT_EQ(test::state_of(h, "a.wav"), State::done);
    EXPECT_EQ(test::known_of(h, "a.wav").attempts, 0);
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
    same(line::Failed{{3, 4}, "r1", 2, "c", 4, 1, "n", "f", true, true, true});
    same(line::Asked{"delete", {3, 4}, "request"});
}

}  // namespace
}  // namespace flowspan::batch
