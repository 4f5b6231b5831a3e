// Where tags come out.
#include "runtime/flow/tag_flow.hpp"
#include "tests/unit/runtime/stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace flowspan::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tests::Given;
using tests::Stage;

/// A block with a fixed ratio, and its calls.
struct Fixed {
    explicit Fixed(const Given& given)
        : stage(given), ratio(given.ratio), tags(stage.block, stage, stage.at, stage.statistics) {
        tags.begin_stretch(given.first);
    }
    /// A call that makes n items; `own`: before its tags are put, the block says something.
    void call(std::size_t n, bool last = false, bool total_reached = false) {
        const std::uint64_t next = stage.at.input_anchor + input_of(ratio, stage.at.made + n);
        Access::place(stage.block.outs[0], stage.behind().write_place(), stage.at.output_anchor + stage.at.made);
        tags.take(ratio, n, last, total_reached);
        for (std::size_t k = 0; k < n && own != nullptr; ++k) own(stage.at.made + k, k);
        tags.put(n, last);
        stage.made(n, next);
        stage.read_all();
    }
    /// Keys of the tags that a call sees.
    std::vector<std::string> seen(std::size_t input = 0) const {
        std::vector<std::string> keys;
        for (const Tag& t : stage.block.ins[input].tags()) keys.push_back(t.key);
        return keys;
    }
    Stage stage;
    Ratio ratio;
    TagFlow tags;
    std::function<void(std::uint64_t item, std::size_t k)> own;
};

/// ceil((i + delay) I / D), in integers of another kind.
std::uint64_t moved(std::uint64_t i, const Ratio& r) {
    const auto numerator = (__int128(i) * r.delay.denominator() + r.delay.numerator()) * __int128(r.interpolation);
    const auto denominator = __int128(r.decimation) * r.delay.denominator();
    return std::uint64_t((numerator + denominator - 1) / denominator);
}

TEST(TagFlow, MovesTagsToTheFirstItemAtOrBehindThemWhateverTheCalls) {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        std::mt19937 random(seed);
        Given given{.inputs = 1 + int(random() % 3)};
        given.ratio.interpolation = 1 + random() % 7;
        given.ratio.decimation = 1 + random() % 7;
        given.ratio.delay = Rational(std::int64_t(random() % 40), std::int64_t(1 + random() % 5));
        given.first = random() % 2 == 0 ? 0 : given.ratio.decimation * (1 + random() % 50);
        Fixed f(given);
        const std::uint64_t n = 1 + random() % 400, count = outputs_for(given.ratio, n);
        struct Expected {
            std::uint64_t index;
            int input;
            std::string text;
        };
        std::vector<Expected> expected;
        for (int input = 0; input < given.inputs; ++input) {
            std::vector<std::uint64_t> places(random() % 20);
            for (auto& p : places) p = random() % n;
            std::sort(places.begin(), places.end());
            f.stage.feed(n, std::size_t(input));
            for (std::size_t k = 0; k < places.size(); ++k) {
                const std::string key = std::to_string(input) + "." + std::to_string(k);
                f.stage.tag(f.stage.at.input_anchor + places[k], key, std::size_t(input));
                const std::uint64_t to = f.stage.at.output_anchor + std::min(moved(places[k], given.ratio), count - 1);
                expected.push_back({to, input, std::to_string(to) + " " + key});
            }
            f.stage.end(memory::EndKind::ok, std::size_t(input));
        }
        // What lies behind the last item sits on it, in the order in which it would have come.
        const auto natural = [&](const Expected& e) {
            const auto dot = e.text.find('.');
            return std::tuple(e.index, e.input, std::stoi(e.text.substr(dot + 1)));
        };
        std::sort(expected.begin(), expected.end(), [&](const auto& a, const auto& b) { return natural(a) < natural(b); });
        while (f.stage.at.made < count) {
            const std::size_t items = std::min<std::uint64_t>(count - f.stage.at.made, 1 + random() % 60);
            f.call(items, f.stage.at.made + items == count);
        }
        f.tags.end_stretch(false);
        std::vector<std::string> got = f.stage.tags_of(), want;
        for (const Expected& e : expected) want.push_back(e.text);
        // On the last item: by place first, which this oracle does not say of those that were moved back.
        const std::string last = std::to_string(f.stage.at.output_anchor + count - 1) + " ";
        const auto on_last = [&](const std::string& t) { return t.rfind(last, 0) == 0; };
        const auto split = [&](std::vector<std::string>& all) {
            std::vector<std::string> end;
            std::copy_if(all.begin(), all.end(), std::back_inserter(end), on_last);
            std::erase_if(all, on_last);
            std::sort(end.begin(), end.end());
            return end;
        };
        EXPECT_EQ(split(got), split(want)) << "seed " << seed;
        EXPECT_EQ(got, want) << "seed " << seed;
        EXPECT_EQ(f.stage.statistics.tags_dropped, 0U);
    }
}

