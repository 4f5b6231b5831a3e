// What a run says of itself at its end.
#include "run/report/summary.hpp"

#include <gtest/gtest.h>

namespace flowspan::run {
namespace {

Value report(const std::string& blocks, const std::string& products = "[]", const std::string& recordings = "[]") {
    Value::Map r = Value::from_json(R"({"seconds": 2.0, "ranks": [{"blocks": [)" + blocks + R"(]}], "products": )" + products +
                                    R"(, "recordings": )" + recordings + "}")
                       .map();
    r["summary"] = summary_of(Value(r));
    return r;
}

TEST(Summary, SaysWhatWasMadeFoundAndLost) {
    const Value r = report(
        R"({"block": "file", "items_out": 4000000, "ended_at": 4000000, "sample_rate": 1e6},
           {"block": "receive[0].bursts", "items_out": 4, "results": {"bursts": 3, "not_finite": 0}},
           {"block": "receive[1].bursts", "items_out": 4, "results": {"bursts": 1234, "not_finite": 7}, "left_over": 5},
           {"block": "sink", "items_out": 4, "results": {"samples": 99, "peak": 0.5, "clipped": 12}, "tags_dropped": 2,
            "warnings": [{"text": "a", "count": 9}, {"text": "b", "count": 1}]},
           {"block": "other", "items_out": 4, "warnings": [{"text": "a", "count": 1}]})",
        R"([{"path": "out/a.wav", "bytes": 960044, "items": 480000, "what": "samples", "seconds": 10},
            {"path": "out/b.png", "bytes": 800, "items": 1, "what": "rows", "seconds": 0.25},
            {"path": "out/c.h5", "bytes": 800, "items": 1, "what": "spectra"}, {"path": "out/by-a-plug-in", "bytes": 80},
            {"path": "out/longer.sigmf-meta", "bytes": 800, "items": 12, "what": "annotations"}])",
        R"([{"path": "in.sigmf-meta", "warnings": ["annotations: expected a list, got nothing"]}])");
    EXPECT_EQ(screen(r),
              "out/a.wav               937.5 KiB  480,000 samples  10 s\n"
              "out/b.png                   800 B  1 row            250 ms\n"
              "out/c.h5                    800 B  1 spectrum\n"
              "out/by-a-plug-in             80 B\n"
              "out/longer.sigmf-meta       800 B  12 annotations\n"
              "found: receive.bursts: 1,237 bursts in 2 copies\n"
              "lost: receive.bursts: 5 left over\n"
              "lost: receive.bursts: 7 not finite\n"
              "lost: sink: 12 clipped\n"
              "lost: sink: 2 tags dropped\n"
              "3 warnings\n"
              "4,000,000 samples in 2 s: 2 MS/s, 2 times real time\n");
}

TEST(Summary, TakesTheLongestSourceForRealTime) {
    const Value r = report(R"({"block": "a", "items_out": 100, "ended_at": 100, "sample_rate": 100},
                              {"block": "b", "items_out": 100, "ended_at": 100, "sample_rate": 10},
                              {"block": "c", "items_out": 100, "ended_at": 100})");
    EXPECT_EQ(screen(r), "300 samples in 2 s: 0.00015 MS/s, 5 times real time\n");
}

TEST(Summary, CountsProductsBeyondTwentyAndLinesBeyondTen) {
    std::string products, blocks = R"({"block": "a", "items_out": 0, "ended_at": 0})";
    for (int k = 0; k < 21; ++k)
        products += std::string(k == 0 ? "" : ",") + R"({"path": "p)" + std::to_string(k) +
                    R"(", "bytes": 1048576, "items": 1000, "what": ")" +
                    (k == 3 ? "messages\"" : "samples\", \"seconds\": 0.5") + "}";
    for (char c = 'b'; c < 'o'; ++c)
        blocks += std::string(R"(, {"block": ")") + c + R"(", "items_out": 0, "results": {"bursts": 0}})";
    const std::string text = screen(report(blocks, "[" + products + "]"));
    EXPECT_TRUE(text.starts_with(
        "21 products, 21.0 MiB, 1,000 messages, 20,000 samples, 10 s in all; the report lists them\nfound: b: 0 bursts\n"))
        << text;
    EXPECT_TRUE(text.ends_with("found: k: 0 bursts\nfound: 3 more in the report\n0 samples in 2 s: 0 MS/s\n")) << text;
}

}  // namespace
}  // namespace flowspan::run
