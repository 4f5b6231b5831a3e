// Items of several samples.
#include "tests/unit/io/folder.hpp"
#include "tests/unit/run/blocks/every_block.hpp"

#include <algorithm>
#include <cstddef>

namespace flowspan::run::every_block {

namespace {

/// Element e of every item, as a stream of its own.
template <class T>
test::Stream element(const test::Stream& whole, std::size_t e) {
    const std::vector<T> samples = whole.samples<T>();
    const std::size_t n = samples_of(whole.description.shape);
    std::vector<T> own;
    for (std::size_t i = e; i < samples.size(); i += n) own.push_back(samples[i]);
    test::Stream s = whole;
    s.description.shape.clear();
    s.bytes = test::Stream::of(own).bytes;
    return s;
}

/// The bytes of element e, of samples of any type.
std::vector<std::byte> element_bytes(const test::Stream& whole, std::size_t e) {
    const std::size_t n = samples_of(whole.description.shape), size = size_of(whole.description.type);
    std::vector<std::byte> own;
    for (std::size_t at = e * size; at < whole.bytes.size(); at += n * size)
        own.insert(own.end(), whole.bytes.begin() + std::ptrdiff_t(at), whole.bytes.begin() + std::ptrdiff_t(at + size));
    return own;
}

/// Runs the block of this registered type on items of each odd shape. Where it takes them, what comes of an element is what
/// comes of a stream of it alone.
template <class T>
void try_odd_items(const BlockType& type, const Value::Map& parameters, std::size_t inputs) {
    constexpr std::uint64_t items = 12007;  // there is a gap at 10007
    const test::Folder folder;
    test::Options options;
    options.out = folder / "out";
    const auto run = [&](const test::Stream& s) {
        return test::run(type.name, parameters, std::vector<test::Stream>(inputs, s), options);
    };
    const auto prototype = type.variants[0].make();
    const bool rearranges =
        type.name.find("to_vector") != std::string::npos || type.name.starts_with("vector_to_");  // tests of their own
    for (const NamedShape& odd : odd_items()) {
        test::Stream whole = odd_stream<T>(items, odd.shape);
        std::optional<test::Outcome> all;
        options.seed = odd.shape[0].size;
        try {
            all = run(whole);
        } catch (const Refused& refused) {
            const Diagnostic& d = refused.diagnostics()[0];
            if (rearranges) continue;
            EXPECT_TRUE(d.expected == "items of one sample" || d.expected.starts_with("items of one sample, or with an axis `"))
                << d.text();
            EXPECT_EQ(d.got, odd.called);
            EXPECT_TRUE(d.key.starts_with("blocks.block.in")) << d.key;
        }
        if (!all || rearranges || all->outputs.empty()) continue;
        for (std::size_t e = 0; e < samples_of(odd.shape); ++e) {
            const test::Outcome own = run(element<T>(whole, e));
            ASSERT_EQ(own.outputs.size(), all->outputs.size());
            for (std::size_t k = 0; k < own.outputs.size(); ++k) {
                ASSERT_EQ(all->outputs[k].description.shape, odd.shape) << odd.called;
                EXPECT_FALSE(own.outputs[k].bytes.empty());
                EXPECT_TRUE(element_bytes(all->outputs[k], e) == own.outputs[k].bytes)
                    << "element " << e << " of " << odd.called;
            }
        }
    }
}

TEST_P(EveryBlock, RefusesItemsOfSeveralSamplesOrTreatsEachElementAsIfAlone) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto prototype = type.variants[0].make();
    const bool group = takes_group(*prototype);
    if (prototype->inputs().empty() && !group) GTEST_SKIP() << "no stream goes in";
    Described d;
    describe(type, d);
    const std::size_t inputs = d.graph->described().blocks[std::size_t(d.block)].inputs.size();
    const SampleType first = group ? type.variants[0].type : prototype->inputs()[0]->declared_type();
    if (first != SampleType::rf32) try_odd_items<cf32>(type, parameters_of(d), inputs);
    // Of several types the example may be for the first alone.
    const bool takes_real = std::any_of(type.variants.begin(), type.variants.end(),
                                        [](const BlockType::Variant& v) { return v.type == SampleType::rf32; });
    if (first == SampleType::rf32 || (takes_real && type.variants.size() > 1 && type.name != "convert"))
        try_odd_items<f32>(type, parameters_of(d), inputs);
}

}  // namespace

}  // namespace flowspan::run::every_block
