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
    EXPECT_THAT(
        runtime::Access::warnings(block.block()),
        ElementsAre(testing::Pair("messages that are not all about one recording stand in one header: their places are "
                                  "what they say",
                                  2),
                    testing::Pair("a message without `start` is left out, as no recording is known to find its place in", 1)));
}

TEST(SigmfAnnotations, WithoutARecordingItSaysWhatTheMessagesAreAbout) {
    const Folder folder;
    Recording r;
    r.type = SampleType::ci16;
    r.sample_rate = Rational(200);
    r.offset = 1000;
    r.length = 5000;
    Capture capture;
    capture.frequency = 7;
    capture.utc = Time(1577836800, Rational());
    r.captures = {capture};
    MessageBlock block("sigmf_annotations", {{"path", folder / "out.sigmf-meta"}}, {}, places_of(r));
    block.receive(Time(2), "at 400");
    block.receive(Time(3), Value::Map{{"start", 30}, {"length", 2}});
    block.finish();
    const Recording back = io::read_recording(folder / "out.sigmf-meta");
    EXPECT_THAT(back.warnings, ElementsAre());
    EXPECT_EQ(back.data_path, "");
    EXPECT_EQ(back.type, SampleType::ci16);
    EXPECT_EQ(back.sample_rate, Rational(200));
    EXPECT_EQ(back.frequency, 7.0);
    EXPECT_EQ(back.captures.at(0).utc, capture.utc);
    EXPECT_EQ(back.offset, 1000U);
    const Value::List& annotations = back.header.at("annotations").list();
    EXPECT_EQ(annotations.at(0).at("core:sample_start").integer(), 1030);
    EXPECT_EQ(annotations.at(1).at("core:sample_start").integer(), 1400);
    EXPECT_EQ(runtime::Access::warnings(block.block()).size(), 0U);
}

TEST(SigmfAnnotations, TheExtensionIsDeclaredOnce) {
    const Folder folder;
    folder.write("in.sigmf-data", std::string(2000, 'x'));
    folder.write("in.sigmf-meta",
                 R"({"global": {"core:datatype": "cu8", "core:version": "1.2.0", "core:extensions": [
        {"name": "other", "version": "0.1.0", "optional": true}, {"name": "flowspan", "version": "1.0.0", "optional": true}]},
        "captures": [], "annotations": []})");
    Facts facts;
    facts.add(io::read_recording(folder / "in.sigmf-meta"));
    MessageBlock block("sigmf_annotations", {{"path", folder / "out/a.sigmf-meta"}, {"recording", folder / "in.sigmf-meta"}},
                       facts);
    block.finish();
    const Recording back = io::read_recording(folder / "out/a.sigmf-meta");
    EXPECT_EQ(back.data_path, folder / "in.sigmf-data");
    const Value::List& extensions = back.header.at("global").at("core:extensions").list();
    ASSERT_EQ(extensions.size(), 2U);
    EXPECT_EQ(extensions[0].at("name"), Value("other"));
    EXPECT_EQ(extensions[1].at("name"), Value("flowspan"));
}

TEST(SigmfAnnotations, RefusesWhatNoHeaderCanLeadTo) {
    const Folder folder;
    Recording archive;
    archive.path = archive.data_path = folder / "in.sigmf";
    archive.format = "sigmf";
    archive.type = SampleType::cu8;
    Facts facts;
    facts.add(archive);
    EXPECT_EQ(
        sentence_of([&] {
            MessageBlock("sigmf_annotations", {{"path", folder / "out.sigmf-meta"}, {"recording", folder / "in.sigmf"}}, facts);
        }),
        "blocks..recording: expected a recording whose samples a header can lead to, got " + (folder / "in.sigmf") +
            "\n   hint: they lie within an archive; unpack it: tar -xf in.sigmf");
    folder.write("out.sigmf-data", "xxxx");
    EXPECT_EQ(sentence_of([&] {
                  MessageBlock("sigmf_annotations", {{"path", folder / "out.sigmf-meta"}});
              }),
              "blocks..path: expected a name that is not that of other samples, got " + (folder / "out.sigmf-meta") +
                  "\n   hint: " + (folder / "out.sigmf-data") + " would be taken for its data");
}

}  // namespace
}  // namespace flowspan::test
