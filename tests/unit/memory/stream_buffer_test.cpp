#include "memory/stream_buffer.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <random>

using namespace flowspan;
using memory::EndKind;
using memory::Reader;
using memory::StreamBuffer;

namespace {

StreamDescription numbers() {
    StreamDescription d;
    d.type = SampleType::ri32;
    return d;
}

StreamBuffer make(std::size_t items, std::uint64_t first = 0, std::size_t stagger = 0) {
    return StreamBuffer(std::make_shared<const memory::Ring>(std::move(memory::make_rings({items * 4})[0])), 4, stagger, first,
                        numbers());
}

void write(StreamBuffer& b, std::size_t n) {
    ASSERT_LE(n, b.room());
    for (std::size_t k = 0; k < n; ++k) {
        const auto v = std::int32_t(b.issued() + k + 1);
        std::memcpy(b.write_place() + 4 * k, &v, 4);
    }
    b.issue(n);
    b.complete(n);
}

std::int32_t value_at(const Reader& r, std::uint64_t index, std::ptrdiff_t offset = 0) {
    std::int32_t v = 0;
    std::memcpy(&v, r.item(index) + 4 * offset, 4);
    return v;
}

void take(Reader& r, std::uint64_t to) {
    r.advance(to);
    r.release(to);
}

}  // namespace

TEST(StreamBuffer, GivesHistoryOfZerosBeforeTheFirstItem) {
    StreamBuffer b = make(1024, 1000);
    Reader& r = b.add_reader(7, 0);
    write(b, 3);
    EXPECT_EQ(r.index(), 1000U);
    EXPECT_EQ(value_at(r, 1000), 1001);
    for (int k = 1; k <= 7; ++k) EXPECT_EQ(value_at(r, 1000, -k), 0);
}

TEST(StreamBuffer, KeepsHistoryUntilTheReaderReleasesIt) {
    StreamBuffer b = make(1024);
    Reader& r = b.add_reader(10, 0);
    const std::size_t all = b.room();
    write(b, all);
    EXPECT_EQ(b.room(), 0U);
    take(r, 5);
    EXPECT_EQ(b.room(), 5U);  // history moves along: items before 5 - 10 do not exist, so 5 positions are free
}

TEST(StreamBuffer, WaitsForTheSlowestReader) {
    StreamBuffer b = make(1024);
    Reader& fast = b.add_reader(0, 0);
    Reader& slow = b.add_reader(0, 0);
    write(b, 1024);
    take(fast, 1024);
    EXPECT_EQ(b.room(), 0U);
    take(slow, 100);
    EXPECT_EQ(b.room(), 100U);
    slow.cancel();
    EXPECT_EQ(b.room(), 1024U);
}

TEST(StreamBuffer, PutsZerosBetweenStretchesAndNumbersOn) {
    StreamBuffer b = make(1024);
    Reader& r = b.add_reader(4, 0);
    write(b, 10);
    b.begin_stretch({Break::gap, 17}, numbers());
    write(b, 5);
    EXPECT_EQ(r.readable_end(), 10U);
    EXPECT_TRUE(r.stretch_complete());
    take(r, 10);
    ASSERT_TRUE(r.has_next_stretch());
    r.next_stretch();
    EXPECT_EQ(r.stretch().what.missing, 17U);
    EXPECT_EQ(r.index(), 10U);
    EXPECT_EQ(value_at(r, 10), 11);
    for (int k = 1; k <= 4; ++k) EXPECT_EQ(value_at(r, 10, -k), 0);
}

