#include "batch/units/index.hpp"

#include "tests/unit/io/folder.hpp"

#include <flowspan/diagnostic.hpp>

#include <gmock/gmock.h>

namespace flowspan::batch {
namespace {

using testing::ElementsAre;

const Unit one{.folder = "a.wav/gain=2", .recording = "/data/a.wav", .from = "1 s", .parameters = {{"gain", "2"}}};

TEST(Index, HasALineAUnit) {
    EXPECT_EQ(
        index_line(one, "done", {"audio.wav", "p/x.png"}),
        R"({"folder":"a.wav/gain=2","from":"1 s","parameters":{"gain":"2"},"products":["a.wav/gain=2/audio.wav","a.wav/gain=2/p/x.png"],)"
        R"("recording":"/data/a.wav","state":"done","unit":"a.wav/gain=2"})");
    EXPECT_EQ(index_line({.folder = "b", .recording = "/b"}, "failed", {}),
              R"({"folder":"b","parameters":{},"products":[],"recording":"/b","state":"failed","unit":"b"})");
}

TEST(Index, TakesItsPlaceAsAWhole) {
    const test::Folder out;
    out.write("index.jsonl", "before");
    {
        Index index(out.path(), "0-0001");
        index.add(one, "done", {});
        EXPECT_EQ(test::content_of(out / "index.jsonl"), "before");
        index.add(one, "failed", {});
        index.publish();
    }
    EXPECT_EQ(test::content_of(out / "index.jsonl"), index_line(one, "done", {}) + "\n" + index_line(one, "failed", {}) + "\n");
    { Index index(out.path(), "0-0002"); }
    EXPECT_THAT(out.names(), ElementsAre("index.jsonl"));
}

TEST(Index, SaysWhyItCannotBeWritten) {
    const test::Folder out;
    out.write("file", "");
    EXPECT_EQ(test::sentence_of([&] { Index(out / "file", "1"); }),
              "cannot write " + (out / "file/.flowspan/index-1.part") + ": Not a directory");
    out.write("index.jsonl/x", "");
    Index index(out.path(), "1");
    EXPECT_EQ(test::sentence_of([&] { index.publish(); }), "cannot write " + (out / "index.jsonl") + ": Is a directory");
}

}  // namespace
}  // namespace flowspan::batch
