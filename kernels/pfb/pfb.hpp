// A critically sampled polyphase filter bank: M channels, each at 1/M of the rate.
//
//   y_c[m] = sum over k of h[k] x[mM - k] e^(-2 pi j f_c (a + mM - k)),   f_c = (c - floor(M/2)) / M cycles per sample
//
// where a is the absolute index of x[0], so that the phase belongs to the input's index wherever frames begin.
//
// (Harris, Multirate Signal Processing for Communication Systems, 2004, ch. 6; here as a forward transform of the filtered
// rows.) The prototype h has M T - 1 taps h[1] … h[MT - 1] around MT/2, h[0] = 0: a low pass at half the channel spacing,
// Kaiser's window, gain 1 at the centre of a channel. Group delay: MT/2 samples, exactly.
//
// No alignment is asked for; outputs may not overlap the input. Sums are ordered by the row alone. Fused multiply-add where it
// exists; transforms by FFTW: the same bits at any chunking on one processor.
#pragma once

#include <flowspan/types.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace flowspan::kernels {

/// The prototype h[0] … h[MT - 1] described above.
std::vector<double> pfb_prototype(std::size_t channels, std::size_t taps_per_channel, double attenuation_db);

class Pfb {
public:
    Pfb();
    ~Pfb();
    Pfb(Pfb&&) noexcept;
    Pfb& operator=(Pfb&&) noexcept;
    /// `prototype`: channels x taps_per_channel taps, the first of them 0.
    Pfb(std::size_t channels, std::span<const double> prototype);
    /// Samples before in[0] that are read.
    std::size_t history() const { return channels_ * rows_; }
    /// Frames that are transformed together: the grid on which calls must begin.
    static std::size_t block(std::size_t channels) { return channels <= 4096 ? 8 : 1; }
    /// n frames, the first of which begins a block: out[c][0 … n-1] for every c whose pointer is set, channels in ascending
    /// order of frequency. in[0], with index `first` (modulo M is enough), belongs to the first frame; frame m reads
    /// in[(m - T) M] … in[m M - 1].
    void operator()(const cf32* in, cf32* const* out, std::size_t n, std::uint64_t first = 0);

private:
    struct Cpu;
    std::size_t channels_ = 0, rows_ = 0, batch_ = 1;
    std::unique_ptr<Cpu> cpu_;
};

namespace reference {
/// The sum as it stands above, channel by channel, in double precision.
void pfb(const cf32* in, cf32* const* out, std::size_t n, std::size_t channels, std::span<const double> prototype,
         std::uint64_t first = 0);
}  // namespace reference

}  // namespace flowspan::kernels
