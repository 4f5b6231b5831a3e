// NaN and infinities that come into a block.
#include "partition/lead_in.hpp"
#include "tests/unit/io/folder.hpp"
#include "tests/unit/run/blocks/every_block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace flowspan::run::every_block {

namespace {

constexpr f32 no_number = std::numeric_limits<f32>::quiet_NaN(), infinity = std::numeric_limits<f32>::infinity();

/// Further settings of blocks: other forms of their filters than the example has.
std::vector<Value::Map> forms_of(const std::string& type, const Value::Map& example) {
    std::vector<Value::Map> all{example};
    const Value::Doubles odd{0.5, -0.25, 0.125, 1, 0.75};
    if (type == "fir_filter")
        for (const int taps : {1, 37, 131, 513})
            for (const int decimation : {1, 3})
                all.push_back({{"cutoff", 2e5}, {"taps_count", taps}, {"decimation", decimation}});
    if (type == "fir_filter") all.push_back({{"taps", odd}});
    if (type == "fir_filter")
        all.insert(all.end(),
                   {{{"kind", "one_sided"}, {"low", -1e5}, {"high", 2e5}, {"taps_count", 37}},
                    {{"design", "remez"}, {"cutoff", 2e5}, {"transition", 5e4}, {"interpolation", 3}, {"decimation", 2}}});
    if (type == "iir_filter") all.push_back({{"sections", Value::Doubles{1, 2, 1, 1, -1.9, 0.95, 0.5, 0, 0, 1, 0.9, 0}}});
    if (type == "dc_blocker") all.push_back({{"length", 100}});
    if (type == "hilbert") all.push_back({{"taps_count", 301}});
    if (type == "half_band") all.push_back({{"attenuation", 140}});
    if (type == "cic") all.insert(all.end(), {{{"interpolation", 5}}, {{"decimation", 3}, {"differential_delay", 2}}});
    if (type == "agc") all.insert(all.end(), {{{"kind", "peak"}}, {{"kind", "feedforward"}, {"samples", 61}}});
    if (type == "squelch") all.push_back({{"threshold", -8}, {"alpha", 0.05}, {"mode", "zeros"}});
    if (type == "pll") all.push_back({{"loop_bandwidth", 1e4}, {"output", "frequency"}});
    if (type == "frequency_translate") all.insert(all.end(), {{{"shift", 1e5}}, {{"shift", -1e5}, {"taps_count", 83}}});
    if (type == "rational_resampler")
        all.insert(all.end(),
                   {{{"interpolation", 3}, {"decimation", 2}}, {{"interpolation", 5}, {"taps", odd}}, {{"taps_count", 700}}});
    if (type == "pfb_channelizer") all.push_back({{"channels", 5}, {"taps_per_channel", 7}});
    if (type == "deemphasis") all.insert(all.end(), {{{"tau", 1e-6}}, {{"tau", 1e-4}}});
    if (type == "fft") all.push_back({{"size", 60}, {"hop", 7}, {"window", "hann"}});
    if (type == "psd") all.insert(all.end(), {{{"size", 64}, {"average", 3}}, {{"size", 60}, {"average", 0}}});
    if (type == "multiply_const") all.push_back({{"constant", "0.5+2j"}});
    if (type == "complex_to")
        for (const char* part : {"real", "imag", "power", "phase"}) all.push_back({{"part", part}});
    if (type == "multiply") all.push_back({{"conjugate", true}});
    if (type == "integrate" || type == "moving_average")
        for (const int n : {1, 2, 61, 1000}) all.push_back({{"n", n}});
    if (type == "threshold") all.push_back({{"high", 0.1}});
    if (type == "waterfall_png") all.push_back({{"path", "a.png"}, {"size", 64}, {"height", 8}});
    if (type == "probe" || type == "burst_detector") all.push_back({{type == "probe" ? "every" : "frame", 61}});
    return all;
}

struct Blocked {
    test::Outcome outcome;
    std::string files;
    std::string text() const {
        std::string all = files + outcome.results.json();
        for (const test::Stream& s : outcome.outputs) {
            all.append(reinterpret_cast<const char*>(s.bytes.data()), s.bytes.size());
            for (const Tag& t : s.tags) all += fmt::format("{} {} {}\n", t.index, t.key, t.value.json());
        }
        for (const auto& [port, messages] : outcome.messages)
            for (const Message& m : messages) all += port + m.stamp.text() + m.value.json();
        return all;
    }
};
/// Nothing where the block does not take such a stream or such settings.
std::optional<Blocked> given(const std::string& type, const Value::Map& parameters, const std::vector<test::Stream>& inputs,
                             std::uint64_t seed = 0, std::size_t max_chunk = 0) {
    const test::Folder folder;
    test::Options options;
    options.out = folder.path();
    options.seed = seed;
    options.max_chunk = max_chunk;
    try {
        auto outcome = test::run(type, parameters, inputs, options);
        return Blocked{std::move(outcome), content(folder.path())};
    } catch (const Refused&) { return {}; }
}

/// The block of the outcome's form, described; its lead-in says what an output depends on.
std::unique_ptr<Described> described(const BlockType& type, const Value::Map& parameters, bool real) {
    BlockType other = type;
    std::string example;
    for (const auto& [key, value] : parameters) example += (example.empty() ? "" : ", ") + key + ": " + value.json();
    other.example = "{" + example + "}";
    std::string text = graph_around(other, 0, "", plain);
    if (const auto at = text.find("datatype: cf32"); real && at != std::string::npos) text.replace(at, 14, "datatype: rf32");
    auto d = std::make_unique<Described>();
    describe_graph(text, *d);
    return d;
}

/// The greatest |x| of an item, and whether all of it is finite. Integers are.
std::pair<double, bool> looked_at(const test::Stream& s, std::size_t item) {
    const std::size_t size = s.description.item_size();
    if (is_integer(s.description.type)) return {0, true};
    double most = 0;
    bool finite = true;
    for (std::size_t k = 0; k + sizeof(f32) <= size; k += sizeof(f32)) {
        f32 x = 0;
        std::memcpy(&x, s.bytes.data() + item * size + k, sizeof x);
        finite = finite && std::isfinite(x);
        most = std::max(most, double(std::abs(x)));
    }
    return {most, finite};
}

/// Items of an output that see the bad one are between those that do not, and these are as without it.
void expect_spread(const graph::DescribedBlock& block, const test::Stream& got, const test::Stream& clean, std::uint64_t bad,
                   const std::string& what) {
    ASSERT_EQ(got.bytes.size(), clean.bytes.size()) << what;
    const std::size_t size = got.description.item_size(), items = got.bytes.size() / size;
    double full = 1e-30;
    for (std::size_t m = 0; m < items; ++m)
        if (const auto [most, finite] = looked_at(clean, m); finite) full = std::max(full, most);
    for (std::size_t m = 0; m < items; ++m) {
        // A grid is how calls are cut, not what an item depends on.
        graph::DescribedBlock single = block;
        single.ratio.grid = 1;
        const auto span = partition::needed_by(single, single.inputs[0], {m, m + 1});
        if (bad >= span->first && bad < span->end) continue;
        if (!looked_at(clean, m).second) continue;  // a logarithm
        ASSERT_TRUE(looked_at(got, m).second) << what << ": item " << m << " sees " << span->first << " to " << span->end;
        for (std::size_t k = 0; !is_integer(got.description.type) && k + sizeof(f32) <= size; k += sizeof(f32)) {
            f32 a = 0, b = 0;
            std::memcpy(&a, got.bytes.data() + m * size + k, sizeof a);
            std::memcpy(&b, clean.bytes.data() + m * size + k, sizeof b);
            ASSERT_NEAR(double(a), double(b), 2e-6 * full) << what << ": item " << m;
        }
    }
}

template <class T>
test::Stream with_bad(std::uint64_t items, const std::vector<std::pair<std::uint64_t, f32>>& bad) {
    std::vector<T> samples;
    for (std::uint64_t i = 0; i < items; ++i) samples.push_back(sample<T>(i));
    for (const auto& [at, value] : bad) {
        auto* parts = reinterpret_cast<f32*>(samples.data() + at);
        parts[sizeof(T) == sizeof(cf32) ? at % 2 : 0] = value;
        if (sizeof(T) == sizeof(cf32) && at % 3 == 0) parts[0] = at % 2 == 0 ? value : -value, parts[1] = value;
    }
    test::Stream s = test::Stream::of(samples, Rational(1000000));
    s.description.center_frequency = 1e8;
    s.description.utc = Time(1000, Rational());
    return s;
}

template <class T>
void expect_bad_samples_stay(const BlockType& type, const Value::Map& parameters) {
    const bool real = sizeof(T) == sizeof(f32);
    constexpr std::uint64_t items = 6007;
    const auto prototype = type.variants[0].make();
    if (real && !prototype->message_inputs().empty()) return;  // its messages are about complex samples
    const std::size_t inputs = takes_group(*prototype) ? 2 : prototype->inputs().size();
    const auto all = [&](const test::Stream& s) { return std::vector<test::Stream>(inputs, s); };
    const auto clean = given(type.name, parameters, all(with_bad<T>(items, {})));
    if (!clean) return;
    const auto d = described(type, parameters, real);
    const graph::DescribedBlock& block = d->graph->described().blocks[std::size_t(d->block)];
    std::mt19937_64 random(items);
    for (const f32 value : {no_number, -no_number, infinity, -infinity}) {
        const std::uint64_t bad = random() % items;
        const std::string what = fmt::format("{} {} with {} at {}", type.name, Value(parameters).json(), value, bad);
        const auto one = given(type.name, parameters, all(with_bad<T>(items, {{bad, value}})));
        ASSERT_TRUE(one) << what;
        if (block.memory != Memory::unbounded)
            for (std::size_t k = 0; k < one->outcome.outputs.size(); ++k)
                expect_spread(block, one->outcome.outputs[k], clean->outcome.outputs[k], bad, what);
    }
    for (const std::uint64_t n : {std::uint64_t(0), std::uint64_t(1), std::uint64_t(61), items}) {
        std::vector<std::pair<std::uint64_t, f32>> bad;
        for (std::uint64_t k = 0; n > 0 && k < 1 + n / 40; ++k)
            bad.emplace_back(random() % n, std::array{no_number, -no_number, infinity, -infinity}[random() % 4]);
        auto inputs_now = all(with_bad<T>(n, bad));
        for (auto& [at, value] : bad) value = -value;  // two NaN meet that are not the same bits
        if (inputs > 1) inputs_now[1] = with_bad<T>(n, bad);
        const auto whole = given(type.name, parameters, inputs_now);
        ASSERT_TRUE(whole);
        for (const std::size_t max_chunk : {0, 7, 100})
            for (std::uint64_t seed = 1; seed <= 2; ++seed)
                EXPECT_TRUE(given(type.name, parameters, inputs_now, seed, max_chunk)->text() == whole->text())
                    << type.name << " " << Value(parameters).json() << ", " << n << (real ? " real" : " complex")
                    << " samples, at most " << max_chunk << " a call, seed " << seed;
    }
}

// NaN and infinities touch what has them within its history and window, and nothing else; the bytes do not depend on the calls.
TEST_P(EveryBlock, SpreadsWhatIsNotFiniteNoFurtherThanItSees) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto prototype = type.variants[0].make();
    if (prototype->inputs().empty() && !takes_group(*prototype)) GTEST_SKIP() << "no stream comes in";
    Described d;
    describe(type, d);
    Value::Map example;
    const auto& settings = d.graph->spec().blocks[std::size_t(d.block)].settings;
    for (const auto& [key, node] : settings) example[key] = d.graph->block(d.block).parameter(key)->value();
    if (const auto path = settings.find("path"); path != settings.end()) example["path"] = path->second.text;
    for (const Value::Map& parameters : forms_of(type.name, example)) {
        expect_bad_samples_stay<cf32>(type, parameters);
        expect_bad_samples_stay<f32>(type, parameters);
        if (::testing::Test::HasFatalFailure()) return;
    }
}

}  // namespace

}  // namespace flowspan::run::every_block
