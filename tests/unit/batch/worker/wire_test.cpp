// Messages in pieces, and lines of any length.
#include "batch/worker/wire.hpp"
#include "batch/worker/output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace flowspan::batch {
namespace {

std::string bytes_of_two_messages() {
    auto [a, b] = socket_pair(SOCK_STREAM);
    Wire wire(std::move(a));
    wire.put(Kind::task, "[1,2]");
    wire.put(Kind::result, "");
    EXPECT_TRUE(wire.flush());
    std::string bytes(1000, ' ');
    bytes.resize(std::size_t(recv(b.get(), bytes.data(), bytes.size(), 0)));
    return bytes;
}

TEST(Wire, PutsMessagesTogetherFromPiecesOfAnySize) {
    const std::string bytes = bytes_of_two_messages();
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        auto [a, b] = socket_pair(SOCK_STREAM);
        make_nonblocking(b);
        Wire wire(std::move(b));
        std::vector<std::string> bodies;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            const std::string part = bytes.substr(at, piece);
            ASSERT_EQ(send(a.get(), part.data(), part.size(), 0), ssize_t(part.size()));
            wire.read(100);
            while (const auto message = wire.next()) bodies.push_back(char(message->kind) + std::string(message->body));
        }
        EXPECT_EQ(bodies, (std::vector<std::string>{"t[1,2]", "r"}));
        EXPECT_FALSE(wire.within_message());
        EXPECT_FALSE(wire.closed());
        EXPECT_EQ(wire.wrong(), "");
        a.close();
        wire.read(100);
        EXPECT_TRUE(wire.closed());
    }
}

TEST(Wire, KnowsAMessageThatIsCut) {
    const std::string bytes = bytes_of_two_messages();
    for (std::size_t n = 1; n < 13; ++n) {
        auto [a, b] = socket_pair(SOCK_STREAM);
        Wire wire(std::move(b));
        ASSERT_EQ(send(a.get(), bytes.data(), n, 0), ssize_t(n));
        wire.read(100);
        EXPECT_FALSE(wire.next());
        EXPECT_TRUE(wire.within_message()) << n;
    }
}

TEST(Wire, EveryOtherFirstByteIsWrong) {
    for (int c = 0; c < 256; ++c) {
        auto [a, b] = socket_pair(SOCK_STREAM);
        Wire wire(std::move(b));
        const auto byte = char(c);
        ASSERT_EQ(send(a.get(), &byte, 1, 0), 1);
        wire.read(1);
        EXPECT_FALSE(wire.next());
        EXPECT_EQ(wire.wrong().empty(), c == 0x1e) << c;
    }
}

TEST(Wire, SaysWhereTheOtherEndIsClosed) {
    auto [a, b] = socket_pair(SOCK_STREAM);
    b.close();
    Wire wire(std::move(a));
    wire.put(Kind::task, "1");
    EXPECT_FALSE(wire.flush());
}

TEST(PrintedLines, AreCutWhereTheyAreTooLong) {
    auto [reads, writes] = pipe_pair();
    make_nonblocking(reads);
    Output output(std::move(reads));
    const std::string text = std::string(5000, 'a') + "\nb\n\nrest";
    for (std::size_t at = 0; at < text.size(); at += 7) {
        const std::string part = text.substr(at, 7);
        ASSERT_EQ(write(writes.get(), part.data(), part.size()), ssize_t(part.size()));
    }
    EXPECT_THAT(output.read(100'000), ::testing::ElementsAre(std::string(4096, 'a') + "… 904 bytes more", "b", ""));
    EXPECT_EQ(output.last(), "b");
    EXPECT_THAT(output.rest(), ::testing::ElementsAre("rest"));
    EXPECT_TRUE(output.rest().empty());
    EXPECT_GE(output.descriptor(), 0);
    writes.close();
    EXPECT_TRUE(output.read(100).empty());
    EXPECT_EQ(output.descriptor(), -1);
}

}  // namespace
}  // namespace flowspan::batch
