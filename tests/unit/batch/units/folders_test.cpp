// Names become folders: one each, short, and plain to read.
#include "batch/units/found/folders.hpp"

#include "tests/unit/io/folder.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;

std::string folder(const std::string& name, const std::map<std::string, std::string>& parameters = {}, Naming naming = {}) {
    return folder_of({.folder = "", .recording = "/data/" + name, .parameters = parameters}, name, "", naming);
}

TEST(Folders, AreTheNameAndTheParametersOfTheUnit) {
    EXPECT_EQ(folder("day 1/a.wav"), "day%201/a.wav");
    EXPECT_EQ(folder("a.wav", {{"gain", "2"}, {"Taps", "[1, 2]"}, {"receive[*].demod.deviation", "5 kHz"}}),
              "a.wav/Taps=%5B1%2C%202%5D,gain=2,receive%5B%2A%5D.demod.deviation=5%20kHz");
    Unit unit{.folder = "", .recording = "/data/a.wav", .from = "1 s", .duration = "10", .parameters = {{"gain", "a=b"}}};
    EXPECT_EQ(folder_of(unit, "a.wav", "sub/other.yaml"), "a.wav/duration=10,from=1%20s,gain=a%3Db,graph=sub%2Fother.yaml");
}

TEST(Folders, EscapeWhatMeansSomethingWhereItStands) {
    EXPECT_EQ(folder(".hidden/..x./a"), "%2Ehidden/%2E.x%2E/a");
    EXPECT_EQ(folder("con/COM1.wav/aux.cf32/console.wav"), "%63on/%43OM1.wav/%61ux.cf32/console.wav");
    EXPECT_EQ(folder("index.jsonl"), "%69ndex.jsonl");
    EXPECT_EQ(folder("a/index.jsonl"), "a/index.jsonl");
    EXPECT_EQ(folder("a/gain=2"), "a/gain%3D2");
    EXPECT_NE(folder("a/gain=2"), folder("a", {{"gain", "2"}}));
    EXPECT_EQ(folder("IQ_a.wav", {}, {.folds = true}), "%49%51_a.wav");
}

// `printf '%s' NAME | sha256sum`
TEST(Folders, ComponentsThatAreTooLongAreCutAndNamedByTheirHash) {
    const std::string just(200, 'a'), longer(201, 'a');
    EXPECT_EQ(folder(just), just);
    EXPECT_EQ(folder(longer),
              std::string(134, 'a') + "%~" + "a92efd82109373e58f9a2056dee01e807e216ce6075f7051207c0a9f7d666e50");
    EXPECT_EQ(folder("a.wav", {{"k", longer}}).substr(0, 144),
              "a.wav/k=" + std::string(132, 'a') + "%=" + folder("a.wav", {{"k", longer}}).substr(142, 2));
    EXPECT_EQ(folder(std::string(100, '\xe4')).substr(0, 135), [] {
        std::string text;
        for (int k = 0; k < 44; ++k) text += "%E4";
        return text + "%~" + folder(std::string(100, '\xe4')).substr(134, 1);
    }()) << "no escape is cut";
}

TEST(Folders, AreQuotedAsUrllibDoes) {
    std::ifstream file(FLOWSPAN_SOURCE_DIR "/tests/unit/batch/units/data/names.txt");
    int seen = 0;
    for (std::string digits, quoted; file >> digits >> quoted; ++seen) {
        std::string name;
        for (std::size_t k = 0; k < digits.size(); k += 2) name += char(std::stoi(digits.substr(k, 2), nullptr, 16));
        EXPECT_EQ(written_component(name), quoted);
    }
    EXPECT_EQ(seen, 300);
}

class Names {
public:
    std::string name() {
        std::string text = component();
        for (int k = pick(3); k > 0; --k) text += "/" + component();
        return text;
    }
    std::string value() { return component(); }
    int pick(int n) { return int(random_() % unsigned(n)); }

private:
    std::string component() {
        static const std::vector<std::string> pieces{
            "a",      "A",           ".",     "..",     "%",  "%2E",  "%~",   "%=",        "=",    ",",
            "gain=1", "con",         "NUL",   " ",      "\n", "\\",   "é",    "e\xcc\x81", "\xff", "\xc3",
            "~",      "index.jsonl", "index", ".jsonl", "-",  "\x01", "\x7f", "😀",         ":",    "*"};
        std::string text;
        const int many = pick(20) == 0 ? 100 + pick(200) : 1 + pick(4);
        while (int(text.size()) < many)
            text += pick(50) == 0 ? std::string(1, char(1 + pick(46))) : pieces[std::size_t(pick(int(pieces.size())))];
        return text == "." || text == ".." ? "a" : text;
    }
    std::mt19937 random_{7};
};

