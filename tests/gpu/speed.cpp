// Kernels with the bytes that they must read and write, as fractions of a copy on the device in the same run: a line of JSON
// each.
//
//   gpu_speed [--small] [--chunk MiB]     --small: little memory, once each, for the emulation (its times mean nothing)
//
// {"kernel": "pfb 1024", "GB": bytes counted / 1e9, "us": median, "GB_per_s": …, "of_copy": …, "aim": …}; 77: no device. Chunks
// take turns in memory that is larger than the device's caches.
#include "kernels/argument/argument_device.hpp"
#include "kernels/arithmetic/arithmetic_device.hpp"
#include "kernels/convert/convert_device.hpp"
#include "kernels/copy/copy_device.hpp"
#include "kernels/energy/energy_device.hpp"
#include "kernels/fft/fft_device.hpp"
#include "kernels/fir/fir_device.hpp"
#include "kernels/pfb/pfb.hpp"
#include "kernels/pfb/pfb_device.hpp"
#include "kernels/resample/resample_device.hpp"
#include "kernels/rotate/rotate_device.hpp"
#include "kernels/spectrum/psd_device.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace flowspan::device {
namespace {

using namespace flowspan::kernels;

struct Scale {
    std::size_t chunk = std::size_t(16) << 20, sets = 16;
    int repeats = 9, launches = 32;
};

constexpr std::size_t most_history = std::size_t(1) << 16;  // samples before each chunk

/// Memory in sets, and how long launches on them take.
class Bench {
public:
    explicit Bench(Scale scale)
        : scale_(scale),
          queue_(0),
          begin_(0, true),
          end_(0, true),
          in_(0, scale.sets * in_bytes()),
          out_(0, scale.sets * out_bytes()) {
        const PinnedMemory noise(0, in_bytes());
        auto* numbers = reinterpret_cast<f32*>(noise.data());
        std::uint32_t state = 1;
        for (std::size_t i = 0; i < in_bytes() / sizeof(f32); ++i) {
            state = state * 1664525U + 1013904223U;
            numbers[i] = f32(std::int32_t(state)) / 2147483648.0F;
        }
        for (std::size_t set = 0; set < scale.sets; ++set)
            queue_.to_device(in_.data() + set * in_bytes(), noise.data(), in_bytes());
        finish();
    }
    std::size_t samples() const { return scale_.chunk / sizeof(cf32); }
    const cf32* in(std::size_t set) const {
        return reinterpret_cast<const cf32*>(in_.data() + set * in_bytes()) + most_history;
    }
    std::byte* out(std::size_t set) const { return out_.data() + set * out_bytes(); }
    std::size_t out_bytes() const { return 3 * scale_.chunk; }
    Queue& queue() { return queue_; }