TEST(TagFlow, OrdersTagsOfAnItemByInputThenAsTheyCameThenTheBlocksOwn) {
    Fixed f({.inputs = 2, .ratio = {.decimation = 4}});
    f.stage.feed(40, 0);
    f.stage.feed(40, 1);
    f.stage.tag(5, "b", 1);
    f.stage.tag(5, "c", 1);
    f.stage.tag(6, "a", 0);
    f.stage.tag(8, "a", 0);
    f.own = [&](std::uint64_t item, std::size_t k) {
        if (item == 2) f.stage.block.outs[0].tag(k, "own", Value());
        if (item == 3) f.stage.block.outs[0].tag(k - 1, "late", Value());
    };
    f.call(1);
    EXPECT_THAT(f.stage.tags_of(), IsEmpty()) << "they wait until item 2 is made";
    f.call(5);
    EXPECT_THAT(f.stage.tags_of(), ElementsAre("2 a", "2 a", "2 b", "2 c", "2 own", "2 late"));
}

TEST(TagFlow, ShowsACallTheTagsOfTheItemsThatItsOutputsBelongToOnce) {
    Fixed f({.ratio = {.decimation = 4, .window = 10}});
    f.stage.feed(40);
    for (const std::uint64_t index : {0U, 4U, 5U, 8U}) f.stage.tag(index, std::to_string(index));
    f.call(2);
    EXPECT_THAT(f.seen(), ElementsAre("0", "4"));
    f.call(1);
    EXPECT_THAT(f.seen(), ElementsAre("5", "8"));
    f.call(1);
    EXPECT_THAT(f.seen(), IsEmpty());
}

TEST(TagFlow, FollowsThePolicyOfTheBlock) {
    const auto tags = [](TagPolicy policy) {
        Fixed f({.inputs = 2, .outputs = 2, .tags = policy});
        f.stage.feed(10, 0);
        f.stage.feed(10, 1);
        f.stage.tag(3, "a", 0);
        f.stage.tag(2, "b", 1);
        f.own = [&](std::uint64_t item, std::size_t k) {
            if (item == 4) f.stage.block.outs[1].tag(k, "own", Value());
        };
        f.call(10);
        EXPECT_THAT(f.seen(0), ElementsAre("a")) << "the block sees them";
        return std::pair(f.stage.tags_of(0), f.stage.tags_of(1));
    };
    using Texts = std::vector<std::string>;
    EXPECT_EQ(tags(TagPolicy::all_to_all), std::pair(Texts({"2 b", "3 a"}), Texts({"2 b", "3 a", "4 own"})));
    EXPECT_EQ(tags(TagPolicy::one_to_one), std::pair(Texts({"3 a"}), Texts({"2 b", "4 own"})));
    EXPECT_EQ(tags(TagPolicy::drop), std::pair(Texts(), Texts({"4 own"})));
    EXPECT_EQ(tags(TagPolicy::own), std::pair(Texts(), Texts({"4 own"})));
}

