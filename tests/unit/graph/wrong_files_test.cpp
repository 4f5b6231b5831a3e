// Every file in wrong/ has its whole expected text beside it: what a person sees is an interface.
#include "fake_catalog.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace flowspan::graph {
namespace {

std::string content_of(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

std::vector<std::filesystem::path> wrong_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(FLOWSPAN_SOURCE_DIR "/tests/unit/graph/wrong"))
        if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/// Files that are included stand in wrong/lib; no other recording than this one has facts.
std::shared_ptr<Outside> beside_the_wrong_files() {
    auto outside = std::make_shared<test::FakeOutside>();
    for (const auto& entry : std::filesystem::directory_iterator(FLOWSPAN_SOURCE_DIR "/tests/unit/graph/wrong/lib"))
        outside->files["lib/" + entry.path().filename().string()] = content_of(entry.path());
    outside->facts["band.sigmf-meta"] = {3.2e6, {}, 32000};
    return outside;
}

TEST(WrongGraphFiles, AreRefusedWithExactlyTheExpectedText) {
    const auto files = wrong_files();
    ASSERT_GE(files.size(), 72u);
    ReadOptions options;
    options.outside = beside_the_wrong_files();
    for (const auto& file : files) {
        auto expected = file;
        expected.replace_extension(".expected");
        const std::string text = test::refusal_of(content_of(file), file.filename().string(), options);
        EXPECT_EQ(text + "\n", content_of(expected)) << file.filename();
    }
}

TEST(WrongGraphFiles, AreWrongForReasonsOfTheirOwn) {
    std::map<std::string, std::string> files;  // by what is expected in them, and what is there
    for (auto file : wrong_files()) {
        file.replace_extension(".expected");
        std::istringstream lines(content_of(file));
        std::string reasons;
        for (std::string line; std::getline(lines, line);)
            if (const auto at = line.find(": expected "); at != std::string::npos) reasons += line.substr(at) + "\n";
        const auto [first, fresh] = files.emplace(reasons, file.filename().string());
        EXPECT_TRUE(fresh) << file.filename() << " and " << first->second << ": " << reasons;
    }
}

}  // namespace
}  // namespace flowspan::graph