    /// Of one call of issue(set): its seconds, and its line. `aim`: 0 where there is none.
    void measure(const std::string& kernel, double bytes, double aim, const std::function<void(std::size_t)>& issue) {
        std::vector<double> all;
        for (int k = 0; k <= scale_.repeats; ++k) {  // (the first is not counted)
            queue_.record(begin_);
            for (int i = 0; i < scale_.launches; ++i) issue(std::size_t(i) % scale_.sets);
            queue_.record(end_);
            finish();
            (void)begin_.done(), (void)end_.done();
            if (k > 0) all.push_back(end_.seconds_since(begin_) / scale_.launches);
        }
        std::sort(all.begin(), all.end());
        const double seconds = all[all.size() / 2], rate = bytes / seconds;
        if (copy_rate_ == 0) copy_rate_ = rate;
        fmt::print(R"({{"kernel": "{}", "GB": {:.4f}, "us": {:.2f}, "GB_per_s": {:.1f}, "of_copy": {:.3f}{}}})"
                   "\n",
                   kernel, bytes / 1e9, seconds * 1e6, rate / 1e9, rate / copy_rate_,
                   aim > 0 ? fmt::format(R"(, "aim": {})", aim) : "");
        std::fflush(stdout);
    }

private:
    std::size_t in_bytes() const { return scale_.chunk + 2 * most_history * sizeof(cf32); }
    void finish() {
        if (!queue_.finish(30)) throw Error(0, "the wait for a queue", "nothing in 30 s");
    }
    Scale scale_;
    Queue queue_;
    Fence begin_, end_;
    Memory in_, out_;
    double copy_rate_ = 0;  // of what was measured first
};

template <class T>
T* as(std::byte* at) {
    return reinterpret_cast<T*>(at);
}
std::vector<f32> ones(std::size_t n) { return std::vector<f32>(n, 1.0F); }

void measure_elements(Bench& bench) {
    const std::size_t N = bench.samples();
    const double n = double(N);
    const auto bytes_in = [&](std::size_t set) { return reinterpret_cast<const std::byte*>(bench.in(set)); };
    bench.measure("copy of the device", 16 * n, 0,
                  [&](std::size_t set) { bench.queue().copy(bench.out(set), bench.in(set), 8 * N); });
    bench.measure("copy", 16 * n, 0, [&](std::size_t set) {
        const DeviceCopy piece{bytes_in(set), bench.out(set), 8 * N};
        kernels::copy(bench.queue(), {&piece, 1});
    });
    bench.measure("convert ci16 to cf32", 12 * n, 0.85, [&](std::size_t set) {
        const Conversion<i16, f32> piece{reinterpret_cast<const i16*>(bench.in(set)), as<f32>(bench.out(set)), 2 * N, 1};
        to_floats(bench.queue(), std::span(&piece, 1));
    });
    const Memory counts(0, sizeof(ClippedOnDevice));
    bench.queue().zero(counts.data(), counts.size());
    bench.measure("convert cf32 to ci16", 12 * n, 0.85, [&](std::size_t set) {
        const Conversion<f32, i16> piece{reinterpret_cast<const f32*>(bench.in(set)), as<i16>(bench.out(set)), 2 * N, 32768};
        to_integers(bench.queue(), std::span(&piece, 1), as<ClippedOnDevice>(counts.data()));
    });
    bench.measure("multiply_const", 16 * n, 0, [&](std::size_t set) {
        const DeviceScaling piece{reinterpret_cast<const f32*>(bench.in(set)), as<f32>(bench.out(set)), 2 * N, 2};
        kernels::scale(bench.queue(), {&piece, 1});
    });
    const DeviceSum sum(std::vector<double>(2, 1));
    bench.measure("add, 2 streams", 24 * n, 0, [&](std::size_t set) {
        const f32* both[] = {reinterpret_cast<const f32*>(bench.in(set)), as<f32>(bench.out(set)) + 2 * N};
        sum(bench.queue(), both, as<f32>(bench.out(set)), 2 * N);
    });
    bench.measure("fm_demod", 12 * n, 0.7, [&](std::size_t set) {
        const DeviceDemodulation piece{bench.in(set), as<f32>(bench.out(set)), N, 1, 1};
        kernels::quadrature_demod(bench.queue(), {&piece, 1});
    });
    const DeviceRotator rotator(bench.queue(), 0x123456789abcdefULL);
    bench.measure("frequency_translate without a filter", 16 * n, 0, [&](std::size_t set) {
        const DeviceRotator::Piece piece{bench.in(set), as<cf32>(bench.out(set)), N};
        rotator(bench.queue(), {&piece, 1});
    });
    bench.measure("energies of 256", (8 + 8.0 / 256) * n, 0, [&](std::size_t set) {
        const DeviceEnergies piece{bench.in(set), as<double>(bench.out(set)), N, 256};
        energies(bench.queue(), {&piece, 1});
    });
}

void measure_filters(Bench& bench) {
    const std::size_t N = bench.samples();
    const double n = double(N);
    const auto filter = [&](const std::string& name, std::size_t taps, std::size_t D, std::uint64_t increment, bool demod,
                            double aim) {
        const DeviceFir fir(bench.queue(), std::vector<cf64>(taps, 1.0 / double(taps)), D, increment);
        const std::size_t made = N / D;
        bench.measure(name, (8 + 8.0 / double(D) + (demod ? 12.0 / double(D) : 0)) * n, aim, [&](std::size_t set) {
            auto* filtered = as<cf32>(bench.out(set)) + 1;
            const DeviceFir::Piece piece{bench.in(set), filtered, made, 0, 0};
            fir(bench.queue(), {&piece, 1});
            if (!demod) return;
            const DeviceDemodulation angles{filtered, as<f32>(bench.out(set) + bench.out_bytes() / 2), made, 1, 1};
            kernels::quadrature_demod(bench.queue(), {&angles, 1});
        });
    };
    filter("fir_filter, 64 taps", 64, 1, 0, false, 0);
    filter("fir_filter, 64 taps /8", 64, 8, 0, false, 0);
    filter("frequency_translate, 81 taps /10, and fm_demod", 81, 10, 0x123456789abcdefULL, true, 0.7);
    const auto resample = [&]<class S>(const std::string& name, std::size_t taps, std::size_t I, std::size_t D, S) {
        const auto h = ones(taps);
        const DeviceResampler<S> resampler(bench.queue(), std::span<const f32>(h), I, D);
        const std::size_t samples = 8 * N / sizeof(S), made = std::min(samples / D * I, bench.out_bytes() / sizeof(S));
        bench.measure(name, double(sizeof(S)) * (double(made) * double(D) / double(I) + double(made)), 0, [&](std::size_t set) {
            const typename DeviceResampler<S>::Piece piece{reinterpret_cast<const S*>(bench.in(set)), as<S>(bench.out(set)),
                                                           made, 0};
            resampler(bench.queue(), {&piece, 1});
        });
    };
    resample("rational_resampler 3 / 2, 65 taps", 65, 3, 2, cf32());
    resample("rational_resampler 160 / 147, 5000 taps", 5000, 160, 147, cf32());
    resample("fir_filter of real samples, 64 taps /8", 64, 1, 8, f32());
}

void measure_spectra(Bench& bench) {
    const std::size_t N = bench.samples();
    const double n = double(N);
    for (const auto& [M, aim] : {std::pair(std::size_t(64), 0.85), {256, 0.85}, {1024, 0.75}, {4096, 0.55}}) {
        std::vector<std::vector<cf32*>> outputs;
        std::vector<DevicePfb> banks;
        for (std::size_t set = 0; set < 2; ++set) {  // (two of them: tables of outputs belong to them)
            std::vector<cf32*> places;
            for (std::size_t c = 0; c < M; ++c) places.push_back(as<cf32>(bench.out(set)) + c * (N / M));
            banks.emplace_back(bench.queue(), M, pfb_prototype(M, 8, 80)).write_to(bench.queue(), places);
        }
        bench.measure(fmt::format("pfb_channelizer {}", M), 16 * n, aim,
                      [&](std::size_t set) { banks[set % 2](bench.queue(), bench.in(set), N / M, 0, 0); });
    }
    // (The last two by the library, in three passes.)
    for (const auto& [M, aim] :
         {std::pair(std::size_t(64), 0.85), {256, 0.85}, {1024, 0.85}, {4096, 0.85}, {1000, 0.28}, {65536, 0.28}}) {
        if (!DeviceFft<cf32>::has_own(M) && !why_no_transforms().empty()) {
            fmt::print("skipped: fft {}: {}\n", M, why_no_transforms());
            continue;
        }
        const DeviceFft<cf32> fft(bench.queue(), ones(M));
        bench.measure(fmt::format("fft {}", M), 16 * n, aim, [&](std::size_t set) {
            const DeviceFft<cf32>::Piece piece{bench.in(set), as<cf32>(bench.out(set)), N / M};
            fft(bench.queue(), {&piece, 1}, M);
        });
    }
    DevicePsd<cf32> psd(bench.queue(), ones(1024));
    psd.reset(bench.queue(), 0);
    bench.measure("psd 1024, side by side", 8 * n, 0.85,
                  [&](std::size_t set) { psd.add(bench.queue(), bench.in(set), N / 1024, 1024); });
}

}  // namespace
}  // namespace flowspan::device

int main(int argc, char** argv) {
    using namespace flowspan::device;
    Scale scale;
    for (int k = 1; k < argc; ++k) {
        const std::string word = argv[k];
        if (word == "--small") scale = {std::size_t(256) << 10, 2, 1, 2};
        if (word == "--chunk" && k + 1 < argc) scale.chunk = std::size_t(std::stoul(argv[k + 1])) << 20;
    }
    if (const Seen found = seen(); found.count == 0) {
        fmt::print("skipped: {}\n", found.why_none);
        return 77;
    }
    try {
        Bench bench(scale);
        measure_elements(bench);
        measure_filters(bench);
        measure_spectra(bench);
    } catch (const std::exception& e) {
        fmt::print("FAILED {}\n", e.what());
        return 1;
    }
    return 0;
}
