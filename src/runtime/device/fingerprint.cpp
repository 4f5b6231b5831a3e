#include "runtime/device/fingerprint.hpp"

#include "kernels/argument/argument_device.hpp"
#include "kernels/arithmetic/arithmetic_device.hpp"
#include "kernels/convert/convert_device.hpp"
#include "kernels/energy/energy_device.hpp"
#include "kernels/fft/fft_device.hpp"
#include "kernels/fir/fir_device.hpp"
#include "kernels/noise/noise.hpp"
#include "kernels/pfb/pfb_device.hpp"
#include "kernels/resample/resample_device.hpp"
#include "kernels/rotate/rotate_device.hpp"
#include "kernels/spectrum/psd_device.hpp"
#include "memory/device/device.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

constexpr std::size_t before = 512, count = 4096;  // samples before those that kernels begin at; samples that they make

/// Results side by side in memory of the device, zeros at first.
class Results {
public:
    Results(device::Queue& queue, std::size_t bytes) : memory_(queue.device(), bytes), back_(queue.device(), bytes) {
        queue.zero(memory_.data(), bytes);
    }
    template <class T>
    T* take(std::size_t n) {
        auto* at = reinterpret_cast<T*>(memory_.data() + used_);
        used_ += (n * sizeof(T) + 15) / 16 * 16;
        if (used_ > memory_.size()) throw Failure(ExitCode::bug, "more results than were thought of");
        return at;
    }
    /// FNV-1a over all of it.
    std::string hash(device::Queue& queue, double most_s) {
        queue.to_host(back_.data(), memory_.data(), used_);
        if (!queue.finish(most_s)) {
            device::give_up(queue.device(), "the fingerprint of its kernels",
                            fmt::format("it is not done after {:.1f} s", most_s));
            throw device::Error(queue.device(), "the fingerprint of its kernels", "it does not come to an end");
        }
        std::uint64_t state = 0xcbf29ce484222325ULL;
        for (std::size_t k = 0; k < used_; ++k) state = (state ^ std::uint64_t(back_.data()[k])) * 0x100000001b3ULL;
        return fmt::format("{:016x}", state);
    }

private:
    device::Memory memory_;
    device::PinnedMemory back_;
    std::size_t used_ = 0;
};

std::vector<f32> ramp(std::size_t n) {
    std::vector<f32> taps(n);
    for (std::size_t k = 0; k < n; ++k) taps[k] = f32(1 + k % 7) / f32(4 * n);
    return taps;
}

template <class Kernel>
void filter(device::Queue& queue, const Kernel& kernel, const cf32* x, Results& results) {
    const std::uint64_t n = count / 8;
    kernel(queue, std::array{typename Kernel::Piece{x, results.take<cf32>(n), n, 5}});
}

}  // namespace

std::string device_fingerprint(int device, bool transforms, double most_s) {
    device::Queue queue(device);
    std::vector<cf32> made(before + count);
    kernels::gaussian(made.data(), made.size(), 0, 1, 1.0);
    const device::Table<cf32> samples(queue, made);
    const cf32* x = samples.data() + before;
    Results results(queue, 16 * count * sizeof(cf32));
    // Kernels with tables live until the queue is done.
    const kernels::DeviceFir fir(queue, std::vector<cf64>(63, cf64(0.01, 0)), 3, 0x123456789abcdef1ULL),
        complex_fir(queue, std::vector<cf64>(200, cf64(0.006, 0.008)), 4);
    const kernels::DeviceResampler<cf32> resampler(queue, ramp(60), 3, 2);
    const kernels::DeviceResampler<cf32, cf32> complex_resampler(queue, std::vector<cf32>(31, cf32(0.1F, -0.2F)), 2, 3);
    filter(queue, fir, x, results);
    filter(queue, complex_fir, x, results);
    filter(queue, resampler, x, results);
    filter(queue, complex_resampler, x, results);
    const kernels::DeviceRotator rotator(queue, 0x123456789abcdef1ULL);
    rotator(queue, std::array{kernels::DeviceRotator::Piece{x, results.take<cf32>(count), count, 5, 7, 1}});
    const kernels::DeviceFft<cf32> fft(queue, ramp(1024));
    fft(queue, std::array{kernels::DeviceFft<cf32>::Piece{x, results.take<cf32>(4096), 4}}, 1024);
    kernels::DevicePsd<cf32> psd(queue, ramp(256));
    psd.reset(queue, 0);
    psd.add(queue, x, 16, 256);
    psd.write(queue, results.take<f32>(256), 1.0, 0);
    kernels::DeviceFft<cf32> by_library;
    if (transforms) {
        by_library = kernels::DeviceFft<cf32>(queue, ramp(1000));
        by_library(queue, std::array{kernels::DeviceFft<cf32>::Piece{x, results.take<cf32>(4000), 4}}, 1000);
    }
    std::vector<cf32*> channels(64);
    for (cf32*& channel : channels) channel = results.take<cf32>(8);
    kernels::DevicePfb bank(queue, 64, std::vector<double>(256, 1.0 / 256));
    bank.write_to(queue, channels);
    bank(queue, x, 8, 3, 0);
    kernels::quadrature_demod(queue, std::array{kernels::DeviceDemodulation{x, results.take<f32>(count), count, 1, 1.5F}});
    kernels::scale(queue, std::array{kernels::DeviceComplexScaling{x, results.take<cf32>(count), count, 0.6F, 0.8F}});
    double* const energies = results.take<double>(count / 64);
    kernels::energies(queue,
                      std::array{kernels::DeviceEnergies{x, energies, count, 64, results.take<std::uint32_t>(count / 64)}});
    const auto* numbers = reinterpret_cast<const f32*>(x);
    i16* const integers = results.take<i16>(count);
    auto* const clipped = results.take<kernels::ClippedOnDevice>(1);
    kernels::to_integers<i16>(queue, std::array{kernels::Conversion<f32, i16>{numbers, integers, count, 20000}}, clipped);
    kernels::to_floats<i16>(queue, std::array{kernels::Conversion<i16, f32>{integers, results.take<f32>(count), count, 0.1F}});
    return results.hash(queue, most_s);
}

}  // namespace flowspan::runtime
