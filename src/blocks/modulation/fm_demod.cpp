#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "kernels/argument/argument.hpp"
#include "kernels/argument/argument_device.hpp"

#include <array>
#include <cmath>

namespace flowspan {
namespace {

// y[n] = fs / (2 pi deviation) * arg(x[n] conj(x[n-1]))
struct FmDemod final : Block {
    static constexpr int revision = 2;
    static constexpr bool on_devices = true;
    Parameter<double> deviation{*this,
                                "deviation",
                                {.unit = hertz,
                                 .initial = 75e3,
                                 .min = 1.0,
                                 .when = Change::running,
                                 .help = "Frequency deviation that gives an output of 1."}};
    Input<cf32> in{*this, "in", blocks::each_channel()};
    Output<f32> out{*this, "out"};

    void describe() override {
        if (deviation > in.sample_rate() / 2) deviation.refuse("at most half the sample rate", in.sample_rate() / 2);
        in.history(1);
        out.describe(in.description().baseband());
        cost(0.6 * double(in.description().samples_per_item()));
    }
    void prepare() override { gain_ = f32(in.sample_rate() / (kernels::two_pi * deviation)); }
    void work(std::size_t n) override {
        const std::size_t channels = in.description().samples_per_item();
        if (queue() != nullptr)
            return kernels::quadrature_demod(
                *queue(),
                std::array{kernels::DeviceDemodulation{in.data(), out.data(), n * channels, std::uint32_t(channels), gain_}});
        channels_(in, 1, n, out, n, [&](std::size_t, const cf32* x, f32* y) {
            kernels::quadrature_demod(x, y, n, gain_);
            if (!fit_products(x - 1, n + 1)) mend(x, y, n);
        });
    }

    static constexpr f32 small = 0x1p-50F, large = 0x1p60F;  // of what lies between, products are floats, and whole
    static bool fit_products(const cf32* x, std::size_t n) {
        unsigned outside = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const f32 a = std::abs(x[i].real()), b = std::abs(x[i].imag());
            outside |= unsigned(!(a + b <= large)) | (unsigned(a + b < small) & unsigned(a + b > 0));
        }
        return outside == 0;
    }
    /// Scaling a sample by a power of two leaves its phase as it is.
    static cf32 scaled(cf32 x) {
        const f32 size = std::abs(x.real()) / 2 + std::abs(x.imag()) / 2;
        return size > large / 4 ? x * 0x1p-80F : size < small ? x * 0x1p96F : x;
    }
    void mend(const cf32* x, f32* y, std::size_t n) const {
        const auto is_finite = [](cf32 z) { return std::isfinite(z.real()) && std::isfinite(z.imag()); };
        for (std::size_t i = 0; i < n; ++i, ++x) {
            if (fit_products(x - 1, 2) || !is_finite(x[-1]) || !is_finite(x[0])) continue;
            const cf32 pair[] = {scaled(x[-1]), scaled(x[0])};
            kernels::quadrature_demod(pair + 1, y + i, 1, gain_);
        }
    }

    f32 gain_ = 0;
    blocks::EachChannel<cf32, f32> channels_;
};

}  // namespace

void register_fm_demod(Registry& r) {
    r.add<FmDemod>("fm_demod", "Demodulates frequency modulation (quadrature), of each channel.", "deviation: 75 kHz");
}

}  // namespace flowspan
