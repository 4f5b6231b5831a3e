// What holds for every block, which a new one joins by being registered: odd streams (tags, a gap and a retune at odd places, a
// beginning that is not 0), changes of all that may change, calls of any size, on 1 to 3 ranks, come to the same bytes, tags,
// stretches, messages and files; and a segment of a stream comes to the whole run's bytes.
#include "comm/local/local.hpp"
#include "partition/lead_in.hpp"
#include "run/job/job.hpp"
#include "runtime/flowgraph/flowgraph.hpp"
#include "tests/unit/io/folder.hpp"

#include <flowspan/test.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <regex>
#include <sstream>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr std::uint64_t length = 30011;

// Pseudo-random numbers of the index alone.
f32 number(std::uint64_t i) {
    i = (i + 1) * 0x9E3779B97F4A7C15U;
    i ^= i >> 29;
    i *= 0xBF58476D1CE4E5B9U;
    return f32(double(i >> 40) / double(1U << 23) - 1) * (i % 8 < 2 ? 1.0F : 0.05F);
}

template <class T>
T sample(std::uint64_t i) {
    if constexpr (std::is_same_v<T, cf32>)
        return {number(2 * i), number(2 * i + 1)};
    else
        return number(i);
}

using Shape = std::vector<Axis>;

Axis channels(std::size_t n) { return {.name = "channel", .unit = "", .size = n}; }
Axis bins(std::size_t n) { return {.name = "frequency", .unit = "Hz", .size = n, .first = -100, .step = 50}; }

template <class T>
struct Feed final : Block {
    Parameter<std::string> datatype{*this, "datatype", {.initial = "cf32", .help = "cf32 or rf32."}};
    Parameter<int> channel_count{*this, "channels", {.initial = 0, .help = "Size of an axis of items; 0: none."}};
    Parameter<int> bin_count{*this, "bins", {.initial = 0, .help = "Size of a further axis; 0: none."}};
    Parameter<std::int64_t> first{*this, "first", {.initial = 0, .help = "Index of the first item."}};
    Output<T> out{*this, "out"};
    void describe() override {
        StreamDescription d;
        d.sample_rate = Rational(1000000);
        d.center_frequency = 1e8;
        d.utc = Time(1000, Rational());
        d.length = std::int64_t(length) - first;
        if (channel_count > 0) d.shape.push_back(channels(std::size_t(channel_count.get())));
        if (bin_count > 0) d.shape.push_back(bins(std::size_t(bin_count.get())));
        total(length - std::uint64_t(first.get()));
        out.first_index(std::uint64_t(first.get()));
        out.describe(d);
    }
    void prepare() override {
        out.stretch_at(10007, {Break::gap, 501}, 1e8, Time(2000, Rational()));
        out.stretch_at(20011, {Break::retune, 0}, 1.01e8, Time(2001, Rational()));
    }
    void work(std::size_t n) override {
        const std::size_t samples = out.description().samples_per_item();
        for (std::size_t k = 0; k < n; ++k) {
            const std::uint64_t i = out.index() + k;
            for (std::size_t e = 0; e < samples; ++e) out[std::ptrdiff_t(k * samples + e)] = sample<T>(i * samples + e);
            if (i % 211 == 0 || i == 10006 || i + 1 == length) out.tag(k, "mark", Value(i));
        }
    }
};

/// Passes samples on, and says another centre frequency when it is told so.
struct Retuner final : Block {
    Parameter<double> center{*this, "center", {.initial = 1e8, .when = Change::running, .help = "Hz."}};
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};
    void describe() override {
        StreamDescription d = in.description();
        d.center_frequency = center;
        out.describe(d);
    }
    void work(std::size_t n) override { std::memcpy(out.item(), in.item(), n * in.description().item_size()); }
};

/// What was seen, by whom; shared by the ranks of a local run.
struct Seen {
    std::mutex mutex;
    std::map<std::string, std::string> of;
};