TEST(TagFlow, PutsWhatLiesBehindTheLastOutputOnIt) {
    for (const bool total : {false, true}) {
        Fixed f({.ratio = {.decimation = 4, .delay = Rational(2)}});
        f.stage.feed(22);
        for (const std::uint64_t index : {1U, 15U, 20U, 21U}) f.stage.tag(index, std::to_string(index));
        f.stage.end();
        f.call(5);
        f.call(1, true, total);
        if (total) {
            // A block that ends by itself sees nothing behind the input of its last item.
            EXPECT_THAT(f.stage.tags_of(), ElementsAre("1 1", "5 15", "5 20"));
        } else {
            EXPECT_THAT(f.stage.tags_of(), ElementsAre("1 1", "5 15", "5 20", "5 21"));
        }
        f.tags.end_stretch(false);
        EXPECT_EQ(f.stage.statistics.tags_dropped, 0U);
    }
}

TEST(TagFlow, DropsAndCountsWhatFindsNoOutput) {
    Fixed f({.ratio = {.decimation = 4, .delay = Rational(9)}, .skip = 3});
    f.stage.feed(30);
    f.stage.tag(1, "skipped");
    f.stage.tag(3, "a");
    f.stage.tag(4, "b");
    f.call(1);
    EXPECT_EQ(f.stage.statistics.tags_dropped, 1U) << "of an item that is no input";
    f.call(1);
    EXPECT_THAT(f.stage.tags_of(), IsEmpty());
    f.tags.end_stretch(false);
    EXPECT_EQ(f.stage.statistics.tags_dropped, 3U) << "a and b wait for item 3";
    f.call(2);
    EXPECT_THAT(f.stage.tags_of(), IsEmpty()) << "they are forgotten";
}

TEST(TagFlow, CountsNothingAtACut) {
    Fixed f({.ratio = {.decimation = 4, .delay = Rational(9)}});
    f.stage.feed(30);
    f.stage.tag(0, "a");
    f.call(1);
    f.tags.end_stretch(true);
    EXPECT_EQ(f.stage.statistics.tags_dropped, 0U) << "it belongs to the next segment";
}

TEST(TagFlow, LetsTheBufferForgetWhatEveryReaderHasSeen) {
    Fixed f({});
    f.stage.feed(4000);
    for (std::uint64_t k = 0; k < 400; ++k) f.stage.tag(10 * k, "t");
    std::size_t most = 0;
    while (f.stage.at.made < 4000) {
        f.call(100);
        most = std::max(most, f.stage.before().tag_count() - (400 - f.stage.at.made / 10));
    }
    EXPECT_EQ(f.stage.before().tag_count(), 0U);
    EXPECT_LE(most, 64U);
    EXPECT_FALSE(f.stage.before().has_tags()) << "without tags a chain goes on quickly";
    EXPECT_EQ(f.stage.tags_of().size(), 400U);
}

/// A block with a data-dependent rate, whose every item stands at a place that it states.
struct Dependent {
    explicit Dependent(Given given = {})
        : stage(finished(given)), tags(stage.block, stage, stage.at, stage.statistics), places(stage.block, stage, stage.at) {
        tags.begin_stretch(given.first);
    }
    static Given finished(Given given) {
        given.data_dependent = true;
        given.need = 1;
        given.at_most = 4000;
        given.room = 1000;
        return given;
    }
    /// A call that takes n items of each input and makes an item at each of these places of input 0, of all outputs but one.
    void call(std::size_t n, const std::vector<double>& at, std::size_t quiet = SIZE_MAX) {
        for (In& in : stage.ins)
            Access::place(*in.port, in.reader->item(in.reader->index()), in.reader->index(),
                          std::size_t(in.reader->readable_end() - in.reader->index()));
        for (Out& out : stage.outs) {
            Access::stated(*out.port).clear();
            Access::place(*out.port, out.wire->buffer.write_place(), out.anchor + out.made);
            for (std::size_t k = 0; k < at.size(); ++k) out.port->at(k, at[k]);
        }
        tags.show();
        if (own) own();
        const std::vector<std::size_t> taken(stage.ins.size(), n);
        std::vector<std::size_t> made(stage.outs.size(), at.size());
        if (quiet < made.size()) {
            made[quiet] = 0;
            Access::stated(*stage.outs[quiet].port).clear();
        }
        places.state(made);
        tags.move(taken, made, places);
        for (In& in : stage.ins) in.reader->advance(in.reader->index() + n);
        for (std::size_t k = 0; k < stage.outs.size(); ++k) {
            Out& out = stage.outs[k];
            out.made += made[k];
            out.wire->buffer.issue(made[k]);
            tags.hand_over(k, out.anchor + out.made);
            out.wire->buffer.complete(made[k]);
        }
    }
    Stage stage;
    TagFlow tags;
    Places places;
    std::function<void()> own;
};

