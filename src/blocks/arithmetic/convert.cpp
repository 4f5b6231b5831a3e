#include <flowspan/flowspan.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace flowspan {
namespace {

// y = round(x * full_scale), half to even, saturated; unsigned types are offset by (full_scale - 1/2).
template <class Integer>
std::uint64_t to_integers(const f32* from, std::byte* to, std::size_t numbers, f32 scale) {
    constexpr bool is_signed = std::numeric_limits<Integer>::is_signed;
    constexpr f32 low = f32(std::numeric_limits<Integer>::min()), high = f32(std::numeric_limits<Integer>::max());
    const f32 offset = is_signed ? 0.0F : (high + 1) / 2 - 0.5F;
    auto* y = reinterpret_cast<Integer*>(to);
    std::uint64_t clips = 0;
    for (std::size_t k = 0; k < numbers; ++k) {
        const f32 v = std::nearbyint(from[k] * scale + offset);
        clips += v < low || v > high ? 1U : 0U;
        y[k] = Integer(std::clamp(v, low, high));
    }
    return clips;
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
        switch (to.get()) {
            case SampleType::ci16:
            case SampleType::ri16:
                clips_ += to_integers<i16>(x, out.item(), numbers, 32768);
                break;
            case SampleType::ci8:
            case SampleType::ri8:
                clips_ += to_integers<i8>(x, out.item(), numbers, 128);
                break;
            default:
                clips_ += to_integers<u8>(x, out.item(), numbers, 128);
                break;
        }
    }
    Value results() const override { return Value::Map{{"clips", clips_}}; }

    std::uint64_t clips_ = 0;
};

}  // namespace

void register_convert(Registry& r) {
    r.add<Convert>("convert",
                   "Turns floats into integers, in items of any shape: rounds half to even, saturates, counts clips.",
                   types<cf32, f32>, "to: ci16");
}

}  // namespace flowspan
