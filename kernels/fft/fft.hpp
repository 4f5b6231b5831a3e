// Transforms side by side, and the plain sum that transforms are compared with; the transform itself is in
// include/flowspan/kernels/fft.hpp.
#pragma once

#include <flowspan/kernels/fft.hpp>

#include <cmath>
#include <cstddef>
#include <memory>

namespace flowspan::kernels {

/// Whether what was transformed was finite: frequency 0 has each number in.
inline bool holds_finite(const Fft& transform) {
    return std::isfinite(transform.out()[0].real()) && std::isfinite(transform.out()[0].imag());
}

/// Several forward transforms at once, with their results side by side: row f of the input (size samples, rows without gaps)
/// becomes column f of the output, out()[k * count + f]. A frame's bits may depend on its row, so frames must be tied to rows.
class RowsFft {
public:
    RowsFft();
    ~RowsFft();
    RowsFft(RowsFft&&) noexcept;
    RowsFft& operator=(RowsFft&&) noexcept;
    RowsFft(std::size_t size, std::size_t count);
    cf32* in();
    const cf32* out() const;
    void run();

private:
    struct Cpu;
    std::unique_ptr<Cpu> cpu_;
};

namespace reference {
/// The sum as it stands above, in double precision.
void dft(const cf32* in, cf32* out, std::size_t n, Direction direction);
}  // namespace reference

}  // namespace flowspan::kernels
