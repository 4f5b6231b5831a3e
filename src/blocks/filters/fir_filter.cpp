#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "blocks/filters/design/fir_design.hpp"
#include "blocks/filters/design/low_pass.hpp"
#include "kernels/fir/fir.hpp"
#include "kernels/fir/fir_device.hpp"
#include "kernels/overlap_save/overlap_save.hpp"
#include "kernels/resample/resample_device.hpp"

#include <algorithm>
#include <array>
#include <complex>
#include <type_traits>
#include <vector>

namespace flowspan {
namespace {

// y[m] = sum over k of h[m D mod I + k I] x[floor(m D / I) - k]
//
// Without interpolation (I = 1) direct up to 128 taps for each sample that is kept, by fast convolution beyond: chosen from
// taps and decimation alone. A designed filter has gain 1, and I with interpolation. Complex taps are summed directly.
template <class T>
struct FirFilter final : Block, blocks::Filter {
    static constexpr int revision = 2;
    static constexpr bool is_complex = std::is_same_v<T, cf32>;
    static constexpr bool on_devices = true;
    blocks::FirDesign designed{*this};
    Parameter<std::vector<std::complex<double>>> taps{
        *this,
        "taps",
        {.optional = true,
         .when = Change::running,
         .help = "The filter itself, instead of a designed one; complex ones for complex samples, without interpolation."}};
    Parameter<int> decimation{
        *this, "decimation", {.initial = 1, .min = 1, .max = 1 << 20, .help = "Keeps one sample in so many."}};
    Parameter<int> interpolation{
        *this, "interpolation", {.initial = 1, .min = 1, .max = 1 << 16, .help = "Makes so many samples of one, before that."}};
    Input<T> in{*this, "in", blocks::each_channel()};
    Output<T> out{*this, "out"};

    std::size_t D() const { return std::size_t(decimation.get()); }
    std::size_t I() const { return std::size_t(interpolation.get()); }
    /// Where the filter works.
    double rate() const { return in.sample_rate() * interpolation; }

    void describe() override {
        if (!taps.given() && !designed.check(rate(), is_complex)) return;
        if (taps.given() && taps->empty()) taps.refuse("at least one tap");
        if (turns() && !is_complex) taps.refuse("real numbers for real samples");
        if (turns() && interpolation > 1) interpolation.refuse(taps.given() ? "1 for complex taps" : "1 for kind one_sided");
        const std::size_t L = length();
        const auto delay = taps.given() ? blocks::group_delay(taps) : Rational(std::int64_t(L) - 1, 2);
        Ratio r{.interpolation = I(), .decimation = D(), .delay = delay / Rational(interpolation.get())};
        if (fast()) {
            r.grid = kernels::OverlapSave<T>::block_for(L, D());
            in.history(L - 1);
        } else {
            in.history(kernels::Fir<T>::history_for(L, I()));
        }
        ratio(r);
        out.describe(in.description());
        holds(channels_.bytes(in.description(), in.history()));
        holds_on_device(std::uint64_t(L) * sizeof(cf32));
        const double per_tap = turns() ? 0.1 : 0.025;
        cost((fast() ? 3.0 : (0.1 + per_tap * double(L) / double(I())) * double(I()) / double(D())) *
             double(in.description().samples_per_item()));
    }

    void prepare() override {
        fast_ = fast();
        turns_ = turns();
        if (!taps.given()) {
            const double leaves = rate() / decimation;
            if (const std::string text = blocks::folding(designed.reach(rate()), leaves); !text.empty()) warn(text);
        }
        if (queue() != nullptr) return prepare_on_device();
        if constexpr (is_complex) {
            if (turns_) {
                complex_filter_ = kernels::ComplexFir(complex_taps(), D());
                return;
            }
        }
        const auto h = real_taps();
        if (fast_)
            fast_filter_ = kernels::OverlapSave<T>(h, D());
        else
            filter_ = kernels::Fir<T>(h, I(), D());
    }

