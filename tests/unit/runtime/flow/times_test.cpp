// When an item is.
#include "runtime/flow/times.hpp"
#include "tests/unit/runtime/stage.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace flowspan::runtime {
namespace {

using memory::Deviation;
using tests::Stage;

constexpr long double unit = 4294967296.0L;

/// A stream whose places refer to so many items a second, and which has `gain` items for each of those.
StreamDescription placed(const Rational& places, const Rational& gain = 1) {
    StreamDescription d = tests::stream(places * gain);
    d.places = places;
    return d;
}

Rational some_rate(std::mt19937_64& random) {
    const Rational rates[] = {1, 48000, 1'000'000, 999'983, Rational(1, 7), Rational(200'000, 3), 2'500'000'000};
    return rates[random() % std::size(rates)];
}

Rational some_gain(std::mt19937_64& random) { return {std::int64_t(1 + random() % 64), std::int64_t(1 + random() % 64)}; }

/// `time`, counted from `origin`, in items of a rate.
long double items(const Time& time, const Time& origin, const Rational& rate) {
    const Time since = time - origin;
    const auto per_s = static_cast<long double>(rate.numerator()) / static_cast<long double>(rate.denominator());
    return static_cast<long double>(since.whole()) * per_s + static_cast<long double>(since.fraction().numerator()) /
                                                                 static_cast<long double>(since.fraction().denominator()) *
                                                                 per_s;
}

TEST(Times, AreNominalWhereNoPlacesAreMarked) {
    StreamDescription d = tests::stream(Rational(48000));
    d.origin = Time(Rational(5, 3));
    EXPECT_EQ(time_of(d, 48001), Time(Rational(5, 3) + Rational(48001, 48000)));
    EXPECT_EQ(time_of(d, -24000), Time(Rational(5, 3) - Rational(1, 2)));
    EXPECT_EQ(time_of(d, 5, Deviation(1) << 40), time_of(d, 5)) << "there are none";
}

TEST(Times, AreExactToASmallPartOfAnItemOfTheInput) {
    std::mt19937_64 random(1);
    for (int k = 0; k < 100'000; ++k) {
        const Rational places = some_rate(random), gain = some_gain(random);
        StreamDescription d = placed(places, gain);
        d.origin = Time::of(std::int64_t(random() % 1000), places);
        const auto index = std::int64_t(random() % (1 << 24));
        const Deviation deviation = std::int64_t(random()) >> (16 + random() % 40);
        const auto to_places = static_cast<long double>(gain.denominator()) / static_cast<long double>(gain.numerator());
        const long double expected = (static_cast<long double>(index) + static_cast<long double>(deviation) / unit) * to_places;
        const long double got = items(time_of(d, index, deviation), d.origin, places);
        ASSERT_NEAR(double(got - expected), 0, 1.001 / (1 << 17)) << places.text() << " " << gain.text() << " " << index;
    }
}

TEST(Times, NeverGoBackWhereAPlaceDoesNot) {
    std::mt19937_64 random(2);
    for (int k = 0; k < 100'000; ++k) {
        StreamDescription d = placed(some_rate(random), some_gain(random));
        const auto index = std::int64_t(random() % 1000), later = index + std::int64_t(random() % 3);
        const Deviation deviation = std::int64_t(random()) >> (20 + random() % 40);
        // Later by hardly anything, whichever way index and deviation share it.
        const Deviation other = deviation - Deviation(later - index) * deviation_unit + std::int64_t(random() % 3);
        ASSERT_LE(time_of(d, index, deviation), time_of(d, later, other));
        ASSERT_LE(time_of(d, index, deviation), time_of(d, index, deviation + std::int64_t(random() % 100'000)));
        ASSERT_LE(time_of(d, index, deviation), time_of(d, later, deviation));
    }
}

TEST(Times, AreFoundAgainFromTheDeviationThatTheyGive) {
    std::mt19937_64 random(3);
    for (int k = 0; k < 100'000; ++k) {
        StreamDescription d = placed(some_rate(random), some_gain(random));
        d.origin = Time::of(std::int64_t(random() % 1000), d.places);
        const auto index = std::int64_t(random() % (1 << 20)), other = std::int64_t(random() % (1 << 20));
        const Time time = time_of(d, other, std::int64_t(random()) >> 24);
        const Deviation at = deviation_at(d, index, time);
        ASSERT_EQ(time_of(d, index, at), time) << index << " is at " << time.text();
        const long double exact = (items(time, d.origin, d.ticks) - static_cast<long double>(index)) * unit;
        ASSERT_GE(double(static_cast<long double>(at) - exact), -0.5) << "rounded up";
        ASSERT_LE(double(static_cast<long double>(at) - exact), 3.5);
        // A unit of time less is before it.
        const auto step = Deviation(65536.0L * static_cast<long double>(d.ticks.value() / d.places.value())) + 4;
        ASSERT_LT(time_of(d, index, at - step), time);
    }
}

TEST(Times, OfAnotherStretchAreNotComeBefore) {
    std::mt19937_64 random(5);
    for (int k = 0; k < 100'000; ++k) {
        const Rational places = some_rate(random);
        StreamDescription d = placed(places, some_gain(random)), before = placed(places, some_gain(random));
        d.origin = Time::of(std::int64_t(random() % 1000), d.ticks);
        before.origin = Time::of(std::int64_t(random() % 1000), before.ticks);
        const auto index = std::int64_t(random() % (1 << 20)), other = std::int64_t(random() % (1 << 20));
        const Time time = time_of(before, other, std::int64_t(random()) >> 24);
        const Time found = time_of(d, index, deviation_at(d, index, time));
        ASSERT_GE(found, time);
        ASSERT_LE(items(found, time, places), 1.001 / (1 << 16));
    }
}

TEST(Times, DoNotOverflowForLongStreamsAndOddRates) {
    const std::int64_t far = std::int64_t(1) << 62;
    for (const Rational& rate : {Rational(1), Rational(48000), Rational(1'000'000'000'000), Rational(1'000'003, 7)}) {
        const StreamDescription d = placed(rate);
        EXPECT_EQ(time_of(d, far), Time::of(far, rate)) << rate.text();
        EXPECT_EQ(time_of(d, far, deviation_unit), Time::of(far + 1, rate)) << rate.text();
        EXPECT_LT(time_of(d, far - 1, deviation_unit - 65536), time_of(d, far)) << rate.text();
        const Deviation back = deviation_at(d, far, Time::of(far + 5, rate)) - 5 * deviation_unit;
        EXPECT_GE(back, -600) << rate.text();  // of 2^32: what is lost of a fraction of a second of 10^12 items
        EXPECT_LE(back, 600) << rate.text();
    }
    const Rational slow(1, 1'000'003);
    const StreamDescription d = placed(slow);
    const std::int64_t index = std::int64_t(1) << 42;
    EXPECT_EQ(time_of(d, index), Time::of(index, slow));
    EXPECT_EQ(time_of(d, index, -deviation_unit), Time::of(index - 1, slow));
    EXPECT_EQ(time_of(d, index, deviation_unit / 2) - time_of(d, index), Time(Rational(1'000'003, 2)));
    EXPECT_LE(deviation_at(d, index, Time::of(index - 2, slow)) + 2 * deviation_unit, 3);
    EXPECT_GE(deviation_at(d, index, Time::of(index - 2, slow)) + 2 * deviation_unit, 0);
}

/// A reader of items whose places are marked; they never go back.
struct Marked {
    explicit Marked(std::uint64_t first = 0, const StreamDescription& d = placed(48000))
        : stage({.stream = d, .first = first}) {}
    void feed_marked(std::uint64_t n, std::mt19937_64& random) {
        for (std::uint64_t k = 0; k < n; ++k) {
            const Deviation most_back = present - deviation_unit;
            Deviation target = present;
            if (random() % 5 == 0) target = Deviation(std::int64_t(random() >> 29)) - (deviation_unit * 3);
            target = std::max(target, most_back);
            if (target != present) stage.before().add_mark({stage.before().issued(), target});
            present = target;
            stage.feed(1);
        }
    }
    InputTimes times() { return {stage.block.ins[0].description(), *stage.ins[0].reader}; }
    Stage stage;
    Deviation present = 0;
};

TEST(Times, OfAnInputFindTheFirstItemAtOrAfterATime) {
    std::mt19937_64 random(4);
    for (int round = 0; round < 200; ++round) {
        Marked m(round % 2 == 0 ? 0 : 700);
        m.feed_marked(100, random);
        const InputTimes times = m.times();
        const std::uint64_t first = m.stage.ins[0].reader->index();
        for (std::uint64_t i = first + 1; i < first + 100; ++i) ASSERT_LE(times.of(i - 1), times.of(i));
        for (int k = 0; k < 50; ++k) {
            Time time = Time::of(std::int64_t(first) - 5 + std::int64_t(random() % 115), 48000);
            if (k % 2 == 0) time = times.of(first + random() % 100);
            std::uint64_t expected = first;
            while (expected < first + 100 && times.of(expected) < time) ++expected;
            ASSERT_EQ(times.first_at(time), std::int64_t(expected));
        }
    }
}

TEST(Times, OfAnInputWithoutMarksNeedNoItemsThatAreThere) {
    Stage stage({.stream = tests::stream(10)});
    const InputTimes times(stage.block.ins[0].description(), *stage.ins[0].reader);
    EXPECT_EQ(times.of(25), Time(Rational(5, 2)));
    EXPECT_EQ(times.first_at(Time(Rational(5, 2))), 25);
    EXPECT_EQ(times.first_at(Time(Rational(251, 100))), 26);
}

TEST(Times, OfAnInputPromiseNothingThatAnItemComesBefore) {
    std::mt19937_64 random(5);
    for (int round = 0; round < 300; ++round) {
        Marked m(random() % 2 * 500);
        const std::uint64_t first = m.stage.ins[0].reader->index();
        std::vector<std::pair<std::uint64_t, Time>> promises;
        for (int k = 0; k < 20; ++k) {
            m.feed_marked(random() % 6, random);
            const std::uint64_t next = first + random() % (m.stage.before().completed() - first + 1);
            promises.emplace_back(next, m.times().promise(next));
        }
        for (const auto& [next, time] : promises) {
            // Before the first item is there nothing is known of it but where it would be: it may be earlier by its own mark.
            if (next == first) continue;
            for (std::uint64_t i = next; i < m.stage.before().completed(); ++i) ASSERT_LE(time, m.times().of(i)) << i;
        }
    }
}

TEST(Times, OfAnInputPromiseTheItemWhereItIsThereAndTheOneBeforeWhereNot) {
    Marked m;
    m.stage.before().add_mark({0, deviation_unit / 2});
    m.stage.feed(10);
    EXPECT_EQ(m.times().promise(4), Time(Rational(9, 2) / 48000));
    EXPECT_EQ(m.times().promise(9), Time(Rational(19, 2) / 48000));
    EXPECT_EQ(m.times().promise(10), Time(Rational(19, 2) / 48000)) << "item 10 may stand where 9 does";
}

TEST(Times, OfAnInputPromiseLessByTheSlipBehindWhatIsThere) {
    StreamDescription d = tests::stream(10);
    d.slip = 3;
    Stage stage({.stream = d});
    stage.feed(20);
    const InputTimes times(stage.block.ins[0].description(), *stage.ins[0].reader);
    EXPECT_EQ(times.promise(19), Time(Rational(19, 10)));
    EXPECT_EQ(times.promise(20), Time(Rational(17, 10)))
        << "should the stretch end here, the next item may lie before its time";
}

TEST(Times, OfAStretchThatIsLeftAreThoseOfBefore) {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        std::mt19937_64 random(seed);
        const std::uint64_t first = random() % 2 * 1000;
        Stage stage({.stream = placed(48000, 3), .first = first});
        const StreamDescription& stream = stage.block.ins[0].description();
        stage.before().keep_marks(1000);
        for (int k = 0; k < 200; ++k) {
            if (random() % 5 == 0) stage.before().add_mark({stage.before().issued(), std::int64_t(random()) >> 29});
            stage.feed(1);
        }
        const memory::Reader& reader = *stage.ins[0].reader;
        const std::uint64_t end = first + 200;
        std::vector<Time> before;
        for (std::uint64_t i = first; i < end; ++i) before.push_back(InputTimes(stream, reader).of(i));
        const Time behind = InputTimes(stream, reader).behind(end - 1, 2);
        const LeftTimes left(stream, reader, end);
        stage.before().begin_stretch({}, stream);
        stage.before().add_mark({end, deviation_unit * 7});
        stage.feed(3);
        stage.ins[0].reader->advance(end);
        stage.ins[0].reader->next_stretch();
        for (std::uint64_t i = first; i < end; ++i) ASSERT_EQ(left.behind(i, 0), before[i - first]) << seed << " " << i;
        EXPECT_EQ(left.behind(end - 1, 2), behind) << seed;
    }
}

}  // namespace
}  // namespace flowspan::runtime