TEST(TagFlow, OfADataDependentBlockMovesTagsToTheFirstItemAtOrBehindTheirPlace) {
    Dependent d({.inputs = 2});
    d.stage.feed(100, 0);
    d.stage.feed(100, 1);
    d.stage.tag(3, "b", 1);
    d.stage.tag(3, "a", 0);
    d.stage.tag(5, "c", 0);
    d.stage.tag(11, "d", 0);
    d.stage.tag(12, "e", 0);
    d.own = [&] { d.stage.block.outs[0].tag(1, "own", Value()); };
    d.call(10, {2.5, 4, 4.5, 4.75});
    EXPECT_THAT(d.stage.tags_of(), ElementsAre("1 a", "1 b", "1 own"));
    d.own = nullptr;
    d.call(2, {});
    d.call(1, {5, 11.5});
    EXPECT_THAT(d.stage.tags_of(), ElementsAre("1 a", "1 b", "1 own", "4 c", "5 d"));
    EXPECT_EQ(d.stage.statistics.tags_dropped, 0U);
    d.tags.end_stretch(false);
    EXPECT_EQ(d.stage.statistics.tags_dropped, 1U) << "e";
}

TEST(TagFlow, OfADataDependentBlockShowsWhatIsGivenAndMovesWhatIsTaken) {
    Dependent d;
    d.stage.feed(20);
    d.stage.tag(3, "a");
    d.stage.tag(8, "b");
    d.call(5, {4, 9});
    EXPECT_EQ(d.stage.block.ins[0].tags().size(), 2U);
    EXPECT_THAT(d.stage.tags_of(), ElementsAre("0 a")) << "b has not been taken";
    d.call(5, {9.5});
    EXPECT_EQ(d.stage.block.ins[0].tags().size(), 1U);
    EXPECT_THAT(d.stage.tags_of(), ElementsAre("0 a", "2 b"));
    d.call(5, {10});
    EXPECT_EQ(d.stage.block.ins[0].tags().size(), 0U);
}

TEST(TagFlow, OfADataDependentBlockPutsWhatIsLeftOverOnTheLastItem) {
    Dependent d({.outputs = 2});
    d.stage.feed(20);
    d.stage.tag(6, "a");
    d.stage.tag(19, "b");
    d.stage.end();
    d.call(10, {2, 3});
    d.tags.take_left(0);
    d.tags.settle();
    d.tags.hand_over(0, 2);
    EXPECT_THAT(d.stage.tags_of(0), ElementsAre("1 a", "1 b"));
    EXPECT_THAT(d.stage.tags_of(1), IsEmpty()) << "its last item is not complete yet";
    d.tags.hand_over(1, 1);
    EXPECT_THAT(d.stage.tags_of(1), IsEmpty());
    d.tags.hand_over(1, 2);
    EXPECT_THAT(d.stage.tags_of(1), ElementsAre("1 a", "1 b"));
    d.tags.end_stretch(false);
    EXPECT_EQ(d.stage.statistics.tags_dropped, 0U);
}

