#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "blocks/filters/design/response.hpp"
#include "kernels/fir/fir.hpp"
#include "kernels/fir_design/shapes.hpp"

namespace flowspan {
namespace {

// y[m] = sum over k of h[m D mod I + k I] x[floor(m D / I) - k],  h the N-fold convolution of R M equal numbers, R = D or I
//
// That is what N integrators and N combs do (Hogenauer 1981), with gain 1 at 0 Hz: |H(f)| = |sin(pi f R M) / (R M sin(pi
// f))|^N, f in cycles per sample at the higher rate. Its sum is made directly, N M multiplications a sample, which is as fast
// here as integrators are, and the filter forgets. The error is below 1e-6 of the largest output.
template <class T>
struct Cic final : Block, blocks::Filter {
    Parameter<int> decimation{
        *this, "decimation", {.initial = 1, .min = 1, .max = 1 << 16, .help = "D: keeps one sample in so many."}};
    Parameter<int> interpolation{
        *this, "interpolation", {.initial = 1, .min = 1, .max = 1 << 16, .help = "I: makes so many samples of one."}};
    Parameter<int> stages{
        *this,
        "stages",
        {.initial = 4,
         .min = 1,
         .max = 8,
         .help = "N. What is folded from beside a multiple of the lower rate is N times as far down in dB; the "
                 "pass band droops: 0.2 dB a stage at 1/8 of the lower rate, 0.9 dB at a quarter (M = 1)."}};
    Parameter<int> differential_delay{
        *this, "differential_delay", {.initial = 1, .min = 1, .max = 4, .help = "M: of the combs."}};
    Input<T> in{*this, "in", blocks::each_channel()};
    Output<T> out{*this, "out"};

    std::size_t D() const { return std::size_t(decimation.get()); }
    std::size_t I() const { return std::size_t(interpolation.get()); }
    std::size_t span() const { return D() * I() * std::size_t(differential_delay.get()); }
    std::size_t length() const { return std::size_t(stages.get()) * (span() - 1) + 1; }

    void describe() override {
        if (decimation > 1 && interpolation > 1) interpolation.refuse("1 beside a decimation");
        if (length() > 1U << 20) {
            const auto& blamed = decimation > 1 ? decimation : interpolation;
            blamed.refuse("a rate change with which the filter has at most 1048576 taps", {},
                          "two of them, one behind the other");
        }
        in.history(kernels::Fir<T>::history_for(length(), I()));
        ratio({.interpolation = I(), .decimation = D(), .delay = Rational(std::int64_t(length()) - 1, 2 * std::int64_t(I()))});
        out.describe(in.description());
        holds(8 * length() + channels_.bytes(in.description(), in.history()));
        cost((0.2 + 0.05 * double(length())) / double(D()) * double(in.description().samples_per_item()));
    }
    void prepare() override { filter_ = kernels::Fir<T>(taps(), I(), D()); }
    void work(std::size_t n) override {
        const std::uint64_t first = out.in_stretch();
        channels_(in, in.history(), blocks::items_for(n, first, I(), D()), out, n,
                  [&](std::size_t, const T* x, T* y) { filter_(x, y, n, first); });
    }
    blocks::Response response() const override { return blocks::Response::of(taps(), I(), D()); }

    std::vector<double> taps() const {
        auto h = kernels::design_cic(span(), stages);
        for (double& tap : h) tap *= double(I());
        return h;
    }

    kernels::Fir<T> filter_;
    blocks::EachChannel<T, T> channels_;
};

}  // namespace

void register_cic(Registry& r) {
    r.add<Cic>("cic",
               "Changes the rate of each channel by an integer with a filter of moving averages (a CIC), gain 1 at 0 Hz.",
               types<cf32, f32>, "{decimation: 16, stages: 4}");
}

}  // namespace flowspan
