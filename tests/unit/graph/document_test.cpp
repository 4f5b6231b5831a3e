#include "fake_catalog.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace flowspan::graph {
namespace {

using ::testing::HasSubstr;

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
    EXPECT_EQ(y.at.line_text, "  y]}");
    EXPECT_EQ(y.at.file, "file");
}

TEST(Document, TakesExpressionsAndQuotedTextsInFlowStyle) {
    const Node root =
        read_document(R"(a: {type: x, channels: $source.sample_rate / $spacing, path: "a[*],{b}", t: 3 dB})", "f");
    EXPECT_EQ(root.find("a")->find("channels")->text, "$source.sample_rate / $spacing");
    EXPECT_EQ(root.find("a")->find("path")->text, "a[*],{b}");
}

/// The fenced YAML texts of a document.
std::vector<std::string> yaml_texts_of(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> texts;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line == "```yaml") {
            inside = true;
            texts.emplace_back();
        } else if (line == "```") {
            inside = false;
        } else if (inside) {
            texts.back() += line + "\n";
        }
    }
    return texts;
}

TEST(GraphFileManual, HoldsTextsThatTheReaderTakes) {
    const auto texts = yaml_texts_of(FLOWSPAN_SOURCE_DIR "/docs/graph-file.md");
    ASSERT_GE(texts.size(), 8u);
    int whole = 0;
    for (const std::string& text : texts) {
        if (text.starts_with("flowspan:")) {
            ++whole;
            EXPECT_EQ(test::refusal_of(text), "") << text;
        } else {
            EXPECT_NO_THROW(read_document(text, "manual")) << text;
        }
    }
    EXPECT_GE(whole, 2);
}

TEST(Documentation, HoldsOnlyTextsThatTheReaderTakes) {
    for (const char* file : {"/README.md", "/docs/architecture.md", "/docs/performance.md", "/CHANGELOG.md"}) {
        for (const std::string& text : yaml_texts_of(std::string(FLOWSPAN_SOURCE_DIR) + file))
            EXPECT_NO_THROW(read_document(text, file)) << text;
    }
    EXPECT_FALSE(yaml_texts_of(FLOWSPAN_SOURCE_DIR "/README.md").empty());
}

TEST(GraphFileManual, ShowsItsExampleOfAMistakeAsItIs) {
    ReadOptions options;
    options.overrides = {{"deviation", "3 s"}};
    const std::string text =
        "flowspan: 1\nparameters: {deviation: 5 kHz}\nblocks:\n  source: {type: file_source, path: x}\n"
        "  demod: {type: fm_demod, deviation: $deviation}\n  sink: {type: null_sink}\nconnections:\n  - source -> demod -> "
        "sink\n";
    std::ifstream file(FLOWSPAN_SOURCE_DIR "/docs/graph-file.md");
    std::ostringstream manual;
    manual << file.rdbuf();
    EXPECT_THAT(manual.str(), HasSubstr("```\n" + test::refusal_of(text, "graph.yaml", options) + "\n```"));
}

}  // namespace
}  // namespace flowspan::graph
