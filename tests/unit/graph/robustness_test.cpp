// Broken text is refused or read, and never more than that.
#include "fake_catalog.hpp"

#include <gtest/gtest.h>

#include <random>

namespace flowspan::graph {
namespace {

const std::string survey = R"(flowspan: 1
name: survey
parameters:
  recording: a.cf32
  width: {default: 25 kHz, range: "1 kHz .. 1 MHz", help: Width.}
blocks:
  source: {type: file_source, path: "${recording}"}
  split: {type: pfb_channelizer, channels: 2 * (1 + $sum.inputs) - $sum.inputs * 1.5}
  receive: {type: fm_demod, copies: 4, deviation: [1 kHz, 2 kHz, $width, 4 kHz]}
  sum: {type: add, inputs: 4}
  bursts: {type: burst_detector, threshold: 10 dB}
  log: {type: message_log, path: log.jsonl}
  sink: {type: null_sink}
connections:
  - source -> split
  - split.out[*] -> receive[*] -> sum.in[0-3]
  - sum -> sink: {buffer: 4096}
  - source -> bursts
messages:
  - bursts.detections -> log.in
ranks:
  0: source, split
  1-2: receive[*]
  host: {blocks: "sum, sink", require: {memory: 8 GiB}}
)";

void read_or_refuse(const std::string& text) {
    test::FakeCatalog catalog;
    ReadOptions options;
    options.overrides = {{"width", "30 kHz"}, {"receive[2].deviation", "7 kHz"}};
    try {
        read_flowgraph(text, "graph.yaml", options, catalog);
    } catch (const Refused& refused) {
        ASSERT_FALSE(refused.diagnostics().empty());
        for (const Diagnostic& one : refused.diagnostics()) ASSERT_FALSE(one.expected.empty()) << one.text();
    }
}

TEST(Robustness, TheTextItselfIsRight) { EXPECT_EQ(test::refusal_of(survey), ""); }

TEST(Robustness, EveryBeginningOfAFileIsReadOrRefused) {
    for (std::size_t n = 0; n <= survey.size(); ++n) ASSERT_NO_THROW(read_or_refuse(survey.substr(0, n))) << n;
}

TEST(Robustness, EveryFileWithoutOneLineIsReadOrRefused) {
    for (std::size_t begin = 0; begin < survey.size();) {
        const std::size_t end = survey.find('\n', begin) + 1;
        ASSERT_NO_THROW(read_or_refuse(survey.substr(0, begin) + survey.substr(end))) << begin;
        begin = end;
    }
}

TEST(Robustness, MutatedTextIsReadOrRefused) {
    const std::string marks = "[]{}:,-*&!$.\"'#\n\t %@`|>0123456789az\xc3\xa4";
    std::mt19937_64 random(3);
    for (int i = 0; i < 3000; ++i) {
        std::string text = survey;
        for (std::size_t k = 1 + random() % 4; k > 0; --k) {
            const std::size_t at = random() % text.size();
            switch (random() % 4) {
                case 0:
                    text.erase(at, 1 + random() % 5);
                    break;
                case 1:
                    text.insert(at, 1, marks[random() % marks.size()]);
                    break;
                case 2:
                    text[at] = marks[random() % marks.size()];
                    break;
                default:
                    text.insert(at, text.substr(random() % text.size(), random() % 20));
                    break;
            }
        }
        ASSERT_NO_THROW(read_or_refuse(text)) << text;
    }
}

TEST(Robustness, RandomBytesAndDeepNestingAreRefused) {
    std::mt19937_64 random(4);
    for (int i = 0; i < 500; ++i) {
        std::string text;
        for (std::size_t k = random() % 200; k > 0; --k) text += char(random());
        ASSERT_NO_THROW(read_or_refuse(text));
    }
    ASSERT_NO_THROW(read_or_refuse(std::string(100000, '[')));
    ASSERT_NO_THROW(read_or_refuse("a: " + std::string(100000, '{')));
}

}  // namespace
}  // namespace flowspan::graph
