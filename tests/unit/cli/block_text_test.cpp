// What `flowspan blocks` says of a block type, and the C++ header that it writes.
#include "cli/library/block_text.hpp"
#include "cli/library/cpp_header.hpp"

#include <flowspan/block.hpp>
#include <flowspan/command.hpp>

#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace flowspan;
using testing::HasSubstr;

namespace {

struct Meter final : Block {
    Parameter<double> floor{*this,
                            "floor",
                            {.unit = decibel,
                             .initial = -60,
                             .min = -200,
                             .max = 0,
                             .when = Change::running,
                             .help = "Nothing below it counts.",
                             .tag = "level",
                             .message = "adjust"}};
    Parameter<std::string> name{*this, "name", {.help = "Of the meter."}};
    Parameter<int> register_{*this, "register", {.optional = true}};
    Input<f32> in{*this, "in", {.items = {"channel"}}};
    MessageInput adjust{*this, "adjust"};
    Reading<double> level{*this, "level", {.unit = decibel, .help = "Of the last call."}};
    Reading<std::int64_t> calls{*this, "calls", {}};
    Command<void(double, std::string)> mark{*this, "mark", {.help = "Writes a line."}, [](double, const std::string&) {}};
    Command<int()> count{*this, "count", {.changes = false}, [] { return 1; }};
    void describe() override {}
    void receive(MessageInput&, const Message&) override {}
};

const BlockType& meter() {
    static const Registry registry = [] {
        Registry r;
        r.add<Meter>("meter", "Measures.", "name: one");
        return r;
    }();
    return *registry.find("meter");
}

std::string text_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(BlockText, SaysWhatSetsParametersWhatMayBeReadAndWhatItObeys) {
    EXPECT_EQ(
        cli::block_text(meter()),
        "meter: Measures.\n"
        "  input            in (rf32; items of one sample, or with an axis `channel`)\n"
        "  messages in      adjust\n"
        "  floor            a level from -200 dB to 0 dB; default -60.0 dB; may change while running; set by tags `level`; "
        "set by messages on `adjust`\n"
        "                     Nothing below it counts.\n"
        "  name             a text; must be given\n"
        "                     Of the meter.\n"
        "  register         an integer; may be left out\n"
        "  reading          level (real, dB)\n"
        "                     Of the last call.\n"
        "  reading          calls (integer)\n"
        "  command          mark(real, string)\n"
        "                     Writes a line.\n"
        "  command          count(); changes nothing\n"
        "  example          {type: meter, name: one}\n");
}

TEST(Library, GivesBlocksThatPlugInsAddToItNoKind) {
    Registry registry = built_in_blocks();
    registry.add<Meter>("meter", "Measures.", "name: one");
    EXPECT_EQ(registry.find("meter")->kind, "");
    EXPECT_EQ(registry.find("copy")->kind, "streams");
}

TEST(BlockText, SaysTheSameToPrograms) {
    const Value v = cli::block_value(meter());
    EXPECT_EQ(v.at("parameters").list()[0].json(),
              R"({"default":-60.0,"help":"Nothing below it counts.","kind":"real","max":0.0,"message":"adjust","min":-200.0,)"
              R"("name":"floor","required":false,"tag":"level","unit":"dB","when":"running"})");
    EXPECT_EQ(v.at("readings").json(), R"([{"help":"Of the last call.","kind":"real","name":"level","unit":"dB"},)"
                                       R"({"help":"","kind":"integer","name":"calls"}])");
    EXPECT_EQ(v.at("commands").json(),
              R"([{"arguments":["real","string"],"changes":true,"help":"Writes a line.","name":"mark"},)"
              R"({"arguments":[],"changes":false,"help":"","name":"count"}])");
}

TEST(CppHeader, HasAClassWithAMemberForEverythingThatIsDeclared) {
    const std::string header = cli::cpp_header({&meter()});
    EXPECT_THAT(header, HasSubstr(R"(
/// Measures.
class meter : public BlockProxy {
public:
    struct Settings {
        /// Nothing below it counts. A level from -200 dB to 0 dB; default -60.0 dB; may change while running; set by
        /// tags `level`; set by messages on `adjust`.
        std::optional<double> floor{};
        /// Of the meter. A text; must be given.
        std::optional<std::string> name_{};
        /// An integer; may be left out.
        std::optional<std::int64_t> register_{};
    };
    explicit meter(const BlockProxy& block) : BlockProxy(block) {}
    meter(Graph& graph, const std::string& name, const Settings& settings, int copies = 0)
        : meter(graph.add(name, "meter", detail::given_settings({
              {"floor", detail::setting(settings.floor)},
              {"name", detail::setting(settings.name_)},
              {"register", detail::setting(settings.register_)}}), copies)) {}

    TypedParameter<double> floor{*this, "floor"};
    TypedParameter<std::string> name_{*this, "name"};
    TypedParameter<std::int64_t> register_{*this, "register"};
    /// Of the last call. In dB.
    TypedReading<double> level{*this, "level"};
    TypedReading<std::int64_t> calls{*this, "calls"};
    /// Writes a line.
    TypedCommand<double, std::string> mark{*this, "mark"};
    TypedCommand<> count{*this, "count"};
};
)"));
}

TEST(CppHeader, MakesIdentifiersOfAnyNames) {
    Registry registry;
    registry.add<Meter>("2-way", "");
    registry.add<Meter>("2_way", "");
    registry.add<Meter>("switch", "");
    const std::string header = cli::cpp_header({registry.find("2-way"), registry.find("2_way"), registry.find("switch")});
    EXPECT_THAT(header, HasSubstr("class n2_way : public BlockProxy {"));
    EXPECT_THAT(header, HasSubstr("class n2_way_ : public BlockProxy {"));
    EXPECT_THAT(header, HasSubstr("class switch_ : public BlockProxy {"));
    EXPECT_THAT(header, HasSubstr("graph.add(name, \"2-way\", "));
}

TEST(CppHeader, OfEachKindOfBuiltInBlocksIsTheOneThatProgramsInclude) {
    std::map<std::string, std::vector<const BlockType*>> kinds;
    for (const auto& [name, type] : built_in_blocks().all()) kinds[type.kind].push_back(&type);
    std::string all = "// The block types of flowspan as C++ classes.\n#pragma once\n\n";
    for (const auto& [kind, types] : kinds) {
        const std::string header = "flowspan/blocks/" + kind + ".hpp";
        EXPECT_EQ(cli::cpp_header(types), text_of(FLOWSPAN_SOURCE_DIR "/include/" + header))
            << "A declaration has changed: build/flowspan blocks --cpp --kind " << kind << " >include/" << header;
        all += "#include <" + header + ">\n";
    }
    EXPECT_EQ(text_of(FLOWSPAN_SOURCE_DIR "/include/flowspan/blocks.hpp"), all);
}

}  // namespace
