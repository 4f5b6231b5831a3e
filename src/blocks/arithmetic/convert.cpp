#include <flowspan/flowspan.hpp>

#include "blocks/clipping.hpp"
#include "blocks/device_counts.hpp"
#include "kernels/convert/convert_device.hpp"
#include "kernels/integers/integers.hpp"
#include "kernels/volk/volk.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>

namespace flowspan {
namespace {

struct Counts : blocks::Clipping {
    std::uint64_t not_finite = 0;
};

/// What 1.0 is as a number of this type, and where 0.0 lies: unsigned ones are offset, so that their ends lie alike.
template <class Number>
constexpr double unit() {
    if constexpr (std::is_floating_point_v<Number>)
        return 1;
    else
        return (double(std::numeric_limits<Number>::max()) + 1) / (std::is_signed_v<Number> ? 1 : 2);
}
template <class Number>
constexpr double zero = std::is_unsigned_v<Number> ? unit<Number>() - 0.5 : 0;

// The same in 32 bits, for the numbers that most streams have and types whose values floats hold.
template <class Integer>
void to_small_integers(const f32* x, Integer* y, std::size_t numbers, double full_scale, Counts& counts) {
    constexpr bool is_signed = std::is_signed_v<Integer>;
    const auto offset = f32(zero<Integer>), scale = f32(unit<Integer>() / full_scale);
    const kernels::Saturation s = kernels::to_integers(x, scale, offset, y, numbers);
    counts.values += numbers;
    counts.clipped += s.clipped;
    counts.not_finite += s.not_finite;
    if (s.clipped == 0) return;
    const double above = is_signed ? unit<Integer>() - 1 : offset, below = is_signed ? unit<Integer>() : offset;
    counts.peak = std::max({counts.peak, double(s.most) * scale / above, double(-s.least) * scale / below});
}

/// Rounded half to even; nothing where it is beyond the ends of the type.
template <class Out>
std::optional<Out> rounded(double exact) {
    if constexpr (std::is_integral_v<Out>) {
        const double whole = std::nearbyint(exact);
        const bool fits = whole >= double(std::numeric_limits<Out>::min()) && whole <= double(std::numeric_limits<Out>::max());
        return fits ? std::optional(Out(whole)) : std::nullopt;
    } else {
        constexpr double infinite = 0x1.ffffffp127;  // from here on floats of 32 bits are rounded to infinity
        const bool fits = std::abs(exact) < (sizeof(Out) == 4 ? infinite : std::numeric_limits<double>::infinity());
        return fits ? std::optional(Out(exact)) : std::nullopt;
    }
}

// y = round((x - zero) / full_scale * unit + zero) in 64 bits, saturated; the full scale of x is the unit of its own type where
// the stream says none. NaN becomes what 0 does as an integer; floats keep what is not finite.
template <class In, class Out>
void to_numbers(const In* x, Out* y, std::size_t numbers, double full_scale, Counts& counts) {
    using Limits = std::numeric_limits<Out>;
    const double gain = unit<Out>() / full_scale;
    for (std::size_t k = 0; k < numbers; ++k) {
        const double number(x[k]), of_zero = (number - zero<In>)*gain, exact = of_zero + zero<Out>;
        if (const auto value = rounded<Out>(exact)) {
            y[k] = *value;
        } else if (std::isnan(number)) {
            y[k] = std::is_integral_v<Out> ? Out(std::nearbyint(zero<Out>)) : Limits::quiet_NaN();
        } else if (!std::isfinite(number) && !std::is_integral_v<Out>) {
            y[k] = Out(number);
        } else {
            y[k] = of_zero > 0 ? Limits::max() : Limits::lowest();
        }
        if (!std::isfinite(number)) {
            ++counts.not_finite;
        } else if (!rounded<Out>(exact)) {
            ++counts.clipped;
            const double most = of_zero > 0 ? double(Limits::max()) - zero<Out> : zero<Out> - double(Limits::lowest());
            counts.peak = std::max(counts.peak, std::abs(of_zero) / most);
        }
    }
    counts.values += numbers;
}

/// By the kernel that makes floats of integers for blocks that want them, where it does: signed ones of at most 16 bits by a
/// power of two, which are exact as floats.
template <class In, class Out>
bool scaled(const In* x, Out* y, std::size_t numbers, double full_scale) {
    if constexpr (std::is_same_v<Out, f32> && (std::is_same_v<In, i8> || std::is_same_v<In, i16>)) {
        int exponent = 0;
        if (std::frexp(full_scale, &exponent) != 0.5 || std::abs(exponent) > 100) return false;
        kernels::to_floats(x, y, numbers, f32(full_scale));
        return true;
    }
    return false;
}

/// Whether a device has a kernel for it.
template <class In, class Out>
constexpr bool on_device = (std::is_same_v<In, f32> &&
                            (std::is_same_v<Out, i8> || std::is_same_v<Out, u8> || std::is_same_v<Out, i16>)) ||
                           (std::is_same_v<Out, f32> && (std::is_same_v<In, i8> || std::is_same_v<In, u8> ||
                                                         std::is_same_v<In, i16> || std::is_same_v<In, u16>));

template <class In, class Out>
void to_numbers(device::Queue& queue, const In* x, Out* y, std::size_t numbers, double full_scale,
                kernels::ClippedOnDevice* counts) {
    const double scale = std::is_integral_v<Out> ? unit<Out>() / full_scale : 1 / full_scale;
    const std::array pieces{kernels::Conversion<In, Out>{x, y, numbers, f32(scale)}};
    if constexpr (std::is_integral_v<Out>)
        kernels::to_integers<Out>(queue, pieces, counts);
    else
        kernels::to_floats<In>(queue, pieces);
}

/// Calls `f` with a number of the kind that samples of this type are made of.
template <class F>
void with_number(SampleType type, F f) {
    switch (type) {
        case SampleType::rf32:
        case SampleType::cf32:
            return f(f32());
        case SampleType::rf64:
        case SampleType::cf64:
            return f(f64());
        case SampleType::ri8:
        case SampleType::ci8:
            return f(i8());
        case SampleType::ri16:
        case SampleType::ci16:
            return f(i16());
        case SampleType::ri32:
        case SampleType::ci32:
            return f(i32());
        case SampleType::ru8:
        case SampleType::cu8:
            return f(u8());
        case SampleType::ru16:
        case SampleType::cu16:
            return f(u16());
        case SampleType::ru32:
        case SampleType::cu32:
            return f(u32());
        case SampleType::any:
            return;
    }
}

struct Convert final : Block {
    static constexpr int revision = 2;
    static constexpr bool on_devices = true;
    Parameter<SampleType> to{
        *this,
        "to",
        {.help = "The type that leaves: cf32, cf64, ci8, ci16, ci32, cu8, cu16, cu32 (of complex samples), "
                 "rf32, rf64, ri8, ri16, ri32, ru8, ru16, ru32 (of real ones)."}};
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    void describe() override {
        const StreamDescription& stream = in.description();
        if (to.get() == SampleType::any || is_complex(to) != is_complex(stream.type))
            to.refuse(is_complex(stream.type) ? "a type of complex samples: cf32, cf64, ci8, ci16, ci32, cu8, cu16 or cu32"
                                              : "a type of real samples: rf32, rf64, ri8, ri16, ri32, ru8, ru16 or ru32");
        if (is_bits() && to.get() != SampleType::ru8 && to.get() != SampleType::rf32)
            to.refuse("ru8 or rf32 for bits: hard ones, or soft ones");
        out.describe(stream.as(to));
        bool is_there = false;
        with_number(stream.type, [&](auto from) {
            with_number(to, [&](auto kind) { is_there = on_device<decltype(from), decltype(kind)>; });
        });
        if (!is_there || is_bits())
            cpu_only("turns other types than floats of 32 bits and integers of 8 or 16 into each other");
        cost(0.3 * double(stream.samples_per_item()));
    }
    void prepare() override {
        if (queue() != nullptr && on_device_.empty()) on_device_ = blocks::DeviceCounts<kernels::ClippedOnDevice>(*queue());
    }
    void work(std::size_t n) override {
        const StreamDescription& stream = in.description();
        if (is_bits() && to.get() != stream.type) return convert_bits(n * stream.samples_per_item());
        const std::size_t numbers = n * stream.samples_per_item() * (is_complex(stream.type) ? 2 : 1);
        with_number(stream.type, [&](auto from) {
            using In = decltype(from);
            const double full_scale = stream.full_scale.value_or(unit<In>());
            const auto* x = reinterpret_cast<const In*>(in.item());
            with_number(to, [&](auto kind) {
                using Out = decltype(kind);
                auto* y = reinterpret_cast<Out*>(out.item());
                if (queue() != nullptr) {
                    if constexpr (on_device<In, Out>) to_numbers(*queue(), x, y, numbers, full_scale, on_device_.data());
                    counts_.values += numbers;
                    return;
                }
                if constexpr (std::is_same_v<In, f32> && std::is_integral_v<Out> && sizeof(Out) <= 2 &&
                              !std::is_same_v<Out, u16>)
                    to_small_integers(x, y, numbers, full_scale, counts_);
                else if (!scaled(x, y, numbers, full_scale))
                    to_numbers(x, y, numbers, full_scale, counts_);
            });
        });
    }
    /// What the device has counted.
    Step seam() override {
        if (queue() == nullptr) return Step::done();
        if (!on_device_.asked()) return on_device_.ask(*queue());
        const kernels::ClippedOnDevice found = on_device_.read();
        counts_.clipped = found.clipped;
        counts_.not_finite = found.not_finite;
        counts_.peak = std::bit_cast<double>(found.peak_bits);
        return Step::done();
    }
    Step finish() override {
        if (Step counted = seam(); counted.token != nullptr) return counted;
        if (const std::string text = counts_.text(); !text.empty()) warn(text);
        return Step::done();
    }
    Value results() const override { return Value::Map{{"clipped", counts_.clipped}, {"not_finite", counts_.not_finite}}; }

