#include "kernels/fir/fir_cpu.hpp"

#include "kernels/fir/sums.hpp"

#include <algorithm>

namespace flowspan::kernels {
namespace {
constexpr std::size_t group = 16;
std::size_t padded(std::size_t taps, std::size_t width) {
    const std::size_t samples = group / width;
    return (std::max<std::size_t>(taps, 1) + samples - 1) / samples * samples;
}
}  // namespace

template <class S>
std::size_t Fir<S>::history_for(std::size_t taps, std::size_t interpolation) {
    return padded((taps + interpolation - 1) / interpolation, sizeof(S) / sizeof(float)) - 1;
}

template <class S>
Fir<S>::Fir(std::span<const double> taps, std::size_t interpolation, std::size_t decimation)
    : interpolation_(interpolation),
      decimation_(decimation),
      length_(history_for(taps.size(), interpolation) + 1),
      size_(taps.size()) {
    constexpr std::size_t width = sizeof(S) / sizeof(float);
    const bool sliding = interpolation_ == 1 && decimation_ == 1;
    const std::size_t places = length_ * width / group;
    auto cpu = std::make_shared<Cpu>();
    cpu->taps.assign(interpolation_ * length_ * (sliding ? 1 : width), 0.0F);
    for (std::size_t t = 0; t < taps.size(); ++t) {
        const std::size_t place = length_ - 1 - t / interpolation_;  // counted from the oldest sample
        const auto tap = float(taps[t]);
        if (sliding) {
            cpu->taps[place % (group / width) * places + place / (group / width)] = tap;
        } else {
            for (std::size_t w = 0; w < width; ++w) cpu->taps[((t % interpolation_) * length_ + place) * width + w] = tap;
        }
    }
    cpu_ = std::move(cpu);
}

template <class S>
void Fir<S>::operator()(const S* in, S* out, std::size_t n, std::uint64_t first) const {
    constexpr std::size_t width = sizeof(S) / sizeof(float);
    const auto* x = reinterpret_cast<const float*>(in - history());
    auto* y = reinterpret_cast<float*>(out);
    bool finite = true;
    if (interpolation_ == 1 && decimation_ == 1)
        finite = slide(x, cpu_->taps.data(), width, length_ * width / group, y, n * width);
    else if (interpolation_ == 1)
        finite = decimate(x, cpu_->taps.data(), width, length_ * width, y, n, decimation_);
    else
        finite = resample(x, cpu_->taps.data(), width, length_ * width, y, n, interpolation_, decimation_, phase_of(first));
    if (!finite) mend_all(in, out, n, first);
}

template class Fir<f32>;
template class Fir<cf32>;

// Row r holds the taps at phase r / P. Where the last tap ends, at `edge`, h falls to zero at once: the rows before have it,
// those behind do not. The two rows around the edge stand there twice more, with it for phases up to the edge, without for
// others.
template <class S>
InterpolatedFir<S>::InterpolatedFir(std::span<const double> table, std::size_t phases, std::uint64_t taps,
                                    std::uint64_t interpolation, std::uint64_t decimation)
    : phases_(phases),
      length_(Fir<S>::history_for(taps, interpolation) + 1),
      interpolation_(interpolation),
      decimation_(decimation),
      edge_((taps - 1) % interpolation) {
    const double rows = double(phases) / double(interpolation);
    edge_row_ = std::min(std::size_t(double(edge_) * rows), phases - 1);
    most_ = (taps - 1) / interpolation;
    auto cpu = std::make_shared<Cpu>();
    for (std::size_t row = 0; row <= phases; ++row) add_row(*cpu, table, row, std::size_t(most_) + (row <= edge_row_ ? 1 : 0));
    for (const std::size_t last : {std::size_t{1}, std::size_t{0}})
        for (const std::size_t next : {0, 1}) add_row(*cpu, table, edge_row_ + next, std::size_t(most_) + last);
    cpu_ = std::move(cpu);
}

template <class S>
void InterpolatedFir<S>::add_row(Cpu& cpu, std::span<const double> table, std::size_t row, std::size_t taps) const {
    constexpr std::size_t width = sizeof(S) / sizeof(float);
    const std::size_t begin = cpu.taps.size();
    cpu.taps.resize(begin + length_ * width, 0.0F);
    for (std::size_t k = 0; k < taps; ++k)
        for (std::size_t w = 0; w < width; ++w)
            cpu.taps[begin + (length_ - 1 - k) * width + w] = float(table[std::min(row + k * phases_, table.size() - 1)]);
}

template <class S>
void InterpolatedFir<S>::operator()(const S* in, S* out, std::size_t n, std::uint64_t first) const {
    constexpr std::size_t width = sizeof(S) / sizeof(float);
    const auto phase = std::uint64_t(static_cast<unsigned __int128>(first) * decimation_ % interpolation_);
    const bool finite = resample_between(reinterpret_cast<const float*>(in - history()),
                                         {cpu_->taps.data(), length_ * width, phases_, edge_row_, edge_}, width,
                                         reinterpret_cast<float*>(out), n, interpolation_, decimation_, phase);
    if (!finite) mend_all(in, out, n, phase);
}

template class InterpolatedFir<f32>;
template class InterpolatedFir<cf32>;

ComplexFir::ComplexFir(std::span<const cf64> taps, std::size_t decimation)
    : decimation_(decimation), length_(history_for(taps.size()) + 1), size_(taps.size()) {
    auto cpu = std::make_shared<Cpu>();
    cpu->real.resize(2 * length_);
    cpu->imag.resize(2 * length_);
    for (std::size_t t = 0; t < taps.size(); ++t) {
        for (std::size_t w = 0; w < 2; ++w) {
            cpu->real[2 * (length_ - 1 - t) + w] = float(taps[t].real());
            cpu->imag[2 * (length_ - 1 - t) + w] = float(taps[t].imag());
        }
    }
    cpu_ = std::move(cpu);
}

void ComplexFir::operator()(const cf32* in, cf32* out, std::size_t n) const {
    const bool finite = complex_decimate(reinterpret_cast<const float*>(in - history()), cpu_->real.data(), cpu_->imag.data(),
                                         2 * length_, reinterpret_cast<float*>(out), n, decimation_);
    if (!finite) mend_all(in, out, n);
}

}  // namespace flowspan::kernels
