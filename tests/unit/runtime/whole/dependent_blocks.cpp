// Blocks with a data-dependent rate, and what looks at what comes of them.
#include "collect.hpp"

#include <flowspan/flowspan.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace flowspan::tests {
namespace {

/// How many input items the k-th item of `uneven` stands for: 3, 5, 4, 3, …
constexpr std::array<std::size_t, 3> spans{3, 5, 4};

// Sums of 3, 5, 4, 3, … items, and on a second output each item's span.
struct Uneven final : Block {
    Parameter<bool> states{*this, "states", {.initial = true, .help = "Whether it says where its items are."}};
    Parameter<std::int64_t> at_most{*this, "at_most", {.initial = 100, .min = 5, .help = "Items a call."}};
    Parameter<double> factor{*this, "factor", {.initial = 1.0, .when = Change::running, .help = "Sums are multiplied by it."}};
    Parameter<std::int64_t> length{*this, "length", {.min = 0, .optional = true, .help = "It ends after so many items."}};
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out"};
    Output<f32> span{*this, "span", {.optional = true}};
    MessageOutput sums{*this, "sums"};

    void describe() override {
        data_dependent();
        ratio({.decimation = 4});
        in.need(5, std::size_t(at_most.get()));
        out.room(std::size_t(at_most.get()) / 3 + 1);
        span.room(std::size_t(at_most.get()) / 3 + 1);
        out.describe(in.description());
        span.describe(in.description());
        if (length.given()) total(std::uint64_t(length.get()));
    }
    void restart() override { next_ = 0; }
    void work(std::size_t n) override {
        std::size_t taken = 0, made = 0;
        while (taken + spans[next_] <= n) {
            double sum = 0;
            for (std::size_t k = 0; k < spans[next_]; ++k) sum += in[std::ptrdiff_t(taken + k)];
            const auto item = std::ptrdiff_t(made);
            if (out) out[item] = f32(sum * factor);
            if (span) span[item] = f32(spans[next_]);
            if (states) out.at(made, double(in.index() + taken));
            if (states) span.at(made, in.index() + taken, 0.0);
            if ((in.index() + taken) % 11 == 0) out.tag(made, "eleven", Value(in.index() + taken));
            if (made == 0) sums.send(in.index(), Value(sum));
            taken += spans[next_];
            next_ = (next_ + 1) % spans.size();
            ++made;
            if (n < 10) break;
        }
        if (n < 5) taken = n;  // what is left at an end
        in.consume(taken);
        out.produce(made);
        span.produce(made);
    }
    std::size_t next_ = 0;
};

// One item every 8 (1 + ppm / 1e6) items of the input, the nearest one, from its own clock.
struct Clock final : Block {
    Parameter<double> ppm{*this, "ppm", {.initial = 200.0, .help = "How slow its clock is."}};
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out"};
    void describe() override {
        data_dependent();
        ratio({.decimation = 8});
        in.need(10, 4000);
        out.room(501);
        out.describe(in.description());
    }
    void restart() override { next_ = double(in.index()); }
    void work(std::size_t n) override {
        const double step = 8 * (1 + ppm * 1e-6);
        if (!begun_) next_ = double(in.index());
        begun_ = true;
        const double end = double(in.index() + n);
        std::size_t made = 0;
        while (std::floor(next_) < end && next_ + step <= end) {
            out[std::ptrdiff_t(made)] = f32(next_);
            out.at(made, next_);
            next_ += step;
            ++made;
            if (n == 10) break;
        }
        in.consume(std::min<std::size_t>(n, std::size_t(std::max(0.0, std::floor(next_) - double(in.index())))));
        out.produce(made);
    }
    double next_ = 0;
    bool begun_ = false;
};

// Takes two of `a` and three of `b`: their sum, and both means.
struct Pair final : Block {
    Input<f32> a{*this, "a"};
    Input<f32> b{*this, "b"};
    Output<f32> sum{*this, "sum"};
    Output<f32> items{*this, "items"};
    void describe() override {
        data_dependent();
        ratio({.decimation = 2});
        a.need(2, 64);
        b.need(3, 90);
        sum.room(32);
        items.room(160);
        items.nominal(5, 2);
        sum.describe(a.description());
        items.describe(a.description());
    }
    void work(std::size_t) override {
        std::size_t made = 0, all = 0, i = 0, j = 0;
        while (i + 2 <= a.count() && j + 3 <= b.count() && made < 32) {
            f32 s = 0;
            for (std::size_t k = 0; k < 2; ++k) s += items[std::ptrdiff_t(all++)] = a[std::ptrdiff_t(i++)];
            for (std::size_t k = 0; k < 3; ++k) s += items[std::ptrdiff_t(all++)] = b[std::ptrdiff_t(j++)];
            sum[std::ptrdiff_t(made++)] = s;
        }
        a.consume(i);
        b.consume(j);
        sum.produce(made);
        items.produce(all);
    }
};

// One item for each run of equal values, its length; the last run of a stretch is given out at its end.
struct Runs final : Block {
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out"};
    void describe() override {
        data_dependent();
        ratio({.decimation = 7});
        in.need(1, 256);
        out.room(257);
        out.describe(in.description());
    }
    void restart() override { run_ = 0; }
    void work(std::size_t n) override {
        std::size_t made = 0;
        for (std::size_t k = 0; k < n; ++k) {
            if (run_ > 0 && in[std::ptrdiff_t(k)] != value_) give(made++);
            if (run_++ == 0) value_ = in[std::ptrdiff_t(k)], began_ = in.index() + k;
        }
        if (n < 1 && run_ > 0) give(made++);
        in.consume(n);
        out.produce(made);
    }
    void give(std::size_t item) {
        out[std::ptrdiff_t(item)] = f32(run_);
        out.at(item, began_, 0.0);
        run_ = 0;
    }
    std::uint64_t run_ = 0, began_ = 0;
    f32 value_ = 0;
};

// What is wrong with a block of a data-dependent rate, by name.
struct Greedy final : Block {
    Parameter<std::string> fault{*this, "fault", {.initial = "idle", .help = "What it does wrong."}};
    Parameter<std::int64_t> need{*this, "need", {.initial = 10, .min = 1, .help = "Items it needs."}};
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out"};
    void describe() override {
        data_dependent();
        ratio({.decimation = 10});
        in.need(std::size_t(need.get()));
        out.room(1);
        out.describe(in.description());
    }
    void work(std::size_t n) override {
        if (fault.get() == "short end" && n < 10) return;
        in.consume(n);
        out.produce(n < 10 ? 0 : 1);
        if (fault.get() == "idle" && in.index() >= 100) in.consume(0), out.produce(0);
        if (fault.get() == "takes" && in.index() >= 100) in.consume(n + 1);
        if (fault.get() == "makes" && in.index() >= 100) out.produce(2);
        if (fault.get() == "needs" && in.index() >= 100) in.need(std::size_t(1) << 30);
        if (fault.get() == "ahead" && in.index() >= 100) out.at(0, double(in.index() + n) + 1);
        if (fault.get() == "back" && in.index() == 100) out.at(0, 50.0);
    }
};

// Every tag of its stream as a message about its item.
struct Listen final : Block {
    Parameter<std::int64_t> every{*this, "every", {.initial = 0, .help = "Also every so-manieth item, if not 0."}};
    Input<f32> in{*this, "in"};
    MessageOutput heard{*this, "heard"};
    void describe() override {}
    void work(std::size_t n) override {
        auto tag = in.tags().begin();
        for (std::size_t k = 0; k < n; ++k) {
            const std::uint64_t i = in.index() + k;
            for (; tag != in.tags().end() && tag->index <= i; ++tag)
                heard.send(i, Value::Map{{"key", tag->key}, {"index", tag->index}, {"value", tag->value}});
            if (every > 0 && i % std::uint64_t(every.get()) == 0)
                heard.send(i, Value::Map{{"item", i}, {"is", double(in[std::ptrdiff_t(k)])}});
        }
    }
};

// The sum of the last 301 items, kept in the block.
struct Remembers final : Block {
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out"};
    void describe() override {
        memory(300, "the last items");
        out.describe(in.description());
    }
    void restart() override { last_.clear(); }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) {
            last_.push_back(in[std::ptrdiff_t(k)]);
            if (last_.size() > 301) last_.erase(last_.begin());
            double sum = 0;
            for (const f32 x : last_) sum += x;
            out[std::ptrdiff_t(k)] = f32(sum);
        }
    }
    std::vector<f32> last_;
};