struct Keep final : Block {
    explicit Keep(Seen& seen) : seen_(seen) {}
    Input<Any> in{*this, "in"};
    void describe() override {}
    void prepare() override { frequencies_ = fmt::format("first at {}\n", in.description().center_frequency.value_or(0)); }
    void work(std::size_t n) override {
        if (text_.empty()) text_ = fmt::format("from {} ", in.index());
        text_.append(reinterpret_cast<const char*>(in.item()), n * in.description().item_size());
        for (const Tag& t : in.tags()) tags_ += fmt::format("{} {} {}\n", t.index, t.key, t.value.json());
        next_ = in.index() + n;
    }
    void restart() override {
        StreamDescription stream = in.description();
        frequencies_ += fmt::format("from {} at {}\n", next_, stream.center_frequency.value_or(0));
        stream.center_frequency.reset();
        tags_ += fmt::format("{} {} {} {}\n", name_of(in.discontinuity()->kind), next_, in.discontinuity()->missing,
                             stream.value().json());
    }
    void retuned() override {
        frequencies_ += fmt::format("{} retuned to {}\n", next_, in.description().center_frequency.value_or(0));
    }
    Step finish() override {
        const std::lock_guard lock(seen_.mutex);
        seen_.of[name()] = text_ + "\n" + tags_;
        seen_.of["frequencies of " + name()] = frequencies_;
        return Step::done();
    }
    Seen& seen_;
    std::string text_, tags_, frequencies_;
    std::uint64_t next_ = 0;
};

struct Note final : Block {
    explicit Note(Seen& seen) : seen_(seen) {}
    MessageInput in{*this, "in"};
    void describe() override {}
    void receive(MessageInput&, const Message& m) override { text_ += m.stamp.text() + " " + m.value.json() + "\n"; }
    Step finish() override {
        const std::lock_guard lock(seen_.mutex);
        seen_.of[name()] = text_;
        return Step::done();
    }
    Seen& seen_;
    std::string text_;
};

Registry registry_with(Seen& seen) {
    Registry r = built_in_blocks();
    r.add<Feed>("feed", "Odd samples.", types<cf32, f32>);
    r.add<Retuner>("retuner", "Is tuned.");
    r.add(BlockType{"keep", "", "", {{SampleType::any, [&seen] { return std::make_unique<Keep>(seen); }}}});
    r.add(BlockType{"note", "", "", {{SampleType::any, [&seen] { return std::make_unique<Note>(seen); }}}});
    return r;
}

bool takes_group(const Block& block) { return block.inputs().empty() && block.parameter("inputs") != nullptr; }

/// Items that every block takes are of one sample; what splits items takes those that its example splits.
Shape usual_items(const BlockType& type) {
    const auto block = type.variants[0].make();
    return block->parameter("outputs") != nullptr && !block->groups().empty() ? Shape{channels(2)} : Shape{};
}
std::size_t samples_of(const Shape& shape) {
    std::size_t n = 1;
    for (const Axis& axis : shape) n *= axis.size;
    return n;
}

std::string settings(const BlockType& type) {
    std::string example = type.example;
    if (example.starts_with('{')) example = example.substr(1, example.size() - 2);
    return (example.empty() ? "" : ", ") + example;
}

constexpr const char *plain = "{type: copy}", *filter = "{type: fir_filter, taps: [0.5, 0.25, 0.25], decimation: 2}",
                     *retuner = "{type: retuner}";

