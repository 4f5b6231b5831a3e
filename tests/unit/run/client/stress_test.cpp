#include "fake_run.hpp"
#include "raw_client.hpp"

#include "tests/unit/io/folder.hpp"

#include <flowspan/value.hpp>

#include <memory>
#include <random>
#include <vector>

#include <fmt/format.h>

using namespace flowspan;

namespace {

std::string set_gain(std::int64_t id) {
    return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"set","params":{{"name":"gain.constant","value":{}}}}})", id, id) +
           "\n";
}

/// Clients that come, send what they like and go or stay without reading.
class Crowd {
public:
    Crowd(std::string path, test::FakeRun& run) : path_(std::move(path)), run_(run) {}
    void stir() {
        switch (random_() % 4) {
            case 0:
                clients_.push_back(std::make_unique<test::RawClient>(path_, [this] { run_.poll(); }));
                break;
            case 1: {  // dies, perhaps in the middle of a line
                if (clients_.empty()) break;
                const auto victim = clients_.begin() + std::ptrdiff_t(random_() % clients_.size());
                (*victim)->send_some(watch.substr(0, random_() % watch.size()));
                clients_.erase(victim);
                break;
            }
            case 2:  // asks for ever more and never reads
                if (!clients_.empty()) clients_[random_() % clients_.size()]->send_some(watch);
                break;
            default: {
                if (clients_.empty()) break;
                std::string noise(random_() % 200, ' ');
                for (char& c : noise) c = char(random_());
                clients_[random_() % clients_.size()]->send_some(noise + "\n");
            }
        }
        if (clients_.size() > 40) clients_.erase(clients_.begin(), clients_.begin() + 20);
    }

private:
    const std::string watch = R"({"jsonrpc":"2.0","id":1,"method":"watch","params":{"name":"gain.constant"}})"
                              "\n";
    std::string path_;
    test::FakeRun& run_;
    std::mt19937 random_{1};
    std::vector<std::unique_ptr<test::RawClient>> clients_;
};

}  // namespace

TEST(ControlStress, TenThousandChangesAreMadeInOrderWhileOthersComeDieAndNeverRead) {
    constexpr std::int64_t requests = 10'000;
    const test::Folder folder;
    test::FakeRun run(folder / "run.sock");
    test::RawClient client(folder / "run.sock", [&] { run.poll(); });
    ASSERT_NE(client.line().find("hello"), std::string::npos);
    Crowd crowd(folder / "run.sock", run);
    std::string unsent;
    std::int64_t asked = 0, last_index = 0;
    for (std::int64_t answered = 0; answered < requests;) {
        while (asked < requests && unsent.size() < 65536) unsent += set_gain(++asked);  // as fast as the run takes them
        if (const std::size_t n = client.send_some(unsent); n > 0) unsent.erase(0, n);
        crowd.stir();
        run.poll();
        while (answered < requests && client.has_line()) {
            const Value answer = Value::from_json(client.line());
            ASSERT_EQ(answer.at("id"), Value(++answered));
            const std::int64_t index = answer.at("result").at("changes").list().at(0).at("index").integer();
            ASSERT_GE(index, last_index);
            last_index = index;
        }
    }
    EXPECT_EQ(run.changes(), std::size_t(requests));
    client.send(R"({"jsonrpc":"2.0","id":"last","method":"get","params":{"name":"gain.constant"}})"
                "\n");
    EXPECT_EQ(Value::from_json(client.line()).at("result").at("values").list().at(0).at("value"), Value(requests));
}
