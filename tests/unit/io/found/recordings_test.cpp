// What words lead to.
#include "io/found/recordings.hpp"

#include "io/formats/formats.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace flowspan::io {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* header =
    R"({"global": {"core:datatype": "cu8", "core:version": "1.2.0"}, "captures": [], "annotations": []})";
// `printf '%s' HEADER | sha512sum`
constexpr const char* digest =
    "fc7e8ca7c8d162ab59dac871f5bfa0392900448f1b68f5c3afd3430264f79233"
    "d700da384df3b5a4414364f87d2b533291203d38b278c29c886124d52c93048b";

class FromWords : public testing::Test {
protected:
    Recordings find(const std::vector<std::string>& words) {
        found.clear();
        return find_recordings(words, found);
    }
    /// Names below the folder, and nothing wrong.
    std::vector<std::string> names(const std::vector<std::string>& words) {
        const Recordings r = find(words);
        for (const Diagnostic& one : found) ADD_FAILURE() << one.text();
        notes = r.notes;
        return below(r.paths);
    }
    std::vector<std::string> below(const std::vector<std::string>& paths) const {
        std::vector<std::string> names;
        for (const std::string& path : paths) names.push_back(fs::path(path).lexically_relative(data.path()).string());
        return names;
    }
    /// What is wrong, with DATA for the folder.
    std::vector<std::string> wrong(const std::vector<std::string>& words) {
        (void)find(words);
        std::vector<std::string> texts;
        for (const Diagnostic& one : found) texts.push_back(plain(one.text()));
        return texts;
    }
    std::vector<std::string> said() const {
        std::vector<std::string> texts;
        for (const std::string& one : notes) texts.push_back(plain(one));
        return texts;
    }
    std::string plain(std::string text) const {
        for (std::size_t at = 0; (at = text.find(data.path(), at)) != std::string::npos;)
            text.replace(at, data.path().size(), "DATA");
        return text;
    }
    void link(const std::string& to, const std::string& name) { fs::create_symlink(to, data / name); }

    test::Folder data;
    Diagnostics found;
    std::vector<std::string> notes;
};

TEST_F(FromWords, AFolderIsAllRecordingsBelowItSortedAsBytes) {
    for (const char* name : {"b.wav", "a/z.cf32", "a.wav", "a/deep/er/x.CU8", "Z.sigmf", "a-b.cs16",
                             "gqrx_20190829_190820_433920000_1800000_fc.raw"})
        data.write(name, "");
    data.write("s.sigmf-meta", header);
    data.write("s.sigmf-data", "12");
    EXPECT_THAT(names({data.path()}), ElementsAre("Z.sigmf", "a-b.cs16", "a.wav", "a/deep/er/x.CU8", "a/z.cf32", "b.wav",
                                                  "gqrx_20190829_190820_433920000_1800000_fc.raw", "s.sigmf-meta"));
    EXPECT_THAT(notes, IsEmpty());
}

TEST_F(FromWords, WhatAFolderHoldsBesidesIsCountedAndSaid) {
    for (const char* name : {"a.wav", ".hidden.wav", ".git/x.wav", "b.wav.part", "notes.txt", "x/readme", "recorder.raw",
                             "old/.flowspan/journal-0-0001", "old/a.wav/audio.wav", "lonely.sigmf-data"})
        data.write(name, "");
    data.write("about.sigmf-meta", R"({"global": {"core:metadata_only": true}})");
    link("nowhere", "lost.wav");
    link("..", "x/up");
    EXPECT_THAT(names({data.path()}), ElementsAre("a.wav"));
    EXPECT_THAT(
        said(),
        ElementsAre("3 files are no recordings by their names and passed over, the first DATA/notes.txt",
                    "DATA/lost.wav is a link to nothing and passed over",
                    "2 SigMF headers say that they have no samples, or are missing beside their data, and are passed over, "
                    "the first DATA/about.sigmf-meta",
                    "DATA/old holds products of a batch and is passed over",
                    "DATA/x/up is a link to a folder that it lies in, and passed over"));
    EXPECT_THAT(names({data / "old"}), ElementsAre("old/a.wav/audio.wav"));
}

