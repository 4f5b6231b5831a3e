#include "run/agree/together.hpp"

#include "comm/local/local.hpp"

#include <flowspan/diagnostic.hpp>

#include <mutex>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include <gtest/gtest.h>

using namespace flowspan;

namespace {

/// What every rank says of a step, which must be the same; "" when all went well.
std::string said(int ranks, const std::function<void(int rank)>& step) {
    std::mutex mutex;
    std::set<std::string> all;
    std::string host;
    comm::run_local(ranks, [&](comm::Communicator& c) {
        std::string text;
        try {
            run::together(c, [&] { step(c.rank()); });
        } catch (const Refused& e) { text = fmt::format("refused {}: {}", int(e.code()), e.what()); } catch (const Failure& e) {
            text = fmt::format("failed {}: {}", int(e.code()), e.what());
        }
        const std::lock_guard lock(mutex);
        all.insert(text);
        host = " (" + c.host() + ")";
    });
    EXPECT_EQ(all.size(), 1U) << "the ranks do not say the same";
    std::string text = *all.begin();
    for (std::size_t at = 0; (at = text.find(host, at)) != std::string::npos;) text.erase(at, host.size());
    return text;
}

Refused wrong(const std::string& expected) {
    Diagnostic d;
    d.at = {"g.yaml", 3, 5, "  a: 1"};
    d.key = "blocks.a";
    d.expected = expected;
    d.got = "1";
    return Refused(std::move(d));
}

}  // namespace

TEST(Together, IsSilentWhenAllGoesWell) {
    EXPECT_EQ(said(3, [](int) {}), "");
}

TEST(Together, SaysOnceWhatIsWrongOnAllRanks) {
    EXPECT_EQ(said(3, [](int) { throw wrong("2"); }),
              "refused 2: g.yaml:3:5: blocks.a: expected 2, got 1\n    3 |   a: 1\n      |     ^");
    EXPECT_EQ(said(3, [](int) { throw Failure(ExitCode::file, "no disk"); }), "failed 3: no disk");
}

TEST(Together, NamesRanksAndHostsWhereNotAllHaveIt) {
    EXPECT_EQ(said(4,
                   [](int rank) {
                       if (rank == 1 || rank == 3) throw wrong("2");
                   }),
              "refused 2: g.yaml:3:5: blocks.a: expected 2, got 1\n    3 |   a: 1\n      |     ^\n   on rank 1, rank 3");
}

TEST(Together, SaysEverythingThatIsWrongOnAnyRank) {
    EXPECT_EQ(said(4,
                   [](int rank) {
                       if (rank == 0) throw wrong("2");
                       if (rank == 1) throw Failure(ExitCode::block, "no device");
                       if (rank == 2) throw std::logic_error("a bug");
                   }),
              "refused 2: g.yaml:3:5: blocks.a: expected 2, got 1\n    3 |   a: 1\n      |     ^\n   on rank 0\n"
              "expected no failure, got no device\n   on rank 1\n"
              "expected no failure, got a bug\n   on rank 2");
    EXPECT_EQ(said(3,
                   [](int rank) {
                       if (rank == 1) throw Failure(ExitCode::block, "no device");
                       if (rank == 2) throw Failure(ExitCode::file, "no disk");
                   }),
              "failed 4: rank 1: no device\nrank 2: no disk");
}

TEST(Together, NamesEightRanksAtMost) {
    EXPECT_EQ(said(12,
                   [](int rank) {
                       if (rank > 0) throw Failure(ExitCode::file, "no disk");
                   }),
              "failed 3: rank 1, rank 2, rank 3, rank 4, rank 5, rank 6, rank 7, rank 8, …: no disk");
}
