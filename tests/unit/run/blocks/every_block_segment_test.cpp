// A segment of a stream comes to the whole run's bytes.
#include "partition/lead_in.hpp"
#include "tests/unit/run/blocks/every_block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <regex>

namespace flowspan::run::every_block {

namespace {

/// Tags of items `first` to `end`, a line each.
std::string tags_of(const test::Stream& s, std::uint64_t first, std::uint64_t end) {
    std::string all;
    for (const Tag& t : s.tags)
        if (t.index >= first && t.index < end) all += fmt::format("{} {} {}\n", t.index, t.key, t.value.json());
    return all;
}

template <class T>
test::Stream tagged_stream(const Shape& items) {
    test::Stream s = odd_stream<T>(length, items);
    for (std::uint64_t i = 0; i < length; i += 83) s.tags.push_back({i, "mark", Value(i)});
    return s;
}

/// Parts of the outputs of a block that is described, fed with items of its first or another sample type.
void expect_parts_of_the_whole(const BlockType& type, const Described& d, const test::Stream& whole) {
    const graph::DescribedBlock& block = d.graph->described().blocks[std::size_t(d.block)];
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
        std::erase_if(part.tags, [&](const Tag& t) { return t.index >= anchor + needs.end; });
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
        // (Tags of the first item may lie before what it is made of; the last one of a stretch gets those that are left over.)
        const std::uint64_t tagged = std::max(begun + first, from + 1), until = begun + end - 1;
        EXPECT_EQ(tags_of(got, tagged, until), tags_of(all.outputs[k], tagged, until)) << type.name;
    }
}

// A run that begins at a random place with just what the outputs from there on depend on, and ends by SEAM behind them, makes
// the whole run's items and tags, in complex samples and in real ones. What remembers everything says what that is.
TEST_P(EveryBlock, OfFiniteMemoryMakesTheWholeRunsItemsFromTheMiddleOn) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto prototype = type.variants[0].make();
    const bool group = takes_group(*prototype);
    if ((prototype->inputs().empty() && !group) || (prototype->outputs().empty() && prototype->groups().empty()))
        GTEST_SKIP() << "no stream passes it";
    const std::string text = graph_around(type, 0, "", plain);
    for (const std::string samples : {"cf32", "rf32"}) {
        SCOPED_TRACE(samples);
        Described d;
        try {
            describe_graph(std::regex_replace(text, std::regex("datatype: .f32"), "datatype: " + samples), d);
        } catch (const Refused&) {
            if (text.find("datatype: " + samples) != std::string::npos) throw;
            continue;  // it takes one of the two
        }
        const graph::DescribedBlock& block = d.graph->described().blocks[std::size_t(d.block)];
        if (block.memory == Memory::unbounded) {
            const std::string& state = d.graph->block(d.block).declared().state;
            std::cout << type.name << " remembers " << state << "\n";
            EXPECT_NE(state, "") << "what it remembers: memory(Memory::unbounded, \"the …\")";
            return;
        }
        expect_parts_of_the_whole(
            type, d, samples == "rf32" ? tagged_stream<f32>(usual_items(type)) : tagged_stream<cf32>(usual_items(type)));
    }
}

}  // namespace

}  // namespace flowspan::run::every_block
