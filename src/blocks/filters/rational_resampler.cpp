#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "blocks/filters/design/low_pass.hpp"
#include "kernels/fir/fir.hpp"
#include "kernels/fir_design/fir_design.hpp"
#include "kernels/resample/resample_device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>

namespace flowspan {
namespace {

constexpr std::int64_t most_interpolation = 65536, most_decimation = 1 << 20;  // of which every phase is kept
constexpr std::size_t most_taps = 1 << 20, most_of_table = 1 << 22;

// y[m] = sum over k of h[(m D mod I) + k I] x[floor(m D / I) - k], with h a low pass at I times the input's rate and gain I
//
// Where I, D or h is large, only P values of h are kept for each input sample, with straight lines between.
template <class T>
struct RationalResampler final : Block, blocks::Filter {
    static constexpr bool on_devices = true;
    Parameter<std::int64_t> interpolation{
        *this, "interpolation", {.initial = 1, .min = 1, .max = 1e12, .help = "I: the rate is multiplied by I / D."}};
    Parameter<std::int64_t> decimation{*this, "decimation", {.initial = 1, .min = 1, .max = 1e12, .help = "D."}};
    Parameter<double> output_rate{
        *this,
        "output_rate",
        {.unit = hertz, .min = 1e-6, .max = 1e12, .optional = true, .help = "The rate that leaves, instead of I and D."}};
    blocks::LowPass low_pass{*this};
    Input<T> in{*this, "in", blocks::each_channel()};
    Output<T> out{*this, "out"};

    /// I / D, reduced.
    Rational factor() const {
        if (!output_rate.given()) return {interpolation.get(), decimation.get()};
        (void)in.sample_rate();  // refuses a stream without a rate
        return Rational::nearest(output_rate) / *in.description().sample_rate;
    }
    /// Of the input. Streams without a rate count as 1.
    double rate() const { return in.description().sample_rate ? in.description().rate_hz() : 1.0; }
    double reach() const { return rate() / 2 * std::min(1.0, factor().value()); }
    double filter_rate() const { return rate() * double(factor().numerator()); }

    bool own_taps() const { return low_pass.taps.given() || low_pass.taps_count.given(); }
    bool large() const {
        const Rational f = factor();
        return f.numerator() > most_interpolation || f.denominator() > most_decimation ||
               (!own_taps() && low_pass.size(filter_rate(), reach()) > most_taps);
    }
    /// P. A straight line is off by at most 1/8 max |h''| / P^2. For a low pass up to c cycles a sample that is
    /// (2 pi c / P)^2 / 24 of the largest tap: 3e-7.
    std::size_t phases() const { return std::bit_ceil(std::size_t(std::ceil(2400 * low_pass.edge(reach()) / rate()))); }

    void describe() override {
        if (output_rate.given() && (interpolation.explicitly_given() || decimation.explicitly_given()))
            output_rate.refuse("either output_rate or interpolation and decimation");
        if (large())
            describe_large();
        else
            describe_phases();
        out.describe(in.description());
    }

    void describe_phases() {
        const Rational f = factor();
        low_pass.check(filter_rate(), reach());
        const std::size_t L = low_pass.size(filter_rate(), reach()), I = std::size_t(f.numerator());
        in.history(kernels::Fir<T>::history_for(L, I));
        const auto delay = low_pass.taps.given() ? blocks::group_delay(low_pass.taps) : Rational(std::int64_t(L) - 1, 2);
        ratio({.interpolation = I, .decimation = std::uint64_t(f.denominator()), .delay = delay / Rational(f.numerator())});
        holds(I * 16 * (L / I + 16) + channels_.bytes(in.description(), in.history()));
        holds_on_device(std::uint64_t(L) * sizeof(f32));
        cost((0.2 + 0.05 * double(L) / double(I)) * f.value() * double(in.description().samples_per_item()));
    }

