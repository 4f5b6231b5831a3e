// The line that repeats a unit: what a shell makes of it is what was given.
#include "batch/see/again.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

namespace flowspan::batch {
namespace {

/// What /bin/sh takes the word for.
std::string by_shell(const std::string& word) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(("printf %s " + quoted(word)).c_str(), "r"), ::pclose);
    std::string text;
    std::array<char, 256> buffer{};
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0;) text.append(buffer.data(), n);
    return text;
}

line::Begin begin() {
    line::Begin begin;
    begin.graph = "fm.yaml";
    begin.folder = "/data";
    begin.isa = "best";
    begin.fft = "native";
    begin.graphs = {{"", "recording", "h1"}, {"/data/other's.yaml", "source.path", "h2"}};
    return begin;
}

TEST(Again, QuotesWhateverStandsInNames) {
    for (const std::string word :
         {"plain/word-1.0+x@y,z%:=", "", "it's", "$(touch no)", "`x`", "a b", "~", "*", "\\", "%s\\n", "tab\there", "\xc3\xb6",
          "bad\xff\x1b[1m", "new\nline", "at the end\n", "it's \xff 100 % \\ \"x\"", "-n", "#x", "a;b&c|d"})
        EXPECT_EQ(by_shell(word), word) << quoted(word);
    EXPECT_EQ(quoted("a/b.wav"), "a/b.wav");
    EXPECT_EQ(quoted("it's"), "'it'\\''s'");
    EXPECT_EQ(quoted("\x1b"), "\"$(printf '\\033')\"");
}

TEST(Again, IsARunWithWhatTheUnitWasMadeFrom) {
    EXPECT_EQ(run_again(begin(), {.folder = "a.wav", .recording = "/data/a.wav"}),
              R"((cd /data && flowspan run fm.yaml --set recording=/data/a.wav --out "$OLDPWD"/again))");
}

TEST(Again, HasTheUnitsOwnValuesLast) {
    line::Begin b = begin();
    b.set = {"gain=1", "x=a b", "gain=2"};
    b.isa = "avx2";
    b.fft = "portable";
    b.plugin_files = {"./p.so"};
    const Unit unit{.folder = "u",
                    .recording = "/data/a.wav",
                    .graph = "/data/other's.yaml",
                    .from = "1 s",
                    .duration = "500",
                    .parameters = {{"gain", "3"}}};
    EXPECT_EQ(run_again(b, unit),
              R"((cd /data && flowspan run '/data/other'\''s.yaml' --set 'x=a b' --set gain=3 --set source.path=/data/a.wav )"
              R"(--from='1 s' --duration=500 --plugin=./p.so --isa=avx2 --fft=portable --out "$OLDPWD"/again))");
}

TEST(Again, IsNotMadeUp) {
    line::Begin old = begin();
    old.folder.clear();
    EXPECT_EQ(run_again(old, {.folder = "a", .recording = "/a"}), std::nullopt);
    EXPECT_EQ(run_again(begin(), {.folder = "a", .recording = "/a", .graph = "/unknown.yaml"}), std::nullopt);
    line::Begin dash = begin();
    dash.graph = "-g.yaml";
    EXPECT_EQ(run_again(dash, {.folder = "a", .recording = "/a"}),
              R"((cd /data && flowspan run ./-g.yaml --set recording=/a --out "$OLDPWD"/again))");
}

}  // namespace
}  // namespace flowspan::batch
