// The channel between two ranks: order, batches, payloads, BYE.
#include "runtime/links/channels.hpp"
#include "tests/unit/one_thread.hpp"

#include <flowspan/diagnostic.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

namespace flowspan::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tests::in_one_thread;
using tests::Ranks;

constexpr std::uint32_t epoch = 3;

std::string word(RecordKind kind) {
    constexpr const char* words[] = {"data", "credit", "cancel",  "end",     "closed",
                                     "bye",  "tag",    "stretch", "message", "watermark"};
    return words[std::size_t(kind)];
}

/// Writes down what it gets; payloads are bytes.
struct End final : LinkEnd {
    void record(const Record& r, std::span<const std::byte> extra) override {
        log.push_back(word(r.kind) + " " + std::to_string(r.first));
        extras.emplace_back(extra.begin(), extra.end());
        if (r.kind == RecordKind::data) memory.resize(r.first + r.count);  // before the receive is posted, as rings do
    }
    std::byte* payload_place(const Record& r) override { return memory.data() + r.first; }
    void payload_arrived(const Record& r) override { log.push_back("payload " + std::to_string(r.first)); }
    void payload_sent(std::uint64_t index) override { sent.push_back(index); }
    bool closed() const override { return shut; }
    std::vector<std::string> log;
    std::vector<Bytes> extras;
    Bytes memory = [] {
        Bytes bytes;
        bytes.reserve(1 << 20);  // a posted receive keeps its place
        return bytes;
    }();
    std::vector<std::uint64_t> sent;
    bool shut = false;
};

Bytes some(std::size_t n, unsigned seed = 1) {
    Bytes bytes(n);
    for (std::size_t k = 0; k < n; ++k) bytes[k] = std::byte((k * 31 + seed * 7) % 251);
    return bytes;
}

Record of(RecordKind kind, std::uint64_t first, std::uint32_t edge = 0) { return {.kind = kind, .edge = edge, .first = first}; }

/// Two ranks and edges from rank 0 to rank 1.
struct Pair {
    explicit Pair(const Ranks& ranks, std::uint32_t edges = 1)
        : zero(*ranks[0], epoch), one(*ranks[1], epoch), from(edges), to(edges), ranks_(ranks) {
        for (std::uint32_t e = 0; e < edges; ++e) {
            zero.add(from[e], 1, e, true);
            one.add(to[e], 0, e, false);
        }
        zero.open();
        one.open();
    }
    /// Until nothing moves, however often a request says "not yet".
    void settle() {
        for (int quiet = 0; quiet < 20; ++quiet)
            if (zero.progress() | one.progress()) quiet = 0;
    }
    void finish() {
        for (End& end : from) end.shut = true;
        for (End& end : to) end.shut = true;
        settle();
        EXPECT_TRUE(zero.closed());
        EXPECT_TRUE(one.closed());
        zero.close();
        one.close();
        for (comm::Communicator* c : ranks_) EXPECT_FALSE(c->anything_unreceived());
    }
    Channels zero, one;
    std::vector<End> from, to;

private:
    const Ranks& ranks_;
};