TEST_F(FromWords, AFolderThatAFormatKnowsIsOneRecording) {
    data.write("day/ch0/drf_properties.h5", "x");
    data.write("day/ch0/2014-03-09T12-30-30/rf@1394368230.000.h5", "x");
    data.write("day/other.cf32", "x");
    EXPECT_THAT(names({data.path()}), ElementsAre("day/ch0", "day/other.cf32"));
    EXPECT_THAT(names({data / "day/ch0"}), ElementsAre("day/ch0"));
    EXPECT_THAT(names({data / "day/*"}), ElementsAre("day/ch0", "day/other.cf32"));
    EXPECT_THAT(said(), IsEmpty());
    data.write("day/ch1/drf_properties.h5", "x");
    EXPECT_THAT(names({data.path()}), ElementsAre("day/ch0", "day/ch1", "day/other.cf32"));
}

TEST_F(FromWords, AFileThatIsNamedIsARecordingWhateverItsName) {
    data.write("a.bin", "");
    fs::create_directory(data / "x");
    data.write("s.sigmf-meta", header);
    data.write("s.sigmf-data", "");
    EXPECT_THAT(names({data / "a.bin", data / "s.sigmf-data"}), ElementsAre("a.bin", "s.sigmf-meta"));
    EXPECT_THAT(names({data / "./x/..//a.bin"}), ElementsAre("a.bin"));
}

TEST_F(FromWords, ARecordingCountsOnceByWhateverName) {
    data.write("a.wav", "1");
    data.write("s.sigmf-meta", header);
    data.write("s.sigmf-data", "");
    data.write("n.sigmf-meta", R"({"global": {"core:dataset": "n.cf32", "core:datatype": "cf32_le"}})");
    data.write("n.cf32", "");
    link("a.wav", "b.wav");
    link("s.sigmf-data", "s.cu8");
    fs::create_hard_link(data / "a.wav", data / "c.wav");
    EXPECT_THAT(names({data.path()}), ElementsAre("a.wav", "n.sigmf-meta", "s.sigmf-meta"));
    EXPECT_THAT(said(), ElementsAre("named again and count once: 4 recordings, the first DATA/a.wav as DATA/b.wav"));
    EXPECT_THAT(names({data / "n.cf32", data / "n.sigmf-meta"}), ElementsAre("n.sigmf-meta"));
    EXPECT_THAT(said(), ElementsAre("named again and counts once: DATA/n.sigmf-meta as DATA/n.cf32"));
    EXPECT_THAT(names({data / "s.sigmf-data", data / "s.sigmf-meta"}), ElementsAre("s.sigmf-meta"));
    EXPECT_THAT(said(), ElementsAre("named again and counts once: DATA/s.sigmf-meta"));
    EXPECT_THAT(names({data / "b.wav", data.path()}), ElementsAre("b.wav", "n.sigmf-meta", "s.sigmf-meta"));
}

TEST_F(FromWords, ARecordingOfAnArchiveIsOneOfItsOwn) {
    data.write("x.sigmf", "");
    EXPECT_THAT(names({data / "x.sigmf#one", data / "x.sigmf#field/two", data / "./x.sigmf#one"}),
                ElementsAre("x.sigmf#one", "x.sigmf#field/two"));
    EXPECT_THAT(said(), ElementsAre("named again and counts once: DATA/x.sigmf#one"));
    EXPECT_EQ(find({data / "x.sigmf#one"}).folders, std::set<std::string>{data.path()});
    EXPECT_THAT(wrong({data / "y.sigmf#one"}), ElementsAre("expected a file or folder that is there, got DATA/y.sigmf#one"));
    data.write("z.sigmf#one", "");
    EXPECT_THAT(names({data / "z.sigmf#one"}), ElementsAre("z.sigmf#one")) << "a file of that very name";
}

/// As one of a plug-in.
struct OddFormat final : RecordingFormat {
    std::string name() const override { return "odd"; }
    bool holds(std::span<const std::byte>) const override { return false; }
    bool named(const std::string& path) const override { return path.ends_with(".odd"); }
    Recording facts(const std::string&) const override { return {}; }
    std::unique_ptr<SampleReader> open(const Recording&, bool) const override { return nullptr; }
};

TEST_F(FromWords, AFolderHasTheRecordingsOfFormatsThatPlugInsAdd) {
    data.write("a.odd", "");
    data.write("a.even", "");
    EXPECT_THAT(wrong({data.path()}), testing::SizeIs(1));
    add_format(std::make_shared<OddFormat>());
    EXPECT_THAT(names({data.path()}), ElementsAre("a.odd"));
    EXPECT_THAT(names({data / "*"}), ElementsAre("a.odd"));
}

