#include <flowspan/flowspan.hpp>

#include "blocks/continuous_phase.hpp"
#include "blocks/each_channel.hpp"
#include "blocks/filters/design/low_pass.hpp"
#include "kernels/fir/fir.hpp"
#include "kernels/fir/fir_device.hpp"
#include "kernels/resample/resample_device.hpp"
#include "kernels/rotate/rotate.hpp"
#include "kernels/rotate/rotate_device.hpp"

#include <array>

namespace flowspan {
namespace {

// y[m] = sum over k of h[k] x[mD - k] e^(-2 pi j shift (mD - k) / fs), phase counted from the absolute index
//
// Where the shift changes while it runs, the phase goes on without a jump.
// With a filter, the shift goes into the taps, and what is left of it turns at the rate that leaves.
struct FrequencyTranslate final : Block, blocks::Filter {
    static constexpr bool on_devices = true;
    Parameter<double> shift{
        *this,
        "shift",
        {.unit = hertz, .when = Change::running, .help = "What is this far above the centre becomes the centre."}};
    Parameter<int> decimation{
        *this,
        "decimation",
        {.initial = 1, .min = 1, .max = 1 << 20, .help = "Keeps one sample in so many, after the low pass."}};
    blocks::LowPass low_pass{*this};
    Input<cf32> in{*this, "in", blocks::each_channel()};
    Output<cf32> out{*this, "out"};

    bool filtered() const { return decimation > 1 || low_pass.asked_for(); }
    double reach() const { return in.sample_rate() / (2 * decimation); }

    /// In input items.
    Rational group_delay() const {
        if (!filtered()) return {};
        if (low_pass.taps.given()) return blocks::group_delay(low_pass.taps);
        return {std::int64_t(low_pass.size(in.sample_rate(), reach())) - 1, 2};
    }

    void describe() override {
        const double rate = in.sample_rate();
        if (shift > rate / 2 || shift < -rate / 2) shift.wrong("from minus to plus half the sample rate", rate / 2);
        out.describe(in.description().translated(shift));
        const auto channels = double(in.description().samples_per_item());
        cost(0.6 * channels);
        if (!filtered()) return;
        low_pass.check(rate, reach());
        const std::size_t taps = low_pass.size(rate, reach());
        in.history(kernels::ComplexFir::history_for(taps));
        ratio({.decimation = std::uint64_t(decimation.get()), .delay = group_delay()});
        holds(channels_.bytes(in.description(), in.history()));
        holds_on_device(std::uint64_t(taps) * sizeof(cf32));
        cost((0.6 + 0.1 * double(taps)) / double(decimation) * channels);
    }

    void prepare() override {
        const double rate = in.sample_rate();
        step_ = kernels::phase_increment(-shift / rate);
        phase_.set_step(step_, group_delay());
        rotate_ = kernels::Rotator(step_ * std::uint64_t(decimation.get()));
        if (filtered()) {
            if (const std::string text = low_pass.folds(rate / decimation); !text.empty()) warn(text);
        }
        if (queue() != nullptr) return prepare_on_device();
        if (filtered()) filter_ = kernels::ComplexFir(moved_taps(), std::size_t(decimation.get()));
    }
    /// One stream has a kernel of its own, which filters and turns.
    void prepare_on_device() {
        const auto D = std::size_t(decimation.get());
        const std::size_t channels = in.description().samples_per_item();
        const std::vector<cf64> h = filtered() ? moved_taps() : std::vector<cf64>{1};
        if (channels == 1) {
            device_filter_ = kernels::DeviceFir(*queue(), h, D, step_ * D);
            return;
        }
        device_rotate_ = kernels::DeviceRotator(*queue(), step_ * D);
        if (filtered()) device_channels_ = {*queue(), std::vector<cf32>(h.begin(), h.end()), 1, D, channels};
    }
    /// The low pass around `shift`.
    std::vector<cf64> moved_taps() const {
        const auto h = low_pass.design(in.sample_rate(), reach());
        const std::uint64_t step = kernels::phase_increment(-shift / in.sample_rate());
        std::vector<cf64> taps(h.size());
        for (std::size_t k = 0; k < h.size(); ++k) {
            const kernels::Angle a = kernels::sincos_turns(std::uint64_t(0) - step * k);
            taps[k] = {h[k] * a.cos, h[k] * a.sin};
        }
        return taps;
    }
    blocks::Response response() const override {
        if (!filtered()) return {};
        return {.taps = moved_taps(), .sections = {}, .decimation = std::uint64_t(decimation.get()), .bands = {}};
    }

    void work(std::size_t n) override {
        // The phase belongs to the input's index; the rotator counts outputs.
        const std::uint64_t D = std::uint64_t(decimation.get());
        const std::uint64_t phase = phase_.offset(in.index()) + step_ * (in.index() - out.index() * D);
        if (queue() != nullptr) return work_on_device(n, phase);
        channels_(in, in.history(), blocks::items_for(n, 0, 1, D), out, n, [&](std::size_t, const cf32* x, cf32* y) {
            if (filtered()) filter_(x, y, n);
            rotate_(filtered() ? y : x, y, n, out.index(), phase);
        });
    }

    void work_on_device(std::size_t n, std::uint64_t phase) const {
        const std::size_t channels = in.description().samples_per_item();
        if (channels == 1)
            return device_filter_(*queue(),
                                  std::array{kernels::DeviceFir::Piece{in.data(), out.data(), n, out.index(), phase}});
        if (filtered())
            device_channels_(*queue(), std::array{kernels::DeviceResampling<cf32>{in.data(), out.data(), n, out.in_stretch()}});
        const cf32* turned = filtered() ? out.data() : in.data();
        device_rotate_(*queue(), std::array{kernels::DeviceRotator::Piece{turned, out.data(), n * channels, out.index(), phase,
                                                                          std::uint32_t(channels)}});
    }

    std::uint64_t step_ = 0;
    blocks::ContinuousPhase phase_;
    kernels::Rotator rotate_;
    kernels::ComplexFir filter_;
    kernels::DeviceFir device_filter_;
    kernels::DeviceResampler<cf32, cf32> device_channels_;
    kernels::DeviceRotator device_rotate_;
    blocks::EachChannel<cf32, cf32> channels_;
};

}  // namespace

void register_frequency_translate(Registry& r) {
    r.add<FrequencyTranslate>("frequency_translate",
                              "Moves a frequency to the centre, and filters and decimates what is around it, in each channel.",
                              "{shift: 200 kHz, decimation: 10, cutoff: 80 kHz}");
}

}  // namespace flowspan
