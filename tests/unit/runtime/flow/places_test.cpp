// Which place of the input an output stands for.
#include "runtime/flow/places.hpp"
#include "tests/unit/runtime/stage.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace flowspan::runtime {
namespace {

using memory::Deviation;
using tests::failure_of;
using tests::Given;
using tests::Stage;

StreamDescription placed(const Rational& rate = 1) {
    StreamDescription d = tests::stream(rate);
    d.places = rate;
    return d;
}

double in_items(Deviation d) { return double(d) / double(deviation_unit); }

struct Placed {
    explicit Placed(Given given) : stage(with_places(std::move(given))), places(stage.block, stage, stage.at) {}
    static Given with_places(Given given) {
        given.stream = placed(given.stream.ticks);
        if (given.data_dependent && given.need == 0) given.need = 1, given.at_most = 1000;
        if (given.data_dependent && given.room == 0) given.room = 1000;
        return given;
    }
    /// A call of a block with a fixed ratio.
    void pass(std::size_t n) {
        const Ratio& ratio = stage.block.declared().ratio;
        places.pass(ratio, n);
        stage.made(n, stage.at.input_anchor + input_of(ratio, stage.at.made + n));
        stage.read_all();
    }
    /// A call of a block with a data-dependent rate that is given all that is there, takes `taken` and makes `made`, the k-th
    /// at a place.
    struct Stated {
        std::size_t k;
        double place;
    };
    void state(std::size_t taken, std::size_t made, const std::vector<Stated>& stated = {}) {
        place_ports();
        for (const Stated& s : stated) stage.block.outs[0].at(s.k, s.place);
        places.state({made});
        enter(taken, made);
    }
    void place_ports() {
        for (In& in : stage.ins)
            Access::place(*in.port, in.reader->item(in.reader->index()), in.reader->index(),
                          std::size_t(in.reader->readable_end() - in.reader->index()));
        for (Out& out : stage.outs) {
            Access::stated(*out.port).clear();
            Access::place(*out.port, out.wire->buffer.write_place(), out.anchor + out.made);
        }
    }
    void enter(std::size_t taken, std::size_t made) {
        for (In& in : stage.ins) {
            in.reader->advance(in.reader->index() + taken);
            in.reader->release(in.reader->index());
        }
        stage.outs[0].made += made;
        stage.behind().issue(made);
        stage.behind().complete(made);
    }
    Deviation deviation(std::uint64_t item) { return stage.readers[0]->deviation(item); }
    Time time(std::uint64_t item) { return time_of(stage.block.outs[0].description(), std::int64_t(item), deviation(item)); }
    Stage stage;
    Places places;
};

/// Marks so that places never go back, fed in pieces.
struct RandomMarks {
    void feed(Stage& stage, std::uint64_t n, std::mt19937_64& random) {
        for (std::uint64_t k = 0; k < n; ++k) {
            const Deviation before = of.empty() ? 0 : of.back();
            Deviation d = before;
            if (random() % 9 == 0) d = Deviation(std::int64_t(random() >> 29)) - 3 * deviation_unit;
            if (!of.empty()) d = std::max(d, before - deviation_unit);
            if (d != before) {
                stage.before().add_mark({stage.before().issued(), d});
                marked.push_back(true);
            } else {
                marked.push_back(false);
            }
            of.push_back(d);
            stage.feed(1);
        }
    }
    std::vector<Deviation> of;  // by item, from the anchor
    std::vector<bool> marked;
};

// What an output deviates by is what the last mark at or before it says, times I / D; an item cannot be ahead of the one
// before.
std::vector<Deviation> closed_form(const RandomMarks& in, const Ratio& r, std::uint64_t count) {
    const auto scaled = [&](Deviation d) {
        return Deviation(std::floor(static_cast<long double>(d) * static_cast<long double>(r.interpolation) /
                                    static_cast<long double>(r.decimation)));
    };
    std::vector<Deviation> target(count), out(count);
    const long double delay = static_cast<long double>(r.delay.numerator()) / static_cast<long double>(r.delay.denominator());
    Deviation now = scaled(in.of[0]);
    std::size_t i = 1;
    for (std::uint64_t m = 0; m < count; ++m) {
        for (; i < in.of.size(); ++i) {
            const long double to = (static_cast<long double>(i) + delay) * static_cast<long double>(r.interpolation) /
                                   static_cast<long double>(r.decimation);
            if (std::ceil(to - 1e-12L) > static_cast<long double>(m)) break;
            if (in.marked[i]) now = scaled(in.of[i]);
        }
        target[m] = now;
        out[m] = m == 0 ? target[m] : std::max(target[m], out[m - 1] - deviation_unit);
    }
    return out;
}

TEST(Places, PassThroughAFixedRatioAsTheClosedFormSaysWhateverTheCalls) {
    std::uint64_t cases = 0;
    for (unsigned seed = 1; cases < 100'000; ++seed) {
        std::mt19937_64 random(seed);
        Given given;
        given.ratio.interpolation = 1 + random() % 8;
        given.ratio.decimation = 1 + random() % 8;
        given.ratio.delay = Rational(std::int64_t(random() % 30), std::int64_t(1 + random() % 4));
        given.first = random() % 2 == 0 ? 0 : given.ratio.decimation * (1 + random() % 100);
        Placed p(given);
        RandomMarks marks;
        const std::uint64_t n = 1 + random() % 500;
        while (marks.of.size() < n) {
            marks.feed(p.stage, std::min<std::uint64_t>(n - marks.of.size(), 1 + random() % 60), random);
            // As FixedCount does where tags may come to an item: the last one waits until the next is known.
            const std::uint64_t whole = outputs_for(given.ratio, marks.of.size());
            const std::uint64_t known = marks.of.size() < n ? whole - std::min<std::uint64_t>(whole, 1) : whole;
            while (p.stage.at.made < known)
                p.pass(std::size_t(std::min<std::uint64_t>(known - p.stage.at.made, 1 + random() % 30)));
            if (random() % 2 == 0) p.stage.before().forget_passed();
        }
        const std::uint64_t count = p.stage.at.made, first = p.stage.readers[0]->stretch().first;
        const std::vector<Deviation> expected = closed_form(marks, given.ratio, count);
        cases += count;
        for (std::uint64_t m = 0; m < count; ++m) {
            ASSERT_TRUE(p.deviation(first + m) == expected[m])
                << "seed " << seed << ", item " << m << " deviates by " << in_items(p.deviation(first + m)) << ", not "
                << in_items(expected[m]);
            ASSERT_TRUE(m == 0 || p.time(first + m - 1) <= p.time(first + m));
        }
    }
}

TEST(Places, OfAStretchThatBeganOnTheQuickPathOfAChainGoOnFromThere) {
    Placed p({});
    p.stage.feed(5);
    p.stage.made(5, 5);
    p.stage.before().add_mark({5, -3 * deviation_unit});
    p.stage.feed(5);
    p.pass(5);
    std::vector<double> found;
    for (std::uint64_t item = 3; item < 10; ++item) found.push_back(in_items(p.deviation(item)));
    EXPECT_EQ(found, (std::vector<double>{0, 0, -1, -2, -3, -3, -3})) << "none is ahead of the one before";
}

TEST(Places, AreNominalAgainFromTheItemThatAMarkSaysEvenIfItComesWithAnotherCall) {
    for (const std::uint64_t decimation : {1U, 3U}) {
        Given given;
        given.ratio.decimation = decimation;
        Placed p(given);
        p.stage.before().add_mark({1, 2 * deviation_unit});
        p.stage.feed(4);
        p.pass(decimation == 1 ? 4 : 2);  // of 3 in a group it needs the first; it stands beyond what is there
        p.stage.before().add_mark({4, 0});
        p.stage.feed(20);
        p.stage.before().forget_passed();
        p.pass(decimation == 1 ? 20 : 6);
        EXPECT_EQ(p.deviation(3 / decimation), 2 * deviation_unit / Deviation(decimation));
        for (std::uint64_t item = 5; item < p.stage.at.made; ++item) EXPECT_EQ(p.deviation(item), 0) << item;
    }
}

TEST(Places, AreThoseThatTheBlockStatesAndNominalFromThereOn) {
    Placed p({.ratio = {.decimation = 2}, .data_dependent = true});
    p.stage.feed(40);
    p.state(8, 4, {{1, 3.0}});
    const double places[] = {0, 3, 5, 7}, deviations[] = {0, 0.5, 0.5, 0.5};
    for (std::size_t k = 0; k < 4; ++k) {
        EXPECT_EQ(in_items(p.places.place(0, k)), places[k]);
        EXPECT_EQ(in_items(p.deviation(k)), deviations[k]);
        EXPECT_EQ(p.time(k), Time(Rational(std::int64_t(places[k]))));
    }
    p.state(2, 2, {{0, 8.0}});
    EXPECT_EQ(in_items(p.places.place(0, 1)), 10.0);
    EXPECT_EQ(in_items(p.deviation(4)), 0.0);
    p.state(10, 2);
    EXPECT_EQ(in_items(p.places.place(0, 0)), 12.0);
    EXPECT_EQ(in_items(p.deviation(7)), 0.0);
}

TEST(Places, AreThoseOfTheRatioInWhicheverCallAnItemIs) {
    for (const std::uint64_t piece : {1U, 2U, 7U, 30U}) {
        Placed p({.ratio = {.interpolation = 3, .decimation = 7}, .data_dependent = true});
        p.stage.feed(100);
        for (std::uint64_t made = 0; made + piece <= 30; made += piece) {
            p.state(piece, piece);
            for (std::uint64_t k = 0; k < piece; ++k) {
                const auto exact = Deviation(made + k) * deviation_unit * 7;
                ASSERT_EQ(p.places.place(0, k), exact / 3) << "item " << made + k << " in pieces of " << piece;
            }
        }
    }
}

TEST(Places, HaveTheGroupDelayTakenOff) {
    Placed p({.ratio = {.decimation = 2, .delay = Rational(3)}, .data_dependent = true});
    p.stage.feed(40);
    p.state(8, 3);
    EXPECT_EQ(in_items(p.places.place(0, 2)), 1.0) << "2 * 2 - 3";
    EXPECT_EQ(p.time(2), Time(Rational(1)));
    p.state(8, 1, {{0, 9.0}});
    EXPECT_EQ(p.time(3), Time(Rational(9)));
}

TEST(Places, ThatABlockStatesComeOutTheSameWhateverTheCalls) {
    for (unsigned seed = 1; seed <= 60; ++seed) {
        std::mt19937_64 random(seed);
        const bool exact = seed % 2 == 0;  // then nothing is rounded on the way
        const Rational gain = exact ? Rational(std::int64_t(1) << random() % 3, std::int64_t(1) << random() % 3)
                                    : Rational(std::int64_t(1 + random() % 5), std::int64_t(1 + random() % 5));
        const std::size_t count = 200;
        // Places that never go back, on a grid that is exact; most are stated.
        std::vector<std::optional<double>> stated(count);
        std::vector<double> place(count);
        for (std::size_t m = 0; m < count; ++m) {
            const double step = 1 / gain.value();
            place[m] = m == 0 ? 0 : place[m - 1] + step;
            if (random() % 3 != 0) continue;
            place[m] = std::max(m == 0 ? 0 : place[m - 1], double(m) * step - 2) + double(1 + random() % 64) / 16;
            stated[m] = place[m];
        }
        const auto n = std::uint64_t(place.back()) + 10;
        RandomMarks marks;
        std::vector<Deviation> deviations, again;
        for (std::vector<Deviation>* result : {&deviations, &again}) {
            Placed p(
                {.ratio = {.interpolation = std::uint64_t(gain.numerator()), .decimation = std::uint64_t(gain.denominator())},
                 .data_dependent = true});
            std::mt19937_64 same(seed + 1000);
            RandomMarks own;
            own.feed(p.stage, n, same);
            marks = own;
            for (std::size_t m = 0; m < count;) {
                const std::size_t made = std::min<std::size_t>(count - m, result == &deviations ? 1 : 1 + random() % 20);
                std::vector<Placed::Stated> said;
                for (std::size_t k = 0; k < made; ++k)
                    if (stated[m + k]) said.push_back({k, *stated[m + k]});
                p.state(0, made, said);
                m += made;
            }
            for (std::size_t m = 0; m < count; ++m) {
                result->push_back(p.deviation(m));
                ASSERT_TRUE(m == 0 || p.time(m - 1) <= p.time(m));
            }
        }
        EXPECT_TRUE(deviations == again) << "seed " << seed;
        long double before = 0;
        for (std::size_t m = 0; m < count && exact; ++m) {
            const auto item = std::size_t(place[m]);
            long double d = (static_cast<long double>(place[m]) - static_cast<long double>(m) / gain.value()) * gain.value() +
                            static_cast<long double>(in_items(marks.of[item])) * gain.value();
            if (m > 0) d = std::max(d, before - 1);
            before = d;
            EXPECT_NEAR(in_items(deviations[m]), double(d), 1e-8) << "seed " << seed << " item " << m;
        }
    }
}

TEST(Places, AreRefusedWhereTheyCannotBe) {
    const auto failure = [](Placed& p, std::size_t made, const std::vector<Placed::Stated>& stated) {
        return failure_of([&] { p.state(0, made, stated); });
    };
    Placed p({.data_dependent = true});
    p.stage.feed(10);
    EXPECT_EQ(failure(p, 3, {{0, 3.0}, {2, 2.5}}),
              "states that item 2 of `out0` is at 2.500 of its input: expected a place from 4.000 on, no earlier than the one "
              "before");
    Placed ahead({.data_dependent = true, .first = 100});
    ahead.stage.feed(10);
    EXPECT_EQ(failure(ahead, 1, {{0, 99.0}}),
              "states that item 100 of `out0` is at 99.000 of its input: expected a place from 100.000 on, no earlier than the "
              "one before");
    EXPECT_EQ(failure(ahead, 1, {{0, 110.0}}), "");
    // In a call of its own, too.
    Placed next({.data_dependent = true});
    next.stage.feed(10);
    next.state(5, 2, {{1, 4.0}});
    EXPECT_EQ(failure(next, 1, {{0, 3.5}}),
              "states that item 2 of `out0` is at 3.500 of its input: expected a place from 4.000 on, no earlier than the one "
              "before");
}

TEST(Places, OfWhatAMessageBringsAreAtItsStamp) {
    Placed p({.inputs = 0, .message_inputs = 1, .data_dependent = true, .need = 1, .stream = tests::stream(1000)});
    ASSERT_EQ(p.stage.block.outs[0].description().places, Rational(1000));
    p.places.state({3}, Time(Rational(7, 10)));
    p.enter(0, 3);
    p.places.state({2}, Time(Rational(71, 100)));
    p.enter(0, 2);
    for (const std::uint64_t item : {0U, 1U, 2U}) EXPECT_EQ(p.time(item), Time(Rational(7, 10)));
    for (const std::uint64_t item : {3U, 4U}) EXPECT_EQ(p.time(item), Time(Rational(71, 100)));
}

TEST(Places, BehindABreakAreNeverEarlier) {
    for (const bool dependent : {true, false}) {
        for (const bool marked_late : {true, false}) {
            Placed p({.ratio = {.delay = Rational(3)}, .data_dependent = dependent});
            if (marked_late) p.stage.before().add_mark({4, 5 * deviation_unit});
            p.stage.feed(10);
            if (dependent) {
                p.state(10, 10, {{9, 10.0}});
            } else {
                p.pass(10);
            }
            const Time last = p.time(9);
            const std::uint64_t made = p.stage.behind().issued();
            ASSERT_EQ(made, 10U);
            p.places.end_stretch();
            p.stage.before().begin_stretch({}, p.stage.block.ins[0].description());
            p.stage.ins[0].reader->next_stretch();
            p.stage.at = {.input_anchor = 10, .output_anchor = 10, .made = 0, .total_made = 10};
            p.stage.ins[0].anchor = p.stage.outs[0].anchor = 10;
            p.stage.outs[0].made = 0;
            describe_outputs(p.stage.block, {.input = 10, .outputs = {10}});
            p.stage.behind().begin_stretch({}, p.stage.block.outs[0].description());
            p.stage.readers[0]->next_stretch();
            p.stage.feed(20);
            if (dependent) {
                p.state(20, 20);
            } else {
                p.pass(20);
            }
            Time before = last;
            for (std::uint64_t item = 10; item < 30; ++item) {
                EXPECT_GE(p.time(item), before) << item << dependent << marked_late;
                before = p.time(item);
            }
            EXPECT_EQ(p.time(29), Time(Rational(26))) << "they come back to where they nominally are";
        }
    }
}

}  // namespace
}  // namespace flowspan::runtime
