// What a run that leaves by force takes with it: its own, all of it, and nothing once it may be committed.
#include "io/record/clear.hpp"

#include "io/claim/folder.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace flowspan::io {
namespace {

using ::testing::UnorderedElementsAre;

const std::string run = "0123456789ab", other = "ba9876543210";

void make(const test::Folder& folder) {
    for (const std::string& name :
         {PartName{"a.wav", run, 0, 1}.text(), PartName{"b.wav", run, 2, 3}.text(), PartName{"a.wav", other, 0, 1}.text(),
          own_name(run, "lock"), own_name(other, "lock"), std::string("a.wav")})
        std::ofstream(folder / name) << "x";
}

TEST(Clear, RemovesPartsOfOneRankOrOfAllThenTheLock) {
    const test::Folder folder;
    make(folder);
    remove_parts({folder / ""}, run, 2);
    EXPECT_THAT(names_in(folder / ""),
                UnorderedElementsAre(PartName{"a.wav", run, 0, 1}.text(), PartName{"a.wav", other, 0, 1}.text(),
                                     own_name(run, "lock"), own_name(other, "lock"), "a.wav"));
    remove_traces({folder / ""}, run);
    EXPECT_THAT(names_in(folder / ""),
                UnorderedElementsAre(PartName{"a.wav", other, 0, 1}.text(), own_name(other, "lock"), "a.wav"));
}

TEST(Clear, LeavesWhatMayBeCommittedAlone) {
    const test::Folder folder;
    make(folder);
    std::ofstream(folder / own_name(run, "commit")) << "x";
    const auto before = names_in(folder / "");
    remove_traces({folder / ""}, run);
    EXPECT_EQ(names_in(folder / "").size(), before.size());
}

}  // namespace
}  // namespace flowspan::io
