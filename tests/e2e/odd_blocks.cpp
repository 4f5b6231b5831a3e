// Blocks that the library lacks, for random-graphs: they put tags of every kind and messages at places that look random but
// follow from the absolute index alone, change by messages and tags, and write down what tags and stretches they see.
#include <flowspan/flowspan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>
using namespace flowspan;

namespace {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same for an index wherever it is asked for.
std::uint64_t hash(std::uint64_t seed, std::uint64_t index) {
    std::uint64_t z = seed * 0xd1342543de82ef95U + index * 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

double real_of(f32 x) { return double(x); }
double real_of(cf32 x) { return double(x.real()); }

/// A value of each kind in turn; of 16, one is longer than the 2 KiB that travel within a record.
Value value_of(std::uint64_t h, bool long_too) {
    const auto n = std::int64_t(h >> 8 & 0xffff);
    const double x = double(n) / 7;
    const std::size_t few = h >> 24 & 7;
    switch (h & 15) {
        case 0:
            return {};
        case 1:
            return (n & 1) != 0;
        case 2:
            return n - 32768;
        case 3:
            return x;
        case 4:
            return std::complex<double>(x, -x);
        case 5:
            return "item " + std::to_string(n) + " \"quoted\", \n and µ";
        case 6:
            return Value::Bytes(few, std::byte(n & 0xff));
        case 7:
            return Value::Reals(few, f32(x));
        case 8:
            return Value::Doubles(few, x);
        case 9:
            return Value::Integers(few, -n);
        case 10:
            return Value::Complexes(few, cf32(f32(x), 1));
        case 11:
            return Value::List{n, "two", Value(), Value::List{x}};
        case 12:
            return Value::Map{{"a", n}, {"b", Value::Map{{"c", x}}}};
        case 13:
            return std::string((long_too ? 2049 : 49) + std::size_t(n) % 1000, 'x');
        case 14:
            return Value::Bytes((long_too ? 2030 : 30) + std::size_t(n) % 40, std::byte(1));  // around the limit
        default:
            return "";
    }
}

// Passes items on and tags about one in `spacing`.
struct Tagger final : Block {
    Parameter<int> spacing{*this, "spacing", {.initial = 5000, .min = 1}};
    Parameter<int> seed{*this, "seed", {.initial = 1}};
    Parameter<bool> gains{*this, "gains", {.initial = false, .help = "Tags `gain` with a number, which odd_gain follows."}};
    Parameter<bool> long_{*this, "long", {.initial = true, .help = "Values of more than 2 KiB, too."}};
    Parameter<std::string> policy{*this, "policy", {.initial = "all", .choices = {"all", "one", "drop", "own"}}};
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    void describe() override {
        out.describe(in.description());
        tags(policy.get() == "all"    ? TagPolicy::all_to_all
             : policy.get() == "one"  ? TagPolicy::one_to_one
             : policy.get() == "drop" ? TagPolicy::drop
                                      : TagPolicy::own);
    }
    void work(std::size_t n) override {
        std::copy_n(in.item(), n * in.description().item_size(), out.item());
        std::size_t seen = 0;
        for (std::size_t k = 0; k < n; ++k) {
            if (policy.get() == "own")
                for (; seen < in.tags().size() && in.tags()[seen].index == in.index() + k; ++seen)
                    out.tag(k, "own:" + in.tags()[seen].key, in.tags()[seen].value);
            const std::uint64_t h = hash(std::uint64_t(seed.get()), out.index() + k);
            if (h % std::uint64_t(spacing.get()) != 0) continue;
            if (gains)
                out.tag(k, "gain", double(1 + (h >> 40) % 8) / 4);
            else
                out.tag(k, "odd" + std::to_string(h >> 60), value_of(h >> 20, long_));
        }
    }
};

// Sends about one message in `spacing` items that are not negative, and one at the end and at each new stretch.
template <class T>
struct Sender final : Block {
    Parameter<int> spacing{*this, "spacing", {.initial = 3000, .min = 1}};
    Parameter<int> seed{*this, "seed", {.initial = 1}};
    Parameter<bool> long_{*this, "long", {.initial = true, .help = "Values of more than 2 KiB, too."}};
    Parameter<bool> numbers{*this, "numbers", {.initial = false, .help = "Numbers alone, as odd_gain.control takes them."}};
    Input<T> in{*this, "in"};
    Output<T> out{*this, "out", {.optional = true}};
    MessageOutput found{*this, "found"};

    void describe() override {
        out.describe(in.description());
        memory(Memory::unbounded, "how many messages it has sent");
    }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) {
            const std::uint64_t index = in.index() + k, h = hash(std::uint64_t(seed.get()), index);
            const double x = real_of(in[std::ptrdiff_t(k)]);
            if (h % std::uint64_t(spacing.get()) == 0 && x >= 0) say(index, h, x);
        }
        if (out) std::copy_n(in.data(), n, out.data());
    }
    void restart() override { say(in.index(), 2, -1); }
    Step finish() override {
        if (!finished_) say(in.index(), 3, -2);
        finished_ = true;
        return Step::done();
    }

