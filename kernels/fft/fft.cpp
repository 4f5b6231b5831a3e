#include "kernels/fft/fft.hpp"

#include <fftw3.h>

#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

namespace flowspan::kernels {
namespace {

// FFTW's planner is not thread-safe; its plans are, and serve any memory of the same alignment.
std::shared_ptr<void> plan(std::size_t size, Direction direction, cf32* in, cf32* out) {
    static std::mutex mutex;
    static std::map<std::pair<std::size_t, Direction>, std::shared_ptr<void>> plans;
    const std::lock_guard lock(mutex);
    auto& known = plans[{size, direction}];
    if (!known) {
        fftwf_plan made = fftwf_plan_dft_1d(
            int(size), reinterpret_cast<fftwf_complex*>(in), reinterpret_cast<fftwf_complex*>(out),
            direction == Direction::forward ? FFTW_FORWARD : FFTW_BACKWARD, FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
        if (!made) throw std::runtime_error("FFTW cannot plan a transform of size " + std::to_string(size));
        known = std::shared_ptr<void>(made, [](void* p) { fftwf_destroy_plan(static_cast<fftwf_plan>(p)); });
    }
    return known;
}

}  // namespace

Fft::Fft(std::size_t size, Direction direction) : in_(size), out_(size) {
    plan_ = plan(size, direction, in_.data(), out_.data());
}

void Fft::run(cf32* in, cf32* out) const {
    fftwf_execute_dft(static_cast<fftwf_plan>(plan_.get()), reinterpret_cast<fftwf_complex*>(in),
                      reinterpret_cast<fftwf_complex*>(out));
}

}  // namespace flowspan::kernels
