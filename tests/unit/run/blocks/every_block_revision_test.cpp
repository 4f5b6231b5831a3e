// What every block makes of the same input is recorded, with its revision: whoever changes it raises the revision, so that
// batches make again what they have. tests/unit/run/blocks/data/revisions.txt is written by
//
//   FLOWSPAN_RECORD=1 build/tests/unit_run --gtest_filter='*Revision*'
//
// which takes no other output for the same revision.
#include "io/publish/digest.hpp"
#include "tests/unit/run/blocks/every_block.hpp"

#include <flowspan/kernels.hpp>
#include <flowspan/version.hpp>

#include <fmt/format.h>
#include <gd.h>
#include <hdf5.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <span>
#include <sstream>

namespace flowspan::run::every_block {
namespace {

constexpr const char *file = FLOWSPAN_SOURCE_DIR "/tests/unit/run/blocks/data/revisions.txt", *level = "x86-64-v2";

/// Of a block, or of all kernels ("kernels").
struct Record {
    int revision = 0, kernels = 0;
    std::string hash, by;  // `by`: the library that writes the file, where that is another's
};
using Records = std::map<std::string, Record>;

Records recorded() {
    Records records;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::string type;
        Record r;
        if (line.starts_with('#') || !(words >> type >> r.revision >> r.kernels >> r.hash)) continue;
        words >> r.by;
        records[type] = r;
    }
    return records;
}

void record(const std::string& type, const Record& made) {
    Records records = recorded();
    records[type] = made;
    std::ofstream out(file);
    out << "# type, its revision, that of the kernels, XXH3-128 of its output (every_block_revision_test.cpp)\n";
    for (const auto& [name, r] : records)
        out << fmt::format("{} {} {} {}{}{}\n", name, r.revision, r.kernels, r.hash, r.by.empty() ? "" : " ", r.by);
}

/// Other versions may write other bytes for the same samples.
std::string library_of(const std::string& type) {
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    if (type == "hdf5_sink" || type == "digital_rf_sink") return fmt::format("hdf5-{}.{}.{}", major, minor, release);
    return type == "waterfall_png" ? fmt::format("gd-{}", gdVersionString()) : "";
}

/// A revision that is not below the recorded one is to be recorded.
bool is_new(const std::optional<Record>& known, const Record& now) {
    return !known || (now.revision >= known->revision && now.kernels >= known->kernels &&
                      (now.revision > known->revision || now.kernels > known->kernels));
}

/// Why the record does not hold; "": it does.
std::string trouble(const std::string& what, const std::string& type, const std::optional<Record>& known, const Record& now) {
    if (!known) return fmt::format("no {} is recorded: record it", what);
    if (now.revision < known->revision || now.kernels < known->kernels)
        return fmt::format("the revision of {} has gone down, and never may", type);
    if (is_new(known, now)) return fmt::format("the revision of {} is a new one: record its output", type);
    return now.hash == known->hash ? "" : fmt::format("the {} has changed: raise its revision, then record it", what);
}

void expect_recorded(const std::string& what, const std::string& type, const Record& now) {
    const Records all = recorded();
    const auto found = all.find(type);
    const auto known = found == all.end() ? std::nullopt : std::optional(found->second);
    if (std::getenv("FLOWSPAN_RECORD") != nullptr && is_new(known, now)) return record(type, now);
    EXPECT_EQ(trouble(what, type, known, now), "");
}

bool has_level() {
    const auto levels = kernels::isa_levels();
    return std::find(levels.begin(), levels.end(), level) != levels.end();
}

/// What says which version made it is no other output.
std::string without_version(std::string bytes) {
    const std::string said = fmt::format("\"flowspan:version\": \"{}\"", version);
    for (std::size_t at = 0; (at = bytes.find(said, at)) != std::string::npos;) bytes.erase(at, said.size());
    return bytes;
}

/// Of complex samples and of real ones, and of items of several where it takes such.
std::string output_of(const BlockType& type) {
    const auto pinned = [](JobRequest& request) {
        request.isa = level;
        request.fft = "portable";
    };
    io::Xxh128 hash;
    const auto add = [&](const std::string& text) { hash.add(std::as_bytes(std::span(text))); };
    for (const std::string datatype : {"cf32", "rf32"}) {
        for (const bool several : {false, true}) {
            std::string text =
                graph_around(type, 0, "", plain, several ? std::optional<Shape>(Shape{channels(2)}) : std::nullopt);
            if (const auto at = text.find("datatype: cf32"); at != std::string::npos) text.replace(at + 10, 4, datatype);
            const Ran made = ran(text, 1, 0, pinned);
            add(fmt::format("{} {} {}\n", datatype, several, int(made.code)));
            if (made.code != ExitCode::done) continue;  // it takes none of these
            for (const auto& [name, bytes] : made.seen) {
                const std::string same = without_version(bytes);
                add(fmt::format("{} {}\n", name, same.size()) + same);
            }
        }
    }
    return hash.finish();
}

TEST_P(EveryBlock, MakesWhatItsRevisionStandsFor) {
    if (!has_level()) GTEST_SKIP() << "a processor of another kind";
    const BlockType& type = *built_in_blocks().find(GetParam());
    const Record now{type.revision, kernels::revision, output_of(type), library_of(type.name)};
    const Records all = recorded();
    if (const auto known = all.find(type.name); known != all.end() && known->second.by != now.by)
        GTEST_SKIP() << "recorded with " << known->second.by << ", here is " << now.by;
    expect_recorded("output of " + type.name, type.name, now);
}

TEST(KernelsRevision, StandsForWhatTheyCompute) {
    if (!has_level()) GTEST_SKIP() << "a processor of another kind";
    kernels::pin_isa(level);
    kernels::portable_fft(true);
    const Record now{kernels::revision, kernels::revision, kernels::fingerprint(), ""};
    kernels::portable_fft(false);
    kernels::pin_isa("best");
    expect_recorded("fingerprint of kernels", "kernels", now);
}

TEST(KernelsRevision, AndThoseOfBlocksAreHeldAgainstTheRecord) {
    const Record one{1, 1, "aa", ""};
    const auto said = [&](int revision, int kernels, const std::string& hash) {
        return trouble("output of fir_filter", "fir_filter", one, {revision, kernels, hash, ""});
    };
    EXPECT_EQ(said(1, 1, "aa"), "");
    EXPECT_EQ(said(1, 1, "bb"), "the output of fir_filter has changed: raise its revision, then record it");
    EXPECT_EQ(said(2, 1, "bb"), "the revision of fir_filter is a new one: record its output");
    EXPECT_EQ(said(1, 2, "bb"), "the revision of fir_filter is a new one: record its output");
    EXPECT_EQ(said(0, 1, "aa"), "the revision of fir_filter has gone down, and never may");
    EXPECT_EQ(trouble("output of fir_filter", "fir_filter", {}, one), "no output of fir_filter is recorded: record it");
}

}  // namespace
}  // namespace flowspan::run::every_block