    void say(std::uint64_t index, std::uint64_t h, double x) {
        if (numbers) return found.send(index, double(1 + (h >> 40) % 8) / 4);
        Value::Map value = x < 0 ? Value::Map{} : in.place(index, 1);  // (an end has no item)
        value["number"] = ++count_;
        value["x"] = x;
        if (long_ && h >> 60 == 1) value["long"] = std::string(5000, 'y');
        found.send(index, std::move(value));
    }
    std::int64_t count_ = 0;
    bool finished_ = false;
};

// Multiplies by a gain that messages on `control` and tags `gain` set.
template <class T>
struct Gain final : Block {
    Parameter<double> gain{
        *this, "gain", {.initial = 1.0, .min = 0.0, .when = Change::running, .tag = "gain", .message = "control"}};
    Input<T> in{*this, "in"};
    Output<T> out{*this, "out"};
    MessageInput control{*this, "control"};

    void describe() override { out.describe(in.description()); }
    void prepare() override { gain_ = f32(gain.get()); }
    void work(std::size_t n) override {
        for (std::ptrdiff_t k = 0; k < std::ptrdiff_t(n); ++k) out[k] = in[k] * gain_;
    }
    f32 gain_ = 1;
};

// Multiplies by what the messages so far make of it: any message steps it on, and a missing, doubled or late one shows.
template <class T>
struct Steered final : Block {
    Parameter<int> spacing{*this, "spacing", {.initial = 4000, .min = 1}};
    Parameter<int> seed{*this, "seed", {.initial = 1}};
    Input<T> in{*this, "in"};
    Output<T> out{*this, "out", {.optional = true}};
    MessageInput steps{*this, "steps"};
    MessageOutput found{*this, "found"};

    void describe() override {
        out.describe(in.description());
        memory(Memory::unbounded, "the steps so far");
    }
    void receive(MessageInput& port, const Message& message) override {
        (void)port;
        state_ = (state_ * 5 + message.value.json().size()) % 64;
    }
    void work(std::size_t n) override {
        for (std::ptrdiff_t k = 0; k < std::ptrdiff_t(n); ++k) {
            const std::uint64_t index = in.index() + std::uint64_t(k);
            if (hash(std::uint64_t(seed.get()), index) % std::uint64_t(spacing.get()) == 0) found.send(index, stated(index));
            if (out) out[k] = in[k] * (f32(1 + state_) / 16);
        }
    }
    Value stated(std::uint64_t index) const {
        Value::Map value = in.place(index, 1);
        value["state"] = state_;
        return value;
    }
    std::uint64_t state_ = 0;
};

// Answers each message, every third one twice.
struct Echo final : Block {
    MessageInput in{*this, "in"};
    MessageOutput out{*this, "out"};
    void describe() override {}
    void receive(MessageInput& port, const Message& message) override {
        (void)port;
        out.send(Value::Map{{"echo", message.value}});
        if (++count_ % 3 == 0) out.send(count_);
    }
    std::int64_t count_ = 0;
};

// Says as messages which tags and stretches there are, and where.
struct Logger final : Block {
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out", {.optional = true}};
    MessageOutput lines{*this, "lines"};

