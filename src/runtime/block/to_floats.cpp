#include "runtime/block/to_floats.hpp"

#include "kernels/to_floats/to_floats.hpp"
#include "kernels/volk/volk.hpp"

#include <cmath>
#include <limits>
#include <type_traits>

namespace flowspan::runtime {
namespace {

template <class Number, int parts>
using Sample = std::conditional_t<parts == 1, Number,
                                  std::conditional_t<std::is_integral_v<Number>, Complex<Number>, std::complex<Number>>>;

// Numbers lie in memory as `parts` a sample: I and Q alike.
template <class Number, class Float, int parts>
class Convert final : public Block {
public:
    using In = Sample<Number, parts>;
    using Out = Sample<Float, parts>;
    // As wide as what comes, so that it is rounded once.
    using Exact = std::conditional_t<std::is_integral_v<Number>, Float, Number>;
    Input<In> in{*this, "in", {.items = any_shape}};
    Output<Out> out{*this, "out"};

    void describe() override { out.describe(in.description().as(sample_type_of<Out>)); }
    void prepare() override {
        double half = 1;
        if constexpr (std::is_integral_v<Number>)
            half = double(std::uint64_t(1) << unsigned(std::numeric_limits<std::make_signed_t<Number>>::digits));
        scale_ = Exact(1 / in.description().full_scale.value_or(half));
        int exponent = 0;
        whole_ = std::frexp(scale_, &exponent) == Exact(0.5);
        offset_ = Exact(std::is_signed_v<Number> ? 0 : half - 0.5);
    }
    void work(std::size_t n) override {
        const std::size_t numbers = n * in.description().samples_per_item() * parts;
        const auto* from = reinterpret_cast<const Number*>(in.item());
        auto* to = reinterpret_cast<Float*>(out.item());
        if constexpr (std::is_same_v<Number, u8>) return kernels::to_floats(from, to, numbers, scale_);
        if constexpr (by_kernel) {
            if (whole_) return kernels::to_floats(from, to, numbers, 1 / scale_);
        }
        for (std::size_t k = 0; k < numbers; ++k) to[k] = Float((Exact(from[k]) - offset_) * scale_);
    }

private:
    static constexpr bool by_kernel = std::is_same_v<Number, i8> || std::is_same_v<Number, i16>;
    bool whole_ = false;  // the scale is a power of two, and so is its reciprocal
    Exact scale_ = 1, offset_ = 0;
};

}  // namespace

SampleType floats_for(SampleType type) {
    return type == SampleType::cf64 ? SampleType::cf32 : type == SampleType::rf64 ? SampleType::rf32 : float_of(type);
}

std::unique_ptr<Block> make_to_floats(SampleType from) {
    switch (from) {
        case SampleType::ri8:
            return std::make_unique<Convert<i8, f32, 1>>();
        case SampleType::ri16:
            return std::make_unique<Convert<i16, f32, 1>>();
        case SampleType::ri32:
            return std::make_unique<Convert<i32, f32, 1>>();
        case SampleType::ru8:
            return std::make_unique<Convert<u8, f32, 1>>();
        case SampleType::ru16:
            return std::make_unique<Convert<u16, f32, 1>>();
        case SampleType::ru32:
            return std::make_unique<Convert<u32, f32, 1>>();
        case SampleType::ci8:
            return std::make_unique<Convert<i8, f32, 2>>();
        case SampleType::ci16:
            return std::make_unique<Convert<i16, f32, 2>>();
        case SampleType::ci32:
            return std::make_unique<Convert<i32, f32, 2>>();
        case SampleType::cu8:
            return std::make_unique<Convert<u8, f32, 2>>();
        case SampleType::cu16:
            return std::make_unique<Convert<u16, f32, 2>>();
        case SampleType::cu32:
            return std::make_unique<Convert<u32, f32, 2>>();
        case SampleType::rf64:
            return std::make_unique<Convert<f64, f32, 1>>();
        case SampleType::cf64:
            return std::make_unique<Convert<f64, f32, 2>>();
        default:
            return nullptr;
    }
}

}  // namespace flowspan::runtime
