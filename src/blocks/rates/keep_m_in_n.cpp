#include <flowspan/flowspan.hpp>

#include <algorithm>
#include <cstring>

namespace flowspan {
namespace {

// What stays are the x[i] with offset <= i mod n < offset + m, i counted from the beginning of the stretch; each stays at its
// time, which the stream carries with it.
struct KeepMInN final : Block {
    Parameter<int> m{*this, "m", {.min = 1, .max = 1 << 30, .help = "So many successive items stay …"}};
    Parameter<int> n{*this, "n", {.min = 1, .max = 1 << 30, .help = "… of so many."}};
    Parameter<int> offset{
        *this, "offset", {.initial = 0, .min = 0, .max = (1 << 30) - 1, .help = "The first of them, from 0."}};
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    void describe() override {
        if (m > n) m.refuse("at most n (" + std::to_string(n) + ")");
        if (offset > n - m) offset.refuse("at most n - m (" + std::to_string(n - m) + ")");
        data_dependent();
        memory(Memory::unbounded, "how many items have stayed, which numbers those that leave");
        ratio({.interpolation = std::uint64_t(m.get()), .decimation = std::uint64_t(n.get())});
        in.need(1, most);
        out.room(most);
        out.describe(in.description());
        cost(200.0 * m / n);  // most of it for the places
    }
    void work(std::size_t items) override {
        const std::size_t bytes = in.description().item_size();
        const auto period = std::uint64_t(n.get()), first = std::uint64_t(offset.get()), end = first + std::uint64_t(m.get());
        std::size_t taken = 0, made = 0;
        while (taken < items) {
            const std::uint64_t place = (in.in_stretch() + taken) % period, left = items - taken;
            if (place < first || place >= end) {  // up to where the next ones are that stay
                taken += std::size_t(std::min(left, (place < first ? first : first + period) - place));
                continue;
            }
            const auto kept = std::size_t(std::min(left, end - place));
            std::memcpy(out.item(std::ptrdiff_t(made)), in.item(std::ptrdiff_t(taken)), kept * bytes);
            for (std::size_t k = 0; k < kept; ++k) out.at(made + k, in.index() + taken + k, 0);
            taken += kept;
            made += kept;
        }
        in.consume(taken);
        out.produce(made);
    }
    static constexpr std::size_t most = 4096;
};

}  // namespace

void register_keep_m_in_n(Registry& r) {
    r.add<KeepMInN>("keep_m_in_n", "Keeps some successive items in so many, each at its time.", "{m: 3, n: 10, offset: 2}");
}

}  // namespace flowspan