/// The block behind a feed, everything that comes of it kept. `before` stands before it: a decimation ends a stretch at odd
/// places.
std::string graph_around(const BlockType& type, std::uint64_t first, const std::string& schedule, const std::string& before,
                         std::optional<Shape> items = {}) {
    const auto block = type.variants[0].make();
    const bool fed = !block->inputs().empty() || takes_group(*block),
               real = fed && !block->inputs().empty() && block->inputs()[0]->declared_type() == SampleType::rf32;
    std::string blocks = fmt::format("  block: {{type: {}{}}}\n", type.name, settings(type)), connections, messages;
    if (fed || !block->message_inputs().empty()) {
        blocks += fmt::format("  feed: {{type: feed, datatype: {}, first: {}", real ? "rf32" : "cf32", first);
        for (const Axis& axis : items.value_or(usual_items(type)))
            blocks += fmt::format(", {}: {}", axis.name == "channel" ? "channels" : "bins", axis.size);
        blocks += "}\n";
        blocks += "  before: " + before + "\n";
        connections += "  - feed -> before\n";
    }
    if (fed) connections += fmt::format("  - before -> block{}\n", takes_group(*block) ? ".in[*]" : "");
    if (!block->message_inputs().empty()) {
        blocks += "  bursts: {type: burst_detector, threshold: 3 dB, frame: 7}\n";
        connections += "  - before -> bursts\n";
        messages += fmt::format("  - bursts.detections -> block.{}\n", block->message_inputs()[0]->name());
    }
    for (const OutputPort* out : block->outputs()) {
        if (!fed) {
            blocks += fmt::format("  head_{}: {{type: head, length: 30011}}\n", out->name());
            connections += fmt::format("  - block.{0} -> head_{0}\n", out->name());
        }
        blocks += fmt::format("  keep_{0}: {{type: keep}}\n  look_{0}: {{type: keep}}\n", out->name());
        const std::string from = fed ? fmt::format("block.{}", out->name()) : fmt::format("head_{}", out->name());
        connections += fmt::format("  - {} -> keep_{}\n", from, out->name());
        connections += fmt::format("  - {} -> look_{}\n", from, out->name());
    }
    for (const PortGroup* g : block->groups()) {
        if (g->is_input()) continue;
        blocks += fmt::format("  keep_{}: {{type: keep, copies: $block.{}}}\n", g->name(), g->size_parameter().name());
        connections += fmt::format("  - block.{0}[*] -> keep_{0}[*]\n", g->name());
    }
    for (const MessageOutput* out : block->message_outputs()) {
        blocks += fmt::format("  note_{}: {{type: note}}\n", out->name());
        messages += fmt::format("  - block.{0} -> note_{0}\n", out->name());
    }
    std::string text = "flowspan: 1\nblocks:\n" + blocks;
    if (!connections.empty()) text += "connections:\n" + connections;
    if (!messages.empty()) text += "messages:\n" + messages;
    return text + (schedule.empty() ? "" : "schedule:\n" + schedule);
}

std::string content(const std::string& folder) {
    std::map<std::string, std::string> files;
    if (!std::filesystem::exists(folder)) return "";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream in(entry.path(), std::ios::binary);
        files[entry.path().filename().string()] = std::string(std::istreambuf_iterator<char>(in), {});
    }
    std::string all;
    for (const auto& [name, bytes] : files) all += name + " " + bytes;
    return all;
}

struct Ran {
    ExitCode code = ExitCode::bug;
    std::string cause;
    std::map<std::string, std::string> seen;
};

Ran ran(const std::string& text, int ranks, std::uint64_t seed) {
    const test::Folder folder;
    folder.write("recording.sigmf-data", std::string(120044, '\1'));
    folder.write("recording.sigmf-meta",
                 R"({"global": {"core:datatype": "ci16_le", "core:version": "1.2.0", "core:sample_rate": 1000000},
                     "captures": [], "annotations": []})");
    Seen seen;
    const Registry registry = registry_with(seen);
    JobRequest request;
    request.graph_file = folder / "graph.yaml";
    request.graph_text = text;
    request.out = folder / "out";
    request.chunk_seed = seed;
    request.log_level = 0;
    std::mt19937_64 random(seed);
    if (ranks > 1) {  // every line of `blocks:` on a random rank, the first ones on one each
        std::vector<std::string> of(std::size_t(ranks), "");
        std::istringstream lines(text.substr(text.find("blocks:\n") + 8));
        std::size_t at = 0;
        for (std::string line; std::getline(lines, line) && line.starts_with("  ");) {
            const std::size_t rank = at < of.size() ? at : random() % of.size();
            ++at;
            of[rank] += (of[rank].empty() ? "" : ", ") + line.substr(2, line.find(':') - 2);
        }
        std::string assignment = "ranks:\n";
        for (std::size_t r = 0; r < of.size(); ++r)
            if (!of[r].empty()) assignment += fmt::format("  {}: \"{}\"\n", r, of[r]);
        request.read.ranks_text = assignment;
        request.read.ranks_file = "ranks.yaml";
        if (at < of.size()) request.read.ranks_fold = false, ranks = int(at);
    }
    Ran result;
    comm::run_local(ranks,
                    [&](comm::Communicator& c) {
                        const JobResult r = run_job(c, registry, request, {}, true);
                        if (c.rank() == 0) result.code = r.code, result.cause = r.cause;
                    },
                    {.eager_bytes = seed % 2 == 0 ? 0U : 4096U, .delay_seed = ranks > 1 ? seed : 0});
    result.seen = std::move(seen.of);
    result.seen["files"] = content(request.out);
    return result;
}

