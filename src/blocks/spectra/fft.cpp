#include <flowspan/flowspan.hpp>

#include "blocks/spectrum_axis.hpp"
#include "kernels/fft/fft.hpp"
#include "kernels/fft/fft_device.hpp"
#include "kernels/spectrum/spectrum.hpp"
#include "kernels/window/window.hpp"

#include <algorithm>
#include <array>

namespace flowspan {
namespace {

// X_m[k] = sum over n < size of w[n] x[m hop + n] e^(-2 pi j k n / size), bins in ascending order of frequency
template <class T>
struct FftBlock final : Block {
    static constexpr bool on_devices = true;
    Parameter<int> size{
        *this, "size", {.unit = sample, .initial = 1024, .min = 1, .max = 1 << 24, .help = "Samples in a frame, and bins."}};
    Parameter<int> hop{*this,
                       "hop",
                       {.unit = sample,
                        .min = 1,
                        .max = 1 << 24,
                        .optional = true,
                        .help = "From one frame's first sample to the next one's; default: size."}};
    Parameter<std::string> window{
        *this, "window", {.initial = "rectangular", .choices = kernels::window_names(), .help = "Window (periodic)."}};
    Input<T> in{*this, "in"};
    Output<cf32> out{*this, "out"};

    std::size_t hop_size() const { return std::size_t(hop.given() ? hop.get() : size.get()); }

    void describe() override {
        const auto N = std::size_t(size.get());
        ratio({.decimation = hop_size(), .window = N});
        memory(Memory::none);
        out.describe(in.description().as(SampleType::cf32).with_shape({blocks::spectrum_axis(in.description(), N)}));
        holds(N * 28);
        holds_on_device(kernels::DeviceFft<T>::memory_for(N));
        if (!kernels::DeviceFft<T>::has_own(N)) needs_device_transforms();
        cost(1.2 * double(N) / double(hop_size()));
    }
    void prepare() override {
        const auto N = std::size_t(size.get());
        const auto w = kernels::window(window.get(), N, kernels::Symmetry::periodic);
        window_.assign(w.begin(), w.end());
        if (queue() != nullptr)
            device_transform_ = kernels::DeviceFft<T>(*queue(), window_);
        else
            transform_ = kernels::Fft(N);
    }
    void work(std::size_t n) override {
        if (queue() != nullptr) {
            using Piece = typename kernels::DeviceFft<T>::Piece;
            return device_transform_(*queue(), std::array{Piece{in.data(), out.data(), n, in.in_stretch() / hop_size()}},
                                     hop_size());
        }
        const std::size_t N = window_.size(), negative = N / 2;
        for (std::size_t m = 0; m < n; ++m) {
            kernels::apply_window(in.data() + m * hop_size(), window_.data(), transform_.in(), N);
            transform_.run();
            cf32* frame = out.data() + m * N;
            std::copy_n(transform_.out() + N - negative, negative, frame);
            std::copy_n(transform_.out(), N - negative, frame + negative);
        }
    }

    kernels::Fft transform_;
    kernels::DeviceFft<T> device_transform_;
    std::vector<f32> window_;
};

}  // namespace

void register_fft(Registry& r) {
    r.add<FftBlock>("fft", "Spectra of successive frames, bins in ascending order of frequency.", types<cf32, f32>,
                    "{size: 1024, window: hann}");
}

}  // namespace flowspan
