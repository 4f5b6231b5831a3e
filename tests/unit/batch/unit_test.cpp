// What is said of a unit is read again as it was.
#include "batch/unit.hpp"

#include "tests/unit/io/folder.hpp"

#include <gtest/gtest.h>

namespace flowspan::batch {
namespace {

TEST(Unit, IsReadAsItWasWritten) {
    const Unit whole{.folder = "a.wav", .recording = "/data/a.wav"};
    const Unit part{.folder = "b.wav/gain=2",
                    .recording = "/data/b.wav",
                    .graph = "other.yaml",
                    .from = "1 s",
                    .duration = "100000",
                    .parameters = {{"gain", "2"}, {"name", "\"x\ny\""}}};
    EXPECT_EQ(Unit::from_value(whole.value()), whole);
    EXPECT_EQ(Unit::from_value(part.value()), part);
}

TEST(Unit, OfAFileWhoseNameIsNoUtf8IsReadAsItWas) {
    const Unit unit{.folder = "a", .recording = "/data/caf\xe9 100%/\xff\n.wav", .graph = "/gr\xe4ph.yaml"};
    EXPECT_EQ(unit.value().json(),
              R"({"graph_bytes":"/gr%E4ph.yaml","recording_bytes":"/data/caf%E9%20100%25/%FF%0A.wav","unit":"a"})");
    EXPECT_EQ(Unit::from_value(Value::from_json(unit.value().json())), unit);
}

TEST(Unit, ConsistsOfAllFilesOfItsRecording) {
    test::Folder data;
    const std::vector<std::string> archive{data.write("x.sigmf", "")};
    EXPECT_EQ(files_of_recording(data / "x.sigmf#one"), archive);
    const std::vector<std::string> channel{data.write("ch0/2014-03-09T12-30-30/rf@1394368230.000.h5", "x"),
                                           data.write("ch0/drf_properties.h5", "x")};
    EXPECT_EQ(files_of_recording(data / "ch0"), channel);
    EXPECT_EQ(files_of_recording(data / "a.sigmf-meta").size(), 2U);
}

}  // namespace
}  // namespace flowspan::batch
