// What a block makes it says the length of, and its hash is that of the file.
#include "tests/unit/run/blocks/every_block.hpp"

#include <algorithm>

namespace flowspan::run::every_block {
namespace {

TEST_P(EveryBlock, SaysHowMuchItsProductsHold) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto block = type.variants[0].make();
    const bool makes_files = std::any_of(block->parameters().begin(), block->parameters().end(), [](const ParameterBase* p) {
        return p->declaration().kind == ParameterKind::product_path;
    });
    for (const int ranks : {1, 2}) {
        const Ran one = ran(graph_around(type, 0, "", plain), ranks, 0);
        ASSERT_EQ(one.code, ExitCode::done) << one.cause;
        const Value::List& products = one.report.at("products").list();
        EXPECT_EQ(products.empty(), !makes_files);
        for (const Value& p : products) {
            const std::string& path = p.at("path").string();
            ASSERT_NE(p.find("items"), nullptr) << path;
            EXPECT_GT(p.at("items").integer(), 0) << path;
            EXPECT_NE(p.at("what").string(), "") << path;
            EXPECT_EQ(p.at("xxh3_128").string(), one.hashes.at(path)) << path;
        }
        const bool of_stream = makes_files && !block->inputs().empty();
        EXPECT_EQ(of_stream, std::any_of(products.begin(), products.end(), [](const Value& p) { return p.find("seconds"); }));
    }
}

}  // namespace
}  // namespace flowspan::run::every_block
