// The conformance suite of links under mpirun: every rank runs the same tests on the world's communicator.
#include "comm/local/local.hpp"
#include "comm/mpi/mpi.hpp"
#include "tests/unit/runtime/links/link_runner.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace flowspan::tests {
namespace {

comm::Communicator* world = nullptr;

/// What a rank's sinks saw, as it travels to the others.
Value packed(const Collected& c) {
    Value::Map streams, messages;
    for (const auto& [name, s] : c.streams) {
        Value::List tags, stretches;
        for (const Tag& t : s.tags) tags.emplace_back(Value::List{t.index, t.key, t.value});
        for (const auto& p : s.stretches) {
            stretches.emplace_back(Value::List{p.index, int(p.what.kind), p.what.missing, p.center_frequency.value_or(-1),
                                               p.utc ? p.utc->text() : ""});
        }
        Value::List retunings;
        for (const auto& r : s.retunings) retunings.emplace_back(Value::List{r.index, r.center_frequency.value_or(-1)});
        streams[name] = Value::List{s.bytes, tags, stretches, s.first, retunings};
    }
    for (const auto& [name, all] : c.messages) {
        Value::List list;
        for (const auto& [stamp, value] : all) list.emplace_back(Value::List{stamp, value});
        messages[name] = list;
    }
    return Value::List{streams, messages};
}

void unpack(const Value& v, Collected& c) {
    for (const auto& [name, s] : v.list()[0].map()) {
        test::Stream& stream = c.streams[name];
        stream.bytes = s.list()[0].as<Value::Bytes>();
        stream.first = std::uint64_t(s.list()[3].integer());
        for (const Value& r : s.list()[4].list())
            stream.retunings.push_back({std::uint64_t(r.list()[0].integer()), r.list()[1].real()});
        for (const Value& t : s.list()[1].list())
            stream.tags.push_back({std::uint64_t(t.list()[0].integer()), t.list()[1].string(), t.list()[2]});
        for (const Value& p : s.list()[2].list()) {
            stream.stretches.push_back({std::uint64_t(p.list()[0].integer()),
                                        {Break(p.list()[1].integer()), std::uint64_t(p.list()[2].integer())},
                                        p.list()[3].real(),
                                        {}});
            // The time travels as text and stands in for itself.
            stream.tags.push_back({std::uint64_t(p.list()[0].integer()), "utc of a stretch", p.list()[4]});
        }
    }
    for (const auto& [name, all] : v.list()[1].map()) {
        for (const Value& m : all.list()) c.messages[name].emplace_back(m.list()[0].string(), m.list()[1].string());
    }
}

}  // namespace

bool has_ranks(int ranks) { return ranks == 1 || ranks == world->size(); }

Collected run_on(const std::string& text, int ranks, unsigned seed, std::uint64_t, bool seam,
                 std::optional<std::uint64_t> begin) {
    Collected mine, all;
    if (ranks == world->size()) {
        run_partition(text, *world, seed, seam, begin, mine);
        const auto bytes = packed(mine).encode();
        for (const std::string& part : world->all_gather({reinterpret_cast<const char*>(bytes.data()), bytes.size()})) {
            std::span<const std::byte> from(reinterpret_cast<const std::byte*>(part.data()), part.size());
            unpack(Value::decode(from), all);
        }
    } else {
        run_partition(text, *comm::single_rank(), seed, seam, begin, mine);
        unpack(packed(mine), all);
    }
    return all;
}

}  // namespace flowspan::tests

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    const flowspan::comm::MpiLibrary mpi;
    const auto world = const_cast<flowspan::comm::MpiLibrary&>(mpi).world();
    flowspan::tests::world = world.get();
    if (world->rank() != 0) {
        // Only what fails is worth a line of another rank.
        auto& listeners = testing::UnitTest::GetInstance()->listeners();
        struct Failures : testing::EmptyTestEventListener {
            explicit Failures(int r) : rank(r) {}
            void OnTestPartResult(const testing::TestPartResult& result) override {
                if (result.failed()) std::fprintf(stderr, "rank %d: %s\n", rank, result.message());
            }
            int rank;
        };
        delete listeners.Release(listeners.default_result_printer());
        listeners.Append(new Failures(world->rank()));
    }
    const int mine = RUN_ALL_TESTS();
    int failed = 0;
    for (const std::string& r : world->all_gather(std::to_string(mine))) failed += r == "0" ? 0 : 1;
    return failed;
}