TEST(TagFlow, OfADataDependentBlockCountsATagOnceThatFindsNoItemAtAnyOutput) {
    Dependent d({.outputs = 2});
    d.stage.feed(20);
    d.stage.tag(6, "a");
    d.call(10, {});
    d.tags.settle();
    d.tags.end_stretch(false);
    EXPECT_EQ(d.stage.statistics.tags_dropped, 1U);
    Dependent seam;
    seam.stage.feed(20);
    seam.stage.tag(6, "a");
    seam.call(10, {});
    seam.tags.end_stretch(true);
    EXPECT_EQ(seam.stage.statistics.tags_dropped, 0U);
}

TEST(TagFlow, OfADataDependentBlockCountsATagWhoseOneOutputHasNoItem) {
    Dependent one({.inputs = 2, .outputs = 2, .tags = TagPolicy::one_to_one});
    Dependent all({.inputs = 2, .outputs = 2});
    for (Dependent* d : {&one, &all}) {
        d->stage.feed(20, 0);
        d->stage.feed(20, 1);
        d->stage.tag(3, "a", 0);
        d->stage.tag(4, "b", 1);
        d->call(10, {2, 5}, 0);
        d->tags.settle();
        d->tags.end_stretch(false);
        EXPECT_THAT(d->stage.tags_of(0), IsEmpty());
    }
    EXPECT_THAT(one.stage.tags_of(1), ElementsAre("1 b"));
    EXPECT_EQ(one.stage.statistics.tags_dropped, 1U) << "a";
    EXPECT_THAT(all.stage.tags_of(1), ElementsAre("1 a", "1 b"));
    EXPECT_EQ(all.stage.statistics.tags_dropped, 0U) << "it has been seen behind output 1";
}

TEST(TagFlow, KeepsSoManyTagsWaitingForAnItemAndDropsAndCountsTheOthers) {
    constexpr std::uint64_t most = 65536, more = 1000;
    Dependent d;
    for (std::uint64_t k = 0; k < most + more;) {
        d.stage.feed(1000);
        for (std::uint64_t i = 0; i < 1000; ++i, ++k) d.stage.tag(k, std::to_string(k));
        d.call(1000, {});
        d.stage.ins[0].reader->release(d.stage.ins[0].reader->index());
    }
    const std::uint64_t all = d.stage.ins[0].reader->index();
    EXPECT_EQ(d.stage.statistics.tags_dropped, all - most);
    EXPECT_LE(d.stage.before().tag_count(), 64U);
    d.stage.feed(1);
    d.call(1, {double(all)});
    EXPECT_EQ(d.stage.tags_of().size(), most);
    d.stage.tag(all + 1, "next");
    d.stage.feed(2);
    d.call(2, {double(all + 1)});
    EXPECT_EQ(d.stage.tags_of().back(), "1 next");
    EXPECT_EQ(d.stage.statistics.tags_dropped, all - most);
}

TEST(TagFlow, OfADataDependentBlockFollowsItsPolicy) {
    for (const TagPolicy policy : {TagPolicy::one_to_one, TagPolicy::drop}) {
        Dependent d({.inputs = 2, .outputs = 2, .tags = policy});
        d.stage.feed(20, 0);
        d.stage.feed(20, 1);
        d.stage.tag(3, "a", 0);
        d.stage.tag(4, "b", 1);
        d.call(10, {2, 5});
        if (policy == TagPolicy::drop) {
            EXPECT_THAT(d.stage.tags_of(0), IsEmpty());
            EXPECT_THAT(d.stage.tags_of(1), IsEmpty());
        } else {
            EXPECT_THAT(d.stage.tags_of(0), ElementsAre("1 a"));
            EXPECT_THAT(d.stage.tags_of(1), ElementsAre("1 b"));
        }
        d.tags.end_stretch(false);
        EXPECT_EQ(d.stage.statistics.tags_dropped, 0U);
    }
}

}  // namespace
}  // namespace flowspan::runtime
