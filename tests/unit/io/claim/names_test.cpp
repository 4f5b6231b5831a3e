#include "io/claim/names.hpp"
#include "io/claim/folder.hpp"

#include <gmock/gmock.h>

#include <string>

namespace flowspan::io {
namespace {
using Field = ProductPattern::Field;

const Pattern stretches{"a.", Field::stretch, ".wav"}, bursts{"burst-", Field::digits, ".cf32"}, minutes{Field::time, ".png"};

TEST(Pattern, OfStretchesHasNumbersFromTwoOnWithoutLeadingZeros) {
    for (const char* name : {"a.2.wav", "a.9.wav", "a.10.wav", "a.123456.wav"}) EXPECT_TRUE(matches(stretches, name)) << name;
    for (const char* name :
         {"a.wav", "a.1.wav", "a.0.wav", "a.02.wav", "a..wav", "a.2.wav2", "a.x.wav", "ba.2.wav", "a.2.3.wav", "a.-2.wav", ""})
        EXPECT_FALSE(matches(stretches, name)) << name;
}

TEST(Pattern, OfDigitsTakesAnyOfThem) {
    for (const char* name : {"burst-0.cf32", "burst-007.cf32", "burst-12.cf32"}) EXPECT_TRUE(matches(bursts, name)) << name;
    for (const char* name : {"burst-.cf32", "burst-1a.cf32", "burst-1.cf32.bak"}) EXPECT_FALSE(matches(bursts, name)) << name;
}

TEST(Pattern, OfATimeTakesDatesThatParse) {
    for (const char* name :
         {"2026-11-28T10:56:55Z.png", "2026-11-28T10:56:55.25Z.png", "2026-11-28.png", "2026-11-28T10:56.png", "no-time.png"})
        EXPECT_TRUE(matches(minutes, name)) << name;
    for (const char* name : {"holiday.png", "2026-13-28T10:56:55Z.png", "2026-02-30.png", ".png", "2026-11-28T10:56:55Zoo.png"})
        EXPECT_FALSE(matches(minutes, name)) << name;
}

TEST(Pattern, MayShareAFileWithAnotherWhereBothHaveAName) {
    const Pattern whole_stretch{"a.", Field::digits, ".wav"}, other{"b.", Field::stretch, ".wav"},
        inner{"a.2.", Field::stretch, ".wav"};
    const Pattern dated{"a.", Field::time, ".wav"}, two{Field::digits, "-", Field::digits}, one{"1-", Field::digits};
    EXPECT_TRUE(may_share(stretches, stretches));
    EXPECT_TRUE(may_share(stretches, whole_stretch));
    EXPECT_FALSE(may_share(stretches, other));
    EXPECT_FALSE(may_share(stretches, inner));
    EXPECT_TRUE(may_share(stretches, dated)) << "digits are characters of times";
    EXPECT_TRUE(may_share(two, one));
    EXPECT_FALSE(may_share(two, Pattern{Field::digits}));
    EXPECT_FALSE(may_share(minutes, stretches)) << "a time has no `a`, nor `w`";
    EXPECT_TRUE(may_share(minutes, Pattern{Field::time, ".2.png"}));
}

// Against every short text of an alphabet, tried one by one.
TEST(Pattern, SharesWhatSomeTextOfBothShows) {
    const std::vector<Pattern> patterns{{"1"},
                                        {Field::digits},
                                        {Field::digits, "a"},
                                        {"1", Field::digits},
                                        {Field::digits, "1"},
                                        {Field::digits, "a", Field::digits},
                                        {"a", Field::digits},
                                        {Field::digits, "1a"},
                                        {"11", Field::digits, "a"},
                                        {"aa"}};
    for (const Pattern& a : patterns) {
        for (const Pattern& b : patterns) {
            bool shared = false;
            for (std::size_t length = 1; length <= 5; ++length) {
                for (std::size_t bits = 0; bits < (std::size_t{1} << length); ++bits) {
                    std::string text;
                    for (std::size_t k = 0; k < length; ++k) text += (bits >> k & 1) != 0 ? 'a' : '1';
                    shared = shared || (matches(a, text) && matches(b, text));
                }
            }
            EXPECT_EQ(may_share(a, b), shared) << text_of(a) << " and " << text_of(b);
        }
    }
}

TEST(Names, FindWhatANameOrPatternMayBe) {
    Names names;
    names.add("a.2.wav", 1);
    names.add("a.1.wav", 2);
    names.add(bursts, 3);
    names.add(minutes, 4);
    EXPECT_EQ(names.clash("a.2.wav"), Names::Clash("a.2.wav", 1));
    EXPECT_EQ(names.clash("burst-17.cf32"), Names::Clash("burst-{n}.cf32", 3));
    EXPECT_EQ(names.clash("2026-11-28T10:56:55Z.png"), Names::Clash("{datetime}.png", 4));
    EXPECT_EQ(names.clash("a.3.wav"), std::nullopt);
    EXPECT_EQ(names.clash(stretches), Names::Clash("a.2.wav", 1)) << "not a.1.wav, which is no stretch";
    EXPECT_EQ(names.clash(Pattern{"burst-1", Field::digits, ".cf32"}), Names::Clash("burst-{n}.cf32", 3));
    EXPECT_EQ(names.clash(Pattern{"burst", Field::digits, ".cf32"}), std::nullopt);
    EXPECT_EQ(names.clash(Pattern{Field::digits, ".png"}), Names::Clash("{datetime}.png", 4));
}

TEST(Names, OfTwoRunsShareWhatBothMayWrite) {
    Names one, two;
    one.add("a.wav");
    one.add(stretches);
    two.add("b.wav");
    EXPECT_EQ(one.common(two), std::nullopt);
    two.add("a.7.wav");
    EXPECT_EQ(one.common(two), "a.7.wav");
    EXPECT_EQ(two.common(one), "a.{n}.wav");
}

TEST(Names, TravelAsAValue) {
    Names names;
    names.add("a.wav");
    names.add(minutes);
    const Names same = Names::from(Value::from_json(names.value().json()));
    EXPECT_TRUE(same.names().contains("a.wav"));
    ASSERT_EQ(same.patterns().size(), 1u);
    EXPECT_EQ(same.patterns()[0].first, minutes);
    for (const char* wrong :
         {"{}", R"({"names": 1, "patterns": []})", R"({"names": [], "patterns": [[7]]})", R"({"names": [[]], "patterns": []})"})
        EXPECT_THROW(Names::from(Value::from_json(wrong)), std::invalid_argument) << wrong;
}

TEST(PartName, HasNameRunRankAndBlock) {
    EXPECT_EQ((PartName{"a.b.wav", "0f3", 2, 17}.text()), ".a.b.wav.0f3.2.17.part");
    const auto part = PartName::from(".a.b.wav.0f3.2.17.part");
    ASSERT_TRUE(part);
    EXPECT_EQ(part->name, "a.b.wav");
    EXPECT_EQ(part->run, "0f3");
    EXPECT_EQ(part->rank, 2);
    EXPECT_EQ(part->block, 17);
    for (const char* other :
         {".holiday.zip.part", "a.wav.0f3.2.17.part", ".a.wav.0f3.part", ".0f3.2.17.part", ".a.0F3.2.17.part",
          ".a.0f3.02.17.part", ".a.0f3.2.x.part", ".a.0f3.2.17.parts", ".part", ".a.0f3.2.99999999999.part"})
        EXPECT_FALSE(PartName::from(other)) << other;
}

TEST(PartName, HasRoomInAFolderForTheLongestProduct) {
    const std::string name(longest_product_name, 'n');
    EXPECT_LE((PartName{name, "0123456789ab", 999'999, 999'999}.text().size()), 255u);
    EXPECT_EQ(longest_name(stretches), 2 + 7 + 4u);
}

TEST(OwnName, HasRunAndKind) {
    EXPECT_EQ(own_name("0f3", "lock"), ".flowspan.0f3.lock");
    EXPECT_EQ(run_of(".flowspan.0f3.lock", "lock"), "0f3");
    for (const char* other : {".flowspan..lock", ".flowspan.0f3.commit", ".flowspan.lock", ".flowspan.0/3.lock",
                              ".flowspan.0f3lock", "flowspan.0f3.lock"})
        EXPECT_EQ(run_of(other, "lock"), std::nullopt) << other;
    for (const char* own : {".flowspan.anything", ".flowspan.x.lock", ".flowspan", ".flowspan-code-1", ".flowspan-case-4711",
                            ".a.0f3.1.2.part", ".a.b.part", ".part"})
        EXPECT_TRUE(looks_like_our_own(own)) << own;
    for (const char* other : {".hidden.wav", "a.part", "flowspan.wav", "a.0f3.1.2.part", ".parts"})
        EXPECT_FALSE(looks_like_our_own(other)) << other;
}

}  // namespace
}  // namespace flowspan::io