/// Changes of all numbers that may change, at odd places, to values that the block takes.
std::string schedule_for(const BlockType& type, const std::function<std::string(const std::string&)>& graph) {
    const auto block = type.variants[0].make();
    std::string all;
    for (const ParameterBase* p : block->parameters()) {
        if (p->declaration().when != Change::running) continue;
        for (const char* value : {"0.5", "2", "3000", "40000", "[0.25, 0.5, 0.25]"}) {
            std::string some;
            for (const int at : {3333, 6999, 10003, 20010})
                some += fmt::format("  - {{at: {}, set: block.{}, to: {}}}\n", at, p->name(), value);
            if (ran(graph(all + some), 1, 0).code != ExitCode::done) continue;
            all += some;
            break;
        }
    }
    return all;
}

/// Of the block before.
constexpr const char* retunings =
    "  - {at: 503, set: before.center, to: 1.5e8}\n  - {at: 5003, set: before.center, to: 2e8}\n  - {at: 10006, set: "
    "before.center, to: 3e8}\n"
    "  - {at: 15001, set: before.center, to: 4e8}\n  - {at: 15002, set: before.center, to: 5e8}\n";

class EveryBlock : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryBlock, ComesToTheSameOnAnyCutOfAnOddStream) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    for (const std::string before : {plain, filter, retuner}) {
        const std::uint64_t first = before == filter ? 1009 : 0;
        const auto graph = [&](const std::string& schedule) { return graph_around(type, first, schedule, before); };
        std::string schedule = schedule_for(type, graph);
        if (before == retuner && graph("").find("before:") != std::string::npos) schedule += retunings;
        const std::string text = graph(schedule);
        const Ran one = ran(text, 1, 0);
        ASSERT_EQ(one.code, ExitCode::done) << one.cause << "\n" << text;
        for (int ranks = 1; ranks <= 3; ++ranks) {
            for (std::uint64_t seed = 1; seed <= 2; ++seed) {
                const Ran many = ran(text, ranks, seed + std::uint64_t(10 * ranks));
                ASSERT_EQ(many.code, ExitCode::done) << many.cause << "\n" << ranks << " ranks, seed " << seed << "\n" << text;
                for (const auto& [name, bytes] : one.seen)
                    EXPECT_TRUE(many.seen.at(name) == bytes) << name << ", " << ranks << " ranks, seed " << seed << "\n"
                                                             << text;
            }
        }
    }
}

/// Of messages: the part of the band that an item tells of is another one once it is retuned.
std::string without_edges(const std::string& text) {
    static const std::regex edge(R"("freq_(lower|upper)_edge":[^,}]*,?)");
    return text.find("freq_lower_edge") == std::string::npos ? text : std::regex_replace(text, edge, "");
}

// Retuned within a stretch, a stream is the same samples of another part of the band: anchors, filters, grids, tags and
// messages go on, and each output says the new frequency. (A spectrum is not averaged over different parts of the band.)
TEST_P(EveryBlock, GoesOnWhereItsInputIsRetuned) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto prototype = type.variants[0].make();
    if (prototype->inputs().empty() && !takes_group(*prototype)) GTEST_SKIP() << "no stream comes to it";
    const Ran quiet = ran(graph_around(type, 0, "", retuner), 1, 0),
              retuned = ran(graph_around(type, 0, retunings, retuner), 1, 0);
    ASSERT_EQ(retuned.code, ExitCode::done) << retuned.cause;
    for (const auto& [name, bytes] : quiet.seen) {
        if (name.starts_with("frequencies of")) {
            EXPECT_EQ(bytes.find("retuned"), std::string::npos);
            const bool somewhere = bytes.find("at 0\n") == std::string::npos && type.name != "psd";
            EXPECT_EQ(retuned.seen.at(name).find("retuned") != std::string::npos, somewhere) << name << "\n"
                                                                                             << retuned.seen.at(name);
        } else if (name != "files" && type.name != "psd") {
            EXPECT_TRUE(without_edges(retuned.seen.at(name)) == without_edges(bytes)) << name;
        }
    }
}

