// A batch that ends at any byte of its journal, and is started again: the bytes of its products are what they are without that.
#include "batch/journal/roll.hpp"
#include "tests/unit/batch/journal/batch.hpp"
#include "tests/unit/io/folder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;
using flowspan::test::content_of;
using flowspan::test::Folder;

const std::string product = "a.wav";

std::string bytes_of(const std::string& unit) { return "what " + unit + " comes to"; }

std::vector<MadeFile> made_of(const std::string& unit) { return {{product, bytes_of(unit).size(), 0, 1}}; }

std::string part_of(const std::string& unit, const std::string& run) { return unit + "/" + made_of(unit)[0].part(run); }

/// What is on disk behind a line.
struct Effect {
    enum class What : std::uint8_t { none, half, part, name, nothing_left } what = What::none;
    std::string unit, run;
};

/// A batch of three units, of which one is tried twice; and what each line has done to the folder.
struct Told {
    test::Script script{1};
    std::vector<Effect> effects{{}};

    void add(const Value& line, Effect effect = {}) {
        script.add(line);
        effects.push_back(std::move(effect));
    }
    UnitId unit(const std::string& folder) {
        effects.emplace_back();
        return script.unit(folder);
    }
    void begun(UnitId id, const std::string& unit, const std::string& run, int attempt = 1) {
        add(test::start(id, run, attempt), {Effect::What::half, unit, run});
    }
    void committed(UnitId id, const std::string& unit, const std::string& run) {
        add(test::commit(id, run, "k", made_of(unit)), {Effect::What::part, unit, run});
    }
    void done(UnitId id, const std::string& unit, const std::string& run) {
        add(test::done(id, run), {Effect::What::name, unit, run});
    }
};

Told small_batch() {
    Told t;
    const UnitId a = t.unit("n/a"), b = t.unit("b"), c = t.unit("c");
    t.begun(a, "n/a", "a1");
    t.begun(b, "b", "b1");
    t.committed(a, "n/a", "a1");
    t.begun(c, "c", "c1");
    t.done(a, "n/a", "a1");
    t.add(test::failed(b, "b1", 1, true), {Effect::What::nothing_left, "b", "b1"});
    t.begun(b, "b", "b2", 2);
    t.committed(c, "c", "c1");
    t.committed(b, "b", "b2");
    t.done(c, "c", "c1");
    t.done(b, "b", "b2");
    t.add(line::End{0, {}}.value());
    return t;
}

/// `hasty`: what is committed has its name already.
void lay_out(const Folder& out, const Effect& effect, bool hasty) {
    if (effect.what == Effect::What::none) return;
    const std::string part = out / part_of(effect.unit, effect.run), name = out / (effect.unit + "/" + product);
    const bool named = effect.what == Effect::What::name || (hasty && effect.what == Effect::What::part);
    fs::remove(part);
    if (effect.what == Effect::What::half) out.write(part_of(effect.unit, effect.run), "wh");
    if (effect.what == Effect::What::part && !named) out.write(part_of(effect.unit, effect.run), bytes_of(effect.unit));
    if (named) out.write(effect.unit + "/" + product, bytes_of(effect.unit));
}

/// As a start does it, without waiting for the disk; computing is a stub. Returns how many units were computed.
int start_again(const Folder& out) {
    const History found = History::read(out.path());
    Journal journal(out.path());
    journal.append(test::begin().value());
    append(journal, found, roll_forward(out.path(), found, 0));
    journal.write();
    const History h = History::read(out.path(), 0, true);
    int computed = 0;
    for (const std::string unit : {"n/a", "b", "c"}) {
        const auto known = h.find(unit);
        const std::string name = out / (unit + "/" + product), run = std::string("z") + char('0' + computed);
        if (known && h.state(*known) == State::done && fs::exists(name)) continue;
        ++computed;
        const UnitId id = known ? h.id(*known) : journal.append(test::unit(unit));
        journal.append(test::start(id, run));
        out.write(part_of(unit, run), bytes_of(unit));
        journal.append(test::commit(id, run, "k", made_of(unit)));
        journal.write();
        fs::rename(out / part_of(unit, run), name);
        journal.append(test::done(id, run));
    }
    journal.append(line::End{0, {}}.value());
    journal.write();
    return computed;
}

void expect_whole(const Folder& out, const std::string& where) {
    std::vector<std::string> names = out.names();
    std::erase_if(names, [](const std::string& name) { return name.starts_with(".flowspan/"); });
    ASSERT_EQ(names, (std::vector<std::string>{"b/a.wav", "c/a.wav", "n/a/a.wav"})) << where;
    const History h = History::read(out.path());
    for (const std::string unit : {"n/a", "b", "c"}) {
        ASSERT_EQ(content_of(out / (unit + "/" + product)), bytes_of(unit)) << where;
        ASSERT_EQ(test::state_of(h, unit), State::done) << where;
    }
}

/// Thousands of folders: in memory, where there is such a place.
class CutJournal : public ::testing::Test {
protected:
    void SetUp() override {
        if (const char* const before = std::getenv("TMPDIR"); before != nullptr) before_ = before;
        if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
    }
    void TearDown() override {
        if (before_)
            ::setenv("TMPDIR", before_->c_str(), 1);
        else
            ::unsetenv("TMPDIR");
    }

private:
    std::optional<std::string> before_;
};

TEST_F(CutJournal, AnywhereIsFollowedByTheSameBytes) {
    const Told told = small_batch();
    const std::string text = told.script.text();
    std::set<int> computed;
    for (const bool hasty : {false, true}) {
        std::size_t whole = 0, end = 0;
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            while (whole < told.script.lines.size() && end + told.script.lines[whole].size() <= cut + 1)
                end += told.script.lines[whole++].size();
            const Folder out;
            out.write(".flowspan/journal-0-0001", text.substr(0, cut));
            for (std::size_t k = 0; k < whole; ++k) lay_out(out, told.effects[k], hasty);
            const int units = start_again(out);
            computed.insert(units);
            expect_whole(out, "cut at " + std::to_string(cut) + (hasty ? ", renamed" : ""));
            if (testing::Test::HasFatalFailure()) return;
            if (cut % 97 == 0) { ASSERT_EQ(start_again(out), 0) << "and then nothing is to be done"; }
        }
    }
    EXPECT_EQ(computed, (std::set<int>{0, 1, 2, 3}));
}

// The disk may have more than the journal: its end may not have come so far.
TEST_F(CutJournal, BehindWhichThePartsOfAllAreLeavesNoneOfThem) {
    const Told told = small_batch();
    const std::string text = told.script.text();
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        const Folder out;
        out.write(".flowspan/journal-0-0001", text.substr(0, cut));
        const History h = History::read(out.path());
        for (const Effect& effect : told.effects)
            if (effect.what == Effect::What::half && h.find(effect.unit))
                out.write(part_of(effect.unit, effect.run), bytes_of(effect.unit));
        std::set<std::string> told_of;  // by the journal: nobody else can know them
        for (const Dead& dead : h.dead()) told_of.insert(dead.run);
        for (const Committed& committed : h.committed()) told_of.insert(committed.run);
        start_again(out);
        for (const std::string& name : out.names())
            for (const std::string& run : told_of) ASSERT_FALSE(name.ends_with(run + ".0.1.part")) << cut << " " << name;
        for (const std::string unit : {"n/a", "b", "c"})
            ASSERT_EQ(content_of(out / (unit + "/" + product)), bytes_of(unit)) << cut;
    }
}

}  // namespace
}  // namespace flowspan::batch
