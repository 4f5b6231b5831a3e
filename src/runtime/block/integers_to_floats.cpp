#include "runtime/block/integers_to_floats.hpp"

#include <limits>
#include <type_traits>

namespace flowspan::runtime {
namespace {

// Integers lie in memory as `parts` numbers a sample: I and Q alike.
template <class Integer, class Float, int parts>
class Convert final : public Block {
public:
    using In = std::conditional_t<parts == 2, Complex<Integer>, Integer>;
    using Out = std::conditional_t<parts == 2, std::complex<Float>, Float>;
    Input<In> in{*this, "in", {.items = any_shape}};
    Output<Out> out{*this, "out"};

    void describe() override { out.describe(in.description().as(sample_type_of<Out>)); }
    void prepare() override {
        constexpr double bits = std::numeric_limits<Integer>::digits + (std::is_signed_v<Integer> ? 1 : 0);
        const double half = double(std::uint64_t(1) << unsigned(bits - 1));
        scale_ = Float(1 / in.description().full_scale.value_or(half));
        offset_ = Float(std::is_signed_v<Integer> ? 0 : half - 0.5);
    }
    void work(std::size_t n) override {
        const std::size_t numbers = n * in.description().samples_per_item() * parts;
        const auto* from = reinterpret_cast<const Integer*>(in.item());
        auto* to = reinterpret_cast<Float*>(out.item());
        for (std::size_t k = 0; k < numbers; ++k) to[k] = (Float(from[k]) - offset_) * scale_;
    }

private:
    Float scale_ = 1, offset_ = 0;
};

}  // namespace

std::unique_ptr<Block> make_integers_to_floats(SampleType from) {
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
        default:
            return nullptr;
    }
}

}  // namespace flowspan::runtime
