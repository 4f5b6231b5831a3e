// What leads on from words that are nearly right: brackets and quotes that stay open, and GNU Radio's names.
#include "core/numbers/nearest_unit.hpp"
#include "graph/mistakes/bare_names.hpp"
#include "graph/mistakes/from_gnuradio.hpp"
#include "graph/mistakes/openers.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace flowspan::graph {
namespace {

std::string open_at(const std::string& text) {
    const Openers openers(text);
    std::string all;
    for (const std::size_t at : openers.brackets()) all += text.substr(at, 3) + "|";
    return openers.quote() ? all + "quote " + text.substr(*openers.quote(), 3) : all;
}

TEST(Openers, AreThoseThatAreNotClosed) {
    EXPECT_EQ(open_at("a: {b: [1, 2\nc: 3"), "{b:|[1,|");
    EXPECT_EQ(open_at("a: {b: [1, 2], c: {d: 3}}\n"), "");
    EXPECT_EQ(open_at("a: \"x\nb: 3"), "quote \"x\n");
    EXPECT_EQ(open_at(R"({"a":"{","b":["c\"d", 'it''s']})"), "");
}

TEST(Openers, AreNoneWithinTextsCommentsAndNames) {
    EXPECT_EQ(open_at("- demod[0] -> sum.in[*]\n- it's {so} \"far\n"), "");
    EXPECT_EQ(open_at("# {\na: 3  # [\nb: \"# {\"\nc: 'd' # \""), "");
    EXPECT_EQ(open_at("help: |\n  \"all {of\n\n  it\nb: [1]\n"), "");
    EXPECT_EQ(open_at("- >-\n  {\n- 3\n"), "");
}

TEST(Openers, FollowTheFormOfAConnection) {
    EXPECT_EQ(open_at("- {from: \"tones[0-3]\", to: sum.in[*]\n- b"), "{fr|");
    EXPECT_EQ(open_at("a: -[\nb: ["), "[|");
}

TEST(BareNames, GetTheirDollar) {
    const auto known = [](const std::string& name) { return name == "rate" || name == "low.cutoff" || name == "index"; };
    EXPECT_EQ(with_dollars("rate", known), "$rate");
    EXPECT_EQ(with_dollars("min(2 * rate, low.cutoff) + 3 kHz", known), "min(2 * $rate, $low.cutoff) + 3 kHz");
    EXPECT_EQ(with_dollars("$rate + rate", known), "$rate + $rate");
    EXPECT_EQ(with_dollars("$rate / 2", known), "");
    EXPECT_EQ(with_dollars("rate and more", known), "");
    EXPECT_EQ(with_dollars("1e3", known), "");
}

TEST(NearestUnits, AreOfTheDimensionThatIsWanted) {
    EXPECT_EQ(hint_for_quantity("100khz", hertz), "did you mean `100 kHz`?");
    EXPECT_EQ(hint_for_quantity("100k", hertz), "did you mean `100 kHz`?");
    EXPECT_EQ(hint_for_quantity("0.1M", hertz), "did you mean `0.1 MHz`?");
    EXPECT_EQ(hint_for_quantity("2.4 Msps", hertz), "did you mean `2.4 MS/s`?");
    EXPECT_EQ(hint_for_quantity("100 mhz", hertz), "did you mean `100 MHz`?");
    EXPECT_EQ(hint_for_quantity("10mb", byte), "did you mean `10 MB`?");
    EXPECT_EQ(hint_for_quantity("8G", byte), "did you mean `8 GB`?");
    EXPECT_EQ(hint_for_quantity("3 MS", second), "did you mean `3 ms`?");
    EXPECT_EQ(hint_for_quantity("3 msec", second), "did you mean `3 ms`?");
    EXPECT_EQ(hint_for_quantity("3 kHz", second), "");
    EXPECT_EQ(hint_for_quantity("3 furlongs", hertz), "");
    EXPECT_EQ(hint_for_quantity("many", hertz), "");
    EXPECT_EQ(hint_for_quantity("3k", no_unit), "");
}

TEST(GnuRadioNames, AreTakenFromTheManual) {
    const auto names = names_from_gnuradio(
        "| there | here |\n|---|---|\n| `blocks_file_source` (file), `_sink` | `file_sink` |\n"
        "| `analog_pll_carriertracking_cc`, `_refout_` | `pll` |\n| none |\n");
    ASSERT_EQ(names.size(), 4u);
    EXPECT_EQ(names[1].first, "blocks_file_sink");
    EXPECT_EQ(names[3].first, "analog_pll_refout_cc");
}

// The manual's page is the table: whoever adds a row adds a hint.
TEST(GnuRadioNames, OfTheManualAllLeadOn) {
    const auto names = names_from_gnuradio(manual_from_gnuradio());
    ASSERT_GT(names.size(), 120u);
    for (const auto& [name, here] : names) {
        const std::string asked = name.ends_with('*') ? name.substr(0, name.size() - 1) + "x" : name;
        const std::string hint = hint_from_gnuradio(asked);
        EXPECT_TRUE(hint.starts_with("GNU Radio's `" + asked + "` is here: ") ||
                    hint.starts_with("GNU Radio's `" + asked + "` has no counterpart here"))
            << asked << ": " << hint;
    }
}

TEST(GnuRadioNames, AreKnownWithoutModuleAndWithTypes) {
    EXPECT_EQ(hint_from_gnuradio("blocks_file_sink"), "GNU Radio's `blocks_file_sink` is here: `file_sink {path: x.cf32}`");
    EXPECT_EQ(hint_from_gnuradio("file_meta_sink"),
              "GNU Radio's `file_meta_sink` has no counterpart here: SigMF (`path: x.sigmf-meta`) holds what they held");
    EXPECT_EQ(hint_from_gnuradio("freq_xlating_fir_filter_ccc"),
              "GNU Radio's `freq_xlating_fir_filter_ccc` is here: `frequency_translate {shift, decimation, taps}`");
    EXPECT_EQ(hint_from_gnuradio("blocks_multiply_const_vff"),
              "GNU Radio's `blocks_multiply_const_vff` is here: `add_const {constant}`, `multiply_const {constant: 1+2j}`");
    EXPECT_EQ(hint_from_gnuradio("my_own_block"), "");
}

}  // namespace
}  // namespace flowspan::graph
