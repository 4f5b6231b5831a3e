// What holds for every block: its output depends neither on how the stream is cut into calls nor on the stream's length being
// convenient, and wrong parameters are refused.
#pragma once

#include <flowspan/test.hpp>

#include "tests/unit/oracle.hpp"

#include <gtest/gtest.h>

namespace flowspan::test {

inline const oracle::File& vectors() {
    static const oracle::File file("tests/unit/blocks/data/blocks.txt");
    return file;
}

inline std::vector<f32> real_parts(const std::vector<cf32>& z) {
    std::vector<f32> x;
    for (const cf32 v : z) x.push_back(v.real());
    return x;
}

/// Of scripts/oracles/detection.py.
inline const oracle::File& detections() {
    static const oracle::File file("tests/unit/blocks/data/detection.txt");
    return file;
}

/// The shared input of the oracles at 1 kHz.
inline Stream input() { return Stream::of(vectors().samples("in"), Rational(1000)); }
inline Stream real_input() { return Stream::of(real_parts(vectors().samples("in")), Rational(1000)); }

/// The samples of output `port` of a run.
template <class T>
std::vector<T> made(const std::string& type, const Value::Map& parameters, const std::vector<Stream>& inputs,
                    std::size_t port = 0) {
    return run(type, parameters, inputs).outputs.at(port).template samples<T>();
}

inline std::string log_of(const Outcome& o) {
    std::string text;
    for (const auto& [port, messages] : o.messages)
        for (const Message& m : messages) text += port + " " + m.stamp.text() + " " + m.value.json() + "\n";
    return text;
}

/// The same bytes, tags, messages and results however the calls are cut.
inline void expect_chunks_do_not_matter(const std::string& type, const Value::Map& parameters,
                                        const std::vector<Stream>& inputs, std::uint64_t max_outputs = 1000000) {
    Options options;
    options.max_outputs = max_outputs;
    const Outcome whole = run(type, parameters, inputs, options);
    for (const std::size_t max_chunk : {1, 7, 100, 0}) {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            options.seed = seed;
            options.max_chunk = max_chunk;
            const Outcome pieces = run(type, parameters, inputs, options);
            ASSERT_EQ(pieces.outputs.size(), whole.outputs.size());
            for (std::size_t k = 0; k < whole.outputs.size(); ++k) {
                EXPECT_TRUE(pieces.outputs[k].bytes == whole.outputs[k].bytes)
                    << type << " chunk " << max_chunk << " seed " << seed;
                EXPECT_TRUE(pieces.outputs[k].tags == whole.outputs[k].tags)
                    << type << " chunk " << max_chunk << " seed " << seed;
            }
            EXPECT_EQ(log_of(pieces), log_of(whole)) << type << " chunk " << max_chunk << " seed " << seed;
            EXPECT_TRUE(pieces.results == whole.results);
        }
    }
}

/// The first `n` samples of `in`, or those after them.
template <class T>
Stream part(const Stream& in, std::size_t from, std::size_t to) {
    Stream s = in;
    s.bytes.assign(in.bytes.begin() + std::ptrdiff_t(from * sizeof(T)), in.bytes.begin() + std::ptrdiff_t(to * sizeof(T)));
    return s;
}

/// A gap in the middle: what comes out is what the two parts give by themselves, one after the other, however calls are cut. At
/// a multiple of `period`, where phases are counted from the index.
template <class T>
void expect_stretches_stand_alone(const std::string& type, const Value::Map& parameters, const Stream& in,
                                  std::size_t period = 1) {
    const std::size_t n = in.bytes.size() / sizeof(T), middle = n * 2 / 5 / period * period;
    Stream broken = in;
    broken.stretches.push_back({middle, {Break::gap, 100}, {}, {}});
    const Outcome first = run(type, parameters, {part<T>(in, 0, middle)}),
                  second = run(type, parameters, {part<T>(in, middle, n)});
    for (const std::uint64_t seed : {0, 1, 2}) {
        Options options;
        options.seed = seed;
        const Outcome both = run(type, parameters, {broken}, options);
        for (std::size_t k = 0; k < both.outputs.size(); ++k) {
            auto expected = first.outputs[k].bytes;
            expected.insert(expected.end(), second.outputs[k].bytes.begin(), second.outputs[k].bytes.end());
            EXPECT_TRUE(both.outputs[k].bytes == expected) << type << " seed " << seed;
            ASSERT_EQ(both.outputs[k].stretches.size(), 1U);
            EXPECT_EQ(both.outputs[k].stretches[0].index * both.outputs[k].description.item_size(),
                      first.outputs[k].bytes.size());
        }
    }
}

/// Streams of 0, 1 and prime lengths give as many items as `count` says.
template <class T, class Count>
void expect_lengths(const std::string& type, const Value::Map& parameters, Count count) {
    for (const std::size_t n : {0, 1, 2, 31, 997}) {
        const Stream in = Stream::of(std::vector<T>(n, T(0.5F)), Rational(1000));
        const Outcome o = run(type, parameters, {in});
        for (const Stream& out : o.outputs)
            EXPECT_EQ(out.bytes.size(), std::size_t(count(n)) * out.description.item_size()) << type << " of " << n << " items";
    }
}

/// The run is refused with one diagnostic that has these words.
inline void expect_refused(const std::string& type, const Value::Map& parameters, const std::vector<Stream>& inputs,
                           const std::string& expected, const std::string& got) {
    try {
        run(type, parameters, inputs);
        FAIL() << type << " was not refused";
    } catch (const Refused& r) {
        ASSERT_EQ(r.diagnostics().size(), 1U) << r.what();
        EXPECT_EQ(r.diagnostics()[0].expected, expected);
        EXPECT_EQ(r.diagnostics()[0].got, got);
    }
}

}  // namespace flowspan::test
