#include <gmock/gmock.h>

#include "io/recording/recording_reader.hpp"
#include "tests/unit/blocks/message_block.hpp"
#include "tests/unit/io/folder.hpp"

namespace flowspan::test {
namespace {
using testing::ElementsAre;

std::shared_ptr<const RecordingPlaces> places_of(const Recording& recording) {
    RecordingPlaces places;
    places.recording = recording;
    places.ticks = recording.sample_rate.value_or(Rational(1));
    return std::make_shared<const RecordingPlaces>(std::move(places));
}

TEST(SigmfAnnotations, MessagesBecomeSortedAnnotationsOfTheRecording) {
    const Folder folder;
    folder.write("in.sigmf-data", std::string(2000, 'x'));
    folder.write("in.sigmf-meta",
                 R"({"global": {"core:datatype": "cu8", "core:version": "1.2.0", "core:sample_rate": 100, "my:key": 1},
        "captures": [{"core:sample_start": 0, "core:frequency": 5}], "annotations": [{"core:sample_start": 25, "core:comment": "kept"}]})");
    Facts facts;
    facts.add(io::read_recording(folder / "in.sigmf-meta"));
    const Recording& described = facts.recording(folder / "in.sigmf-meta");
    MessageBlock block("sigmf_annotations",
                       {{"path", folder / "out.sigmf-meta"}, {"recording", folder / "in.sigmf-meta"}, {"label", "burst"}},
                       facts, places_of(described));
    block.receive(
        Time(1),
        Value::Map{{"start", 100}, {"count", 7}, {"freq_lower_edge", 1.0}, {"freq_upper_edge", 2.0}, {"label", "own"}});
    block.receive(Time(1), Value::Map{{"start", 10}, {"length", 5}, {"peak_db", 12.5}});
    block.receive(Time(Rational(1, 2)), "a word");
    block.finish();
    EXPECT_EQ(content_of(folder / "out.sigmf-meta"), R"({
  "global": {
    "core:dataset": "in.sigmf-data",
    "core:datatype": "cu8",
    "core:extensions": [
      {
        "name": "flowspan",
        "optional": true,
        "version": "1.0.0"
      }
    ],
    "core:sample_rate": 100,
    "core:version": "1.2.0",
    "my:key": 1
  },
  "captures": [
    {
      "core:frequency": 5,
      "core:sample_start": 0
    }
  ],
  "annotations": [
    {
      "core:label": "burst",
      "core:sample_count": 5,
      "core:sample_start": 10,
      "flowspan:peak_db": 12.5,
      "flowspan:stamp": "1"
    },
    {
      "core:comment": "kept",
      "core:sample_start": 25
    },
    {
      "core:label": "burst",
      "core:sample_start": 50,
      "flowspan:stamp": "0+1/2",
      "flowspan:value": "a word"
    },
    {
      "core:freq_lower_edge": 1.0,
      "core:freq_upper_edge": 2.0,
      "core:label": "own",
      "core:sample_count": 7,
      "core:sample_start": 100,
      "flowspan:stamp": "1"
    }
  ]
}
)");
    const Recording r = io::interpret_sigmf(Value::from_json(content_of(folder / "out.sigmf-meta")), "out", 2000);
    EXPECT_THAT(r.warnings, ElementsAre());
}

TEST(SigmfAnnotations, WithoutARecordingTheHeaderHoldsAnnotationsAlone) {
    const Folder folder;
    MessageBlock block("sigmf_annotations", {{"path", folder / "out.sigmf-meta"}});
    block.receive(Time(1), Value::Map{{"start", 3}});
    block.receive(Time(1), Value::Map{{"no", "start"}});
    block.finish();
    const Recording r = io::read_recording(folder / "out.sigmf-meta");
    EXPECT_EQ(r.data_path, "");
    EXPECT_EQ(r.header.at("annotations").list().size(), 1u);
    EXPECT_EQ(block.block().results().at("annotations").integer(), 1);
}

}  // namespace
}  // namespace flowspan::test
