#include "run/client/socket.hpp"

#include "raw_client.hpp"

#include "tests/unit/io/folder.hpp"

#include <flowspan/diagnostic.hpp>

#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include <fmt/format.h>

using namespace flowspan;
using run::ControlSocket;
using test::Folder;

namespace {

const std::string hello = R"({"jsonrpc":"2.0","method":"hello","params":{"protocol":1}})";

std::string request(const std::string& id, const std::string& method, const std::string& params = "{}") {
    return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":{}}})", id, method, params) + "\n";
}
std::string result(const std::string& id, const std::string& text) {
    return fmt::format(R"({{"id":{},"jsonrpc":"2.0","result":{}}})", id, text);
}
std::string error(const std::string& id, int code, const std::string& message) {
    return fmt::format(R"({{"error":{{"code":{},"message":{}}},"id":{},"jsonrpc":"2.0"}})", code, Value(message).json(), id);
}

class ControlSocketTest : public testing::Test {
protected:
    ControlSocketTest() { begin(); }

    void begin() {
        socket.emplace(
            path, Value::Map{{"protocol", 1}}, [this](const ControlSocket::Request& r) { handle(r); },
            [this](ControlSocket::Client c) { gone.push_back(c); });
    }
    /// `echo` answers with its params, `keep` later, all others are unknown.
    void handle(const ControlSocket::Request& r) {
        ++handled;
        if (handler) return handler(r);
        if (r.method == "echo") return socket->reply(r.client, r.id, r.params);
        if (r.method == "keep") return kept.push_back(r);
        socket->refuse(r.client, r.id, -32601, "expected echo or keep, got " + r.method, Value::List{"echo", "keep"});
    }
    /// A client that was greeted.
    std::unique_ptr<test::RawClient> client() {
        auto made = std::make_unique<test::RawClient>(path, pump);
        EXPECT_EQ(made->line(), hello);
        return made;
    }
    void poll(int times = 20) {
        for (int k = 0; k < times && socket; ++k) socket->poll();
    }
    /// The server goes on as before.
    void expect_service() { expect_service(*client()); }
    void expect_service(test::RawClient& one) {
        EXPECT_TRUE(one.send(request("\"alive\"", "echo", R"({"x":1})")));
        EXPECT_EQ(one.line(), result("\"alive\"", R"({"x":1})"));
    }

    Folder folder;
    std::string path = folder / "run.sock";
    std::optional<ControlSocket> socket;
    std::function<void()> pump = [this] { poll(1); };
    std::function<void(const ControlSocket::Request&)> handler;
    std::vector<ControlSocket::Request> kept;
    std::vector<ControlSocket::Client> gone;
    std::size_t handled = 0;
};

}  // namespace

TEST_F(ControlSocketTest, GreetsAndAnswersAsTheIdWas) {
    const auto one = client();
    one->send(request("1", "echo", R"({"value":[1,2.5,"µ"]})") + request("\"b\"", "echo"));
    EXPECT_EQ(one->line(), result("1", R"({"value":[1,2.5,"µ"]})"));
    EXPECT_EQ(one->line(), result("\"b\"", "{}"));
}

TEST_F(ControlSocketTest, RefusesByTheHandlerWithCodeTextAndData) {
    const auto one = client();
    one->send(request("1", "ecko"));
    EXPECT_EQ(
        one->line(),
        R"({"error":{"code":-32601,"data":["echo","keep"],"message":"expected echo or keep, got ecko"},"id":1,"jsonrpc":"2.0"})");
}

TEST_F(ControlSocketTest, AnswersWithWhatTheHandlerThrows) {
    handler = [](const ControlSocket::Request& r) {
        if (r.method == "refused") {
            Diagnostic wrong;
            wrong.key = "name";
            wrong.expected = "a block";
            wrong.got = "gian";
            throw Refused(wrong);
        }
        if (r.method == "failed") throw Failure(ExitCode::block, "no more");
        std::ignore = r.params.at("name").string();
    };
    const auto one = client();
    one->send(request("1", "refused") + request("2", "failed") + request("3", "get"));
    EXPECT_EQ(one->line(), error("1", -32602, "name: expected a block, got gian"));
    EXPECT_EQ(one->line(), error("2", -32000, "no more"));
    EXPECT_EQ(one->line(), error("3", -32602, "a value lacks the entry name"));
}

TEST_F(ControlSocketTest, AnswersLaterAndInAnyOrder) {
    const auto one = client();
    one->send(request("1", "keep") + request("2", "keep"));
    poll();
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_FALSE(one->has_line());
    socket->reply(kept[1].client, kept[1].id, "second");
    socket->refuse(kept[0].client, kept[0].id, -32000, "no");
    EXPECT_EQ(one->line(), result("2", "\"second\""));
    EXPECT_EQ(one->line(), error("1", -32000, "no"));
    socket->reply(kept[0].client, kept[0].id, "twice");
    socket->reply(kept[0].client, 77, "never asked");
    EXPECT_FALSE(one->has_line());
}

