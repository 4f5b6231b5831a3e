// Discrete Fourier transforms of complex samples, by FFTW.
//
//   forward: X[k] = sum over n of x[n] e^(-2 pi j k n / N)      inverse: x[n] = sum over k of X[k] e^(+2 pi j k n / N)
//
// Neither is scaled. Plans depend on the size and the direction alone (FFTW_ESTIMATE, no wisdom) and always run on aligned
// memory of the transform's own, so the bits never depend on where samples lie. FFTW chooses its code by processor,
// unless portable_fft() was asked for: then plans use its plain C code alone (FFTW_NO_SIMD), which is the same for every
// processor that the library was compiled for.
#pragma once

#include <flowspan/types.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace flowspan::kernels {

enum class Direction : bool { forward, inverse };

/// A transform of one size. Not to be run by two threads at once.
class Fft {
public:
    Fft();
    ~Fft();
    Fft(Fft&&) noexcept;
    Fft& operator=(Fft&&) noexcept;
    /// size >= 1.
    explicit Fft(std::size_t size, Direction direction = Direction::forward);
    std::size_t size() const { return size_; }
    /// Where the input is put before `run` and where the result lies after it. `run` may destroy the input.
    cf32* in();
    const cf32* out() const;
    cf32* out();
    void run();
    /// The same from and to other memory, each beginning on a cache line, not overlapping. May destroy `in`.
    void run(cf32* in, cf32* out) const;
    /// What FFTW runs, in its own words.
    std::string plan_text() const;

private:
    struct Cpu;
    std::size_t size_ = 0;
    std::unique_ptr<Cpu> cpu_;
};

/// Where frequency bin k of a forward transform of size n lies when bins are in ascending order of frequency: bin 0 at n/2
/// (rounded down).
inline std::size_t ascending(std::size_t k, std::size_t n) { return (k + n / 2) % n; }

}  // namespace flowspan::kernels