// Inputs that are retuned one after the other (behind a filter's delay) leave an output that says no frequency in between.
TEST_P(EveryBlock, SaysNoFrequencyWhereItsInputsHaveDifferentOnes) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto prototype = type.variants[0].make();
    if (!takes_group(*prototype) || prototype->outputs().empty()) GTEST_SKIP() << "it does not join streams";
    std::string text = graph_around(type, 0, retunings, retuner);
    const std::string both = "  - before -> block.in[*]\n";
    ASSERT_NE(text.find(both), std::string::npos) << text;
    text.replace(text.find(both), both.size(), "  - before -> block.in[0]\n  - before -> late\n  - late -> block.in[1]\n");
    text.replace(text.find("connections:"), 0, "  late: {type: fir_filter, cutoff: 100 kHz, taps_count: 41}\n");
    const Ran one = ran(text, 1, 0);
    ASSERT_EQ(one.code, ExitCode::done) << one.cause << "\n" << text;
    const std::string& seen = one.seen.at("frequencies of keep_out");
    EXPECT_TRUE(
        seen.starts_with("first at 100000000\n503 retuned to 0\n523 retuned to 150000000\n5003 retuned to 0\n"
                         "5023 retuned to 200000000\n10006 retuned to 0\n"))
        << seen;
    EXPECT_NE(seen.find("\n15001 retuned to 0\n15022 retuned to 500000000\n"), std::string::npos) << seen;
    for (int ranks = 1; ranks <= 3; ++ranks) {
        const Ran many = ran(text, ranks, std::uint64_t(40 + ranks));
        ASSERT_EQ(many.code, ExitCode::done) << many.cause;
        for (const auto& [name, bytes] : one.seen)
            EXPECT_TRUE(many.seen.at(name) == bytes) << name << ", " << ranks << " ranks";
    }
}

std::vector<std::string> all_types() {
    std::vector<std::string> names;
    for (const auto& [name, type] : built_in_blocks().all()) names.push_back(name);
    return names;
}

/// The described graph of a block behind a source of its first sample type; nothing where it has no stream input and output.
struct Described {
    Registry registry;
    Seen seen;
    std::unique_ptr<runtime::Flowgraph> graph;
    int block = -1;
};
void describe(const BlockType& type, Described& d) {
    d.registry = registry_with(d.seen);
    d.graph =
        std::make_unique<runtime::Flowgraph>(d.registry, graph_around(type, 0, "", plain), "table.yaml", graph::ReadOptions{});
    d.graph->describe({.facts = {}, .out = ".", .placeholders = {}, .until_stopped = true});
    for (int b = 0; b < d.graph->size(); ++b)
        if (d.graph->spec().blocks[std::size_t(b)].name == "block") d.block = b;
}

Value::Map parameters_of(const Described& d) {
    Value::Map parameters;
    for (const auto& [key, node] : d.graph->spec().blocks[std::size_t(d.block)].settings)
        parameters[key] = d.graph->block(d.block).parameter(key)->value();
    return parameters;
}

template <class T>
test::Stream odd_stream(std::uint64_t items, const Shape& shape = {}) {
    std::vector<T> samples;
    for (std::uint64_t i = 0; i < items * samples_of(shape); ++i) samples.push_back(sample<T>(i));
    test::Stream s = test::Stream::of(samples, Rational(1000000));
    s.description.shape = shape;
    s.description.center_frequency = 1e8;
    s.stretches.push_back({10007, {Break::gap, 501}, 1e8, {}});
    return s;
}

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

