#include <flowspan/flowspan.hpp>

#include <cstring>
#include <deque>

namespace flowspan {
namespace {

// y[n] = x[n - samples], zeros before: as many items leave as come. The stream goes on in time as it did; in it the samples are
// late, and what tags say of them. What is late beyond the end of a stretch does not leave.
struct Delay final : Block {
    Parameter<std::int64_t> samples{
        *this, "samples", {.unit = sample, .min = 0, .max = 1 << 28, .help = "How many items later the samples leave."}};
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    void describe() override {
        in.history(std::size_t(samples.get()));
        tags(TagPolicy::own);
        out.describe(in.description());
        cost(0.1);
    }
    void work(std::size_t n) override {
        const auto to = out.bytes(n);
        std::memcpy(to.data(), in.item(-std::ptrdiff_t(samples.get())), to.size());
        for (const Tag& t : in.tags())
            late_.push_back({t.index - in.index() + out.index() + std::uint64_t(samples.get()), t.key, t.value});
        for (; !late_.empty() && late_.front().index < out.index() + n; late_.pop_front())
            out.tag(std::size_t(late_.front().index - out.index()), late_.front().key, late_.front().value);
    }
    void restart() override { late_.clear(); }

    std::deque<Tag> late_;  // by the index that they leave with
};

}  // namespace

void register_delay(Registry& r) {
    r.add<Delay>(
        "delay",
        "Lets samples and their tags leave later, zeros first, as many items as come; the time of the first one stays.",
        "samples: 100");
}

}  // namespace flowspan
