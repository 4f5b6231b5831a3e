// How many items a call of a block with a fixed ratio makes.
#include "runtime/count/counting.hpp"
#include "tests/unit/runtime/stage.hpp"

#include <gtest/gtest.h>

#include <random>

namespace flowspan::runtime {
namespace {

using memory::EndKind;
using tests::Given;
using tests::Stage;
using tests::stream;

/// The rule of counts, by counting.
std::uint64_t by_the_rule(const Ratio& r, std::uint64_t n) {
    std::uint64_t m = 0;
    while (m * r.decimation / r.interpolation + r.window <= n) ++m;
    return m;
}

/// One block, and who feeds and reads it in pieces of random size.
struct Counted {
    Counted(const Given& given, CountOptions options)
        : stage(given), count(stage, stage.at, finished(given, std::move(options))) {}
    static CountOptions finished(const Given& given, CountOptions o) {
        o.ratio = given.ratio;
        if (o.quantum == 1) o.quantum = 100000;
        return o;
    }
    std::optional<Call> next() {
        call = count.next(bounds, wait);
        return call;
    }
    void make(const Call& made) { stage.made(made.items, count.input_after(made.items)); }
    /// All calls until it does not go on. Returns outputs of the stretch.
    std::uint64_t make_all() {
        while (next()) {
            make(*call);
            stage.read_all();
            check(*call);
        }
        return stage.at.made;
    }
    /// Feeds n items in pieces, then ends the stream.
    std::uint64_t run(std::uint64_t n, std::mt19937& random, EndKind kind = EndKind::ok) {
        for (std::uint64_t fed = 0, idle = 0; fed < n && idle < 100; ++idle) {
            std::uint64_t piece = std::min<std::uint64_t>({n - fed, stage.before().room(), random() % 50});
            stage.feed(piece);
            fed += piece;
            if (piece > 0) idle = 0;
            make_all();
        }
        EXPECT_EQ(stage.before().completed() - stage.at.input_anchor, n) << "it got stuck";
        stage.end(kind);
        make_all();
        return stage.at.made;
    }
    void check(const Call& c) {
        const CountOptions& o = count.options();
        EXPECT_GT(c.items, 0U);
        EXPECT_FALSE(said_last) << "a call follows the last one";
        said_last = c.last;
        const std::uint64_t begun = stage.at.made - c.items;
        EXPECT_TRUE(o.any_number || begun % o.ratio.grid == 0);
        EXPECT_TRUE(o.any_number || c.last || stage.at.made % o.ratio.grid == 0);
        EXPECT_TRUE(o.cell == 0 || begun / o.cell == (stage.at.made - 1) / o.cell) << "it crosses a cell";
        EXPECT_LE(input_of(o.ratio, stage.at.made - 1) + o.ratio.window, stage.before().completed() - stage.at.input_anchor)
            << "what it needs is not there";
    }
    Stage stage;
    FixedCount count;
    Bounds bounds;
    Wait wait = Wait::nothing;
    std::optional<Call> call;
    bool said_last = false;
};

Given random_given(std::mt19937& random) {
    Given s;
    s.ratio.interpolation = 1 + random() % 9;
    s.ratio.decimation = 1 + random() % 9;
    s.ratio.window = 1 + random() % 20;
    s.ratio.grid = random() % 2 == 0 ? 1 : 1 + random() % 12;
    s.history = random() % 3 == 0 ? random() % 30 : 0;
    s.first = random() % 2 == 0 ? 0 : s.ratio.decimation * (random() % 100);
    return s;
}

CountOptions random_options(std::mt19937& random, const Ratio& r) {
    CountOptions o;
    o.quantum = r.grid * (1 + random() % 40);
    o.holds_last = random() % 2 == 0;
    o.gappy = r.decimation > r.interpolation * r.window;
    if (random() % 3 == 0) o.cell = r.grid * (1 + random() % 10);
    if (random() % 2 == 0) o.limit = [&random](std::size_t n) { return 1 + random() % n; };
    return o;
}

TEST(FixedCount, MakesWhatTheRuleOfCountsSaysWhateverThePieces) {
    for (unsigned seed = 1; seed <= 400; ++seed) {
        std::mt19937 random(seed);
        const Given given = random_given(random);
        const std::uint64_t n = random() % 300;
        Counted c(given, random_options(random, given.ratio));
        EXPECT_EQ(c.run(n, random), by_the_rule(given.ratio, n)) << "seed " << seed;
        EXPECT_EQ(c.wait, Wait::nothing);
        EXPECT_TRUE(!c.count.options().holds_last || c.said_last == (c.stage.at.made > 0)) << "tags behind it sit on it";
    }
}

TEST(FixedCount, GoesAcrossCellsWhereNothingIsSent) {
    CountOptions options;
    options.cell = 8;
    Counted c({.ratio = {.grid = 4}}, options);
    c.stage.feed(31);
    EXPECT_EQ(c.next()->items, 8U);
    c.bounds.across_cells = true;
    EXPECT_EQ(c.next()->items, 28U) << "whole grid blocks";
    c.stage.end(EndKind::ok);
    EXPECT_EQ(c.next()->items, 28U) << "the rest of the last one comes by itself";
    c.bounds = {.barrier = 6};
    EXPECT_EQ(c.next()->items, 8U) << "a change within a grid block";
}

TEST(FixedCount, MakesWholeGridBlocksAloneOfWhatEndsByACut) {
    for (unsigned seed = 1; seed <= 400; ++seed) {
        std::mt19937 random(seed);
        const Given given = random_given(random);
        const std::uint64_t n = random() % 300, grid = given.ratio.grid;
        Counted c(given, random_options(random, given.ratio));
        EXPECT_EQ(c.run(n, random, EndKind::seam), by_the_rule(given.ratio, n) / grid * grid) << "seed " << seed;
        EXPECT_FALSE(c.said_last) << "the stretch goes on";
    }
}

TEST(FixedCount, EndsAfterItsTotalWithinAGridBlockToo) {
    for (unsigned seed = 1; seed <= 200; ++seed) {
        std::mt19937 random(seed);
        const Given given = random_given(random);
        CountOptions options = random_options(random, given.ratio);
        options.total = 1 + random() % 60;
        Counted c(given, options);
        const std::uint64_t n = 700, there = by_the_rule(given.ratio, n);
        c.stage.feed(n);
        const std::uint64_t known = there - (options.holds_last ? 1 : 0);
        const bool reaches = options.total <= known;
        EXPECT_EQ(c.make_all(), reaches ? options.total : known / given.ratio.grid * given.ratio.grid) << "seed " << seed;
        EXPECT_EQ(c.wait, reaches ? Wait::nothing : Wait::input);
        EXPECT_EQ(c.said_last, reaches);
    }
}

TEST(FixedCount, StopsAtAChangeAtTheSameItemWhateverThePieces) {
    for (unsigned seed = 1; seed <= 400; ++seed) {
        std::mt19937 random(seed);
        const Given given = random_given(random);
        const Ratio& r = given.ratio;
        CountOptions options = random_options(random, r);
        options.splits = random() % 2 == 0;
        Counted c(given, options);
        const std::uint64_t n = 20 + random() % 300, at = random() % n, there = by_the_rule(r, n);
        const bool by_message = random() % 2 == 0;
        (by_message ? c.bounds.messages : c.bounds.barrier) = c.stage.at.input_anchor + at;
        // The outputs that stand before it, by counting; then up to the end of its grid block, or where that begins.
        std::uint64_t before = 0;
        while (before * r.decimation / r.interpolation < at) ++before;
        const std::uint64_t begins = before / r.grid * r.grid, ends = (before + r.grid - 1) / r.grid * r.grid;
        const bool splits = options.splits && !by_message;
        const std::uint64_t stop = splits ? begins : ends;
        const bool stops = before < there && stop < there;
        EXPECT_EQ(c.run(n, random), stops ? stop : there) << "seed " << seed;
        EXPECT_EQ(c.wait, !stops ? Wait::nothing : by_message ? Wait::messages : Wait::input) << "seed " << seed;
        // Once it has been passed all is made.
        c.bounds = {};
        EXPECT_EQ(c.make_all(), there) << "seed " << seed;
    }
}

TEST(FixedCount, IsNotStoppedWithinTheLastIncompleteGridBlock) {
    for (const bool by_message : {false, true}) {
        Counted c({.ratio = {.grid = 8}}, {});
        (by_message ? c.bounds.messages : c.bounds.barrier) = 18;
        c.stage.feed(20);
        EXPECT_EQ(c.make_all(), 16U);
        EXPECT_EQ(c.wait, Wait::input);
        c.stage.end();
        ASSERT_TRUE(c.next()) << "nothing else can come: it would wait for ever";
        EXPECT_EQ(c.call->items, 4U);
        EXPECT_TRUE(c.call->last);
    }
    Counted c({.ratio = {.grid = 8}}, {.splits = true});
    c.bounds.barrier = 18;
    c.stage.feed(20);
    c.stage.end();
    EXPECT_EQ(c.make_all(), 16U) << "that one is made in parts";
}

TEST(FixedCount, WaitsForRoomForAWholeGridBlock) {
    Counted c({.ratio = {.grid = 8}, .stream = stream(1, true), .in_capacity = 64, .capacity = 20}, {});
    c.stage.feed(40);
    ASSERT_TRUE(c.next());
    EXPECT_EQ(c.call->items, 16U);
    c.make(*c.call);
    EXPECT_FALSE(c.next()) << "there is room for 4";
    EXPECT_EQ(c.wait, Wait::output);
    c.stage.woken();
    c.stage.read(3);
    EXPECT_EQ(c.stage.woken(), "itself");
    EXPECT_FALSE(c.next()) << "for 7";
    c.stage.read(1);
    ASSERT_TRUE(c.next());
    EXPECT_EQ(c.call->items, 8U);
}

TEST(FixedCount, TakesTheLeastRoomOfItsOutputs) {
    Counted c({.outputs = 2, .stream = stream(1, true), .in_capacity = 64, .capacity = 20}, {});
    c.stage.feed(40);
    c.make(*c.next());
    EXPECT_EQ(c.stage.at.made, 20U);
    c.stage.read(9, 0);
    c.stage.read(5, 1);
    ASSERT_TRUE(c.next());
    EXPECT_EQ(c.call->items, 5U);
}

TEST(FixedCount, PassesOverItemsThatNobodyNeedsWhereTheRingHoldsFewerThanLieBetween) {
    for (const bool skips : {false, true}) {
        std::mt19937 random(1);
        Given given{.stream = stream(1, true), .in_capacity = 16};
        if (skips) {
            given.skip = 50;
        } else {
            given.ratio.decimation = 50;
        }
        Counted c(given, {.gappy = true});
        for (int fed = 0; fed < 1000 + (skips ? 50 : 0); ++fed) {
            ASSERT_GT(c.stage.before().room(), 0U) << "it got stuck at " << fed;
            c.stage.feed(1);
            c.make_all();
        }
        EXPECT_EQ(c.stage.at.made, skips ? 1000U : 20U);
    }
}

TEST(FixedCount, ReleasesNothingWhileAStepIsUnderWay) {
    Counted c({.ratio = {.decimation = 50}, .stream = stream(1, true), .in_capacity = 16}, {.gappy = true});
    c.stage.feed(16);
    ASSERT_TRUE(c.next());
    c.stage.ins[0].reader->advance(50);
    c.stage.at.made = 1;
    c.bounds.calm = false;
    EXPECT_FALSE(c.next());
    EXPECT_EQ(c.stage.before().room(), 0U) << "the step still reads";
    c.bounds.calm = true;
    EXPECT_FALSE(c.next());
    EXPECT_EQ(c.stage.before().room(), 16U);
}

TEST(FixedCount, HoldsTheLastItemUntilTheNextOneOrTheEndIsKnown) {
    Counted c({.ratio = {.interpolation = 3, .decimation = 2}}, {.holds_last = true});
    c.stage.feed(1);
    EXPECT_EQ(c.make_all(), 1U) << "outputs 0 and 1 belong to it: 1 waits";
    c.stage.feed(1);
    EXPECT_EQ(c.make_all(), 2U);
    EXPECT_EQ(c.wait, Wait::input);
    c.stage.end();
    EXPECT_EQ(c.make_all(), 3U);
    EXPECT_TRUE(c.said_last);
}

TEST(FixedCount, WaitsForAPieceUnlessNothingElseCanCome) {
    Counted c({.capacity = 8192}, {.piece = 100});
    c.stage.feed(99);
    EXPECT_FALSE(c.next());
    EXPECT_EQ(c.wait, Wait::input);
    c.bounds.barrier = 40;
    ASSERT_TRUE(c.next());
    EXPECT_EQ(c.call->items, 40U);
    c.bounds = {};
    c.stage.feed(1);
    ASSERT_TRUE(c.next());
    EXPECT_EQ(c.call->items, 100U);
    c.make(*c.call);
    c.stage.feed(7);
    EXPECT_FALSE(c.next());
    c.stage.end();
    ASSERT_TRUE(c.next());
    EXPECT_EQ(c.call->items, 7U);
    EXPECT_TRUE(c.call->last);
}

TEST(FixedCount, EndsWithTheFirstOfItsInputs) {
    for (const std::size_t shorter : {0U, 1U}) {
        Counted c({.inputs = 2, .ratio = {.grid = 8}}, {});
        c.stage.feed(20, shorter);
        c.stage.feed(30, 1 - shorter);
        c.stage.end(EndKind::ok, 1 - shorter);
        EXPECT_EQ(c.make_all(), 16U);
        EXPECT_EQ(c.wait, Wait::input) << "the shorter one may go on";
        c.stage.end(EndKind::ok, shorter);
        EXPECT_EQ(c.make_all(), 20U);
        EXPECT_TRUE(c.said_last);
    }
}

TEST(FixedCount, PadsNothingAtACutHoweverFarItsOtherInputHasCome) {
    for (const std::size_t seam : {0U, 1U}) {
        for (const std::uint64_t other : {20U, 21U, 30U}) {
            Counted c({.inputs = 2, .ratio = {.grid = 8}}, {});
            c.stage.feed(20, seam);
            c.stage.feed(other, 1 - seam);
            c.stage.end(EndKind::seam, seam);
            EXPECT_EQ(c.make_all(), 16U) << seam << " is seam, the other one has " << other;
            EXPECT_EQ(c.wait, Wait::nothing);
            c.stage.end(EndKind::seam, 1 - seam);
            EXPECT_EQ(c.make_all(), 16U);
        }
    }
}

TEST(FixedCount, EndsWhereAnInputEndsThoughAnotherIsCutThere) {
    for (const std::size_t seam : {0U, 1U}) {
        for (const bool seam_first : {false, true}) {
            Counted c({.inputs = 2, .ratio = {.grid = 8}}, {});
            c.stage.feed(20, 0);
            c.stage.feed(20, 1);
            const std::size_t first = seam_first ? seam : 1 - seam;
            c.stage.end(seam_first ? EndKind::seam : EndKind::ok, first);
            c.make_all();
            c.stage.end(seam_first ? EndKind::ok : EndKind::seam, 1 - first);
            EXPECT_EQ(c.make_all(), 20U) << seam << seam_first;
        }
    }
}

TEST(FixedCount, PlacesPortsAtTheItemsOfTheCall) {
    Counted c({.ratio = {.interpolation = 2, .decimation = 3, .window = 4}, .history = 5, .first = 300}, {});
    c.stage.feed(40);
    c.make({4, false});
    const Call call{6, false};
    c.count.place(call);
    const auto& in = c.stage.block.ins[0];
    const auto& out = c.stage.block.outs[0];
    EXPECT_EQ(out.index(), 204U);
    EXPECT_EQ(out.item(), c.stage.behind().write_place());
    EXPECT_EQ(in.index(), 306U) << "floor(4 * 3 / 2)";
    EXPECT_EQ(in.count(), 9U) << "up to floor(10 * 3 / 2)";
    EXPECT_EQ(in.item(), c.stage.ins[0].reader->item(306));
    EXPECT_EQ(c.count.input_after(6), 315U);
}

TEST(FixedCount, OfASourceEndsAtItsTotalItsStretchesAndWhereItIsStopped) {
    Counted c({.inputs = 0, .first = 1000}, {.total = 100});
    c.stage.block.outs[0].stretch_at(1030, {Break::gap, 5});
    c.bounds.barrier = 1010;
    ASSERT_TRUE(c.next());
    EXPECT_EQ(c.call->items, 10U);
    c.make(*c.call);
    c.bounds = {};
    ASSERT_TRUE(c.next());
    EXPECT_EQ(c.call->items, 20U);
    EXPECT_FALSE(c.call->last);
    c.make(*c.call);
    EXPECT_FALSE(c.next());
    EXPECT_EQ(c.wait, Wait::nothing) << "its stretch is over";
    Access::stretches(c.stage.block.outs[0]).clear();
    ASSERT_TRUE(c.next());
    EXPECT_EQ(c.call->items, 70U);
    EXPECT_TRUE(c.call->last);
    c.bounds.stopping = true;
    EXPECT_FALSE(c.next());
    EXPECT_EQ(c.wait, Wait::nothing);
    c.bounds = {};
    c.make({70, true});
    EXPECT_FALSE(c.next());
    EXPECT_EQ(c.wait, Wait::nothing);
}

// On a device: a change is made where it is, a message takes effect where it does elsewhere, and counts are the same.
TEST(FixedCount, MakesAnyNumberWhereTheBlockCan) {
    const Ratio ratio{.grid = 16};
    for (const std::uint64_t n : {0U, 1U, 15U, 16U, 17U, 100U}) {
        std::mt19937 random(unsigned(n) + 7);
        Counted grid({.ratio = ratio, .stream = stream(1, true), .in_capacity = 300, .capacity = 300}, {});
        Counted any({.ratio = ratio, .stream = stream(1, true), .in_capacity = 300, .capacity = 300}, {.any_number = true});
        EXPECT_EQ(grid.run(n, random), any.run(n, random)) << n;
    }
    Counted c({.ratio = ratio, .stream = stream(1, true), .in_capacity = 300, .capacity = 300}, {.any_number = true});
    c.stage.feed(37);
    c.bounds.barrier = 21;
    ASSERT_TRUE(c.next());
    EXPECT_EQ(c.call->items, 21U);
    c.make(*c.call);
    c.bounds.barrier = UINT64_MAX;
    c.bounds.messages = 22;
    ASSERT_TRUE(c.next());
    EXPECT_EQ(c.call->items, 11U) << "up to the next multiple of the grid";
}

}  // namespace
}  // namespace flowspan::runtime