std::string folded(std::string text) {
    for (char& c : text) c = char(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

/// Short, plain, and what it was made from where it was not cut.
void expect_sound(const std::string& name, const std::string& whole, bool with_parameters) {
    std::string back;
    bool is_cut = false;
    for (const fs::path& one : fs::path(with_parameters ? fs::path(whole).parent_path() : fs::path(whole))) {
        EXPECT_LE(one.string().size(), longest_component);
        EXPECT_FALSE(one.string().starts_with("."));
        const auto read = read_component(one.string());
        is_cut = is_cut || !read;
        back += (back.empty() ? "" : "/") + read.value_or("");
    }
    EXPECT_TRUE(is_cut || back == name) << whole;
    EXPECT_LE(fs::path(whole).filename().string().size(), longest_component);
    for (const char c : whole)
        EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string("._-+=,@~%/").find(c) != std::string::npos)
            << whole;
}

TEST(Folders, OfTwoUnitsAreNeverOne) {
    for (const bool folds : {false, true}) {
        Names names;
        std::map<std::string, std::string> made;  // folder, as the file system compares -> what it is of
        for (int k = 0; k < 60000; ++k) {
            const std::string name = names.name();
            std::map<std::string, std::string> parameters;
            for (int p = names.pick(3); p > 0; --p) parameters[names.value()] = names.value();
            std::string of = std::to_string(name.size()) + ":" + name;
            for (const auto& [key, value] : parameters)
                of += std::to_string(key.size()) + ":" + key + std::to_string(value.size()) + ":" + value;
            const std::string whole = folder(name, parameters, {.folds = folds});
            if (k < 3000) expect_sound(name, whole, !parameters.empty());
            const auto [at, fresh] = made.emplace(folds ? folded(whole) : whole, of);
            ASSERT_EQ(at->second, of) << whole;
        }
        EXPECT_GT(made.size(), 40000U);
    }
}

TEST(Folders, SayWhetherTheyFoldCase) {
    const test::Folder here;
    std::ofstream(here / "probe") << "";
    EXPECT_EQ(folds_case(here.path()), fs::exists(here / "PROBE"));
    EXPECT_EQ(here.names(), std::vector<std::string>{"probe"});
    EXPECT_THROW(folds_case(here / "nowhere"), Failure);
}

TEST(Root, IsTheDeepestFolderThatHoldsAll) {
    EXPECT_EQ(common_folder({}), "");
    EXPECT_EQ(common_folder({"/data/a"}), "/data/a");
    EXPECT_EQ(common_folder({"/data/a", "/data/ab", "/data/a/c"}), "/data");
    EXPECT_EQ(common_folder({"/data/a-b", "/data/a", "/data/a/b"}), "/data");
    EXPECT_EQ(common_folder({"/data/a", "/data/a/b", "/data/a/b/c"}), "/data/a");
    EXPECT_EQ(common_folder({"/data", "/mnt/x"}), "/");
    EXPECT_EQ(common_folder({"/", "/data"}), "/");
}

TEST(Root, NamesWhatIsBelowItByTextAndElseByLinks) {
    const test::Folder here;
    here.write("data/day/a.wav", "");
    here.write("other/b.wav", "");
    fs::create_directory_symlink(here / "data", here / "link");
    fs::create_symlink(here / "other/b.wav", here / "data/b.wav");
    const Root root(here / "data");
    EXPECT_EQ(root.name_of(here / "data/day/a.wav"), "day/a.wav");
    EXPECT_EQ(root.name_of(here / "data/b.wav"), "b.wav") << "a link below it is named as it stands";
    EXPECT_EQ(root.name_of(here / "link/day/a.wav"), "day/a.wav");
    EXPECT_EQ(root.name_of(here / "link/b.wav"), "b.wav");
    EXPECT_EQ(Root(here / "link").name_of(here / "data/day/a.wav"), "day/a.wav");
    EXPECT_EQ(root.name_of(here / "other/b.wav"), std::nullopt);
    EXPECT_EQ(root.name_of(here / "data"), std::nullopt);
    EXPECT_EQ(root.name_of(here / "data-2/a.wav"), std::nullopt);
    EXPECT_EQ(Root("/").name_of("/a/b"), "a/b");
}

}  // namespace
}  // namespace flowspan::batch
