// Clients of the control socket of a real run, for tests/e2e/changes:
//
//     control_client SOCKET replay FILE     the conversation of the manual; prints the first difference
//     control_client SOCKET sets N NAME     N changes of a parameter, many under way at once, among clients that misbehave
#include "tests/unit/run/client/transcript.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

using flowspan::test::RawClient;

namespace {

int replay(const std::string& socket, const std::string& file) {
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto transcript = flowspan::test::transcript_in(text);
    RawClient client(socket, [] {});
    const std::string difference = client.connected() ? flowspan::test::replay(transcript, client) : "cannot connect";
    std::printf("%s\n", difference.empty() ? "as written" : difference.c_str());
    return difference.empty() && transcript.size() > 20 ? 0 : 1;
}

/// Clients that come, send halves of lines or nonsense, ask for more than they read, and go.
class Misbehaving {
public:
    Misbehaving(std::string socket, const std::string& name) : socket_(std::move(socket)), name_(name) {}
    void one() {
        auto client = std::make_unique<RawClient>(socket_, [] {});
        if (!client->connected()) return;
        switch (random_() % 5) {
            case 0:
                client->send(R"({"jsonrpc":"2.0","id":1,"meth)");
                break;
            case 1:
                client->send(std::string(100, char('!' + random_() % 90)) + "\n");
                break;
            case 2:  // never reads what it watches
                client->send(R"({"jsonrpc":"2.0","id":1,"method":"watch","params":{"name":")" + name_ + "\"}}\n");
                kept_.push_back(std::move(client));
                if (kept_.size() > 8) kept_.erase(kept_.begin());
                break;
            case 3:
                client->send(R"({"jsonrpc":"2.0","id":1,"method":"set","params":{"name":")" + name_ +
                             R"(","value":1,"at":99999999999}})" + "\n");
                break;
            default:
                client->send(R"({"jsonrpc":"2.0","id":1,"method":"status"})"
                             "\n");
        }
    }

private:
    std::string socket_, name_;
    std::mt19937 random_{7};
    std::vector<std::unique_ptr<RawClient>> kept_;
};

int sets(const std::string& socket, int count, const std::string& name) {
    RawClient client(socket, [] {});
    if (!client.connected() || client.line().find("hello") == std::string::npos) return 1;
    Misbehaving others(socket, name);
    int sent = 0, answered = 0, refused = 0;
    while (answered < count) {
        if (sent < count && sent - answered < 40) {
            char line[200];
            std::snprintf(line, sizeof line,
                          R"({"jsonrpc":"2.0","id":%d,"method":"set","params":{"name":"%s","value":%d.5}})"
                          "\n",
                          sent, name.c_str(), sent % 17);
            if (!client.send(line)) break;
            if (++sent % 50 == 0) others.one();
            continue;
        }
        const std::string line = client.line();
        if (line == "closed" || line == "nothing") {
            std::printf("%s after %d answers\n", line.c_str(), answered);
            return 1;
        }
        ++answered;
        if (line.find("\"index\"") == std::string::npos) ++refused;
    }
    std::printf("%d answered, %d refused\n", answered, refused);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 2 ? argv[2] : "";
    if (what == "replay" && argc == 4) return replay(argv[1], argv[3]);
    if (what == "sets" && argc == 5) return sets(argv[1], std::stoi(argv[3]), argv[4]);
    std::fprintf(stderr, "usage: control_client SOCKET replay FILE | SOCKET sets N NAME\n");
    return 2;
}