TEST(StreamBuffer, KeepsAnEmptyStretchWhileAReaderIsInIt) {
    StreamBuffer b = make(1024);
    Reader& slow = b.add_reader(0, 0);
    Reader& fast = b.add_reader(0, 0);
    b.begin_stretch({Break::gap, 1}, numbers());  // all begin at position 0
    b.begin_stretch({Break::gap, 2}, numbers());
    fast.next_stretch();
    fast.next_stretch();
    ASSERT_TRUE(slow.has_next_stretch());
    EXPECT_TRUE(slow.stretch().first_of_stream);
    slow.next_stretch();
    EXPECT_EQ(slow.stretch().what.missing, 1U);
    slow.next_stretch();
    EXPECT_EQ(slow.stretch().what.missing, 2U);
}

TEST(StreamBuffer, PutsZerosAfterTheEndForReadersThatPad) {
    StreamBuffer b = make(1024);
    Reader& r = b.add_reader(0, 6);
    for (int round = 0; round < 4; ++round) {  // so that old samples lie where the zeros go
        const std::size_t n = b.room();
        write(b, n);
        take(r, b.completed() - (round == 3 ? 1 : 0));
    }
    ASSERT_TRUE(b.can_break());
    b.end(EndKind::ok);
    EXPECT_TRUE(r.stream_ended());
    EXPECT_EQ(value_at(r, r.index()), std::int32_t(b.completed()));
    for (int k = 1; k <= 6; ++k) EXPECT_EQ(value_at(r, r.index(), k), 0);
}

TEST(StreamBuffer, HandsOverTagsOfARange) {
    StreamBuffer b = make(1024);
    Reader& r = b.add_reader(0, 0);
    for (const int k : {1, 4, 4, 9}) b.add_tag({std::uint64_t(k), "t", k});
    write(b, 20);
    std::vector<Tag> tags;
    b.tags_between(4, 9, tags);
    EXPECT_EQ(tags.size(), 2U);
    take(r, 5);
    r.took_tags(5);
    b.forget_passed();
    tags.clear();
    b.tags_between(0, 100, tags);
    ASSERT_EQ(tags.size(), 1U);
    EXPECT_EQ(tags[0].index, 9U);
}

TEST(StreamBuffer, OfManyReadersForgetsWhatAllHavePassedInTurn) {
    StreamBuffer b = make(1024);
    std::vector<Reader*> readers;
    for (int k = 0; k < 100; ++k) readers.push_back(&b.add_reader(0, 0));
    for (std::uint64_t begin = 0; begin < 1000; begin += 100) {
        for (std::uint64_t k = 0; k < 10; ++k) b.add_tag({begin + k, "t", Value(1)});
        write(b, 100);
        for (Reader* r : readers) {
            std::vector<Tag> tags;
            b.tags_between(begin, begin + 100, tags);
            EXPECT_EQ(tags.size(), 10U) << "whoever has not passed them sees them";
            take(*r, begin + 100);
            r->took_tags(begin + 100);
            b.forget_passed();
        }
        EXPECT_LE(b.tag_count(), 10U) << "of one round at most";
    }
    readers.pop_back();
    for (Reader* r : readers) r->cancel();
    EXPECT_TRUE(b.wanted());
}

TEST(StreamBuffer, IsWantedUntilItsLastReaderHasCancelled) {
    StreamBuffer b = make(1024);
    Reader &one = b.add_reader(0, 0), &other = b.add_reader(0, 0);
    one.cancel();
    one.cancel();
    EXPECT_TRUE(b.wanted());
    other.cancel();
    EXPECT_FALSE(b.wanted());
}

TEST(StreamBuffer, PadsForWhoeverComesLater) {
    StreamBuffer b = make(1024), other = make(1024);
    b.pad(7);
    for (StreamBuffer* buffer : {&b, &other}) {
        buffer->add_reader(3, 0);
        buffer->add_reader(0, 7);
        EXPECT_EQ(buffer->padding(), 7U);
        EXPECT_EQ(value_at(buffer->readers()[0], 0, -3), 0);
    }
    EXPECT_EQ(b.room(), other.room());
}

