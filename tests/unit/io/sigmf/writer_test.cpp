#include "io/sigmf/writer.hpp"

#include <gmock/gmock.h>

#include "io/recording/recording_reader.hpp"

namespace flowspan::io {
namespace {

TEST(SigmfWriter, OurReaderUnderstandsWhatItWrites) {
    StreamDescription stream;
    stream.type = SampleType::ci16;
    stream.shape = {{"channel", "", 2, 0, 1}};
    stream.sample_rate = Rational(200, 3);
    stream.center_frequency = 98.5e6;
    stream.utc = parse_rfc3339("2020-01-01T00:00:00.25Z");
    const auto text = sigmf_text(sigmf_global(stream), {sigmf_capture(stream, 0, 0), sigmf_capture(stream, 5, 200)}, {});
    const Recording r = interpret_sigmf(Value::from_json(text), "x", 80);
    EXPECT_EQ(r.type, SampleType::ci16);
    EXPECT_EQ(r.channels, 2u);
    EXPECT_EQ(r.sample_rate, Rational(200, 3));
    EXPECT_EQ(r.length, 10u);
    ASSERT_EQ(r.captures.size(), 2u);
    EXPECT_EQ(r.captures[0].frequency, 98.5e6);
    EXPECT_EQ(r.captures[1].start, 5u);
    EXPECT_EQ(rfc3339(*r.captures[1].utc), "2020-01-01T00:00:03.25Z");
}

TEST(SigmfWriter, TheTextIsAlwaysTheSame) {
    StreamDescription stream;
    stream.type = SampleType::cf32;
    stream.sample_rate = Rational(48000);
    EXPECT_EQ(sigmf_text(sigmf_global(stream), {sigmf_capture(stream, 0, 7)}, {}), R"({
  "global": {
    "core:datatype": "cf32_le",
    "core:recorder": "flowspan",
    "core:sample_rate": 48000,
    "core:version": "1.2.0"
  },
  "captures": [
    {
      "core:sample_start": 0
    }
  ],
  "annotations": []
}
)");
}

TEST(SigmfWriter, NamesComeInPairs) {
    for (const char* path : {"d.x/a", "d.x/a.sigmf-meta", "d.x/a.sigmf-data", "d.x/a.sigmf"}) {
        EXPECT_EQ(sigmf_meta_path(path), "d.x/a.sigmf-meta");
        EXPECT_EQ(sigmf_data_path(path), "d.x/a.sigmf-data");
    }
    EXPECT_EQ(sigmf_data_path("fm.98.5"), "fm.98.5.sigmf-data");
}

}  // namespace
}  // namespace flowspan::io
