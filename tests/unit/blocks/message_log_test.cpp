#include "tests/unit/blocks/message_block.hpp"

#include <gmock/gmock.h>

#include "tests/unit/io/folder.hpp"

namespace flowspan::test {
namespace {

TEST(MessageLog, WritesALineAMessageInTheOrderOfDelivery) {
    const Folder folder;
    MessageBlock log("message_log", {{"path", folder / "a.jsonl"}});
    log.receive(Time(Rational(1, 3)), Value::Map{{"b", 1}, {"a", 2.5}});
    log.receive(Time(2), "text");
    log.receive(Time(2), Value());
    log.finish();
    EXPECT_EQ(content_of(folder / "a.jsonl"), R"({"port":"in","stamp":"0+1/3","value":{"a":2.5,"b":1}}
{"port":"in","stamp":"2","value":"text"}
{"port":"in","stamp":"2","value":null}
)");
    EXPECT_EQ(log.block().results().at("messages").integer(), 3);
}

TEST(MessageLog, NoMessagesMakeAnEmptyFile) {
    const Folder folder;
    MessageBlock log("message_log", {{"path", folder / "a.jsonl"}});
    log.finish();
    EXPECT_EQ(content_of(folder / "a.jsonl"), "");
}

TEST(MessageLog, ManyMessagesKeepTheirOrder) {
    const Folder folder;
    MessageBlock log("message_log", {{"path", folder / "a.jsonl"}});
    std::string expected;
    for (int k = 0; k < 20000; ++k) {
        log.receive(Time(k), k);
        expected += R"({"port":"in","stamp":")" + std::to_string(k) + R"(","value":)" + std::to_string(k) + "}\n";
    }
    log.finish();
    EXPECT_TRUE(content_of(folder / "a.jsonl") == expected);
}

TEST(MessageLog, AFullDiskIsReportedHoweverEarlyItWasMet) {
    for (const int count : {1, 20000}) {
        MessageBlock log("message_log", {{"path", "/dev/full"}});
        for (int k = 0; k < count; ++k) log.receive(Time(k), k);
        EXPECT_EQ(sentence_of([&] { log.finish(); }), "cannot write /dev/full: No space left on device");
    }
}

}  // namespace
}  // namespace flowspan::test
