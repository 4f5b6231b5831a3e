#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "kernels/argument/argument.hpp"
#include "kernels/argument/argument_device.hpp"

#include <array>

namespace flowspan {
namespace {

// y[n] = fs / (2 pi deviation) * arg(x[n] conj(x[n-1]))
struct FmDemod final : Block {
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
        channels_(in, 1, n, out, n, [&](std::size_t, const cf32* x, f32* y) { kernels::quadrature_demod(x, y, n, gain_); });
    }

    f32 gain_ = 0;
    blocks::EachChannel<cf32, f32> channels_;
};

}  // namespace

void register_fm_demod(Registry& r) {
    r.add<FmDemod>("fm_demod", "Demodulates frequency modulation (quadrature), of each channel.", "deviation: 75 kHz");
}

}  // namespace flowspan