TEST_F(FromWords, PatternsAreAsInAShellWithAnyDepth) {
    for (const char* name :
         {"a1.wav", "a2.wav", "b1.wav", "x/a3.wav", "x/y/a4.wav", "x/y/a5.bin", "x/.h/a6.wav", "x/notes.txt", "[1].wav"})
        data.write(name, "");
    data.write("s.sigmf-meta", header);
    data.write("s.sigmf-data", "");
    EXPECT_THAT(names({data / "a?.wav"}), ElementsAre("a1.wav", "a2.wav"));
    EXPECT_THAT(names({data / "[ab]1.wav"}), ElementsAre("a1.wav", "b1.wav"));
    EXPECT_THAT(names({data / "**/a*.wav"}), ElementsAre("a1.wav", "a2.wav", "x/a3.wav", "x/y/a4.wav"));
    EXPECT_THAT(names({data / "**/**/a4*"}), ElementsAre("x/y/a4.wav"));
    EXPECT_THAT(names({data / "x/**"}), ElementsAre("x/a3.wav", "x/y/a4.wav"));
    EXPECT_THAT(names({data / "*/y"}), ElementsAre("x/y/a4.wav"));
    EXPECT_THAT(names({data / "[1].wav"}), ElementsAre("[1].wav")) << "a file of that very name";
    EXPECT_THAT(names({data / "**/*.bin"}), ElementsAre("x/y/a5.bin")) << "a plain extension takes all files";
}

TEST_F(FromWords, APatternOfAListBeginsInItsFolderWhateverThatIsNamed) {
    for (const char* name : {"set[1]/a.wav", "set1/b.wav"}) data.write(name, "");
    data.write("set[1]/list", "*.wav");
    EXPECT_THAT(names({"@" + (data / "set[1]/list")}), ElementsAre("set[1]/a.wav"));
}

TEST_F(FromWords, APatternPassesOverWhatIsNoRecording) {
    for (const char* name : {"x/a3.wav", "x/notes.txt", "x/more.txt"}) data.write(name, "");
    EXPECT_THAT(names({data / "x/*"}), ElementsAre("x/a3.wav"));
    EXPECT_THAT(said(), ElementsAre("2 files are no recordings by their names and passed over, the first DATA/x/more.txt"));
    data.write("s.sigmf-meta", header);
    data.write("s.sigmf-data", "");
    EXPECT_THAT(names({data / "s.*"}), ElementsAre("s.sigmf-meta"));
    EXPECT_THAT(notes, IsEmpty());
}

TEST_F(FromWords, AListHasAWordALineRelativeToItself) {
    for (const char* name : {"a.wav", "lists/b.wav", "c d.wav", "#e.wav"}) data.write(name, "");
    data.write("lists/one.txt", "\xef\xbb\xbf# what was recorded\r\n../a.wav\r\n\r\nb.wav\n@two.txt\n@one.txt\n  \n");
    data.write("lists/two.txt", "../c d.wav\n.././#e.wav");
    EXPECT_THAT(names({"@" + (data / "lists/one.txt")}), ElementsAre("a.wav", "lists/b.wav", "c d.wav", "#e.wav"));
    EXPECT_THAT(notes, IsEmpty());
}

TEST_F(FromWords, AListMayComeThroughStdin) {
    data.write("a.wav", "");
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const std::string line = data / "a.wav\n";
    ASSERT_EQ(::write(ends[1], line.data(), line.size()), ssize_t(line.size()));
    ::close(ends[1]);
    const int before = ::dup(0);
    ::dup2(ends[0], 0);
    EXPECT_THAT(names({"@-"}), ElementsAre("a.wav"));
    ::dup2(before, 0);
    ::close(before);
    ::close(ends[0]);
}

