// Reports of batches: what their schema says, and a page that is bounded.
#include "batch/report/notify.hpp"
#include "batch/report/page.hpp"
#include "io/products/waterfall.hpp"
#include "tests/unit/batch/journal/batch.hpp"
#include "tests/unit/io/folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <fstream>
#include <random>

namespace flowspan::batch {
namespace {

using flowspan::test::Folder;
using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::string mistakes(const std::string& report) {
    std::ifstream file(FLOWSPAN_SOURCE_DIR "/docs/batch-report.schema.json");
    const Json text = Json::parse(file), document = Json::parse(report);
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
    valijson::ValidationResults results;
    if (valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results)) return "";
    std::string all;
    for (valijson::ValidationResults::Error error; results.popError(error);) {
        for (const std::string& step : error.context) all += step;
        all += ": " + error.description + "\n";
    }
    return all;
}

ReportHead head(const std::string& out) {
    return {out,
            "failed",
            4,
            1732800000,
            12.5,
            {"flowspan", "batch", "<g> & \"h\".yaml"},
            Value::Map{{"units", 3},
                       {"before", 0},
                       {"done", 1},
                       {"unchanged", 0},
                       {"failed", 1},
                       {"given_up", 0},
                       {"stopped", 1},
                       {"samples", 1000},
                       {"cpu_s", 0.5}}};
}

std::string text_of(const std::function<void(const Put&)>& put) {
    std::string text;
    put([&](std::string_view piece) { text += piece; });
    return text;
}

std::vector<PartLedger> ledgers(const Folder& folder) {
    std::vector<PartLedger> all;
    all.push_back(read_ledger(folder.path(), {0, 0}));
    return all;
}

std::string png() { return std::string("\x89PNG\r\n\x1a\n", 8) + std::string(100, 'x'); }

/// One that is done, tried twice, with a picture; one that failed; one that is new.
void write_batch(const Folder& folder) {
    Journal journal(folder.path());
    journal.append(test::begin().value());
    Unit odd = test::unit("a.wav");
    odd.recording = "/data/\xff.wav";
    odd.parameters = {{"gain", "2"}};
    const UnitId a = journal.append(odd), b = journal.append(test::unit("b<b>.wav"));
    journal.append(test::unit("c.wav"));
    const line::Measured measured{3, 1732800001, 0.25, 0.2, 50 << 20};
    journal.append(test::start(a, "000000000001"));
    journal.append(line::Failed{.unit = a,
                                .run = "000000000001",
                                .cause = "first",
                                .code = 4,
                                .rank = 3,
                                .host = "node1",
                                .again = true,
                                .measured = measured}
                       .value());
    journal.append(test::start(a, "000000000002", 2));
    line::Commit commit{a, "000000000002", "k", Value(), "f", {{"fall.png", png().size(), 3, 1}}, 0.5, 1000, measured};
    journal.append(commit.value());
    journal.append(test::done(a, "000000000002"));
    journal.append(test::start(b, "000000000003"));
    journal.append(line::Failed{.unit = b,
                                .run = "000000000003",
                                .cause = "<script>alert(1)</script> \x1b[1m",
                                .code = 4,
                                .rank = 3,
                                .host = "node1",
                                .measured = measured}
                       .value());
    journal.sync();
    folder.write("a.wav/fall.png", png());
}

TEST(BatchReport, HoldsWhatItsSchemaSays) {
    const Folder folder;
    write_batch(folder);
    const std::vector<PartLedger> parts = ledgers(folder);
    const std::string report = text_of([&](const Put& put) { put_json(head(folder.path()), parts, put); });
    EXPECT_EQ(mistakes(report), "");
    const Json json = Json::parse(report);
    EXPECT_EQ(json["units"].size(), 3U);
    const Json& a = json["units"][0];
    EXPECT_EQ(a["state"], "done");
    EXPECT_EQ(a["attempts"], 2);
    EXPECT_EQ(a["seconds"], 0.5);
    EXPECT_EQ(a["peak_memory_bytes"], 50 << 20);
    EXPECT_EQ(a["bytes_made"], png().size());
    EXPECT_EQ(json["units"][1]["code"], 4);
    EXPECT_EQ(json["units"][2]["attempts"], 0);
    ASSERT_EQ(json["ranks"].size(), 1U);
    EXPECT_EQ(json["ranks"][0]["made"], 1);
    EXPECT_EQ(json["ranks"][0]["failed"], 2);
    EXPECT_EQ(json["ranks"][0]["busy_s"], 1.0);
    Json more = json;
    more["units"][0]["surprise"] = 1;
    EXPECT_NE(mistakes(more.dump()), "");
}

TEST(BatchReport, PageEscapesWhatItShows) {
    const Folder folder;
    write_batch(folder);
    const std::vector<PartLedger> parts = ledgers(folder);
    const std::string page = text_of([&](const Put& put) { put_page(head(folder.path()), parts, put); });
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, HasSubstr("<td class=\"u\">b&lt;b&gt;.wav</td>"));
    EXPECT_THAT(page, HasSubstr("flowspan batch &lt;g&gt; &amp; &quot;h&quot;.yaml"));
    EXPECT_THAT(page, HasSubstr("src=\"data:image/png;base64,iVBORw0KGgp4eHh4"));
    EXPECT_THAT(page, HasSubstr("aria-label=\"timeline\""));
    EXPECT_EQ(html("a\xff&'"), "a\xef\xbf\xbd&amp;&#39;");
}

