// Requests: none is lost, none is done twice, and what is none is left alone.
#include "batch/journal/requests.hpp"

#include "batch/journal/history.hpp"
#include "batch/journal/journal.hpp"
#include "tests/unit/batch/journal/batch.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

namespace flowspan::batch {
namespace {

using flowspan::test::Folder;
using flowspan::test::sentence_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<int> numbers(const std::vector<Request>& requests) {
    std::vector<int> found;
    for (const Request& r : requests) found.push_back(int(r.content.at("n").integer()));
    return found;
}

TEST(Requests, AreReadInTheOrderOfTheirTimesUntilTheyAreRemoved) {
    const Folder out;
    const Journal journal(out.path());
    Troubles troubles;
    EXPECT_THAT(read_requests(out.path(), troubles), IsEmpty());
    std::vector<std::string> names;
    for (int n = 0; n < 20; ++n) names.push_back(put_request(out.path(), Value::Map{{"n", n}}));
    for (int again = 0; again < 2; ++again)
        EXPECT_THAT(numbers(read_requests(out.path(), troubles)),
                    ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
    names.resize(18);
    remove_requests(out.path(), names);
    remove_requests(out.path(), names);  // as after a crash between
    EXPECT_THAT(numbers(read_requests(out.path(), troubles)), ElementsAre(18, 19));
    EXPECT_EQ(troubles.count, 0u);
}

TEST(Requests, WhoseAnswerStandsInTheJournalAreKnown) {
    const Folder out;
    std::string name;
    {
        Journal journal(out.path());
        const UnitId a = journal.append(test::unit("a"));
        journal.append(test::failed(a, "r1", 3, false));
        journal.sync();
        name = put_request(out.path(), Value::Map{{"retry", "a"}});
        journal.append(line::Asked{"retry", a, name}.value());
        journal.append(test::failed(a, "r2", 1, false));
        journal.sync();
    }
    // The batch has died before it removed the request.
    Troubles troubles;
    EXPECT_EQ(read_requests(out.path(), troubles).size(), 1u);
    const History h = History::read(out.path());
    EXPECT_TRUE(h.has_answered(name));
    EXPECT_FALSE(h.has_answered("request-0000000000000000000-0000000000000000"));
    EXPECT_EQ(test::state_of(h, "a"), State::failed);
}

TEST(Requests, GoToABatchAlone) {
    const Folder out;
    EXPECT_EQ(sentence_of([&] { put_request(out.path(), Value::Map{}); }), "expected a folder with a batch, got " + out.path());
    EXPECT_THAT(out.names(), IsEmpty());
    Troubles troubles;
    EXPECT_THAT(read_requests(out.path(), troubles), IsEmpty());
}

TEST(Requests, ThatAreNoneAreLeftAloneAndSaid) {
    const Folder out;
    const Journal journal(out.path());
    put_request(out.path(), Value::Map{{"n", 1}});
    const std::string folder = ".flowspan/requests/", whole = sealed_line(Value::Map{{"n", 7}});
    const auto name = [&](int k) { return folder + fmt::format("request-{:019}-{:016x}", k, k); };
    out.write(name(1), whole.substr(0, whole.size() - 4));
    out.write(name(2), "");
    out.write(name(3), "rm -rf /\n");
    out.write(name(4), whole + whole);
    out.write(folder + "secret", whole);
    ::symlink("secret", (out / name(5)).c_str());
    ::mkfifo((out / name(6)).c_str(), 0666);
    out.write(name(7), std::string((std::size_t{1} << 20) + 1, 'x'));
    out.write(folder + ".request-x.new", whole);
    out.write(folder + "request-1", whole);
    Troubles troubles;
    EXPECT_THAT(numbers(read_requests(out.path(), troubles)), ElementsAre(7, 1));
    std::vector<std::string> said;
    for (const Trouble& t : troubles.first) said.push_back(t.text());
    EXPECT_THAT(said, ElementsAre((out / name(1)) + ": the line at byte 0 is passed over: it is cut off",
                                  (out / name(2)) + " is passed over: it is empty",
                                  (out / name(3)) + ": the line at byte 0 is passed over: it does not begin as one",
                                  (out / name(4)) + ": the line at byte 27 is passed over: a request has one line",
                                  (out / name(5)) + " is passed over: it is a link",
                                  (out / name(6)) + " is passed over: it is no regular file",
                                  (out / name(7)) + " is passed over: it is too large"));
    remove_requests(out.path(), {"../journal-0-0001", "secret"});
    EXPECT_TRUE(std::filesystem::exists(journal.path()));
    EXPECT_TRUE(std::filesystem::exists(out / (folder + "secret")));
}

TEST(Requests, ThatCannotBeWrittenLeaveNothing) {
    const Folder out;
    const Journal journal(out.path());
    EXPECT_EQ(sentence_of([&] {
                  put_request(out.path(), Value::Map{{"n", std::string(std::size_t{1} << 20, 'x')}});
              }).substr(0, 12),
              "cannot write");
    EXPECT_THAT(out.names(), ElementsAre(".flowspan/journal-0-0001"));
}

}  // namespace
}  // namespace flowspan::batch