TEST(Channels, RecordsAndPayloadsOfAnEdgeArriveInOrder) {
    for (std::uint64_t delays = 0; delays < 20; ++delays) {
        in_one_thread(2,
                      [&](const Ranks& ranks) {
                          Pair pair(ranks, 3);
                          std::mt19937 random(unsigned(delays) + 1);
                          std::vector<Bytes> samples(3);
                          for (Bytes& all : samples) all = some(1 << 20, unsigned(random()));
                          std::vector<std::uint64_t> position(3);
                          std::vector<std::vector<std::string>> data(3), others(3);
                          for (int k = 0; k < 400; ++k) {
                              const auto e = std::uint32_t(random() % 3);
                              if (random() % 2 == 0) {
                                  Record r = of(RecordKind::data, position[e], e);
                                  r.count = 1 + random() % 6000;
                                  data[e].push_back("data " + std::to_string(r.first));
                                  pair.zero.post_data(pair.from[e], r, samples[e].data() + r.first, r.count, r.first + r.count);
                                  position[e] += r.count;
                              } else {
                                  others[e].push_back("message " + std::to_string(k));
                                  pair.zero.post(1, of(RecordKind::message, std::uint64_t(k), e),
                                                 some(random() % 4000, unsigned(k)));
                              }
                              if (random() % 4 == 0) pair.zero.progress();
                              if (random() % 4 == 0) pair.one.progress();
                          }
                          pair.settle();
                          for (std::size_t e = 0; e < 3; ++e) {
                              std::vector<std::string> got_data, got_payloads, got_others;
                              for (const std::string& line : pair.to[e].log)
                                  (line[0] == 'd' ? got_data : line[0] == 'p' ? got_payloads : got_others).push_back(line);
                              EXPECT_EQ(got_data, data[e]);
                              EXPECT_EQ(got_others, others[e]);
                              for (std::string& line : got_payloads) line.replace(0, 7, "data");
                              EXPECT_EQ(got_payloads, data[e]);
                              ASSERT_EQ(pair.to[e].memory.size(), position[e]);
                              EXPECT_TRUE(std::equal(pair.to[e].memory.begin(), pair.to[e].memory.end(), samples[e].begin()));
                              EXPECT_EQ(pair.from[e].sent.size(), data[e].size());
                              EXPECT_TRUE(std::is_sorted(pair.from[e].sent.begin(), pair.from[e].sent.end()));
                          }
                          pair.finish();
                      },
                      {.delay_seed = delays});
    }
}

TEST(Channels, ExtrasArriveWithTheirBytes) {
    in_one_thread(2, [&](const Ranks& ranks) {
        Pair pair(ranks);
        std::vector<Bytes> extras;
        for (const std::size_t n : {0U, 1U, 7U, 8U, 2047U, 2048U, 2049U, 100000U}) {
            extras.push_back(some(n));
            pair.zero.post(1, of(RecordKind::message, n), extras.back());
        }
        pair.settle();
        EXPECT_EQ(pair.to[0].extras, extras);
        EXPECT_EQ(pair.zero.statistics(1).payloads, 2u) << "those larger than most_inline";
        EXPECT_EQ(pair.from[0].moved.items, 8u);
        EXPECT_EQ(pair.from[0].moved.records, 8u);
        EXPECT_EQ(pair.from[0].moved.bytes, 0u + 1 + 7 + 8 + 2047 + 2048 + 2049 + 100000);
        pair.finish();
    });
}

TEST(Channels, NothingOvertakesALargeExtraButWhatMay) {
    in_one_thread(2, [&](const Ranks& ranks) {
        Pair pair(ranks, 2);
        const Bytes samples = some(100);
        pair.zero.post(1, of(RecordKind::tag, 1), some(50000));
        pair.zero.post(1, of(RecordKind::message, 2, 1));
        pair.zero.post(1, of(RecordKind::tag, 3), some(5));
        Record data = of(RecordKind::data, 0);
        data.count = 100;
        pair.zero.post_data(pair.from[0], data, samples.data(), 100, 100);
        pair.zero.post(1, of(RecordKind::stretch, 4));
        pair.zero.post(1, of(RecordKind::watermark, 5));
        pair.zero.post(1, of(RecordKind::end, 6));
        pair.settle();
        EXPECT_THAT(pair.to[0].log, ElementsAre("data 0", "stretch 4", "tag 1", "tag 3", "watermark 5", "end 6", "payload 0"));
        EXPECT_THAT(pair.to[1].log, ElementsAre("message 2")) << "other edges do not wait";
        pair.finish();
    });
}

TEST(Channels, WhatComesBetweenTwoLargeExtrasStaysBetweenThem) {
    in_one_thread(2, [&](const Ranks& ranks) {
        Pair pair(ranks);
        std::vector<std::string> posted;
        for (std::uint64_t k = 0; k < 9; ++k) {
            pair.zero.post(1, of(RecordKind::message, k), some(k % 3 == 0 ? 3000 + k : k));
            posted.push_back("message " + std::to_string(k));
        }
        pair.settle();
        EXPECT_EQ(pair.to[0].log, posted);
        EXPECT_EQ(pair.to[0].extras[3], some(3003));
        EXPECT_EQ(pair.to[0].extras[4], some(4));
        pair.finish();
    });
}

