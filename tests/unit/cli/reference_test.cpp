// Pages that are made of declarations: what they take from a command line and from a block type.
#include "cli/reference/pages.hpp"

#include <flowspan/block.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

using namespace flowspan;
using testing::HasSubstr;
using testing::Not;

namespace {

struct Meter final : Block {
    Parameter<double> floor{
        *this,
        "floor",
        {.unit = decibel, .initial = -60, .min = -200, .max = 0, .when = Change::running, .help = "a|b", .tag = "level"}};
    Parameter<std::string> mode{*this, "mode", {.initial = "slow", .choices = {"slow", "fast"}, .help = "How fast."}};
    Parameter<std::string> name{*this, "name", {.help = "Of the meter."}};
    Input<f32> in{*this, "in", {.items = {"channel"}}};
    MessageOutput levels{*this, "levels"};
    void describe() override {}
};

std::vector<cli::CommandText> commands() {
    CLI::App app{"Does things.", "flowspan"};
    static std::string graph, hidden, level = "best", log = "info", plain;
    static std::vector<std::string> units;
    static int count = 0;
    static bool less = false;
    CLI::App* run = app.add_subcommand("run", "Runs a `graph`.");
    run->add_option("GRAPH", graph, "The graph…")->required();
    run->add_option("UNIT", units, "Some.");
    run->add_option("--isa", level, "Which.")->type_name("LEVEL")->capture_default_str();
    run->add_option("--log-level", log, "What \\ a|b.")->check(CLI::IsMember({"trace", "info"}))->capture_default_str();
    run->add_option("-n,--np", count, "How many.")->type_name("N")->check(CLI::Range(1, 9));
    run->add_option("--plain", plain, "A text.");
    run->add_flag("-q,--quiet", less, "Less.");
    run->add_option("--chunks", hidden, "For tests.")->group("");
    run->add_subcommand("below", "Below it.");
    app.add_subcommand("complete", "For shells.")->group("");
    return cli::commands_of(app);
}

TEST(Reference, TakesCommandsAndOptionsFromTheCommandLine) {
    const auto all = commands();
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[1].usage(), "flowspan run GRAPH [UNIT…] [options]");
    EXPECT_EQ(all[2].words, "flowspan run GRAPH [UNIT…] below");
    std::vector<std::string> names;
    for (const cli::OptionText& option : all[1].options) names.push_back(option.names + " = " + option.initial);
    EXPECT_THAT(names, testing::ElementsAre("--isa LEVEL = best", "--log-level trace|info = info",
                                            "-n, --np N = ", "--plain VALUE = ", "-q, --quiet = "));
    EXPECT_THAT(cli::commands_page(all), HasSubstr("| `--log-level trace\\|info` | What \\ a\\|b. | `info` |\n"));
}

TEST(Reference, EscapesWhatTheManPageWouldTakeForItsOwn) {
    const std::string page = cli::man_page(commands());
    EXPECT_THAT(page, HasSubstr(".SS flowspan run GRAPH [UNIT\\[u2026]] [options]\nRuns a \\fBgraph\\fR.\n"));
    EXPECT_THAT(page, HasSubstr(".TP\n.B \\-n, \\-\\-np N\nHow many.\n"));
    EXPECT_THAT(page, HasSubstr("What \\e a|b. (default: info)\n"));
    EXPECT_THAT(page, Not(HasSubstr("chunks")));
    for (const char c : page) ASSERT_LT(static_cast<unsigned char>(c), 0x80);
}

TEST(Reference, HasAllThatABlockDeclares) {
    Registry registry;
    registry.add<Meter>("meter", "Measures.", "name: one");
    const std::string page = cli::blocks_page("meters", {registry.find("meter")});
    EXPECT_THAT(page, HasSubstr("## meter\nMeasures.\n\n| port | carries |\n|---|---|\n| in `in` | rf32"));
    EXPECT_THAT(page, HasSubstr("| out `levels` | messages |\n"));
    EXPECT_THAT(page, HasSubstr("| `floor` | real | dB | -200 | 0 | `-60` | running | a\\|b Tags `level` set it. |\n"));
    EXPECT_THAT(page, HasSubstr("| `mode` | one of `slow`, `fast` |  |  |  | `slow` | before | How fast. |\n"));
    EXPECT_THAT(page, HasSubstr("| `name` | string |  |  |  | must be given | before | Of the meter. |\n"));
    EXPECT_THAT(page, HasSubstr("```yaml\nmeter: {type: meter, name: one}\n```\n"));
}

}  // namespace