// A tag on every 13th item, every fifth of which is large.
struct LargeTags final : Block {
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out"};
    void describe() override { out.describe(in.description()); }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) {
            const std::uint64_t i = in.index() + k;
            out[std::ptrdiff_t(k)] = in[std::ptrdiff_t(k)];
            if (i % 13 == 0) out.tag(k, "tag", i % 65 == 0 ? Value(Value::Bytes(2100 + i % 700, std::byte(i))) : Value(i));
        }
    }
};

// At every 500th item a message about one that lies `back` before it.
struct LookBack final : Block {
    Parameter<std::int64_t> back{*this, "back", {.min = 0, .help = "Items back."}};
    Parameter<std::int64_t> reach{*this, "reach", {.initial = 0, .min = 0, .help = "What it declares."}};
    Parameter<int> grid{*this, "grid", {.initial = 1, .min = 1, .help = "Its grid."}};
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out", {.optional = true}};
    MessageOutput found{*this, "found"};
    void describe() override {
        ratio({.grid = std::uint64_t(grid.get())});
        found.reach(std::uint64_t(reach.get()));
        out.describe(in.description());
    }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) {
            const std::uint64_t i = in.index() + k;
            if (out) out[std::ptrdiff_t(k)] = in[std::ptrdiff_t(k)];
            if (i % 500 == 0 && i >= 1000) found.send(i - std::uint64_t(back.get()), Value(i));
        }
    }
};

