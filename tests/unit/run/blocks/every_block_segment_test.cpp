// A segment of a stream comes to the whole run's bytes.
#include "partition/lead_in.hpp"
#include "tests/unit/run/blocks/every_block.hpp"

#include <algorithm>
#include <iostream>
#include <random>

namespace flowspan::run::every_block {

namespace {

// A run that begins at a random place with just what the outputs from there on depend on, and ends by SEAM behind them, makes
// the whole run's items. What remembers everything says what that is.
TEST_P(EveryBlock, OfFiniteMemoryMakesTheWholeRunsItemsFromTheMiddleOn) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto prototype = type.variants[0].make();
    const bool group = takes_group(*prototype);
    if ((prototype->inputs().empty() && !group) || (prototype->outputs().empty() && prototype->groups().empty()))
        GTEST_SKIP() << "no stream passes it";
    Described d;
    describe(type, d);
    const graph::DescribedBlock& block = d.graph->described().blocks[std::size_t(d.block)];
    if (block.memory == Memory::unbounded) {
        const std::string& state = d.graph->block(d.block).declared().state;
        std::cout << type.name << " remembers " << state << "\n";
        EXPECT_NE(state, "") << "what it remembers: memory(Memory::unbounded, \"the …\")";
        return;
    }
    const bool real = !group && prototype->inputs()[0]->declared_type() == SampleType::rf32;
    const Shape items_in = usual_items(type);
    const test::Stream whole = real ? odd_stream<f32>(length, items_in) : odd_stream<cf32>(length, items_in);
    const Value::Map parameters = parameters_of(d);
    const std::size_t inputs = block.inputs.size();
    const test::Outcome all = test::run(type.name, parameters, std::vector<test::Stream>(inputs, whole));
    std::mt19937_64 random(7);
    for (int round = 0; round < 12; ++round) {
        const std::uint64_t anchor = round % 2 == 0 ? 0 : 10007, most = (round % 2 == 0 ? 10007 : length) - anchor;
        // Indices of outputs count on behind the gap.
        const std::size_t k = random() % all.outputs.size();
        const std::size_t size = all.outputs[k].description.item_size();
        const std::uint64_t items = all.outputs[k].bytes.size() / size,
                            middle = all.outputs[k].stretches.empty() ? items : all.outputs[k].stretches[0].index;
        const std::uint64_t begun = round % 2 == 0 ? 0 : middle, there = round % 2 == 0 ? middle : items - middle;
        if (there == 0) continue;
        const std::uint64_t first = random() % there, end = std::min(there, first + 1 + random() % 700);
        const partition::LeadIn lead = partition::lead_in(d.graph->described(), block.outputs[k], {first, end}, anchor == 0);
        ASSERT_TRUE(lead.unbounded.empty());
        const partition::Span needs = *lead.of_output[std::size_t(block.inputs[0].output)];
        if (needs.end > most) continue;  // an end by SEAM pads nothing
        test::Stream part = whole;
        const std::size_t item = part.description.item_size();
        part.bytes.resize(std::size_t(anchor + needs.end) * item);
        std::fill_n(part.bytes.begin(), (anchor + needs.first) * item, std::byte(0xff));  // NaN: it must not be looked at
        test::Options options;
        options.seed = std::uint64_t(round);
        options.seam = true;
        options.begin = anchor + needs.first;
        const test::Outcome some = test::run(type.name, parameters, std::vector<test::Stream>(inputs, part), options);
        const test::Stream& got = some.outputs[k];
        const std::uint64_t from = got.first;
        ASSERT_FALSE(got.bytes.empty()) << type.name << " " << first << " to " << end << " needs " << needs.first << " to "
                                        << needs.end;
        EXPECT_LE(from, begun + first);
        EXPECT_GE(from + got.bytes.size() / size, begun + end) << type.name;
        const bool equal =
            from >= begun && (from * size + got.bytes.size()) <= all.outputs[k].bytes.size() &&
            std::equal(got.bytes.begin(), got.bytes.end(), all.outputs[k].bytes.begin() + std::ptrdiff_t(from * size));
        EXPECT_TRUE(equal) << type.name << " from " << from << ", asked for " << begun + first << " to " << begun + end;
    }
}

}  // namespace

}  // namespace flowspan::run::every_block
