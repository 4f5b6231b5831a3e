#include "collect.hpp"

#include <fmt/format.h>

namespace flowspan::tests {
namespace {

bool same(const test::Stream& a, const test::Stream& b) {
    if (a.bytes != b.bytes || a.tags != b.tags || a.retunings != b.retunings || a.stretches.size() != b.stretches.size())
        return false;
    for (std::size_t k = 0; k < a.stretches.size(); ++k) {
        const auto &x = a.stretches[k], &y = b.stretches[k];
        if (x.index != y.index || !(x.what == y.what) || x.center_frequency != y.center_frequency || x.utc != y.utc)
            return false;
    }
    return true;
}

struct Ramp : Block {
    Parameter<std::int64_t> length{*this, "length", {.min = 0, .help = "Items."}};
    Parameter<double> sample_rate{*this, "sample_rate", {.unit = hertz, .initial = 1e6, .help = "Rate."}};
    Output<f32> out{*this, "out"};
    void describe() override {
        StreamDescription d;
        d.sample_rate = Rational::nearest(sample_rate);
        d.length = length;
        d.center_frequency = 1e8;
        d.utc = Time(1000, Rational());
        total(std::uint64_t(length.get()));
        out.describe(d);
    }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) out[std::ptrdiff_t(k)] = f32(out.index() + k);
    }
};

// A gap and a retune at odd places, one of them right after the other.
struct BrokenRamp final : Ramp {
    void prepare() override {
        out.stretch_at(10007, {Break::gap, 500}, 1e8, Time(2000, Rational()));
        out.stretch_at(10008, {Break::retune, 0}, 2e8, Time(2001, Rational()));
        out.stretch_at(25001, {Break::gap, 1}, 2e8, Time(3000, Rational()));
    }
};

struct TaggedRamp final : Ramp {
    void work(std::size_t n) override {
        Ramp::work(n);
        for (std::size_t k = 0; k < n; ++k) {
            const std::uint64_t i = out.index() + k;
            if (i % 97 == 0 || i + 5 > std::uint64_t(length.get())) out.tag(k, "mark", i);
            if (i == 5000) out.tag(k, "large", Value(Value::Bytes(9000, std::byte(7))));
        }
    }
};

struct Collect final : Block {
    explicit Collect(Collected& all) : all_(all) {}
    Input<Any> in{*this, "in"};
    void describe() override {}
    void work(std::size_t n) override {
        const std::byte* first = in.item();
        if (mine_.bytes.empty() && n > 0) mine_.first = in.index();
        mine_.bytes.insert(mine_.bytes.end(), first, first + n * in.description().item_size());
        mine_.tags.insert(mine_.tags.end(), in.tags().begin(), in.tags().end());
        next_ = in.index() + n;
    }
    void restart() override {
        const StreamDescription& d = in.description();
        std::optional<Time> utc;
        if (d.utc) utc = *d.utc + Time::of(std::int64_t(next_), *d.sample_rate);
        mine_.stretches.push_back({next_, *in.discontinuity(), d.center_frequency, utc});
    }
    void retuned() override { mine_.retunings.push_back({next_, in.description().center_frequency}); }
    Step finish() override {
        const std::lock_guard lock(*all_.mutex);
        all_.streams[name()] = mine_;
        return Step::done();
    }
    Step seam() override { return finish(); }
    Collected& all_;
    test::Stream mine_;
    std::uint64_t next_ = 0;
};

struct Announce final : Block {
    Parameter<std::int64_t> every{*this, "every", {.min = 1, .help = "Items between messages."}};
    Parameter<std::int64_t> bytes{*this, "bytes", {.initial = 0, .help = "Size of a message."}};
    Input<f32> in{*this, "in"};
    MessageOutput found{*this, "found"};
    void describe() override {}
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) {
            if ((in.index() + k) % std::uint64_t(every.get()) != 0) continue;
            Value::Map m{{"from", name()}, {"index", in.index() + k}};
            if (bytes > 0) m["filling"] = Value::Bytes(std::size_t(bytes.get()), std::byte(k));
            found.send(in.index() + k, bytes > 0 ? Value(Value::Bytes(std::size_t(bytes.get()), std::byte(3))) : Value(m));
        }
    }
};