TEST(StreamBuffer, InSharedMemoryIsFullWhileALaterOneHoldsItsPlace) {
    StreamBuffer first = make(1024);
    StreamBuffer later(first.ring(), 4, first.stagger(), 0, numbers());
    Reader& reader = first.add_reader(0, 0);
    Reader& last = later.add_reader(0, 0);
    first.share_with({&later});
    write(first, 1000);
    EXPECT_EQ(first.room(), 24U);
    take(reader, 1000);
    write(later, 600);
    EXPECT_EQ(first.room(), 24U);
    take(last, 600);
    EXPECT_EQ(first.room(), 624U);
    last.cancel();
    EXPECT_EQ(first.room(), 624U);  // its writer may be at work
    later.end(EndKind::cancelled);
    EXPECT_EQ(first.room(), 1024U);
}

TEST(StreamBuffer, KeepsRetuningsForEveryReaderUntilItHasTakenThem) {
    StreamBuffer b = make(1024, 0, 0);
    Reader &fast = b.add_reader(0, 0), &slow = b.add_reader(0, 0);
    b.add_retuning({5, 2e6});
    b.add_retuning({9, 3e6});
    b.add_retuning({9, 4e6});
    write(b, 10);
    ASSERT_NE(fast.next_retuning(), nullptr);
    EXPECT_EQ(*fast.next_retuning(), (memory::Retuning{5, 2e6}));
    fast.took_retunings(5);
    EXPECT_EQ(*fast.next_retuning(), (memory::Retuning{9, 4e6})) << "the later one for one item";
    fast.took_retunings(9);
    EXPECT_EQ(fast.next_retuning(), nullptr);
    b.forget_passed();
    EXPECT_EQ(*slow.next_retuning(), (memory::Retuning{5, 2e6}));
    slow.took_retunings(9);
    b.forget_passed();
    EXPECT_FALSE(b.has_retunings());
}

TEST(StreamBuffer, ForgetsARetuningThatItsStretchDoesNotComeTo) {
    StreamBuffer b = make(1024, 0, 0);
    Reader &fast = b.add_reader(0, 0), &slow = b.add_reader(0, 0);
    write(b, 10);
    b.add_retuning({12, 2e6});
    b.begin_stretch({}, {});
    b.add_retuning({15, 3e6});
    write(b, 10);
    EXPECT_EQ(fast.next_retuning(), nullptr);
    fast.advance(10);
    fast.release(10);
    fast.next_stretch();
    EXPECT_EQ(*fast.next_retuning(), (memory::Retuning{15, 3e6}));
    fast.took_retunings(15);
    EXPECT_EQ(slow.next_retuning(), nullptr) << "it is in the stretch before";
    slow.advance(10);
    slow.release(10);
    slow.next_stretch();
    EXPECT_EQ(*slow.next_retuning(), (memory::Retuning{15, 3e6}));
}

// A long random life: every reader sees every item once, in order, with the right history.
TEST(StreamBuffer, NeverLosesOrRepeatsAnItem) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937 random(seed);
        StreamBuffer b = make(1024 + 1024 * (seed % 3), seed, 64 * (seed % 7));
        std::vector<Reader*> readers;
        for (unsigned k = 0; k < 1 + seed % 3; ++k) readers.push_back(&b.add_reader(random() % 50, 0));
        for (int step = 0; step < 3000; ++step) {
            if (const std::size_t room = b.room(); room > 0) write(b, 1 + random() % room);
            for (Reader* r : readers) {
                const std::uint64_t available = r->readable_end() - r->index();
                if (available == 0) continue;
                const std::uint64_t n = 1 + random() % available;
                for (std::uint64_t i = r->index() - std::min<std::uint64_t>(r->history(), r->index() - seed);
                     i < r->index() + n; ++i)
                    ASSERT_EQ(value_at(*r, r->index(), std::ptrdiff_t(i - r->index())), std::int32_t(i + 1));
                take(*r, r->index() + n);
            }
        }
        EXPECT_GT(b.completed(), 10000U);
    }
}
