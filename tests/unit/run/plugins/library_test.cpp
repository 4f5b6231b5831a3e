#include "run/plugins/library.hpp"

#include <cstdlib>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace flowspan;
using run::Library;
using testing::ElementsAre;

namespace {

struct Nothing final : Block {
    Output<f32> out{*this, "out"};
    void describe() override {}
};

std::string refusal(Library& library, const std::string& origin, const std::function<void(Registry&)>& add) {
    try {
        library.add(origin, add);
        return "accepted";
    } catch (const Refused& e) { return e.what(); }
}

}  // namespace

TEST(Library, HoldsFlowspansBlocksAndThoseThatAreAdded) {
    Library library;
    library.add("this program", [](Registry& r) { r.add<Nothing>("nothing", ""); });
    EXPECT_EQ(library.registry().all().size(), built_in_blocks().all().size() + 1);
    EXPECT_NE(library.registry().find("nothing"), nullptr);
    EXPECT_TRUE(library.plugins().empty());
}

TEST(Library, NamesWhoHasATypeAlreadyAndAddsNothingThen) {
    Library library;
    library.add("a.so", [](Registry& r) { r.add<Nothing>("nothing", ""); });
    EXPECT_EQ(refusal(library, "b.so",
                      [](Registry& r) {
                          r.add<Nothing>("copy", "");
                          r.add<Nothing>("fresh", "");
                          r.add<Nothing>("nothing", "");
                      }),
              "b.so: expected block types that are not there yet, got copy, which flowspan has\n"
              "   hint: give it another name where it is registered\n"
              "b.so: expected block types that are not there yet, got nothing, which a.so has\n"
              "   hint: give it another name where it is registered");
    EXPECT_EQ(library.registry().find("fresh"), nullptr);
}

TEST(Library, SaysWhyARegistrationFailed) {
    Library library;
    EXPECT_EQ(refusal(library, "a.so", [](Registry&) { throw std::runtime_error("no licence"); }),
              "a.so: expected a registration of blocks that succeeds, got the exception: no licence");
    EXPECT_EQ(refusal(library, "a.so", [](Registry&) { throw 1; }),
              "a.so: expected a registration of blocks that succeeds, got an exception that is no std::exception");
    EXPECT_EQ(refusal(library, "a.so", [](Registry&) {}), "a.so: expected at least one block type or format, got none");
}

TEST(Library, TakesPluginsFromTheEnvironmentFirst) {
    setenv("FLOWSPAN_PLUGINS", ":a.so::b.so:", 1);
    EXPECT_THAT(run::plugin_files({"c.so"}), ElementsAre("a.so", "b.so", "c.so"));
    unsetenv("FLOWSPAN_PLUGINS");
    EXPECT_THAT(run::plugin_files({"c.so"}), ElementsAre("c.so"));
}