// Sends back what it gets.
struct Echo final : Block {
    MessageInput in{*this, "in"};
    MessageOutput back{*this, "out"};
    void describe() override {}
    void receive(MessageInput&, const Message& m) override { back.send(m.value); }
};

// Announces items, and counts the answers in what it announces: a cycle.
struct AnnounceAndListen final : Block {
    Parameter<std::int64_t> every{*this, "every", {.min = 1, .help = "Items between messages."}};
    Input<f32> in{*this, "in"};
    MessageInput answers{*this, "answers"};
    MessageOutput found{*this, "found"};
    void describe() override {}
    void receive(MessageInput&, const Message&) override { ++heard_; }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) {
            const std::uint64_t i = in.index() + k;
            if (i % std::uint64_t(every.get()) == 0) found.send(i, Value::Map{{"index", i}, {"heard", heard_}});
        }
    }
    std::int64_t heard_ = 0;
};

// Something that takes so many polls. No message may come to its block meanwhile.
class Begun final : public Pending {
public:
    Begun(std::int64_t polls, std::shared_ptr<bool> busy) : polls_(polls), busy_(std::move(busy)) { *busy_ = true; }
    bool ready() override {
        if (polls_-- > 0) return false;
        *busy_ = false;
        return true;
    }

private:
    std::int64_t polls_;
    std::shared_ptr<bool> busy_;
};

void expect_idle(bool busy) {
    if (busy) throw Failure(ExitCode::bug, "a message comes before what the last one began is finished");
}

// Items that are made a few polls later.
class CopiedLater final : public Pending {
public:
    CopiedLater(const f32* from, f32* to, std::size_t n) : from_(from), to_(to), n_(n) {}
    bool ready() override {
        if (polls_-- > 0) return false;
        std::copy_n(from_, n_, to_);
        return true;
    }

private:
    const f32* from_;
    f32* to_;
    std::size_t n_;
    int polls_ = 3;
};

// A plain block that says something of every 40009th item, and takes a while over every 70001st.
struct Eventful final : Block {
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out"};
    void describe() override { out.describe(in.description()); }
    Step step(std::size_t n) override {
        bool later = false;
        for (std::size_t k = 0; k < n; ++k) {
            const std::uint64_t i = in.index() + k;
            if (i % 40009 == 0) out.tag(k, "event", i);
            later |= i % 70001 == 0;
        }
        if (later) return {std::make_shared<CopiedLater>(in.data(), out.data(), n)};
        std::copy_n(in.data(), n, out.data());
        return Step::done();
    }
};

// Adds two streams in grid blocks of eight; an incomplete one comes out negative.
struct AddInEights final : Block {
    Input<f32> a{*this, "a"}, b{*this, "b"};
    Output<f32> out{*this, "out"};
    void describe() override {
        ratio({.grid = 8});
        out.describe(a.description());
    }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k)
            out[std::ptrdiff_t(k)] = (k < n / 8 * 8 ? 1.0F : -1.0F) * (a[std::ptrdiff_t(k)] + b[std::ptrdiff_t(k)]);
    }
};

// A plain block that fails at an item.
struct Fails final : Block {
    Parameter<std::int64_t> at{*this, "at", {.min = 0, .help = "Which item."}};
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out"};
    void describe() override { out.describe(in.description()); }
    void work(std::size_t n) override {
        if (in.index() + n > std::uint64_t(at.get())) throw Failure(ExitCode::block, "has seen enough");
        std::copy_n(in.data(), n, out.data());
    }
};

struct CollectMessages final : Block {
    explicit CollectMessages(Collected& all) : all_(all) {}
    Parameter<std::int64_t> polls{*this, "polls", {.initial = 0, .help = "How long every third message takes."}};
    MessageInput in{*this, "in"};
    void describe() override {}
    void receive(MessageInput&, const Message& m) override {
        expect_idle(*busy_);
        mine_.emplace_back(m.stamp.text(), m.value.json());
        if (polls > 0 && mine_.size() % 3 == 0) wait_for({std::make_shared<Begun>(polls, busy_)});
    }
    Step finish() override {
        expect_idle(*busy_);
        const std::lock_guard lock(*all_.mutex);
        all_.messages[name()] = mine_;
        return Step::done();
    }
    Collected& all_;
    std::shared_ptr<bool> busy_ = std::make_shared<bool>(false);
    std::vector<std::pair<std::string, std::string>> mine_;
};

