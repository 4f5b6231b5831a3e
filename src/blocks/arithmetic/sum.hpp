// Sums and differences of streams.
#pragma once

#include "blocks/alike.hpp"
#include "blocks/clipping.hpp"
#include "kernels/arithmetic/arithmetic_device.hpp"
#include "kernels/not_finite/not_finite.hpp"
#include "kernels/volk/volk.hpp"

#include <flowspan/flowspan.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace flowspan::blocks {

/// y[n] = x0[n] + sign x1[n] + sign x2[n] + …, in this order, each times greatest full scale / its own: 1.0 of each is 1.0 of
/// the sum.
template <class T, int sign>
struct Sum final : Block {
    static constexpr bool integers = std::is_same_v<T, ci16>;
    static constexpr bool on_devices = !integers;
    Parameter<int> inputs{
        *this,
        "inputs",
        {.initial = 2,
         .min = 1,
         .max = 4096,
         .help = sign > 0 ? "How many streams are added." : "How many streams: the others are taken from the first."}};
    Inputs<T> in{*this, "in", inputs, {.items = any_shape}};
    Output<T> out{*this, "out"};

    void describe() override {
        StreamDescription d = in[0].description();
        if (const auto unlike = common_centre(in, d.center_frequency)) refuse(unlike->expected, unlike->got, unlike->hint);
        for (int k = 0; k < in.size(); ++k)
            if (in[k].description().full_scale) d.full_scale = full_scale();
        out.describe(d);
        cost(0.1 * in.size() * double(d.samples_per_item()));
    }
    void prepare() override {
        factors_.clear();
        for (int k = 0; k < in.size(); ++k) factors_.push_back((k == 0 ? 1 : sign) * full_scale() / full_scale_of(k));
        on_device_.emplace(factors_);
    }
    void work(std::size_t n) override {
        n *= out.description().samples_per_item();
        if constexpr (integers)
            add_integers(n);
        else
            add_floats(n);
    }
    Step finish() override {
        if (const std::string text = clipping_.text(); !text.empty()) warn(text);
        return Step::done();
    }
    Value results() const override { return integers ? Value(Value::Map{{"clipped", clipping_.clipped}}) : Value(); }

    double full_scale_of(int k) { return in[k].description().full_scale.value_or(integers ? 32768 : 1); }
    double full_scale() {
        double greatest = 0;
        for (int k = 0; k < in.size(); ++k) greatest = std::max(greatest, full_scale_of(k));
        return greatest;
    }

    void add_floats(std::size_t samples) {
        const std::size_t n = samples * sizeof(T) / sizeof(f32);
        auto* y = reinterpret_cast<f32*>(out.data());
        const auto numbers = [&](int k) { return reinterpret_cast<const f32*>(in[k].data()); };
        if (queue() != nullptr) {
            numbers_.clear();
            for (int k = 0; k < in.size(); ++k) numbers_.push_back(numbers(k));
            return (*on_device_)(*queue(), numbers_, y, n);
        }
        const f32* sum = numbers(0);  // so far
        if (in.size() == 1 || factors_[0] != 1) {
            kernels::scale(sum, f32(factors_[0]), y, n);
            sum = y;
        }
        for (int k = 1; k < in.size(); ++k) {
            const f32* x = numbers(k);
            const auto factor = f32(factors_[std::size_t(k)]);
            if (factor == 1)
                kernels::add(sum, x, y, n);
            else if (factor == -1)
                kernels::subtract(sum, x, y, n);
            else
                for (std::size_t i = 0; i < n; ++i) y[i] = sum[i] + x[i] * factor;
            sum = y;
        }
        kernels::unify_nan(y, n);
    }

    /// The exact sum of all, rounded half to even where they were scaled, saturated once.
    void add_integers(std::size_t n) {
        constexpr std::size_t piece = 256;
        std::array<double, 2 * piece> sum;
        for (std::size_t done = 0; done < n; done += piece) {
            const std::size_t numbers = 2 * std::min(piece, n - done);
            std::fill_n(sum.begin(), numbers, 0.0);
            for (int k = 0; k < in.size(); ++k) {
                const i16* x = &in[k].data()[done].re;
                const double factor = factors_[std::size_t(k)];
                for (std::size_t i = 0; i < numbers; ++i) sum[i] += factor * double(x[i]);
            }
            clipping_.values += numbers;
            i16* y = &out.data()[done].re;
            for (std::size_t i = 0; i < numbers; ++i) {
                const double rounded = std::nearbyint(sum[i]), kept = std::clamp(rounded, -32768.0, 32767.0);
                if (rounded != kept) {
                    ++clipping_.clipped;
                    clipping_.peak = std::max(clipping_.peak, rounded / (rounded > 0 ? 32767.0 : -32768.0));
                }
                y[i] = i16(kept);
            }
        }
    }

    std::vector<double> factors_;
    // Of calls on a device.
    std::optional<kernels::DeviceSum> on_device_;
    std::vector<const f32*> numbers_;
    Clipping clipping_;
};

}  // namespace flowspan::blocks
