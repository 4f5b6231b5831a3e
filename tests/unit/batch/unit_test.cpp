// What is said of a unit is read again as it was.
#include "batch/unit.hpp"

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

}  // namespace
}  // namespace flowspan::batch