TEST(Channels, FourBatchesAreOutstandingAndWhatWaitsCanBeBroughtUpToDate) {
    in_one_thread(2, [&](const Ranks& ranks) {
        Channels zero(*ranks[0], epoch), one(*ranks[1], epoch);
        End from, to;
        zero.add(from, 1, 0, true);
        one.add(to, 0, 0, false);
        zero.open();  // rank 1 does not receive yet, so synchronous sends last
        std::vector<std::uint64_t> numbers;
        for (std::uint64_t k = 0; k < 4; ++k) {
            numbers.push_back(zero.post(1, of(RecordKind::message, k)));
            zero.progress();
        }
        EXPECT_EQ(zero.statistics(1).batches, 4u);
        for (std::uint64_t k = 4; k < 10; ++k) numbers.push_back(zero.post(1, of(RecordKind::message, k), some(8)));
        zero.progress();
        EXPECT_EQ(zero.statistics(1).batches, 4u) << "four are outstanding: the others wait";
        for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(zero.amend(1, numbers[k]), nullptr) << "it has been sent";
        Bytes* extra = nullptr;
        Record* waiting = zero.amend(1, numbers[6], &extra);
        ASSERT_NE(waiting, nullptr);
        EXPECT_EQ(waiting->first, 6u);
        waiting->first = 66;
        *extra = some(8, 5);
        EXPECT_EQ(zero.amend(1, numbers.back() + 1), nullptr) << "it was never posted";
        one.open();
        for (int k = 0; k < 20; ++k) zero.progress(), one.progress();
        EXPECT_THAT(to.log, ElementsAre("message 0", "message 1", "message 2", "message 3", "message 4", "message 5",
                                        "message 66", "message 7", "message 8", "message 9"));
        EXPECT_EQ(to.extras[6], some(8, 5));
        EXPECT_EQ(zero.statistics(1).batches, 5u) << "what waited went together";
        EXPECT_EQ(zero.amend(1, numbers[6]), nullptr);
        from.shut = to.shut = true;
        for (int k = 0; k < 20; ++k) zero.progress(), one.progress();
        zero.close();
        one.close();
    });
}

TEST(Channels, ByeComesOnlyWhenEveryEndIsClosed) {
    in_one_thread(2, [&](const Ranks& ranks) {
        Pair pair(ranks, 2);
        pair.settle();
        EXPECT_FALSE(pair.zero.closed());
        EXPECT_FALSE(pair.one.closed());
        pair.from[0].shut = true;
        pair.settle();
        EXPECT_FALSE(pair.one.closed()) << "one of two ends";
        pair.from[1].shut = true;
        pair.settle();
        EXPECT_FALSE(pair.zero.closed());
        EXPECT_FALSE(pair.one.closed());
        pair.zero.post(1, of(RecordKind::message, 1));  // (no record may follow a BYE; this shows that none is lost)
        pair.settle();
        EXPECT_THAT(pair.to[0].log, ElementsAre("message 1"));
        pair.finish();
    });
}

TEST(Channels, ByeWaitsForWhatEndsInTheOtherDirectionToo) {
    in_one_thread(2, [&](const Ranks& ranks) {
        Channels zero(*ranks[0], epoch), one(*ranks[1], epoch);
        End there[2], back[2];
        zero.add(there[0], 1, 0, true), one.add(there[1], 0, 0, false);
        one.add(back[0], 0, 1, true), zero.add(back[1], 1, 1, false);
        zero.open(), one.open();
        const auto settle = [&] {
            for (int k = 0; k < 20; ++k) zero.progress(), one.progress();
        };
        there[0].shut = there[1].shut = true;
        settle();
        EXPECT_FALSE(zero.closed());
        one.post(0, of(RecordKind::message, 5, 1));
        one.post(0, of(RecordKind::credit, 6, 0));
        settle();
        EXPECT_THAT(back[1].log, ElementsAre("message 5"));
        EXPECT_THAT(there[0].log, ElementsAre("credit 6")) << "credit goes to the sender of its edge";
        back[0].shut = back[1].shut = true;
        settle();
        EXPECT_TRUE(zero.closed() && one.closed());
        zero.close(), one.close();
        EXPECT_FALSE(ranks[0]->anything_unreceived() || ranks[1]->anything_unreceived());
    });
}

