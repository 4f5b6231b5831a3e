#include "kernels/fft/fft.hpp"

#include "kernels/aligned.hpp"

#include <flowspan/kernels.hpp>

#include <fftw3.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

namespace flowspan::kernels {
namespace {

std::atomic<bool> portable = false;

/// Rows of `size` samples; one row: a plain transform. More: results in columns.
struct Shape {
    int size, rows;
    Direction direction;
    bool portable;
    auto operator<=>(const Shape&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 sees a 0 there
};

// FFTW's planner is not thread-safe; its plans are, and serve any memory of the same alignment.
std::shared_ptr<void> plan(const Shape& shape, cf32* in, cf32* out) {
    static std::mutex mutex;
    static std::map<Shape, std::shared_ptr<void>> plans;
    const std::lock_guard lock(mutex);
    auto& known = plans[shape];
    if (!known) {
        fftwf_plan made = fftwf_plan_many_dft(1, &shape.size, shape.rows, reinterpret_cast<fftwf_complex*>(in), nullptr, 1,
                                              shape.size, reinterpret_cast<fftwf_complex*>(out), nullptr, shape.rows, 1,
                                              shape.direction == Direction::forward ? FFTW_FORWARD : FFTW_BACKWARD,
                                              FFTW_ESTIMATE | FFTW_DESTROY_INPUT | (shape.portable ? FFTW_NO_SIMD : 0U));
        if (!made) throw std::runtime_error("FFTW cannot plan a transform of size " + std::to_string(shape.size));
        known = std::shared_ptr<void>(made, [](void* p) { fftwf_destroy_plan(static_cast<fftwf_plan>(p)); });
    }
    return known;
}

void execute(const std::shared_ptr<void>& plan, cf32* in, cf32* out) {
    fftwf_execute_dft(static_cast<fftwf_plan>(plan.get()), reinterpret_cast<fftwf_complex*>(in),
                      reinterpret_cast<fftwf_complex*>(out));
}

/// A plan, and memory of its own for it.
struct Planned {
    explicit Planned(const Shape& shape)
        : in(std::size_t(shape.size) * std::size_t(shape.rows)),
          out(in.size()),
          plan(kernels::plan(shape, in.data(), out.data())) {}
    AlignedVector<cf32> in, out;
    std::shared_ptr<void> plan;
};

}  // namespace

struct Fft::Cpu : Planned {
    using Planned::Planned;
};

Fft::Fft() = default;
Fft::~Fft() = default;
Fft::Fft(Fft&&) noexcept = default;
Fft& Fft::operator=(Fft&&) noexcept = default;

Fft::Fft(std::size_t size, Direction direction)
    : size_(size), cpu_(std::make_unique<Cpu>(Shape{int(size), 1, direction, portable})) {}

cf32* Fft::in() { return cpu_->in.data(); }
const cf32* Fft::out() const { return cpu_->out.data(); }
cf32* Fft::out() { return cpu_->out.data(); }
void Fft::run() { execute(cpu_->plan, cpu_->in.data(), cpu_->out.data()); }
void Fft::run(cf32* in, cf32* out) const { execute(cpu_->plan, in, out); }

std::string Fft::plan_text() const {
    const std::unique_ptr<char, void (*)(void*)> text(fftwf_sprint_plan(static_cast<fftwf_plan>(cpu_->plan.get())), std::free);
    return text.get();
}

struct RowsFft::Cpu : Planned {
    using Planned::Planned;
};

RowsFft::RowsFft() = default;
RowsFft::~RowsFft() = default;
RowsFft::RowsFft(RowsFft&&) noexcept = default;
RowsFft& RowsFft::operator=(RowsFft&&) noexcept = default;

RowsFft::RowsFft(std::size_t size, std::size_t count)
    : cpu_(std::make_unique<Cpu>(Shape{int(size), int(count), Direction::forward, portable})) {}

cf32* RowsFft::in() { return cpu_->in.data(); }
const cf32* RowsFft::out() const { return cpu_->out.data(); }
void RowsFft::run() { execute(cpu_->plan, cpu_->in.data(), cpu_->out.data()); }

void portable_fft(bool wanted) { portable = wanted; }

}  // namespace flowspan::kernels