struct GainByMessage final : Block {
    Parameter<std::int64_t> polls{*this, "polls", {.initial = 0, .help = "How long a message takes."}};
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out"};
    MessageInput control{*this, "control"};
    void describe() override { out.describe(in.description()); }
    void receive(MessageInput&, const Message& m) override {
        expect_idle(*busy_);
        gain_ = f32(m.value.at("index").integer() + 1);
        if (polls > 0) wait_for({std::make_shared<Begun>(polls, busy_)});
    }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) out[std::ptrdiff_t(k)] = gain_ * in[std::ptrdiff_t(k)];
    }
    std::shared_ptr<bool> busy_ = std::make_shared<bool>(false);
    f32 gain_ = 0;
};

}  // namespace

bool Collected::operator==(const Collected& other) const {
    if (messages != other.messages || streams.size() != other.streams.size()) return false;
    for (const auto& [name, stream] : streams) {
        if (!other.streams.contains(name) || !same(stream, other.streams.at(name))) return false;
    }
    return true;
}

std::string difference(const Collected& a, const Collected& b) {
    std::string text;
    for (const auto& [name, x] : a.streams) {
        if (!b.streams.contains(name)) {
            text += name + " is missing; ";
            continue;
        }
        const auto& y = b.streams.at(name);
        if (!same(x, y)) {
            const auto at =
                std::mismatch(x.bytes.begin(), x.bytes.end(), y.bytes.begin(), y.bytes.end()).first - x.bytes.begin();
            text += fmt::format("{}: {} and {} bytes, first difference at {}, {} and {} tags, {} and {} stretches; ", name,
                                x.bytes.size(), y.bytes.size(), at, x.tags.size(), y.tags.size(), x.stretches.size(),
                                y.stretches.size());
        }
    }
    for (const auto& [name, x] : a.messages) {
        if (!b.messages.contains(name))
            text += name + " is missing; ";
        else if (b.messages.at(name) != x)
            text += fmt::format("{}: {} and {} messages; ", name, x.size(), b.messages.at(name).size());
    }
    return text;
}

void add_test_blocks(Registry& r, Collected& collected) {
    add_dependent_blocks(r);
    r.add<Ramp>("ramp", "0, 1, 2, …");
    r.add<BrokenRamp>("broken_ramp", "A ramp with gaps and a retune.");
    r.add<TaggedRamp>("tagged_ramp", "A ramp with tags.");
    r.add<Eventful>("eventful", "Passes items on; some with tags, some later.");
    r.add<AddInEights>("add_in_eights", "Adds two streams, eight items at a time.");
    r.add<Fails>("fails", "Passes items on until one comes.");
    r.add<Announce>("announce", "A message every so often.");
    r.add<Echo>("echo", "Sends back what it gets.");
    r.add<AnnounceAndListen>("announce_and_listen", "A message every so often, with how many answers came.");
    r.add<GainByMessage>("gain_by_message", "Multiplies by what the last message said.");
    const auto sink = [&]<class B>(const char* name) {
        r.add(BlockType{name, "Keeps all.", "", {{SampleType::any, [&collected] { return std::make_unique<B>(collected); }}}});
    };
    sink.operator()<Collect>("collect");
    sink.operator()<CollectMessages>("collect_messages");
}

graph::Assignment deal(const runtime::Flowgraph& graph, int ranks, std::mt19937& random) {
    graph::Assignment a;
    a.mode = graph::Assignment::Mode::listed;
    a.places.resize(std::size_t(ranks));
    for (int r = 0; r < ranks; ++r) a.places[std::size_t(r)].ranks = {r};
    for (int b = 0; b < graph.size(); ++b) a.places[random() % unsigned(ranks)].selections.push_back({{b}, false});
    return a;
}

}  // namespace flowspan::tests
