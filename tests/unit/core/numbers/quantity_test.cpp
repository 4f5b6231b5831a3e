#include "core/numbers/quantity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

namespace flowspan {
namespace {

TEST(Integers, AreDecimalAndMayBeWrittenAsAnyIntegralNumber) {
    EXPECT_EQ(parse_integer("010"), 10);
    EXPECT_EQ(parse_integer("2e6"), 2000000);
    EXPECT_EQ(parse_integer("1.5e1"), 15);
    EXPECT_EQ(parse_integer("-7"), -7);
    EXPECT_EQ(parse_integer("+7"), 7);
    EXPECT_EQ(parse_integer("9223372036854775807"), INT64_MAX);
    for (const char* text :
         {"", "0x10", "1.5", "1e-1", "1_000", "ten", "1 Hz", "9223372036854775808", "1e300", "--1", "+-1", "- 1", ".", "e5"})
        EXPECT_EQ(parse_integer(text), std::nullopt) << text;
}

TEST(Booleans, AreTrueAndFalseOnly) {
    EXPECT_EQ(parse_boolean("true"), true);
    EXPECT_EQ(parse_boolean("false"), false);
    for (const char* text : {"yes", "no", "on", "off", "True", "FALSE", "1", "y", ""})
        EXPECT_EQ(parse_boolean(text), std::nullopt) << text;
}

TEST(Numbers, AreFiniteDecimals) {
    EXPECT_EQ(parse_number("-.5"), -0.5);
    EXPECT_EQ(parse_number("5."), 5.0);
    EXPECT_EQ(parse_number("1E3"), 1000.0);
    for (const char* text : {"inf", "nan", ".inf", "1e999", "-1e999", "1e", "0b1", "1 2", "."})
        EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(Quantities, TakeEveryUnitOfTheirDimension) {
    struct Case {
        const char* text;
        Unit unit;
        double value;
    };
    const double pi = std::numbers::pi;
    for (const Case& c : std::initializer_list<Case>{
             {"200 kHz", hertz, 2e5},        {"200kHz", hertz, 2e5},       {"1.5 GHz", hertz, 1.5e9},
             {"250 mHz", hertz, 0.25},       {"2 MS/s", hertz, 2e6},       {"48000", hertz, 48000},
             {"30 s", second, 30},           {"50 us", second, 50e-6},     {"50 \u00b5s", second, 50e-6},
             {"50 \u03bcs", second, 50e-6},  {"3 min", second, 180},       {"2 h", second, 7200},
             {"7 ns", second, 7e-9},         {"-3 dB", decibel, -3},       {"8 GiB", byte, 8589934592.0},
             {"1 KiB", byte, 1024},          {"1 kB", byte, 1000},         {"3 MB", byte, 3e6},
             {"180 deg", radian, pi},        {"90\u00b0", radian, pi / 2}, {"1 rad", radian, 1},
             {"4096 samples", sample, 4096}, {"1 sample", sample, 1},      {"3", no_unit, 3}}) {
        EXPECT_EQ(read_quantity(c.text, c.unit), c.value) << c.text;
    }
}

TEST(Quantities, AreTheDoubleNearestToWhatIsWritten) {
    EXPECT_EQ(read_quantity("433.92 MHz", hertz), 433920000.0);
    EXPECT_EQ(read_quantity("0.1 GHz", hertz), 100000000.0);
    EXPECT_EQ(read_quantity("1090.000001 MHz", hertz), 1090000001.0);
    EXPECT_EQ(read_quantity("2.3e-3 kHz", hertz), 2.3);
    EXPECT_EQ(read_quantity("20.1 us", second), 20.1e-6);
}

TEST(Quantities, OfAnotherDimensionAreRefusedWithTheReason) {
    const auto why = [](const char* text, const Unit& unit) {
        std::string reason;
        EXPECT_EQ(read_quantity(text, unit, &reason), std::nullopt) << text;
        return reason;
    };
    EXPECT_EQ(why("3 s", hertz), "3 s (a time)");
    EXPECT_EQ(why("45 deg", decibel), "45 deg (an angle)");
    EXPECT_EQ(why("3 kg", hertz), "3 kg (`kg` is no known unit)");
    EXPECT_EQ(why("3 khz", hertz), "3 khz (`khz` is no known unit)");
    EXPECT_EQ(why("3 kHz", no_unit), "3 kHz (a frequency)");
    EXPECT_EQ(why("fast", hertz), "fast");
    EXPECT_EQ(why("1 2", hertz), "1 2");
    EXPECT_EQ(why("", hertz), "");
}

TEST(FormatNumber, ReadsBackEqual) {
    EXPECT_EQ(format_number(0.1), "0.1");
    EXPECT_EQ(format_number(48000), "48000");
    EXPECT_EQ(format_number(-0.0), "0");
    std::mt19937_64 random(1);
    for (int i = 0; i < 10000; ++i) {
        const double value = std::ldexp(double(std::int64_t(random())), int(random() % 200) - 150);
        EXPECT_EQ(parse_number(format_number(value)), value) << format_number(value);
    }
}

TEST(FormatQuantity, TakesTheUnitThatSuits) {
    EXPECT_EQ(format_quantity(48000, hertz), "48 kHz");
    EXPECT_EQ(format_quantity(433.92e6, hertz), "433.92 MHz");
    EXPECT_EQ(format_quantity(0.0015, second), "1.5 ms");
    EXPECT_EQ(format_quantity(8589934592.0, byte), "8 GiB");
    EXPECT_EQ(format_quantity(1, byte), "1 B");
    EXPECT_EQ(format_quantity(-3, decibel), "-3 dB");
    EXPECT_EQ(format_quantity(0, hertz), "0 Hz");
    EXPECT_EQ(format_quantity(2.5, no_unit), "2.5");
}

TEST(Scalars, OfRandomCharactersAreReadOrRefusedButNeverMore) {
    const std::string alphabet = "0123456789.+-eE kMGHzsndBi\t\u00b5";
    std::mt19937_64 random(7);
    for (int i = 0; i < 100000; ++i) {
        std::string text;
        for (std::size_t k = random() % 12; k > 0; --k) text += alphabet[random() % alphabet.size()];
        if (const auto quantity = parse_quantity(text)) { EXPECT_TRUE(std::isfinite(quantity->value)) << text; }
        parse_integer(text);
    }
}

}  // namespace
}  // namespace flowspan