TEST_F(ControlSocketTest, TakesLinesInAnyPieces) {
    const auto one = client();
    const std::string text = "\n \r\n" + request("1", "echo", R"({"a":1})") + request("2", "echo");
    for (const char c : text) {
        one->send(std::string_view(&c, 1));
        poll(2);
    }
    EXPECT_EQ(one->line(), result("1", R"({"a":1})"));
    EXPECT_EQ(one->line(), result("2", "{}"));
}

TEST_F(ControlSocketTest, KeepsTheConnectionAfterALineThatIsWrong) {
    const auto one = client();
    one->send("nonsense\n[]\n" + request("null", "echo"));
    EXPECT_EQ(one->line(), error("null", -32700, "expected one JSON object on a line, got nonsense"));
    EXPECT_EQ(one->line(), error("null", -32600, "expected one request on a line, got a list (a batch)"));
    EXPECT_EQ(one->line(), error("null", -32600, "id: expected a string or an integer of at most 2^53, got null"));
    expect_service(*one);
}

TEST_F(ControlSocketTest, RefusesAnIdThatIsOutstanding) {
    const auto one = client();
    one->send(request("1", "keep") + request("1", "keep") + request("\"1\"", "keep"));
    EXPECT_EQ(one->line(),
              error("null", -32600, "id: expected one of its own, got that of a request which is not answered yet"));
    EXPECT_EQ(kept.size(), 2U);
    socket->reply(kept[0].client, kept[0].id, 1);
    EXPECT_EQ(one->line(), result("1", "1"));
    one->send(request("1", "echo"));
    EXPECT_EQ(one->line(), result("1", "{}"));
}

TEST_F(ControlSocketTest, DropsAClientWhoseLineIsTooLong) {
    const auto one = client(), other = client();
    const std::size_t most = run::control_limits::line_bytes;
    std::string line = request("1", "echo", R"({"x":")");
    line.resize(line.size() - 2);  // the brace and the end of line
    line.append(most - line.size() - 3, 'x').append("\"}}");
    ASSERT_EQ(line.size(), most);
    one->send(line + "\n");
    EXPECT_EQ(one->line().size(), most - std::string(R"("method":"echo",)").size());  // `params` is as long as `result`
    one->send(std::string(most + 1, ' '));
    EXPECT_EQ(one->line(), error("null", -32600, "expected a line of at most 1048576 bytes, got more"));
    EXPECT_EQ(one->line(), "closed");
    EXPECT_EQ(gone, std::vector<ControlSocket::Client>{1});
    expect_service(*other);
}

TEST_F(ControlSocketTest, RefusesAnAnswerThatIsTooLong) {
    handler = [&](const ControlSocket::Request& r) { socket->reply(r.client, r.id, std::string(1 << 20, 'x')); };
    const auto one = client();
    one->send(request("1", "get"));
    EXPECT_EQ(one->line(), error("1", -32000, "expected an answer of at most 1048576 bytes, got 1048612"));
}

TEST_F(ControlSocketTest, IgnoresHalfALineOfAClientThatCloses) {
    auto one = client();
    const std::string text = request("1", "echo");
    one->send(text.substr(0, text.size() - 1));
    one.reset();
    poll();
    EXPECT_EQ(handled, 0U);
    EXPECT_EQ(gone, std::vector<ControlSocket::Client>{1});
    expect_service();
}

TEST_F(ControlSocketTest, HandlesWhatAClientSentBeforeItLeft) {
    auto one = client();
    for (int k = 0; k < 100; ++k) one->send(request(std::to_string(k), "echo"));
    one.reset();
    poll(100);
    EXPECT_EQ(handled, 100U);
    EXPECT_EQ(gone, std::vector<ControlSocket::Client>{1});
}

TEST_F(ControlSocketTest, AnswersAClientThatHasEndedItsInputAndThenCloses) {
    const auto one = client();
    one->send(request("1", "keep"));
    one->end_input();
    poll();
    EXPECT_TRUE(gone.empty());
    socket->reply(kept.at(0).client, kept[0].id, "late");
    EXPECT_EQ(one->line(), result("1", "\"late\""));
    EXPECT_EQ(one->line(), "closed");
    EXPECT_EQ(gone.size(), 1U);
}

TEST_F(ControlSocketTest, IgnoresAnswersToAClientThatHasGone) {
    auto one = client();
    one->send(request("1", "keep"));
    poll();
    one.reset();
    poll();
    ASSERT_EQ(gone, std::vector<ControlSocket::Client>{1});
    socket->reply(1, kept.at(0).id, "late");
    socket->refuse(1, kept[0].id, -32000, "late");
    socket->notify(1, "event", Value::Map{{"watch", 1}});
    expect_service();
}

