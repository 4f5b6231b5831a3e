#include <flowspan/flowspan.hpp>

#include <cstring>

namespace flowspan {
namespace {

// y[n] = x[n - samples], zeros before: as many items leave as come. Samples keep their time, and with it their place in the
// recording: as behind a filter with this delay, the first items that leave are before the first that comes.
struct Delay final : Block {
    static constexpr int revision = 2;
    Parameter<std::int64_t> samples{
        *this, "samples", {.unit = sample, .min = 0, .max = 1 << 28, .help = "How many items later the samples leave."}};
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    void describe() override {
        in.history(std::size_t(samples.get()));
        ratio({.delay = Rational(samples.get())});
        out.describe(in.description());
        cost(0.1);
    }
    void work(std::size_t n) override {
        const auto to = out.bytes(n);
        std::memcpy(to.data(), in.item(-std::ptrdiff_t(samples.get())), to.size());
    }
};

}  // namespace

void register_delay(Registry& r) {
    r.add<Delay>("delay", "Lets samples and their tags leave later, zeros first, as many items as come; each keeps its time.",
                 "samples: 100");
}

}  // namespace flowspan