TEST_F(FromWords, ACollectionIsItsMembers) {
    for (const char* name : {"one", "two"}) {
        data.write(std::string(name) + ".sigmf-meta", header);
        data.write(std::string(name) + ".sigmf-data", name);
    }
    const std::string hash = digest;
    data.write("both.sigmf-collection",
               R"({"collection": {"core:version": "1.2.0", "core:streams": [{"name": "two", "hash": ")" + hash +
                   R"("}, ["one", ")" + hash + R"("]]}})");
    EXPECT_THAT(names({data / "both.sigmf-collection"}), ElementsAre("two.sigmf-meta", "one.sigmf-meta"));
    data.write(
        "bad.sigmf-collection",
        R"({"collection": {"core:streams": [{"name": "tvvo", "hash": "00"}, {"name": "one", "hash": "abc"}, {"name": "two"}, 3]}})");
    EXPECT_THAT(
        wrong({data / "bad.sigmf-collection"}),
        ElementsAre("DATA/bad.sigmf-collection: collection.core:streams[0].name: expected tvvo.sigmf-meta beside the "
                    "collection, got nothing",
                    "DATA/bad.sigmf-collection: collection.core:streams[1].hash: expected the SHA-512 of one.sigmf-meta, " +
                        hash.substr(0, 16) + "…, got abc\n   hint: the header was changed after the collection was made",
                    "DATA/bad.sigmf-collection: collection.core:streams[2]: expected an object with `name` and `hash`, got "
                    "{\"name\":\"two\"}",
                    "DATA/bad.sigmf-collection: collection.core:streams[3]: expected an object with `name` and `hash`, got 3"));
    data.write("none.sigmf-collection", R"({"collection": {}})");
    EXPECT_THAT(wrong({data / "none.sigmf-collection"}),
                ElementsAre("DATA/none.sigmf-collection: collection.core:streams: expected a list of recordings, got nothing"));
}

TEST_F(FromWords, AllThatLeadsToNothingIsSaidAtOnce) {
    data.write("band-1.wav", "");
    data.write("notes/x.txt", "");
    data.write("list.txt", "band-1.wav\nband-2.wav\n");
    fs::create_directory(data / "empty");
    ASSERT_EQ(::mkfifo((data / "pipe.wav").c_str(), 0600), 0);
    EXPECT_THAT(
        wrong({data / "bend-1.wav", data / "empty", data / "notes", data / "*.cf32", data / "pipe.wav",
               "@" + (data / "list.txt"), "", "@" + (data / "liszt.txt"), data / "nots/x.wav", data / "lonely.sigmf-data",
               data / "notes/**/*.wav", data / "notes/*", data / "nots/*.wav"}),
        ElementsAre(
            "expected a file or folder that is there, got DATA/bend-1.wav\n   hint: did you mean `DATA/band-1.wav`?",
            "expected a folder with recordings, got DATA/empty, which has none",
            "expected a folder with recordings, got DATA/notes, which has none\n   hint: files of other names are read where a "
            "pattern says so: 'DATA/notes/*.EXT'",
            "expected a pattern that matches recordings, got DATA/*.cf32", "expected a recording, got DATA/pipe.wav, a FIFO",
            "DATA/list.txt:2:1: expected a file or folder that is there, got band-2.wav\n    2 | band-2.wav\n      | ^\n   "
            "hint: did you "
            "mean `DATA/band-1.wav`?",
            "expected a file or folder that is there, got \"\"",
            "expected a list of words that is there, got @DATA/liszt.txt\n   hint: did you mean `DATA/list.txt`?",
            "expected a file or folder that is there, got DATA/nots/x.wav\n   hint: did you mean `DATA/notes`?",
            "expected a file or folder that is there, got DATA/lonely.sigmf-data",
            "expected a pattern that matches recordings, got DATA/notes/**/*.wav",
            "expected a pattern that matches recordings, got DATA/notes/*\n   hint: files of other names are read where it "
            "ends in their extension: *.bin",
            "expected a pattern that matches recordings, got DATA/nots/*.wav\n   hint: did you mean `DATA/notes`?"));
    data.write("lonely.sigmf-data", "");
    EXPECT_THAT(wrong({data / "lonely.sigmf-data"}),
                ElementsAre("expected lonely.sigmf-meta beside its data, got DATA/lonely.sigmf-data alone"));
}

TEST_F(FromWords, TheFoldersThatTheRootMustHoldAreThoseThatWereNamed) {
    for (const char* name : {"a/x/1.wav", "b/2.wav", "c/d/3.wav"}) data.write(name, "");
    const Recordings r = find({data / "a", data / "b/2.wav", data / "c/*/3.wav"});
    EXPECT_THAT(below({r.folders.begin(), r.folders.end()}), ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace flowspan::io