    /// One stream that is decimated has a kernel of its own.
    bool decimates_one() const { return is_complex && I() == 1 && in.description().samples_per_item() == 1; }
    void prepare_on_device() {
        const std::size_t channels = in.description().samples_per_item();
        if constexpr (is_complex) {
            std::vector<cf64> h;
            if (turns_)
                h = complex_taps();
            else
                for (const double tap : real_taps()) h.emplace_back(tap);
            if (decimates_one()) {
                device_filter_ = kernels::DeviceFir(*queue(), h, D());
                return;
            }
            if (turns_) {
                device_complex_ = {*queue(), std::vector<cf32>(h.begin(), h.end()), I(), D(), channels};
                return;
            }
        }
        const std::vector<double> h = real_taps();
        device_real_ = {*queue(), std::vector<f32>(h.begin(), h.end()), I(), D(), channels};
    }
    void work_on_device(std::size_t n) {
        const std::array pieces{kernels::DeviceResampling<T>{in.data(), out.data(), n, out.in_stretch()}};
        if constexpr (is_complex) {
            if (decimates_one())
                return device_filter_(*queue(), std::array{kernels::DeviceFir::Piece{in.data(), out.data(), n}});
            if (turns_) return device_complex_(*queue(), pieces);
        }
        device_real_(*queue(), pieces);
    }

    void work(std::size_t n) override {
        if (queue() != nullptr) return work_on_device(n);
        const std::size_t block = fast_ ? fast_filter_.block() : 1, made = (n + block - 1) / block * block;
        const std::uint64_t first = out.in_stretch();
        channels_(in, in.history(), blocks::items_for(made, first, I(), D()), out, n, [&](std::size_t, const T* x, T* y) {
            if constexpr (is_complex) {
                if (turns_) return complex_filter_(x, y, n);
            }
            if (fast_)
                fast_filter_(x, y, n);
            else
                filter_(x, y, n, first);
        });
    }

    /// Whether what it does to positive frequencies is not what it does to negative ones.
    bool turns() const {
        if (!taps.given()) return designed.one_sided();
        return std::any_of(taps->begin(), taps->end(), [](const auto& tap) { return tap.imag() != 0; });
    }
    bool fast() const { return !turns() && interpolation == 1 && length() > 128 * D(); }
    std::size_t length() const { return taps.given() ? taps->size() : designed.length(rate()); }

    /// The filter's, or of a one-sided band those of the low pass that is moved.
    std::vector<double> real_taps() const {
        if (taps.given()) {
            std::vector<double> h;
            for (const auto& tap : taps.get()) h.push_back(tap.real());
            return h;
        }
        auto h = designed.taps(rate());
        if (interpolation > 1)
            for (double& tap : h) tap *= interpolation;
        return h;
    }
    std::vector<cf64> complex_taps() const { return taps.given() ? taps.get() : designed.moved(real_taps(), rate()); }
    blocks::Response response() const override {
        auto r = blocks::Response::of(real_taps(), I(), D());
        if (turns()) r.taps = complex_taps();
        if (taps.given()) return r;
        r.bands = designed.bands(rate());
        return r;
    }

    bool fast_ = false, turns_ = false;
    kernels::Fir<T> filter_;
    kernels::OverlapSave<T> fast_filter_;
    kernels::ComplexFir complex_filter_;
    kernels::DeviceFir device_filter_;
    kernels::DeviceResampler<T> device_real_;
    kernels::DeviceResampler<cf32, cf32> device_complex_;
    blocks::EachChannel<T, T> channels_;
};

}  // namespace

void register_fir_filter(Registry& r) {
    r.add<FirFilter>(
        "fir_filter",
        "Filters each channel with a finite impulse response, designed from hertz or given, interpolates and decimates.",
        types<cf32, f32>, "{kind: low, cutoff: 15 kHz, transition: 3 kHz, decimation: 2}");
}

}  // namespace flowspan