TEST(Channels, ARecordOfAnotherEpochIsABug) {
    in_one_thread(2, [&](const Ranks& ranks) {
        Channels zero(*ranks[0], epoch), one(*ranks[1], epoch + 1);
        End from, to;
        zero.add(from, 1, 0, true), one.add(to, 0, 0, false);
        zero.open(), one.open();
        zero.post(1, of(RecordKind::message, 1));
        zero.progress();
        try {
            one.progress();
            ADD_FAILURE() << "it was taken";
        } catch (const Failure& e) {
            EXPECT_STREQ(e.what(), "a record of epoch 3 from rank 0 came in epoch 4");
            EXPECT_EQ(e.code(), ExitCode::bug);
        }
        EXPECT_THAT(to.log, IsEmpty());
        from.shut = true;
        for (int k = 0; k < 3; ++k) zero.progress();
        zero.close(), one.close();
    });
}

TEST(Channels, ARecordForAnEdgeThatThisRankDoesNotHaveIsABug) {
    for (const auto& [kind, edge] : {std::pair{RecordKind::message, 7U}, {RecordKind::credit, 0U}}) {
        in_one_thread(2, [&, kind = kind, edge = edge](const Ranks& ranks) {
            Pair pair(ranks);
            pair.zero.post(1, of(kind, 1, edge));
            pair.zero.progress();
            try {
                pair.one.progress();
                ADD_FAILURE() << "it was taken";
            } catch (const Failure& e) {
                EXPECT_EQ(e.what(), "a record for edge " + std::to_string(edge) + " came from rank 0, which has none");
            }
            pair.from[0].shut = true;
            for (int k = 0; k < 3; ++k) pair.zero.progress();
            pair.zero.close(), pair.one.close();
        });
    }
}

TEST(Channels, TotalsAgreeExactlyWhenNothingIsUnderWay) {
    for (std::uint64_t delays = 0; delays < 10; ++delays) {
        in_one_thread(2,
                      [&](const Ranks& ranks) {
                          Pair pair(ranks);
                          const auto under_way = [&] {
                              const auto [s0, r0] = pair.zero.totals();
                              const auto [s1, r1] = pair.one.totals();
                              EXPECT_GE(s0 + s1, r0 + r1);
                              return s0 + s1 - r0 - r1;
                          };
                          EXPECT_EQ(under_way(), 0u);
                          for (std::uint64_t k = 0; k < 30; ++k) {
                              pair.zero.post(1, of(RecordKind::message, k), some(k % 2 == 0 ? 10 : 5000));
                              pair.zero.progress();
                              EXPECT_GE(under_way(), k == 0 ? 1u : 0u);
                              if (k % 3 == 0) pair.one.progress();
                              under_way();
                          }
                          pair.settle();
                          EXPECT_EQ(under_way(), 0u);
                          EXPECT_EQ(pair.to[0].log.size(), 30u);
                          pair.finish();
                          EXPECT_EQ(under_way(), 0u);
                      },
                      {.delay_seed = delays});
    }
}

TEST(Channels, WithoutEdgesThereIsNothingToDo) {
    in_one_thread(2, [&](const Ranks& ranks) {
        Channels channels(*ranks[0], epoch);
        channels.open();
        EXPECT_FALSE(channels.used());
        EXPECT_FALSE(channels.progress());
        EXPECT_TRUE(channels.closed());
        channels.close();
    });
}

}  // namespace
}  // namespace flowspan::runtime