TEST_F(ControlSocketTest, WaitsWithMoreRequestsThanMayBeOutstanding) {
    const auto one = client(), other = client();
    std::string text;
    for (int k = 0; k < 200; ++k) text += request(std::to_string(k), "keep");
    one->send(text);
    poll();
    EXPECT_EQ(kept.size(), 64U);
    expect_service(*other);
    for (std::size_t k = 0; k < 200; ++k) {
        ASSERT_LT(k, kept.size());
        socket->reply(kept[k].client, kept[k].id, Value(std::int64_t(k)));
        EXPECT_EQ(one->line(), result(std::to_string(k), std::to_string(k)));
        ASSERT_LE(kept.size(), k + 65);
    }
}

TEST_F(ControlSocketTest, ServesThirtyTwoClientsAndTurnsTheNextAway) {
    std::vector<std::unique_ptr<test::RawClient>> clients;
    for (int k = 0; k < 32; ++k) clients.push_back(client());
    test::RawClient another(path, pump);
    EXPECT_EQ(another.line(), error("null", -32000, "expected at most 32 clients, got one more"));
    EXPECT_EQ(another.line(), "closed");
    for (const auto& one : clients) expect_service(*one);
    clients.pop_back();
    poll();
    expect_service();
}

TEST_F(ControlSocketTest, DropsAClientThatNeverReadsOnceItsQueueIsFull) {
    const auto one = client(), other = client();
    const std::string text = request("1", "echo", fmt::format(R"({{"x":"{}"}})", std::string(100'000, 'x')));
    std::size_t sent = 0;
    for (int k = 0; k < 100'000 && gone.empty(); ++k) {
        const std::size_t n = one->send_some(std::string_view(text).substr(sent % text.size()));
        if (n != std::string_view::npos) sent += n;
        poll(1);
    }
    EXPECT_EQ(gone, std::vector<ControlSocket::Client>{1});
    EXPECT_GT(sent, std::size_t(4) << 20);
    EXPECT_LT(sent, std::size_t(6) << 20);  // what the system holds for both comes to the queue
    expect_service(*other);
}

TEST_F(ControlSocketTest, DropsAndCountsNotificationsForAClientThatDoesNotRead) {
    const auto one = client();
    const auto notify = [&](int watch, int index) {
        socket->notify(1, "event", Value::Map{{"watch", watch}, {"index", index}, {"value", std::string(1000, 'x')}});
    };
    constexpr int sent = 6000;
    for (int k = 0; k < sent; ++k) notify(1, k);
    notify(2, 0);
    poll();
    EXPECT_TRUE(gone.empty());  // it has room for answers
    one->send(request("1", "echo"));
    poll();
    int read = 0;
    std::string line;
    for (line = one->line(); line != result("1", "{}"); line = one->line()) {
        ASSERT_EQ(Value::from_json(line).at("params").at("index"), Value(read));  // those kept are the first ones
        ASSERT_EQ(Value::from_json(line).at("params").find("dropped"), nullptr);
        ++read;
    }
    EXPECT_GT(read, 2500);
    EXPECT_LT(read, 3500);
    for (const int watch : {1, 2, 1}) notify(watch, 0);
    EXPECT_EQ(Value::from_json(one->line()).at("params").at("dropped"), Value(sent - read));
    EXPECT_EQ(Value::from_json(one->line()).at("params").at("dropped"), Value(1));
    EXPECT_EQ(Value::from_json(one->line()).at("params").find("dropped"), nullptr);
}

TEST_F(ControlSocketTest, DropsANotificationThatIsTooLong) {
    const auto one = client();
    socket->notify(1, "event", Value::Map{{"watch", 1}, {"value", std::string(1 << 20, 'x')}});
    socket->notify(1, "event", Value::Map{{"watch", 1}, {"value", 2}});
    EXPECT_EQ(one->line(), R"({"jsonrpc":"2.0","method":"event","params":{"dropped":1,"value":2,"watch":1}})");
}

TEST_F(ControlSocketTest, AddsUpWhatWasDroppedOnTheWayAndSaysTheLastOfItAtTheEnd) {
    const auto one = client();
    socket->notify(1, "event", Value::Map{{"watch", 1}, {"dropped", 5}, {"value", std::string(1 << 20, 'x')}});
    socket->notify(1, "event", Value::Map{{"watch", 1}, {"dropped", 2}, {"value", 2}});
    EXPECT_EQ(one->line(), R"({"jsonrpc":"2.0","method":"event","params":{"dropped":8,"value":2,"watch":1}})");
    socket->notify(1, "event", Value::Map{{"watch", 3}, {"value", std::string(1 << 20, 'x')}});
    socket->end(Value::Map{{"state", "done"}});
    EXPECT_EQ(one->line(), R"({"jsonrpc":"2.0","method":"end","params":{"dropped":[{"dropped":1,"watch":3}],"state":"done"}})");
}

TEST_F(ControlSocketTest, SaysTheEndRefusesWhatIsOutstandingAndCloses) {
    const auto one = client(), other = client();
    one->send(request("1", "keep") + request("\"two\"", "keep"));
    poll();
    socket->end(Value::Map{{"state", "done"}});
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_EQ(one->line(), error("\"two\"", -32001, "expected a run that goes on, got one that is ending"));
    EXPECT_EQ(one->line(), error("1", -32001, "expected a run that goes on, got one that is ending"));
    for (const auto* each : {&one, &other}) {
        EXPECT_EQ((*each)->line(), R"({"jsonrpc":"2.0","method":"end","params":{"state":"done"}})");
        EXPECT_EQ((*each)->line(), "closed");
    }
    EXPECT_TRUE(socket->idle());
    EXPECT_EQ(gone.size(), 2U);
    EXPECT_FALSE(test::RawClient(path, pump).connected());
}

TEST_F(ControlSocketTest, SendsTheEndAlsoWhenItIsDestroyedAtOnce) {
    const auto one = client();
    socket->end(Value::Map{{"state", "done"}});
    socket.reset();
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    EXPECT_EQ(one->line(), R"({"jsonrpc":"2.0","method":"end","params":{"state":"done"}})");
    EXPECT_EQ(one->line(), "closed");
}

TEST_F(ControlSocketTest, SaysTheEndToAClientWithManyNotificationsUnread) {
    const auto one = client();
    for (int k = 0; k < 6000; ++k) socket->notify(1, "event", Value::Map{{"value", std::string(1000, 'x')}});
    socket->end(Value::Map{{"state", "done"}});
    std::string line, last;
    while ((line = one->line()) != "closed" && line != "nothing") last = line;
    EXPECT_EQ(last, R"({"jsonrpc":"2.0","method":"end","params":{"state":"done"}})");
}

TEST_F(ControlSocketTest, TurnsAnotherUserAwayAlsoWhereTheModeLetsHimIn) {
    if (::geteuid() != 0) GTEST_SKIP() << "becoming another user needs root";
    ASSERT_EQ(::chmod(path.c_str(), 0777), 0);
    std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
    int lines[2];
    ASSERT_EQ(::pipe(lines), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        std::string text = "no other user";
        if (::setuid(65534) == 0) {
            test::RawClient other(path, [] {});
            text = other.connected() ? other.line() : "not connected";
            text += "\n" + other.line();
        }
        std::ignore = ::write(lines[1], text.data(), text.size());
        ::_exit(0);
    }
    ::close(lines[1]);
    while (::waitpid(child, nullptr, WNOHANG) == 0) poll(1);
    std::string text(1000, ' ');
    text.resize(std::size_t(std::max<ssize_t>(0, ::read(lines[0], text.data(), text.size()))));
    ::close(lines[0]);
    EXPECT_EQ(text, error("null", -32000, "expected user 0, who runs the job, got user 65534") + "\nclosed");
    expect_service();
}

TEST_F(ControlSocketTest, OutlivesClientsThatAreKilledWhileTheyTalk) {
    std::mt19937 random(1);
    for (int round = 0; round < 12; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
            std::vector<std::unique_ptr<test::RawClient>> clients;
            for (int k = 0; k < 4; ++k) clients.push_back(std::make_unique<test::RawClient>(path, [] {}));
            const std::string text = request("1", "keep") + request("2", "echo");
            for (std::size_t k = 0;; ++k) clients[k % 4]->send_some(std::string_view(text).substr(k % text.size()));
        }
        const int turns = int(random() % 100);
        for (int k = 0; k < turns; ++k) poll(1);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    for (int k = 0; k < 10'000 && gone.size() < 2; ++k) poll(1);
    const auto one = client();
    expect_service(*one);
    for (const auto& r : kept) socket->reply(r.client, r.id, "late");
    expect_service(*one);
}

TEST_F(ControlSocketTest, OutlivesRandomBytes) {
    std::mt19937 random(1);
    const auto observer = client();
    for (int round = 0; round < 300; ++round) {
        test::RawClient one(path, pump);
        std::string bytes(random() % 5000, ' ');
        for (char& c : bytes) c = random() % 20 == 0 ? '\n' : char(random());
        one.send(bytes);
        if (round % 2 == 0) one.send("\n" + request("1", "echo"));
        if (round % 2 == 0) {
            std::string line = one.line();
            while (line != result("1", "{}") && line != "closed" && line != "nothing") line = one.line();
            EXPECT_EQ(line, result("1", "{}"));
        }
    }
    expect_service(*observer);
}