    /// Soft bits are 1 and -1; hard ones say which are positive.
    bool is_bits() const {
        const StreamDescription& d = in.description();
        return d.unit == bit_unit && (d.type == SampleType::ru8 || d.type == SampleType::rf32);
    }
    void convert_bits(std::size_t n) {
        if (to.get() == SampleType::rf32) {
            const auto* bits = reinterpret_cast<const u8*>(in.item());
            auto* soft = reinterpret_cast<f32*>(out.item());
            for (std::size_t k = 0; k < n; ++k) soft[k] = bits[k] != 0 ? 1.0F : -1.0F;
        } else {
            const auto* soft = reinterpret_cast<const f32*>(in.item());
            auto* bits = reinterpret_cast<u8*>(out.item());
            for (std::size_t k = 0; k < n; ++k) bits[k] = soft[k] > 0 ? 1 : 0;
        }
    }

    Counts counts_;
    blocks::DeviceCounts<kernels::ClippedOnDevice> on_device_;
};

}  // namespace

void register_convert(Registry& r) {
    r.add<Convert>(
        "convert",
        "Turns samples into another type, in items of any shape: by full scale, rounded half to even, saturated. Counts "
        "finite values that are clipped, and those that are not finite (as an integer NaN becomes 0).",
        "to: ci16");
}

}  // namespace flowspan
