#include <flowspan/flowspan.hpp>

#include "blocks/clipping.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace flowspan {
namespace {

struct Counts : blocks::Clipping {
    std::uint64_t not_finite = 0;
};

// y = round(x * 2^(bits - 1)), half to even, saturated; unsigned types are offset by 2^(bits - 1) - 1/2. NaN becomes what 0
// does.
template <class Integer>
void to_integers(const f32* from, std::byte* to, std::size_t numbers, double full_scale, Counts& counts) {
    constexpr bool is_signed = std::numeric_limits<Integer>::is_signed;
    constexpr f32 low = f32(std::numeric_limits<Integer>::min()), high = f32(std::numeric_limits<Integer>::max());
    const f32 half = is_signed ? high + 1 : (high + 1) / 2, offset = is_signed ? 0.0F : half - 0.5F;
    const auto scale = f32(double(half) / full_scale);
    auto* y = reinterpret_cast<Integer*>(to);
    std::uint64_t beyond = 0, not_finite = 0;
    for (std::size_t k = 0; k < numbers; ++k) {
        const f32 x = from[k];
        const bool finite = std::abs(x) <= std::numeric_limits<f32>::max();
        const f32 v = std::nearbyint((x == x ? x : 0.0F) * scale + offset);
        beyond += finite && (v < low || v > high) ? 1U : 0U;
        not_finite += finite ? 0U : 1U;
        y[k] = Integer(std::clamp(v, low, high));
    }
    counts.values += numbers;
    counts.clipped += beyond;
    counts.not_finite += not_finite;
    if (beyond == 0) return;
    for (std::size_t k = 0; k < numbers; ++k) {
        const f32 x = from[k];
        if (std::abs(x) > std::numeric_limits<f32>::max() || x != x) continue;
        const double beyond_half = (double(x) * scale + offset) / (x > 0 ? high : low);
        counts.peak = std::max(counts.peak, is_signed ? beyond_half : std::abs(double(x) * scale) / offset);
    }
}

template <class T>
struct Convert final : Block {
    Parameter<SampleType> to{
        *this, "to", {.help = "The type that leaves: ci16, ci8, cu8 (of complex samples), ri16, ri8, ru8 (of real ones)."}};
    Input<T> in{*this, "in", {.items = any_shape}};
    Output<Any> out{*this, "out"};

    void describe() override {
        const bool complex = sizeof(T) == sizeof(cf32);
        const bool known = to.get() == SampleType::ci16 || to.get() == SampleType::ci8 || to.get() == SampleType::cu8 ||
                           to.get() == SampleType::ri16 || to.get() == SampleType::ri8 || to.get() == SampleType::ru8;
        if (!known || is_complex(to) != complex) to.refuse(complex ? "ci16, ci8 or cu8" : "ri16, ri8 or ru8");
        out.describe(in.description().as(to));
        cost(0.3 * double(in.description().samples_per_item()));
    }
    void work(std::size_t n) override {
        const std::size_t numbers = n * in.description().samples_per_item() * (sizeof(T) / sizeof(f32));
        const auto* x = reinterpret_cast<const f32*>(in.item());
        const double full_scale = in.description().full_scale.value_or(1);
        switch (to.get()) {
            case SampleType::ci16:
            case SampleType::ri16:
                to_integers<i16>(x, out.item(), numbers, full_scale, counts_);
                break;
            case SampleType::ci8:
            case SampleType::ri8:
                to_integers<i8>(x, out.item(), numbers, full_scale, counts_);
                break;
            default:
                to_integers<u8>(x, out.item(), numbers, full_scale, counts_);
                break;
        }
    }
    Step finish() override {
        if (const std::string text = counts_.text(); !text.empty()) warn(text);
        return Step::done();
    }
    Value results() const override { return Value::Map{{"clipped", counts_.clipped}, {"not_finite", counts_.not_finite}}; }

    Counts counts_;
};

}  // namespace

void register_convert(Registry& r) {
    r.add<Convert>(
        "convert",
        "Turns floats into integers, in items of any shape: rounds half to even, saturates. Counts finite values that are "
        "clipped, and those that are not finite (NaN becomes 0).",
        types<cf32, f32>, "to: ci16");
}

}  // namespace flowspan