    void describe() override { out.describe(in.description()); }
    void work(std::size_t n) override {
        for (const Tag& t : in.tags()) lines.send(t.index, Value::Map{{"index", t.index}, {"key", t.key}, {"value", t.value}});
        if (out) std::copy_n(in.item(), n * in.description().item_size(), out.item());
    }
    void restart() override {
        Value::Map line{{"index", in.index()}, {"stretch", in.description().value()}};
        if (const auto& what = in.discontinuity()) {
            line["kind"] = name_of(what->kind);
            line["missing"] = what->missing;
        }
        lines.send(in.index(), std::move(line));
    }
    Step finish() override {
        if (!finished_) lines.send(in.index(), Value::Map{{"end", in.index()}});
        finished_ = true;
        return Step::done();
    }
    bool finished_ = false;
};

// A decimator whose factor follows from the place: 3, 5, 4, 3, 5, 4, … items become their first one, which stands for the
// middle.
template <class T>
struct OddDecimator final : Block {
    Input<T> in{*this, "in"};
    Output<T> out{*this, "out"};
    static constexpr std::size_t cycle = 12, most = 1200;

    void describe() override {
        data_dependent();
        ratio({.decimation = 4});
        in.need(cycle, most);
        out.room(most / 4);
        memory(0, "nothing");
        out.describe(in.description());
    }
    void work(std::size_t n) override {
        std::size_t taken = 0, made = 0;
        while (taken < n) {
            const std::uint64_t place = (in.in_stretch() + taken) % cycle;
            const std::size_t factor = place < 3 ? 3 : place < 8 ? 5 : 4;
            const std::size_t there = std::min(factor, n - taken);
            if (there < factor && n >= cycle) break;  // the rest of it comes with the next call
            out[std::ptrdiff_t(made)] = in[std::ptrdiff_t(taken)];
            out.at(made, double(in.index() + taken) + double(there - 1) / 2);
            taken += there;
            ++made;
        }
        in.consume(taken);
        out.produce(made);
    }
};

// One item a run of samples of one sign: how long it was, with the sign. A run longer than `most` is several.
template <class T>
struct Runs final : Block {
    Parameter<int> most{*this, "most", {.initial = 50, .min = 1, .max = 1000}};
    Input<T> in{*this, "in"};
    Output<f32> out{*this, "out"};

    void describe() override {
        data_dependent();
        ratio({.decimation = 2});
        in.need(std::size_t(most.get()) + 1, 4096);
        out.room(4097);
        out.describe(in.description().baseband().as(SampleType::rf32));
    }
    void work(std::size_t n) override {
        std::size_t taken = 0, made = 0;
        const auto limit = std::size_t(most.get());
        const bool last = n < limit + 1;  // fewer than asked for: the stretch ends here
        while (taken < n) {
            const bool negative = real_of(in[std::ptrdiff_t(taken)]) < 0;
            std::size_t length = 1;
            while (length < limit && taken + length < n && (real_of(in[std::ptrdiff_t(taken + length)]) < 0) == negative)
                ++length;
            if (length < limit && taken + length == n && !last) break;  // it may go on
            out[std::ptrdiff_t(made)] = negative ? -f32(length) : f32(length);
            out.at(made, in.index() + taken, 0);
            taken += length;
            ++made;
        }
        in.consume(taken);
        out.produce(made);
    }
};

}  // namespace

void flowspan_register(Registry& r) {
    r.add<Tagger>("odd_tagger", "Tags items by their index.");
    r.add<Sender>("odd_sender", "Sends messages about items.", types<cf32, f32>);
    r.add<Gain>("odd_gain", "Multiplies by what messages and tags say.", types<cf32, f32>);
    r.add<Steered>("odd_steered", "Multiplies by what the messages so far make of it.", types<cf32, f32>);
    r.add<Echo>("odd_echo", "Answers messages.");
    r.add<Logger>("odd_logger", "Says which tags and stretches it sees.");
    r.add<OddDecimator>("odd_decimator", "Decimates by 3, 5 and 4 in turn.", types<cf32, f32>);
    r.add<Runs>("odd_runs", "Lengths of runs of samples of one sign.", types<cf32, f32>);
}
