// The graph around a block: what feeds it, and what keeps all that comes of it.
#include "tests/unit/run/blocks/every_block.hpp"

#include <fmt/format.h>

#include <cstring>

namespace flowspan::run::every_block {

f32 number(std::uint64_t i) {
    i = (i + 1) * 0x9E3779B97F4A7C15U;
    i ^= i >> 29;
    i *= 0xBF58476D1CE4E5B9U;
    return f32(double(i >> 40) / double(1U << 23) - 1) * (i % 8 < 2 ? 1.0F : 0.05F);
}

Axis channels(std::size_t n) { return {.name = "channel", .unit = "", .size = n}; }
Axis bins(std::size_t n) { return {.name = "frequency", .unit = "Hz", .size = n, .first = -100, .step = 50}; }

namespace {

template <class T>
struct Feed final : Block {
    Parameter<std::string> datatype{*this, "datatype", {.initial = "cf32", .help = "cf32 or rf32."}};
    Parameter<int> channel_count{*this, "channels", {.initial = 0, .help = "Size of an axis of items; 0: none."}};
    Parameter<int> bin_count{*this, "bins", {.initial = 0, .help = "Size of a further axis; 0: none."}};
    Parameter<std::int64_t> first{*this, "first", {.initial = 0, .help = "Index of the first item."}};
    Parameter<std::int64_t> gap{*this, "gap", {.initial = 10007, .help = "Index of the first item behind a gap."}};
    Parameter<std::int64_t> missing{*this, "missing", {.initial = 501, .help = "What the gap leaves out."}};
    Parameter<std::int64_t> retune{*this, "retune", {.initial = 20011, .help = "Where another recording begins."}};
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
        const auto at = [](std::int64_t index) { return std::uint64_t(index); };
        if (first < gap) out.stretch_at(at(gap), {Break::gap, at(missing)}, 1e8, Time(2000, Rational()));
        if (first < retune) out.stretch_at(at(retune), {Break::retune, 0}, 1.01e8, Time(2001, Rational()));
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

/// Says where some items are, and at the end of each stretch where an item is that lies `back` before.
struct Teller final : Block {
    Parameter<int> every{*this, "every", {.initial = 97, .help = "One of so many items, and the first of a stretch."}};
    Parameter<int> back{*this, "back", {.initial = 1, .help = "1: the last item of a stretch."}};
    Parameter<int> decimation{*this, "decimation", {.initial = 1, .help = "Its ratio."}};
    Input<Any> in{*this, "in"};
    MessageOutput told{*this, "told"};
    void describe() override {
        ratio({.decimation = std::uint64_t(decimation.get())});
        told.reach(std::uint64_t(back.get()));
    }
    void work(std::size_t) override {
        begun_ = in.index() - in.in_stretch();
        for (std::size_t k = 0; k < in.count(); ++k)
            if (in.in_stretch() + k == 0 || (in.index() + k) % std::uint64_t(every.get()) == 0) tell(in.index() + k);
    }
    void restart() override {
        tell_back();
        begun_.reset();
    }
    Step finish() override {
        tell_back();
        return Step::done();
    }
    void tell_back() {
        if (begun_) tell(std::max(in.index() - std::min(in.index(), std::uint64_t(back.get())), *begun_));
    }
    void tell(std::uint64_t index) { told.send(index, in.place(index, 1)); }
    std::optional<std::uint64_t> begun_;  // where the stretch has
};

std::string settings(const BlockType& type) {
    std::string example = type.example;
    if (example.starts_with('{')) example = example.substr(1, example.size() - 2);
    return (example.empty() ? "" : ", ") + example;
}

}  // namespace

Registry registry_with(Seen& seen) {
    Registry r = built_in_blocks();
    r.add<Feed>("feed", "Odd samples.", types<cf32, f32>);
    r.add<Retuner>("retuner", "Is tuned.");
    r.add<Teller>("teller", "Sends messages about items.");
    r.add(BlockType{"keep", "", "", {{SampleType::any, [&seen] { return std::make_unique<Keep>(seen); }}}});
    r.add(BlockType{"note", "", "", {{SampleType::any, [&seen] { return std::make_unique<Note>(seen); }}}});
    return r;
}

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

bool takes_group(const Block& block) { return block.inputs().empty() && block.parameter("inputs") != nullptr; }

Shape usual_items(const BlockType& type) {
    const auto block = type.variants[0].make();
    return block->parameter("outputs") != nullptr && !block->groups().empty() ? Shape{channels(2)} : Shape{};
}
std::size_t samples_of(const Shape& shape) {
    std::size_t n = 1;
    for (const Axis& axis : shape) n *= axis.size;
    return n;
}

std::string graph_around(const BlockType& type, std::uint64_t first, const std::string& schedule, const std::string& before,
                         std::optional<Shape> items) {
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
    if (fed && takes_group(*block)) connections += "  - before -> block.in[*]\n";
    for (const InputPort* in : block->inputs()) connections += fmt::format("  - before -> block.{}\n", in->name());
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

}  // namespace flowspan::run::every_block