// ---- Samples that are not finite ------------------------------------------------------------------------------------------

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
    if (type == "frequency_translate") all.insert(all.end(), {{{"shift", 1e5}}, {{"shift", -1e5}, {"taps_count", 83}}});
    if (type == "rational_resampler")
        all.insert(all.end(),
                   {{{"interpolation", 3}, {"decimation", 2}}, {{"interpolation", 5}, {"taps", odd}}, {{"taps_count", 700}}});
    if (type == "pfb_channelizer") all.push_back({{"channels", 5}, {"taps_per_channel", 7}});
    if (type == "deemphasis") all.insert(all.end(), {{{"tau", 1e-6}}, {{"tau", 1e-4}}});
    if (type == "fft") all.push_back({{"size", 60}, {"hop", 7}, {"window", "hann"}});
    if (type == "psd") all.insert(all.end(), {{{"size", 64}, {"average", 3}}, {{"size", 60}, {"average", 0}}});
    if (type == "multiply_const") all.push_back({{"constant", 0.5}, {"imaginary", 2}});
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
    auto d = std::make_unique<Described>();
    d->registry = registry_with(d->seen);
    std::string text = graph_around(other, 0, "", plain);
    if (const auto at = text.find("datatype: cf32"); real && at != std::string::npos) text.replace(at, 14, "datatype: rf32");
    d->graph = std::make_unique<runtime::Flowgraph>(d->registry, text, "table.yaml", graph::ReadOptions{});
    d->graph->describe({.facts = {}, .out = ".", .placeholders = {}, .until_stopped = true});
    for (int b = 0; b < d->graph->size(); ++b)
        if (d->graph->spec().blocks[std::size_t(b)].name == "block") d->block = b;
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
    for (std::size_t m = 0; m < items; ++m) full = std::max(full, looked_at(clean, m).first);
    for (std::size_t m = 0; m < items; ++m) {
        // A grid is how calls are cut, not what an item depends on.
        graph::DescribedBlock single = block;
        single.ratio.grid = 1;
        const auto span = partition::needed_by(single, single.inputs[0], {m, m + 1});
        if (bad >= span->first && bad < span->end) continue;
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
    return s;
}

template <class T>
void expect_bad_samples_stay(const BlockType& type, const Value::Map& parameters) {
    const bool real = sizeof(T) == sizeof(f32);
    constexpr std::uint64_t items = 6007;
    const auto prototype = type.variants[0].make();
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

/// Every one of these items, and what it is called.
struct NamedShape {
    Shape shape;
    const char* called;
};
const std::vector<NamedShape>& odd_items() {
    static const std::vector<NamedShape> all{
        {{channels(1)}, "items of 1 channel"},
        {{channels(2)}, "items of 2 channels"},
        {{channels(3)}, "items of 3 channels"},
        {{channels(11)}, "items of 11 channels"},
        {{bins(5)}, "items of 5 bins of frequency"},
        {{channels(2), bins(3)}, "items of 2 channels x 3 bins of frequency"},
        {{{.name = "row", .unit = "", .size = 2}, {.name = "column", .unit = "", .size = 3}}, "items of 2 rows x 3 columns"}};
    return all;
}

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
    const bool rearranges = type.name == "streams_to_vector" || type.name == "vector_to_streams";  // tests of their own
    for (const NamedShape& odd : odd_items()) {
        const test::Stream whole = odd_stream<T>(items, odd.shape);
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
    if (first == SampleType::rf32 || (type.variants.size() > 1 && type.name != "convert"))
        try_odd_items<f32>(type, parameters_of(d), inputs);
}

// The same of whole jobs: what takes such items makes the same of them at any cut, on any number of ranks.
TEST_P(EveryBlock, ComesToTheSameOnAnyCutOfItemsOfSeveralSamples) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const auto prototype = type.variants[0].make();
    if (prototype->inputs().empty() && !takes_group(*prototype)) GTEST_SKIP() << "no stream goes in";
    for (const NamedShape& odd : odd_items()) {
        if (odd.shape[0].name == "row" || odd.shape[0].size == 11 || !prototype->message_inputs().empty()) continue;
        const std::string text = graph_around(type, 0, "", plain, odd.shape);
        const Ran one = ran(text, 1, 0);
        if (one.code == ExitCode::usage) {
            EXPECT_NE(one.cause.find(odd.called), std::string::npos) << one.cause;
            continue;
        }
        ASSERT_EQ(one.code, ExitCode::done) << one.cause << "\n" << text;
        for (const int ranks : {1, 3}) {
            const Ran many = ran(text, ranks, std::uint64_t(10 * ranks + 1));
            ASSERT_EQ(many.code, ExitCode::done) << many.cause << "\n" << text;
            for (const auto& [name, bytes] : one.seen)
                EXPECT_TRUE(many.seen.at(name) == bytes) << name << ", " << ranks << " ranks\n" << text;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Of, EveryBlock, ::testing::ValuesIn(all_types()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace flowspan::run
