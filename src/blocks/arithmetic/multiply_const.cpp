#include <flowspan/flowspan.hpp>

#include "kernels/arithmetic/arithmetic_device.hpp"
#include "kernels/volk/volk.hpp"

#include <array>

namespace flowspan {
namespace {

// y[n] = constant x[n]
template <class T>
struct MultiplyConst final : Block {
    static constexpr bool on_devices = true;
    Parameter<std::complex<double>> constant{
        *this, "constant", {.when = Change::running, .help = "Factor, as 2 or 0.5-1j; real for real samples."}};
    Input<T> in{*this, "in", {.items = any_shape}};
    Output<T> out{*this, "out"};

    void describe() override {
        if constexpr (!is_complex_sample) {
            if (constant->imag() != 0) constant.refuse("a real number for real samples");
        }
        out.describe(in.description());
        cost(0.15 * double(in.description().samples_per_item()));
    }
    void work(std::size_t n) override {
        n *= in.description().samples_per_item();
        const T* x = in.data();
        T* y = out.data();
        const auto re = f32(constant->real()), im = f32(constant->imag());
        const std::size_t numbers = n * sizeof(T) / sizeof(f32);
        if constexpr (is_complex_sample) {
            if (im != 0) {
                if (queue() != nullptr)
                    return kernels::scale(*queue(), std::array{kernels::DeviceComplexScaling{x, y, n, re, im}});
                for (std::size_t i = 0; i < n; ++i)
                    y[i] = {x[i].real() * re - x[i].imag() * im, x[i].real() * im + x[i].imag() * re};
                return;
            }
        }
        const auto* from = reinterpret_cast<const f32*>(x);
        auto* to = reinterpret_cast<f32*>(y);
        if (queue() != nullptr)
            kernels::scale(*queue(), std::array{kernels::DeviceScaling{from, to, numbers, re}});
        else
            kernels::scale(from, re, to, numbers);
    }
    static constexpr bool is_complex_sample = std::is_same_v<T, cf32>;
};

}  // namespace

void register_multiply_const(Registry& r) {
    r.add<MultiplyConst>("multiply_const", "Multiplies every sample by a constant, in items of any shape.", types<cf32, f32>,
                         "constant: 2");
}

}  // namespace flowspan
