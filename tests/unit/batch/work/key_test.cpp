// What a key counts: revisions of blocks and content of files, neither folders nor the build.
#include "batch/work/key.hpp"

#include "tests/unit/io/folder.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

using flowspan::test::Folder;
using flowspan::test::sentence_of;

struct Plain : Block {
    Output<f32> out{*this, "out"};
    void describe() override {
        StreamDescription d;
        d.sample_rate = Rational(1000);
        out.describe(d);
    }
    void work(std::size_t) override {}
};
struct Other final : Plain {
    Parameter<int> revision{*this, "revision", {.initial = 7, .help = "Of something else."}};
};
struct Second final : Plain {
    static constexpr int revision = 2;
};
template <class T>
struct OfAnyType final : Block {
    static constexpr int revision = 3;
    Output<T> out{*this, "out"};
    void describe() override {}
    void work(std::size_t) override {}
};

template <class B>
Origin origin_with() {
    Registry registry = built_in_blocks();
    registry.add<B>("maker", "Makes nothing.");
    const runtime::Flowgraph graph(registry,
                                   "flowspan: 1\nblocks:\n  source: {type: file_source, path: /data/a.cf32, sample_rate: 1}\n"
                                   "  maker: {type: maker}\n  sink: {type: null_sink}\n  other: {type: null_sink}\n"
                                   "connections: [source -> sink, maker -> other]\n",
                                   "graph.yaml", {});
    return origin_of(graph, registry, "/out", [](const std::string& recording) { return std::vector{recording}; });
}

Value agreement() {
    return Value::Map{
        {"build", "1"}, {"isa", "avx2"}, {"fft", "native"}, {"fingerprint", "f"}, {"plugins", Value::List{"plug 1"}}};
}

TEST(Revision, IsOneUnlessABlockSaysOtherwise) {
    Registry registry;
    registry.add<Plain>("plain", "");
    registry.add<Second>("second", "");
    registry.add<Other>("other", "");
    registry.add<OfAnyType>("third", "", types<cf32, f32>);
    EXPECT_EQ(registry.find("plain")->revision, 1);
    EXPECT_EQ(registry.find("second")->revision, 2);
    EXPECT_EQ(registry.find("other")->revision, 1);
    EXPECT_EQ(registry.find("third")->revision, 3);
}

TEST(Key, CountsTheRevisionsOfItsBlocks) {
    const Origin first = origin_with<Plain>(), second = origin_with<Second>();
    EXPECT_NE(first.graph.find("\"maker\" \"maker\" 1 {}\n"), std::string::npos) << first.graph;
    EXPECT_NE(second.graph.find("\"maker\" \"maker\" 2 {}\n"), std::string::npos) << second.graph;
    EXPECT_NE(key_of(first, {}, agreement()), key_of(second, {}, agreement()));
    EXPECT_EQ(key_of(first, {}, agreement()), key_of(origin_with<Plain>(), {}, agreement()));
}

TEST(Key, CountsWhatComputesAndNotTheBuild) {
    const Origin origin = origin_with<Plain>();
    const std::string key = key_of(origin, {}, agreement());
    for (const char* what : {"isa", "fft", "fingerprint", "plugins"}) {
        Value other = agreement();
        other.map()[what] = "another";
        EXPECT_NE(key_of(origin, {}, other), key) << what;
    }
    Value newer = agreement();
    newer.map()["build"] = "2";
    EXPECT_EQ(key_of(origin, {}, newer), key);
}

TEST(Key, CountsContentWhereverItLies) {
    const Folder folder;
    const std::string a = folder.write("a", "some samples"), b = folder.write("b", "some samples"),
                      c = folder.write("c", "others");
    Origin origin{"graph", {a}};
    const std::string key = key_of(origin, Content::read({a}), agreement());
    EXPECT_EQ(key_of({"graph", {b}}, Content::read({b}), agreement()), key);
    EXPECT_NE(key_of({"graph", {c}}, Content::read({c}), agreement()), key);
    EXPECT_NE(key_of({"graph", {a, b}}, Content::read({a, b}), agreement()), key);
}

// As `xxh128sum` prints them.
TEST(Content, IsTheHashOfTheFileWhoeverReadsIt) {
    const Folder folder;
    const std::string a = folder.write("a", "flowspan"), none = folder.write("none", "");
    EXPECT_EQ(Content::read({a}).hash_of(a), "5ae18df6e7e3b083c6ed7a9dbedfee47");
    EXPECT_EQ(Content::read({none}).hash_of(none), "99aa06d3014798d86001c324468d497f");
    Content later = Content::begin({a, none});
    EXPECT_EQ(later.hash_of(a), "");
    EXPECT_EQ(later.bytes(), 8U);
    later.complete({{a, "of whoever has read it"}});
    EXPECT_EQ(later.hash_of(a), "of whoever has read it");
    EXPECT_EQ(later.hash_of(none), "99aa06d3014798d86001c324468d497f") << "nobody has read it, so it is read now";
}

TEST(Content, OfAFileThatChangesWhileItIsReadIsAFailure) {
    const Folder folder;
    const std::string a = folder.write("a", "flowspan");
    const std::string sentence = a + " has changed while it was read";
    for (const bool hashed : {false, true}) {
        Content content = Content::begin({a});
        folder.write("a", hashed ? "flowspan" : "flowspan, longer");
        std::filesystem::last_write_time(a, std::filesystem::file_time_type::clock::now() + std::chrono::seconds(1 + hashed));
        EXPECT_EQ(
            sentence_of([&] {
                content.complete(hashed ? std::map<std::string, std::string>{{a, "x"}} : std::map<std::string, std::string>{});
            }),
            sentence);
    }
    std::filesystem::remove(a);
    EXPECT_EQ(sentence_of([&] { (void)Content::begin({a}); }), "cannot read " + a + ": No such file or directory");
}

}  // namespace
}  // namespace flowspan::batch
