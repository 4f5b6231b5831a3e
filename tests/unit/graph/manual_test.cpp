// docs/graph-file.md says all that there is, and nothing that is not so.
#include "core/numbers/quantity.hpp"
#include "fake_catalog.hpp"
#include "graph/text/keys.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace flowspan::graph {
namespace {

using ::testing::HasSubstr;

std::string content_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(FLOWSPAN_SOURCE_DIR + path).rdbuf();
    return text.str();
}

const std::string& manual() {
    static const std::string text = content_of("/docs/graph-file.md");
    return text;
}

/// The fenced YAML texts of a document.
std::vector<std::string> yaml_texts_of(const std::string& document) {
    std::istringstream lines(document);
    std::vector<std::string> texts;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line == "```yaml" || line.starts_with("```yaml ")) {
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

/// What the manual's pieces need to be graphs, by their first line.
const std::map<std::string, std::string> rests{{"connections:", R"(
blocks: {source: {type: signal_source}, sink: {type: null_sink}, other: {type: null_sink}}
)"},
                                               {"unused: probe.high, meter[*].low", R"(
blocks:
  source: {type: signal_source}
  probe: {type: probe}
  meter: {type: probe, copies: 2}
  sink: {type: null_sink, copies: 3}
connections:
  - source -> probe
  - source -> meter[*]
  - probe.low -> sink[0]
  - meter[*].high -> sink[1-2]
)"},
                                               {"messages:", R"(
blocks:
  source: {type: signal_source}
  bursts: {type: burst_detector, copies: 2}
  control: {type: level_control}
  monitor: {type: level_control}
  amplifier: {type: amplifier}
  log: {type: message_log, path: log.jsonl}
connections:
  - source -> bursts[*]
  - source -> amplifier -> control
  - source -> monitor
)"},
                                               {"parameters:", R"(
blocks:
  source: {type: file_source, path: $recording}
  filter: {type: fir_filter, cutoff: $spacing}
  sink: {type: wav_sink, path: $folder}
connections: [source -> filter -> sink]
)"},
                                               {"ranks:", R"(
blocks:
  source: {type: file_source, path: x}
  channelize: {type: pfb_channelizer, channels: 16}
  receive: {type: fm_demod, copies: 16}
  audio: {type: wav_sink, copies: 16, path: "x{index}"}
  bursts: {type: burst_detector}
  notes: {type: sigmf_annotations, path: n}
  bank: {type: null_sink, copies: 2}
connections:
  - source -> channelize
  - channelize.out[*] -> receive[*] -> audio[*]
  - source -> bursts
  - source -> bank[*]
messages: [bursts.detections -> notes]
)"}};

TEST(Manual, HoldsExamplesThatTheReaderTakes) {
    const auto texts = yaml_texts_of(manual());
    ASSERT_GE(texts.size(), 10u);
    ReadOptions options;
    options.overrides = {{"recording", "a.sigmf-meta"}};
    for (const std::string& text : texts) {
        if (text.starts_with("flowspan:")) {
            EXPECT_EQ(test::refusal_of(text), "") << text;
            continue;
        }
        const auto rest = rests.find(text.substr(0, text.find('\n')));
        ASSERT_NE(rest, rests.end()) << "what does this need to be a graph?\n" << text;
        const bool given = text.starts_with("parameters:");
        EXPECT_EQ(test::refusal_of("flowspan: 1\n" + text + rest->second, "graph.yaml", given ? options : ReadOptions{}), "")
            << text;
    }
}

/// Whether the manual has the word between backticks, alone or among others, or as a key of an example.
bool has_word(const std::string& word) {
    const auto ends = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '/'; };
    const std::string& text = manual();
    bool code = false, example = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.compare(i, 3, "```") == 0) {
            example = !example;
            i += 2;
        } else if (text[i] == '`') {
            code = !code;
        } else if ((code || example) && text.compare(i, word.size(), word) == 0 && ends(text[i - 1]) &&
                   ends(text[i + word.size()])) {
            return true;
        }
    }
    return false;
}

TEST(Manual, NamesEveryKeyOfTheLanguage) {
    for (const keys::Words* words : {&keys::sections, &keys::included, &keys::group, &keys::parameter, &keys::block,
                                     &keys::needing, &keys::needs, &keys::place, &keys::stream, &keys::message, &keys::change})
        for (const std::string& word : *words) EXPECT_TRUE(has_word(word)) << word;
    EXPECT_TRUE(has_word("delay"));
    EXPECT_FALSE(has_word("nonsense"));
}

TEST(Manual, NamesEveryFunctionOperatorAndFact) {
    for (const std::string& word : keys::functions) EXPECT_TRUE(has_word(word)) << word;
    for (const std::string& word : keys::facts) EXPECT_THAT(manual(), HasSubstr("`$source." + word + "`"));
    for (const char* text : {"`+ - * /`", "`//`", "`%`", "`( )`", "`== != < <= > >=`", "`$name`", "`${name}`", "`$index`",
                             "`$block.parameter`", "`$env.NAME`", "`$$`"})
        EXPECT_THAT(manual(), HasSubstr(text));
}

TEST(Manual, NamesEveryUnit) {
    for (const std::string_view unit : unit_symbols()) {
        if (unit == "sample" || unit == "\u03bcs") continue;  // one sample, and Greek mu for the micro sign
        EXPECT_TRUE(has_word(std::string(unit))) << unit;
    }
}

TEST(Manual, ShowsEveryFormOfRanks) {
    for (const char* text : {"\n  0: source", "\n  1-4: ", "\n  5:\n    - bursts\n", "`0,3: x`", "`0,2-3: y`",
                             "\n  gpus: {blocks: ", "`ranks: auto`", "`--ranks auto`", "`--ranks fold`", "`--ranks FILE`"})
        EXPECT_THAT(manual(), HasSubstr(text));
}

TEST(Manual, ShowsItsExampleOfAMistakeAsItIs) {
    ReadOptions options;
    options.overrides = {{"deviation", "3 s"}};
    const std::string text =
        "flowspan: 1\nparameters: {deviation: 5 kHz}\nblocks:\n  source: {type: file_source, path: x}\n"
        "  demod: {type: fm_demod, deviation: $deviation}\n  sink: {type: null_sink}\nconnections:\n  - source -> demod -> "
        "sink\n";
    EXPECT_THAT(manual(), HasSubstr("```\n" + test::refusal_of(text, "graph.yaml", options) + "\n```"));
}

TEST(Documentation, HoldsOnlyTextsThatTheReaderTakes) {
    for (const char* file :
         {"/README.md", "/docs/architecture.md", "/docs/performance.md", "/docs/first-hour.md", "/CHANGELOG.md"})
        for (const std::string& text : yaml_texts_of(content_of(file))) EXPECT_NO_THROW(read_document(text, file)) << text;
    EXPECT_FALSE(yaml_texts_of(content_of("/README.md")).empty());
}

}  // namespace
}  // namespace flowspan::graph
