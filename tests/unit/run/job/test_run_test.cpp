// flowspan::test::run is a run like any other, of one block on one rank.
#include "runtime/task/block_task.hpp"

#include <gtest/gtest.h>
#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>
#include <flowspan/test.hpp>

#include <stdexcept>

namespace flowspan {
namespace {

struct Fragile final : Block {
    Input<f32> in{*this, "in"};
    void describe() override {}
    void work(std::size_t n) override {
        if (in.index() + n > 50) throw std::runtime_error("the glass broke");
    }
};

TEST(RunOfOneBlock, WhatItThrowsIsAFailureOfThatBlock) {
    Registry registry;
    registry.add<Fragile>("fragile", "Breaks.");
    test::Options options;
    options.registry = &registry;
    EXPECT_NO_THROW(test::run("fragile", {}, {test::Stream::of(std::vector<f32>(50))}, options));
    try {
        test::run("fragile", {}, {test::Stream::of(std::vector<f32>(51))}, options);
        FAIL() << "nothing broke";
    } catch (const runtime::BlockFailure& failure) {
        EXPECT_EQ(failure.block, "block");
        EXPECT_EQ(failure.code(), ExitCode::block);
        EXPECT_STREQ(failure.what(), "the glass broke");
    }
}

TEST(RunOfOneBlock, OfATypeThatIsNotThereIsRefusedWithTheNearest) {
    try {
        test::run("fir_fliter", {}, {});
        FAIL() << "there is such a type";
    } catch (const Refused& refused) {
        EXPECT_STREQ(refused.what(), "expected a block type, got fir_fliter\n   hint: did you mean `fir_filter`?");
    }
}

}  // namespace
}  // namespace flowspan