TEST(BatchReport, ShowsNoPictureThatIsNone) {
    const Folder folder;
    write_batch(folder);
    folder.write("a.wav/fall.png", std::string(png().size(), 'y'));
    const std::vector<PartLedger> parts = ledgers(folder);
    const std::string page = text_of([&](const Put& put) { put_pictures(folder.path(), parts, put); });
    EXPECT_THAT(page, HasSubstr("1 picture is not shown: "));
    EXPECT_THAT(page, Not(HasSubstr("data:image")));
}

// On 10^4 ranks. (More attempts would leave memory that later tests of this process' bounds count on.)
TEST(BatchReport, PageIsBounded) {
    std::vector<PartLedger> parts(1);
    parts[0].bars.reserve(100'000);
    for (std::uint32_t k = 0; k < 100'000; ++k)
        parts[0].bars.push_back({1e9 + double(k / 10'000) * 3 + double(k % 7919) * 1e-4, float(1 + k % 13 * 0.1),
                                 std::int32_t(k % 10'000), k, k % 97 == 0});
    const std::string svg = timeline(parts) + rates(parts);
    EXPECT_LT(svg.size(), std::size_t{4} << 20);
    EXPECT_THAT(svg, HasSubstr("ranks 0–156"));
}

TEST(BatchReport, BusyTimeIsWhatRanksWorked) {
    std::vector<PartLedger> parts(1);
    parts[0].bars = {{100, 5, 0, 0, false}, {105, 5, 1, 1, true}};
    const std::string svg = timeline(parts);
    EXPECT_THAT(svg, HasSubstr("<rect x=\"0\" width=\"200\" height=\"1\" class=\"b\" opacity=\"1\"/>"));
    EXPECT_THAT(svg, HasSubstr("<rect x=\"399\" width=\"1\" height=\"1\" class=\"f\" opacity=\"1\"/>"));
    EXPECT_EQ(timeline({}), "");
}

TEST(BatchReport, RatesHaveSomeUnitsABarAndTimesAreRound) {
    std::vector<PartLedger> parts(1);
    parts[0].bars = {{100, 5, 0, 0, false}, {105, 5, 1, 1, false}};
    std::string picture = rates(parts);
    EXPECT_THAT(picture, HasSubstr("<span>0.4 units/s</span>"));
    EXPECT_THAT(picture, HasSubstr("<rect x=\"1.05\" y=\"0\" width=\"0.9\" height=\"1\"")) << "both end in the second half";
    EXPECT_THAT(picture, HasSubstr("<i style=\"left:20.00%\">2 s</i>"));
    parts[0].bars = {{100, 7200, 0, 0, false}};
    picture = timeline(parts);
    EXPECT_THAT(picture, HasSubstr("<i style=\"left:0.00%\">0 min</i>"));
    EXPECT_THAT(picture, HasSubstr("<i style=\"left:41.67%\">50 min</i>"));
}

// Waterfalls of usual size are larger than what is shown as it is.
TEST(BatchReport, ALargePictureIsShownAsAPreview) {
    const Folder folder;
    write_batch(folder);
    io::Waterfall fall;
    fall.rows = 400;
    fall.columns = 600;
    std::minstd_rand noise;
    for (std::size_t k = 0; k < fall.rows * fall.columns; ++k) fall.db.push_back(float(noise() % 1000) / 10);
    io::choose_range(fall);
    const std::string png = io::waterfall_png(fall);
    ASSERT_GT(png.size(), std::size_t{256} << 10);
    Journal journal(folder.path());
    const UnitId d = journal.append(test::unit("d.wav"));
    journal.append(test::start(d, "00000000000d"));
    journal.append(line::Commit{d, "00000000000d", "k", Value(), "f", {{"fall.png", png.size(), 3, 1}}, 0.5, 1000, {}}.value());
    journal.append(test::done(d, "00000000000d"));
    journal.sync();
    folder.write("d.wav/fall.png", png);
    const std::vector<PartLedger> parts = ledgers(folder);
    const std::string page = text_of([&](const Put& put) { put_pictures(folder.path(), parts, put); });
    EXPECT_THAT(page, HasSubstr("alt=\"d.wav/fall.png\" src=\"data:image/jpeg;base64,/9j/"));
    EXPECT_LT(page.size(), png.size());
}

TEST(Notify, GivesTheSummaryAndTheOutcome) {
    const Folder folder;
    const std::string file = folder / "x";
    EXPECT_EQ(notify("cat >'" + file + "'; echo $FLOWSPAN_OUTCOME >>'" + file + "'", Value::Map{{"code", 4}},
                     {{"FLOWSPAN_OUTCOME", "failed"}}),
              "");
    EXPECT_EQ(flowspan::test::content_of(file), "{\"code\":4}\nfailed\n");
}

TEST(Notify, WarnsOfWhatGoesWrong) {
    EXPECT_EQ(notify("exit 7", Value(), {}), "--notify exit 7: it has ended with 7");
    EXPECT_EQ(notify("kill -9 $$", Value(), {}), "--notify kill -9 $$: it was ended by signal 9");
    EXPECT_EQ(notify("sleep 100", Value(), {}, 0.2), "--notify sleep 100: it has not ended within 0.2 s and was killed");
}

}  // namespace
}  // namespace flowspan::batch
