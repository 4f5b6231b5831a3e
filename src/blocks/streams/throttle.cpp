#include <flowspan/flowspan.hpp>

#include <chrono>
#include <cstring>
#include <optional>

namespace flowspan {
namespace {

using Clock = std::chrono::steady_clock;

/// Finished once the clock on the wall shows this time.
struct At final : Pending {
    explicit At(Clock::time_point time) : time_(time) {}
    bool ready() override { return Clock::now() >= time_; }
    Clock::time_point time_;
};

// y[n] = x[n], not before n / rate seconds of the clock on the wall have passed.
struct Throttle final : Block {
    Parameter<double> rate{*this,
                           "rate",
                           {.unit = hertz,
                            .min = 1.0,
                            .optional = true,
                            .help = "Items per second of the clock on the wall; default: the stream's sample rate."}};
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    void describe() override {
        if (!rate.given()) (void)in.sample_rate();  // which refuses streams that have none
        out.describe(in.description());
        cost(0.1);
    }
    void prepare() override { items_per_s_ = rate.given() ? rate.get() : in.sample_rate(); }
    Step step(std::size_t n) override {
        const auto to = out.bytes(n);
        std::memcpy(to.data(), in.item(), to.size());
        if (!begun_) {
            begun_ = Clock::now();
            first_ = in.index();
        }
        const std::chrono::duration<double> due(double(in.index() + n - first_) / items_per_s_);
        return {std::make_shared<At>(*begun_ + std::chrono::duration_cast<Clock::duration>(due))};
    }

    double items_per_s_ = 0;
    std::optional<Clock::time_point> begun_;
    std::uint64_t first_ = 0;  // index
};

}  // namespace

void register_throttle(Registry& r) {
    r.add<Throttle>(
        "throttle",
        "Passes items on at the rate of the clock on the wall, unchanged: for demonstrations, to watch a recording as "
        "it was. Recordings need none.");
}

}  // namespace flowspan