    void describe_large() {
        const Rational f = factor();
        const std::string hint = "it is " + f.text();
        if (low_pass.taps.given()) low_pass.taps.wrong(own_taps_need, {}, hint);
        if (low_pass.taps_count.given()) low_pass.taps_count.wrong(own_taps_need, {}, hint);
        if (low_pass.edge(reach()) > rate() / 2) low_pass.cutoff.refuse("at most half the sample rate", rate() / 2);
        if (low_pass.cutoff.given() && low_pass.cutoff <= 0) low_pass.cutoff.refuse("a frequency above 0 Hz");
        if (own_taps()) return;
        const std::size_t L = low_pass.size(filter_rate(), reach()), P = phases(), I = std::size_t(f.numerator());
        const std::size_t taps = (L - 1) / I + 1, most = std::min(most_taps, most_of_table / P);  // of an output
        if (taps > most || L >> 60 != 0)
            refuse(fmt::format("a filter of at most {} taps for an output", most), fmt::format("one of {}", taps),
                   "decimate before it, or give a wider `transition`");
        in.history(kernels::Fir<T>::history_for(L, I));
        ratio({.interpolation = I,
               .decimation = std::uint64_t(f.denominator()),
               .delay = Rational(std::int64_t(L) - 1, 2) / Rational(f.numerator())});
        holds(8 * (P + 5) * (taps + 16) + channels_.bytes(in.description(), in.history()));
        holds_on_device(8 * (P + 5) * (taps + 16));
        cost((0.3 + 0.1 * double(taps)) * f.value() * double(in.description().samples_per_item()));
    }

    void prepare() override {
        large_ = large();
        if (const std::string text = low_pass.folds(rate() * factor().value()); !text.empty()) warn(text);
        const auto I = std::size_t(factor().numerator()), D = std::size_t(factor().denominator());
        interpolation_ = I;
        decimation_ = D;
        if (large_) {
            const std::size_t L = low_pass.size(filter_rate(), reach()), P = phases();
            const auto table = kernels::low_pass_table(low_pass.edge(reach()) / rate(), low_pass.beta(), L, I, P,
                                                       kernels::InterpolatedFir<T>::table_size(P, L, I));
            if (queue() != nullptr)
                device_interpolated_ =
                    kernels::DeviceInterpolatedResampler<T>(*queue(), table, P, L, I, D, in.description().samples_per_item());
            else
                interpolated_ = kernels::InterpolatedFir<T>(table, P, L, I, D);
            return;
        }
        if (queue() != nullptr) {
            const std::vector<double> h = taps();
            device_filter_ = kernels::DeviceResampler<T>(*queue(), std::vector<f32>(h.begin(), h.end()), I, D,
                                                         in.description().samples_per_item());
            return;
        }
        filter_ = kernels::Fir<T>(taps(), I, D);
    }
    /// Where every phase is kept.
    std::vector<double> taps() const {
        auto h = low_pass.design(filter_rate(), reach());
        if (!low_pass.taps.given())
            for (double& tap : h) tap *= double(factor().numerator());
        return h;
    }
    blocks::Response response() const override {
        if (large()) return {};
        auto r = blocks::Response::of(taps(), std::uint64_t(factor().numerator()), std::uint64_t(factor().denominator()));
        r.bands = low_pass.bands(filter_rate(), reach());
        return r;
    }
    void work(std::size_t n) override {
        // The branch of the filter is counted from the stretch's anchor.
        const std::uint64_t first = out.in_stretch();
        if (queue() != nullptr) {
            const std::array pieces{kernels::DeviceResampling<T>{in.data(), out.data(), n, first}};
            return large_ ? device_interpolated_(*queue(), pieces) : device_filter_(*queue(), pieces);
        }
        channels_(in, in.history(), blocks::items_for(n, first, interpolation_, decimation_), out, n,
                  [&](std::size_t, const T* x, T* y) {
                      if (large_)
                          interpolated_(x, y, n, first);
                      else
                          filter_(x, y, n, first);
                  });
    }

    static constexpr const char* own_taps_need = "a ratio of at most 65536 / 1048576 for taps of one's own";

    bool large_ = false;
    std::uint64_t interpolation_ = 1, decimation_ = 1;  // reduced
    kernels::Fir<T> filter_;
    kernels::InterpolatedFir<T> interpolated_;
    kernels::DeviceResampler<T> device_filter_;
    kernels::DeviceInterpolatedResampler<T> device_interpolated_;
    blocks::EachChannel<T, T> channels_;
};

}  // namespace

void register_rational_resampler(Registry& r) {
    r.add<RationalResampler>("rational_resampler",
                             "Changes the sample rate by a ratio of integers of any size, with a low pass, in each channel.",
                             types<cf32, f32>, "output_rate: 48 kHz");
}

}  // namespace flowspan
