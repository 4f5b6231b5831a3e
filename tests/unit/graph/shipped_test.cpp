#include "graph/shipped/shipped.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace flowspan::graph {
namespace {

namespace fs = std::filesystem;

class ShippedGraphs : public ::testing::Test {
protected:
    ShippedGraphs() { fs::create_directories(folder_); }
    ~ShippedGraphs() override { fs::remove_all(folder_); }
    fs::path folder_ = fs::temp_directory_path() / ("flowspan-shipped-" + std::to_string(getpid()));
};

TEST_F(ShippedGraphs, LieBesideTheLibraryOfABuildOrBelowShare) {
    EXPECT_EQ(shipped_folder(folder_ / "lib"), std::nullopt);
    const fs::path installed = folder_ / "lib" / FLOWSPAN_LIBRARY_TO_SHARE / "configs";
    fs::create_directories(folder_ / "lib");
    fs::create_directories(installed);
    EXPECT_EQ(shipped_folder(folder_ / "lib"), fs::canonical(installed));
    fs::create_directories(folder_ / "lib" / "configs");
    EXPECT_EQ(shipped_folder(folder_ / "lib"), fs::canonical(folder_ / "lib" / "configs"));
}

TEST_F(ShippedGraphs, GiveWayToFilesOfTheirName) {
    EXPECT_EQ(graph_file_of("mine", folder_), "mine");
    fs::create_directories(folder_ / "mine");
    EXPECT_EQ(graph_file_of("mine", folder_), "mine");
    std::ofstream(folder_ / "mine.yaml") << "flowspan: 1\n";
    EXPECT_EQ(graph_file_of("mine", folder_), "mine.yaml");
    EXPECT_EQ(graph_file_of("./mine", folder_), "./mine");
    fs::remove(folder_ / "mine");
    std::ofstream(folder_ / "mine") << "flowspan: 1\n";
    EXPECT_EQ(graph_file_of("mine", folder_), "mine");
    EXPECT_EQ(graph_file_of("", folder_), "");
}

TEST_F(ShippedGraphs, BeginWithAComment) {
    EXPECT_EQ(opening_comment("# One.\n#  Two.\n#\nflowspan: 1\n# three\n"), (std::vector<std::string>{"One.", "Two.", ""}));
    EXPECT_EQ(opening_comment("flowspan: 1\n"), std::vector<std::string>{});
}

TEST_F(ShippedGraphs, AreNamedByWordsThatAreNoPaths) {
    EXPECT_TRUE(may_name_graph("fm-receiver"));
    EXPECT_TRUE(may_name_graph("2.4"));
    EXPECT_FALSE(may_name_graph("fm-receiver.yaml"));
    EXPECT_FALSE(may_name_graph("a/b"));
    EXPECT_FALSE(may_name_graph(""));
    EXPECT_EQ(hint_for_graph("a/b"), "");
}

}  // namespace
}  // namespace flowspan::graph
