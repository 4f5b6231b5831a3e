#include "cli/control/ctl_text.hpp"

#include <algorithm>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

using namespace flowspan;
using cli::status_text;
using cli::with_prefix;

namespace {

Value::Map block(const std::string& name, const std::string& waiting, Value::List waits_for = {}) {
    return {{"block", name},         {"rank", 3},
            {"items_in", 123456789}, {"items_out", Value()},
            {"fraction", 0.5},       {"samples_per_s", 2.4e6},
            {"waiting", waiting},    {"waits_for", std::move(waits_for)}};
}

std::string last_line(const std::string& text) {
    const auto end = text.find_last_of('\n', text.size() - 2);
    return text.substr(end + 1, text.size() - end - 2);
}

std::string row(Value::Map one) {
    return last_line(status_text(Value::Map{{"state", "running"}, {"blocks", Value::List{std::move(one)}}}));
}

}  // namespace

TEST(CtlText, HasThreeDigitsAndAPrefix) {
    EXPECT_EQ(with_prefix(0), "0 ");
    EXPECT_EQ(with_prefix(999), "999 ");
    EXPECT_EQ(with_prefix(999.6), "1.00 k");
    EXPECT_EQ(with_prefix(1234), "1.23 k");
    EXPECT_EQ(with_prefix(9996), "10.0 k");
    EXPECT_EQ(with_prefix(99960), "100 k");
    EXPECT_EQ(with_prefix(38.24e6), "38.2 M");
    EXPECT_EQ(with_prefix(9.22e18), "9220 P");
}

TEST(CtlText, SaysOfTheRunWhatIsKnown) {
    EXPECT_EQ(status_text(Value::Map{{"state", "running"}, {"fraction", Value()}, {"eta_s", Value()}, {"changes", 0}}),
              "running\n");
    const Value all = Value::Map{{"state", "running"},   {"seconds", 3723.0},        {"fraction", 0.451}, {"eta_s", 75.4},
                                 {"samples_per_s", 4e7}, {"times_real_time", 19.06}, {"changes", 1}};
    EXPECT_EQ(status_text(all), "running for 62 min 03 s, 45 %, 75 s left, 40.0 MS/s, 19.1 x real time, 1 change\n");
}

TEST(CtlText, HasARowForEachBlock) {
    EXPECT_EQ(row(block("gain", "input", {"samples from source.out"})),
              "gain     3   123 M       -  50 %  2.40 MS/s  samples from source.out");
    EXPECT_EQ(row(block("gain", "done")), "gain     3   123 M       -  50 %  2.40 MS/s  done");
    EXPECT_EQ(row(block("gain", "message_room")), "gain     3   123 M       -  50 %  2.40 MS/s  room for messages");
    EXPECT_EQ(row({{"block", "gain"}}), "gain             -       -");
}

TEST(CtlText, SaysHowManyBlocksAreLeftOut) {
    Value::Map status{{"state", "running"}, {"blocks", Value::List{Value(block("gain", "input"))}}, {"blocks_left_out", 1}};
    EXPECT_EQ(last_line(status_text(Value(status))), "and 1 more block");
    status["blocks_left_out"] = 14000;
    EXPECT_EQ(last_line(status_text(Value(status))), "and 14000 more blocks");
}

TEST(CtlText, FitsAHundredColumnsWhateverTheNames) {
    const std::string line = row(block("receive[255].demodulator.deemphasis_filter", "input",
                                       {"samples from receive[255].demodulator.quadrature.out", "samples from other.out"}));
    EXPECT_EQ(line, "receive[255].de…eemphasis_filter    3   123 M       -  50 %  2.40 MS/s  samples from receive[255].d…");
    std::size_t width = 0;
    for (const char c : line) width += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
    EXPECT_EQ(width, 100U);
}