// As many items as a message says.
struct ItemsOfMessages final : Block {
    Parameter<double> sample_rate{*this, "sample_rate", {.optional = true, .help = "Of its items."}};
    MessageInput in{*this, "in"};
    Output<f32> out{*this, "out"};
    void describe() override {
        data_dependent();
        out.room(5);
        StreamDescription d;
        if (sample_rate.given()) d.sample_rate = Rational::nearest(sample_rate);
        out.describe(d);
    }
    void receive(MessageInput&, const Message& m) override {
        const std::uint64_t index = std::uint64_t(m.value.at("index").integer());
        const std::size_t n = index % 6;
        for (std::size_t k = 0; k < n; ++k) out[std::ptrdiff_t(k)] = f32(index + k);
        if (n > 0) out.tag(0, "of", Value(index));
        out.produce(n);
    }
};

/// Tags say what its centre frequency is.
struct Tuned final : Block {
    Parameter<double> center{*this, "center", {.initial = 1.0, .when = Change::running, .help = "Hz.", .tag = "mark"}};
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out"};
    void describe() override {
        StreamDescription d = in.description();
        d.center_frequency = center;
        out.describe(d);
    }
    void work(std::size_t n) override { std::copy_n(in.data(), n, out.data()); }
};

/// The first of 3, 5, 4 items in turn, in as many steps as fit.
struct Hasty final : Block {
    static constexpr std::array<std::size_t, 3> spans{3, 5, 4};
    Input<f32> in{*this, "in"};
    Output<f32> out{*this, "out"};
    void describe() override {
        data_dependent();
        ratio({.decimation = 4});
        in.need(12, 1200);
        out.room(400);
        out.describe(in.description());
    }
    void restart() override { next_ = 0; }
    void work(std::size_t n) override {
        std::size_t taken = 0, made = 0;
        for (; taken + spans[next_] <= n; ++made) {
            out[std::ptrdiff_t(made)] = in[std::ptrdiff_t(taken)];
            out.at(made, in.index() + taken, 0.0);
            taken += spans[std::exchange(next_, (next_ + 1) % spans.size())];
        }
        in.consume(n < 12 ? n : taken);
        out.produce(made);
    }
    std::size_t next_ = 0;
};

}  // namespace

void add_dependent_blocks(Registry& r) {
    r.add<Tuned>("tuned", "Is tuned by tags.");
    r.add<Hasty>("hasty", "Every third, fifth, fourth item.");
    r.add<Uneven>("uneven", "Sums of 3, 5, 4 items.");
    r.add<Clock>("clock", "Items by a clock of its own.");
    r.add<Pair>("pair", "Two of one input, three of the other.");
    r.add<Runs>("runs", "Lengths of runs.");
    r.add<Greedy>("greedy", "Does something wrong.");
    r.add<Listen>("listen", "Tags as messages.");
    r.add<Remembers>("remembers", "Sums of 301 items.");
    r.add<LargeTags>("large_tags", "Tags of any size.");
    r.add<LookBack>("look_back", "Messages about earlier items.");
    r.add<ItemsOfMessages>("items_of_messages", "Items that messages bring.");
}

}  // namespace flowspan::tests
