// Level and transforms are those of the folder's first start, of whatever part.
#include "batch/opening/pins.hpp"

#include "batch/journal/lines/line.hpp"
#include "comm/local/local.hpp"
#include "tests/unit/batch/journal/batch.hpp"
#include "tests/unit/io/folder.hpp"

#include <flowspan/kernels.hpp>

#include <gtest/gtest.h>

#include <mutex>
#include <set>

namespace flowspan::batch {
namespace {

using flowspan::test::Folder;
using flowspan::test::sentence_of;

line::Begin begun(int part, double time, const std::string& level, const std::string& fft = "native") {
    line::Begin begin = test::begin();
    begin.part = part;
    begin.parts = 4;
    begin.time = time;
    begin.level = level;
    begin.fft = fft;
    begin.fingerprint = "f" + level;
    return begin;
}

TEST(Pins, AreOfTheFirstStartOfAnyPart) {
    const Folder out;
    EXPECT_EQ(pins_of(out.path()), Pins{});
    out.write(".flowspan/journal-1-0001", sealed_line(begun(1, 200, "avx512").value()));
    out.write(".flowspan/journal-2-0001", sealed_line(begun(2, 100, "avx2", "portable").value()));
    out.write(".flowspan/journal-2-0002", sealed_line(begun(2, 300, "x86-64-v2").value()));
    out.write(".flowspan/journal-4-0001", sealed_line(begun(4, 150, "avx512").value()));
    EXPECT_EQ(pins_of(out.path()), (Pins{"avx2", "portable", "favx2"}));
}

TEST(Pins, AreNoneOfAStartThatDidNotSayWhatItComputes) {
    const Folder out;
    line::Begin old = begun(1, 100, "avx2");
    old.fingerprint.clear();
    out.write(".flowspan/journal-1-0001", sealed_line(old.value()));
    EXPECT_EQ(pins_of(out.path()), Pins{});
    out.write(".flowspan/journal-2-0001", sealed_line(begun(2, 200, "avx512").value()));
    EXPECT_EQ(pins_of(out.path()), (Pins{"avx512", "native", "favx512"}));
}

TEST(Pins, AreWhatBestMeansAndNothingElseIsComputed) {
    const Pins pins{"avx2", "portable", "f1"};
    run::JobRequest job;
    job.fft.clear();
    hold_to(pins, job);
    EXPECT_EQ(job.isa, "avx2");
    EXPECT_EQ(job.fft, "portable");
    EXPECT_NO_THROW(hold_to(pins, job)) << "the same said openly";
    job.isa = "avx512";
    EXPECT_EQ(
        sentence_of([&] { hold_to(pins, job); }),
        "--isa: expected avx2, which the first start of this folder has pinned, got avx512\n   hint: products of one folder "
        "are computed alike: give another --out");
    job.isa = "best";
    job.fft = "native";
    EXPECT_EQ(sentence_of([&] { hold_to(pins, job); }),
              "--fft: expected portable, which the first start of this folder has pinned, got native\n   hint: products of one "
              "folder are computed alike: give another --out");
    job.isa = "avx512";
    job.fft = "native";
    try {
        hold_to(pins, job);
        ADD_FAILURE() << "both are wrong";
    } catch (const Refused& refused) { EXPECT_EQ(refused.diagnostics().size(), 2U) << "all at once"; }
    run::JobRequest first;
    first.fft.clear();
    hold_to({}, first);
    EXPECT_EQ(first.isa, "best");
    EXPECT_EQ(first.fft, "native");
}

TEST(Pins, AskForAProcessorThatHasTheLevel) {
    EXPECT_NO_THROW(must_have_level_of({}));
    EXPECT_NO_THROW(must_have_level_of({kernels::isa_levels().front(), "native", "f1"}));
    std::string have;
    for (const std::string& level : kernels::isa_levels()) have += (have.empty() ? "" : ", ") + level;
    EXPECT_EQ(sentence_of([&] {
                  must_have_level_of({"avx4096", "native", "f1"});
              }),
              "--isa: expected a processor with avx4096, which the first start of this folder has pinned, got one with " +
                  have + "\n   hint: start it on other hosts, or give another --out");
}

TEST(Pins, AreAgreedOnByAllRanks) {
    const Folder out;
    const std::string lowest = kernels::isa_levels().front();
    out.write(".flowspan/journal-1-0001", sealed_line(begun(1, 100, lowest, "portable").value()));
    std::mutex mutex;
    std::set<std::string> agreed;
    comm::run_local(3, [&](comm::Communicator& communicator) {
        run::JobRequest job;
        job.fft = communicator.rank() == 0 ? "" : "what rank 0 says counts";
        const Pins pins = agree_on_numbers(communicator, out.path(), job, {});
        const std::lock_guard lock(mutex);
        agreed.insert(pins.level + " " + pins.fft + " " + pins.fingerprint + " " + job.isa + " " + job.fft);
    });
    EXPECT_EQ(agreed, std::set<std::string>{lowest + " portable " + kernels::fingerprint() + " " + lowest + " portable"});
    out.write(".flowspan/journal-1-0001", sealed_line(begun(1, 100, "avx4096").value()));
    EXPECT_EQ(sentence_of([&] {
                  comm::run_local(2, [&](comm::Communicator& communicator) {
                      run::JobRequest job;
                      agree_on_numbers(communicator, out.path(), job, {});
                  });
              }).substr(0, 90),
              "--isa: expected a processor with avx4096, which the first start of this folder has pinned,");
    kernels::portable_fft(false);
    kernels::pin_isa("best");
}

}  // namespace
}  // namespace flowspan::batch
