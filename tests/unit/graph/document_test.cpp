#include "graph/text/document.hpp"

#include <gtest/gtest.h>

namespace flowspan::graph {
namespace {

TEST(Document, KeepsScalarsAsTheyAreWritten) {
    const Node root = read_document("a: 010\nb: '010'\nc: yes\nd: ~\ne:\nf: \"\"\ng: 1 # comment\nh: a b\n", "f");
    EXPECT_EQ(root.find("a")->text, "010");
    EXPECT_FALSE(root.find("a")->quoted);
    EXPECT_TRUE(root.find("b")->quoted);
    EXPECT_EQ(root.find("c")->text, "yes");
    EXPECT_EQ(root.find("d")->kind, Node::Kind::null);
    EXPECT_EQ(root.find("e")->kind, Node::Kind::null);
    EXPECT_EQ(root.find("f")->kind, Node::Kind::scalar);
    EXPECT_EQ(root.find("g")->text, "1");
    EXPECT_EQ(root.find("h")->text, "a b");
    EXPECT_EQ(root.find("i"), nullptr);
}

TEST(Document, KnowsWhereEverythingStandsInCharacters) {
    const Node root = read_document("a: {ä: ö, b: [x,\r\n  y]}\n", "file");
    const Node& map = *root.find("a");
    EXPECT_EQ(map.at.column, 4);
    EXPECT_EQ(map.entries[1].first.at.column, 11);
    const Node& y = map.entries[1].second.items[1];
    EXPECT_EQ(y.at.line, 2);
    EXPECT_EQ(y.at.column, 3);
    EXPECT_EQ(y.at.line_text.text(), "  y]}");
    EXPECT_EQ(y.at.file, "file");
}

TEST(Document, TakesExpressionsAndQuotedTextsInFlowStyle) {
    const Node root =
        read_document(R"(a: {type: x, channels: $source.sample_rate / $spacing, path: "a[*],{b}", t: 3 dB})", "f");
    EXPECT_EQ(root.find("a")->find("channels")->text, "$source.sample_rate / $spacing");
    EXPECT_EQ(root.find("a")->find("path")->text, "a[*],{b}");
}

}  // namespace
}  // namespace flowspan::graph
