#include "run/client/request.hpp"

#include "run/client/connection.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

using namespace flowspan;
using run::read_control_request;

namespace {

std::string refusal(const std::string& line) {
    try {
        read_control_request(line);
    } catch (const run::WrongRequest& wrong) { return std::to_string(wrong.code) + " " + wrong.id.json() + " " + wrong.what(); }
    return "accepted";
}

}  // namespace

TEST(ControlRequest, HasIdMethodAndParams) {
    const auto request = read_control_request(R"({"jsonrpc":"2.0","id":"a","method":"get","params":{"name":"gain.constant"}})");
    EXPECT_EQ(request.id, Value("a"));
    EXPECT_EQ(request.method, "get");
    EXPECT_EQ(request.params, Value(Value::Map{{"name", "gain.constant"}}));
    EXPECT_EQ(read_control_request(R"({"jsonrpc":"2.0","id":-7,"method":"status"})").params, Value(Value::Map{}));
}

TEST(ControlRequest, ThatIsNoJsonIsRefused) {
    EXPECT_EQ(refusal("stop"), "-32700 null expected one JSON object on a line, got stop");
    EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":1,"method":"sta)"),
              "-32700 null expected one JSON object on a line, got {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sta");
    EXPECT_EQ(refusal("{}{}"), "-32700 null expected one JSON object on a line, got {}{}");
    EXPECT_EQ(refusal(std::string(100, 'x')),
              "-32700 null expected one JSON object on a line, got " + std::string(40, 'x') + "…");
}

TEST(ControlRequest, ThatIsNoRequestIsRefused) {
    EXPECT_EQ(refusal("3"), "-32600 null expected a request, got 3");
    EXPECT_EQ(refusal(R"([{"jsonrpc":"2.0","id":1,"method":"status"}])"),
              "-32600 null expected one request on a line, got a list (a batch)");
    const std::string id = "-32600 null id: expected a string or an integer of at most 2^53, got ";
    EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","method":"status"})"), id + "nothing");
    EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":null,"method":"status"})"), id + "null");
    EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":1.5,"method":"status"})"), id + "1.5");
    EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":9007199254740993,"method":"status"})"), id + "9007199254740993");
    EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":-9223372036854775808,"method":"status"})"), id + "-9223372036854775808");
    EXPECT_EQ(refusal(R"({"id":1,"method":"status"})"), "-32600 1 jsonrpc: expected \"2.0\", got nothing");
    EXPECT_EQ(refusal(R"({"jsonrpc":2.0,"id":1,"method":"status"})"), "-32600 1 jsonrpc: expected \"2.0\", got 2.0");
    EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":1})"), "-32600 1 method: expected a string, got nothing");
    EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":1,"method":"get","param":{}})"),
              "-32600 1 expected jsonrpc, id, method and params in a request, got param");
    EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":1,"method":"get","params":["gain.constant"]})"),
              "-32602 1 params: expected an object, got [\"gain.constant\"]");
}

TEST(ControlRequest, HasNestingThatIsBounded) {
    const auto nested = [](std::size_t depth) {
        return R"({"jsonrpc":"2.0","id":1,"method":"set","params":{"value":)" + std::string(depth - 2, '[') +
               std::string(depth - 2, ']') + "}}";
    };
    EXPECT_EQ(refusal(nested(64)), "accepted");
    EXPECT_EQ(refusal(nested(65)), "-32700 null expected JSON of at most 64 levels, got 65");
    EXPECT_EQ(refusal(std::string(run::control_limits::line_bytes, '[')),
              "-32700 null expected JSON of at most 64 levels, got 1048576");
    std::string maps;
    for (int k = 0; k < 200000; ++k) maps += R"({"":)";
    EXPECT_EQ(refusal(maps), "-32700 null expected JSON of at most 64 levels, got 200000");
    EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":1,"method":"set","params":{"value":"\")" + std::string(100, '[') + "\"}}"),
              "accepted");
    EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":1,"method":"set","params":{"value":"\\"}})"), "accepted");
}

TEST(ControlRequest, KeepsNumbersBeyondIntegersAsReals) {
    const auto request =
        read_control_request(R"({"jsonrpc":"2.0","id":1,"method":"set","params":{"at":18446744073709551615}})");
    EXPECT_EQ(request.params.at("at"), Value(18446744073709551615.0));
}

TEST(ControlRequest, OfRandomBytesIsRefusedOrGood) {
    // Nothing but WrongRequest may come out; the sanitizers watch. Damaged requests go deeper than plain noise.
    const std::string good =
        R"({"jsonrpc":"2.0","id":"k","method":"set","params":{"name":"a[3].b","value":[1,2.5e3,{"x":null}],"at":"1 s"}})";
    std::mt19937 random(1);
    int accepted = 0, no_json = 0, no_request = 0;
    for (int round = 0; round < 20000; ++round) {
        std::string line = good;
        if (round % 4 == 0) {
            line.resize(random() % 300);
            for (char& c : line) c = char(random());
        } else {
            if (round % 4 == 1) line.resize(random() % line.size());
            for (std::size_t hits = random() % 4; hits > 0 && !line.empty(); --hits)
                line[random() % line.size()] = round % 4 == 2 ? char(random()) : "{}[]\",:0e-\\u"[random() % 12];
        }
        try {
            read_control_request(line);
            ++accepted;
        } catch (const run::WrongRequest& wrong) {
            ++(wrong.code == -32700 ? no_json : no_request);
            EXPECT_NO_THROW(Value::from_json(run::control_line(run::control_error(wrong.code, wrong.what()))));
        }
    }
    EXPECT_GT(accepted, 500);
    EXPECT_GT(no_json, 500);
    EXPECT_GT(no_request, 100);
}
