// In place of cuFFT: transforms by the sums that define them, over the prime factors of their size, in double precision.
#include "memory/device/transforms.hpp"

#include "memory/device/emulated/emulated.hpp"
#include "memory/device/emulated/machine.hpp"

#include <complex>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

namespace flowspan::device {
namespace {

using Samples = std::vector<std::complex<double>>;

std::size_t smallest_factor(std::size_t n) {
    for (std::size_t p = 2; p * p <= n; ++p)
        if (n % p == 0) return p;
    return n;
}

/// X[k] = sum over n < N of x[n] e^(-2 pi j k n / N), N = p M: of p transforms of x[p m + r] (Cooley and Tukey, Math. Comp. 19,
/// 1965). turns[i] = e^(-2 pi j i / size), `step` = size / N.
Samples transformed(const Samples& x, const Samples& turns, std::size_t step) {
    const std::size_t N = x.size();
    if (N == 1) return x;
    const std::size_t p = smallest_factor(N), M = N / p;
    std::vector<Samples> parts;
    for (std::size_t r = 0; r < p; ++r) {
        Samples part(M);
        for (std::size_t m = 0; m < M; ++m) part[m] = x[p * m + r];
        parts.push_back(transformed(part, turns, step * p));
    }
    Samples X(N);
    for (std::size_t k = 0; k < N; ++k)
        for (std::size_t r = 0; r < p; ++r) X[k] += parts[r][k % M] * turns[r * k % N * step];
    return X;
}

void transform(cf32* row, const Samples& turns) {
    const Samples X = transformed(Samples(row, row + turns.size()), turns, 1);
    for (std::size_t k = 0; k < X.size(); ++k) row[k] = cf32(X[k]);
}

}  // namespace

std::string why_no_transforms() {
    return emulated::Machine::get().behaviour().transforms ? "" : "FLOWSPAN_EMULATED says transforms=off";
}

struct Transforms::State {
    std::shared_ptr<const Samples> turns;
    std::size_t count = 0;
};

Transforms::Transforms() = default;
Transforms::Transforms(Transforms&&) noexcept = default;
Transforms& Transforms::operator=(Transforms&&) noexcept = default;
Transforms::~Transforms() = default;

Transforms::Transforms(Queue& queue, std::size_t size, std::size_t count) : state_(std::make_unique<State>()) {
    if (const std::string why = why_no_transforms(); !why.empty()) throw Error(queue.device(), "loading cuFFT", why);
    Samples turns;
    for (std::size_t i = 0; i < size; ++i) turns.push_back(std::polar(1.0, -2 * std::numbers::pi * double(i) / double(size)));
    state_->turns = std::make_shared<const Samples>(std::move(turns));
    state_->count = count;
}

void Transforms::run(Queue& queue, cf32* rows, std::size_t first, std::size_t n) const {
    const emulated::Inside inside;
    emulated::issue_kernel(queue, "cuFFT", [turns = state_->turns, count = state_->count, rows, first, n] {
        const std::size_t size = turns->size();
        for (std::size_t r = 0; r < count; ++r) {
            if (r >= first && r < first + n)
                transform(rows + r * size, *turns);
            else  // who reads it sees it: the first sample of it is enough
                rows[r * size] = std::numeric_limits<f32>::quiet_NaN();
        }
    });
}

}  // namespace flowspan::device
