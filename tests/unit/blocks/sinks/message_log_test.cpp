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
    std::size_t pieces = 0;
    for (int k = 0; k < 20000; ++k) {
        pieces += log.receive(Time(k), k);
        expected += R"({"port":"in","stamp":")" + std::to_string(k) + R"(","value":)" + std::to_string(k) + "}\n";
    }
    log.finish();
    EXPECT_TRUE(content_of(folder / "a.jsonl") == expected);
    EXPECT_EQ(pieces, expected.size() >> 16U);  // it takes no more before 64 KiB are on the disk
}

TEST(MessageLog, AFullDiskIsReportedAtTheEndOrOnceThereIsAPieceToWrite) {
    const std::string full = "cannot write /dev/full: No space left on device";
    MessageBlock brief("message_log", {{"path", "/dev/full"}}), lengthy("message_log", {{"path", "/dev/full"}});
    brief.receive(Time(0), 0);
    EXPECT_EQ(sentence_of([&] { brief.finish(); }), full);
    EXPECT_EQ(sentence_of([&] {
                  for (int k = 0; k < 2000; ++k) lengthy.receive(Time(k), k);
              }),
              full);
}

}  // namespace
}  // namespace flowspan::test
