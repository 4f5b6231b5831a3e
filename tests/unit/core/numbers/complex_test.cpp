// Complex numbers as people write them.
#include "core/numbers/quantity.hpp"

#include <gtest/gtest.h>

namespace flowspan {
namespace {
using C = std::complex<double>;

TEST(Complex, IsReadAsPeopleWriteIt) {
    const std::pair<const char*, C> forms[] = {
        {"1+2j", {1, 2}},  {"1-2i", {1, -2}},    {" 1 + 2j ", {1, 2}},  {"-1.5e-3-2E+2j", {-1.5e-3, -200}},
        {"3", {3, 0}},     {"-0.5j", {0, -0.5}}, {"+2j", {0, 2}},       {"1e-3+1e-3j", {1e-3, 1e-3}},
        {".5j", {0, 0.5}}, {"-7", {-7, 0}},      {"1e300j", {0, 1e300}}};
    for (const auto& [text, number] : forms) EXPECT_EQ(parse_complex(text), number) << text;
}

TEST(Complex, IsNothingElse) {
    for (const char* text : {"", "j", "i", "1+j2", "1++2j", "1+-2j", "1 2j", "1+2", "nan", "infj", "1+2jj", "1 kHz+2j", "2 kj",
                             "1+2k", "a+2j", "1e400j"})
        EXPECT_FALSE(parse_complex(text)) << text;
}

TEST(Complex, IsWrittenAsItIsRead) {
    for (const C number : {C{1, 2}, C{0.1, -1.0 / 3}, C{0, -1e-300}, C{5, 0}, C{0, 0}, C{-1e20, 1e-20}})
        EXPECT_EQ(parse_complex(format_complex(number)), number) << format_complex(number);
    EXPECT_EQ(format_complex({1, -2}), "1-2j");
    EXPECT_EQ(format_complex({0, 0.5}), "0.5j");
    EXPECT_EQ(format_complex({3, 0}), "3");
}

}  // namespace
}  // namespace flowspan
