// Sample types under the names that others have for them; exit codes.
#include "core/type_names.hpp"
#include "core/mistakes/exit_codes.hpp"

#include <gtest/gtest.h>

#include <set>

namespace flowspan {
namespace {

TEST(TypeNames, AreAllTypesThatAStreamMayHaveOnce) {
    std::set<SampleType> types;
    std::set<std::string_view> elsewhere;
    for (const TypeNames& t : type_names()) {
        EXPECT_TRUE(types.insert(t.type).second);
        EXPECT_EQ(parse_sample_type(t.name), t.type);
        EXPECT_TRUE(elsewhere.insert(t.cpp).second) << t.cpp;
        for (const std::string_view name : t.gnuradio) EXPECT_TRUE(elsewhere.insert(name).second || t.cpp == name) << name;
        EXPECT_TRUE(t.numpy.empty() || elsewhere.insert(t.numpy).second) << t.numpy;
    }
    EXPECT_EQ(types.size(), std::size_t(SampleType::cu32));
}

TEST(TypeNames, AreTranslated) {
    EXPECT_EQ(hint_of_type("complex"), "GNU Radio's `complex` is `cf32`");
    EXPECT_EQ(hint_of_type("sc16"), "GNU Radio's `sc16` is `ci16`");
    EXPECT_EQ(hint_of_type("byte"), "GNU Radio's `byte` is `ru8`");
    EXPECT_EQ(hint_of_type("std::complex<double>"), "C++'s `std::complex<double>` is `cf64`");
    EXPECT_EQ(hint_of_type("uint8_t"), "C++'s `uint8_t` is `ru8`");
    EXPECT_EQ(hint_of_type("complex64"), "NumPy's `complex64` is `cf32`");
    for (const char* unknown : {"", "std::", "real", "cf32"}) EXPECT_EQ(hint_of_type(unknown), "") << unknown;
}

TEST(ExitCodes, AreSaidOnceEachWithAWholeSentence) {
    int before = -1;
    for (const ExitCodeText& one : exit_codes) {
        EXPECT_GT(int(one.code), before);
        before = int(one.code);
        EXPECT_TRUE(one.means.ends_with('.')) << one.means;
        switch (one.code) {  // a new one is a warning here until it is in the list, and counted
            case ExitCode::done:
            case ExitCode::usage:
            case ExitCode::file:
            case ExitCode::block:
            case ExitCode::communication:
            case ExitCode::bug:
            case ExitCode::stopped:
                break;
        }
    }
    EXPECT_EQ(exit_codes.size(), 7u);
}

}  // namespace
}  // namespace flowspan
