// What kernels cost alone, in the cache: CPU-seconds per 1e9 samples that go in, the least of five turns; and a hash of all
// outputs so far, to see that two builds come to the same bytes.
//
//     build-bench/tests/bench/kernels_alone [LEVEL [PART-OF-A-NAME]]
#include "kernels/fft/fft.hpp"
#include "kernels/fir/fir.hpp"
#include "kernels/overlap_save/overlap_save.hpp"
#include "kernels/pfb/pfb.hpp"
#include "kernels/spectrum/spectrum.hpp"
#include "kernels/volk/volk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <flowspan/kernels.hpp>

using namespace flowspan;
using namespace flowspan::kernels;

namespace {

constexpr std::size_t some = 4096, before = 8192;  // samples of a turn; of history

double cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

std::vector<double> numbers(std::size_t n, double size = 1) {
    std::mt19937 random{std::mt19937::result_type(n)};
    std::normal_distribution<double> normal(0, size);
    std::vector<double> all(n);
    for (double& x : all) x = normal(random);
    return all;
}

template <class S>
std::vector<S> samples(std::size_t n) {
    const auto all = numbers(2 * n);
    std::vector<S> made(n);
    for (std::size_t i = 0; i < n; ++i) {
        if constexpr (sizeof(S) == sizeof(cf32))
            made[i] = {f32(all[2 * i]), f32(all[2 * i + 1])};
        else
            made[i] = f32(all[2 * i]);
    }
    return made;
}

class Bench {
public:
    explicit Bench(std::string part) : part_(std::move(part)) {}
    bool wants(const std::string& name) const { return name.find(part_) != std::string::npos; }
    /// `turn` takes n samples and makes `out`.
    template <class T>
    void time(const std::string& name, std::size_t n, std::span<const T> out, const std::function<void()>& turn) {
        turn();
        for (const std::byte b : std::as_bytes(out)) hash_ = (hash_ ^ std::uint64_t(b)) * 0x100000001b3U;
        int turns = 1;
        double least = seconds(turns, turn);
        while (least * turns < 0.02) least = seconds(turns *= 2, turn);
        for (int k = 0; k < 5; ++k) least = std::min(least, seconds(turns, turn));
        fmt::print("{:40s} {:8.3f}   {:016x}\n", name, least / double(n) * 1e9, hash_);
        std::fflush(stdout);
    }

private:
    static double seconds(int turns, const std::function<void()>& turn) {
        const double begin = cpu_seconds();
        for (int k = 0; k < turns; ++k) turn();
        return (cpu_seconds() - begin) / turns;
    }
    std::string part_;
    std::uint64_t hash_ = 0xcbf29ce484222325U;
};

template <class S>
void fir(Bench& bench, std::size_t taps, std::size_t interpolation = 1, std::size_t decimation = 1) {
    const std::string name =
        fmt::format("fir {} {} taps {}/{}", sizeof(S) == sizeof(f32) ? "rf32" : "cf32", taps, interpolation, decimation);
    if (!bench.wants(name)) return;
    const auto in = samples<S>(before + some);
    std::vector<S> out(some * interpolation / decimation);
    const Fir<S> filter(numbers(taps, 1 / double(taps)), interpolation, decimation);
    bench.time<S>(name, some, out, [&] { filter(in.data() + before, out.data(), out.size()); });
}

void complex_fir(Bench& bench, std::size_t taps, std::size_t decimation) {
    const std::string name = fmt::format("fir cf32 {} complex taps 1/{}", taps, decimation);
    if (!bench.wants(name)) return;
    const auto in = samples<cf32>(before + some), h = samples<cf32>(taps);
    std::vector<cf32> out(some / decimation);
    const ComplexFir filter(std::vector<cf64>(h.begin(), h.end()), decimation);
    bench.time<cf32>(name, some, out, [&] { filter(in.data() + before, out.data(), out.size()); });
}

/// 24 taps a phase, between rows.
template <class S>
void interpolated_fir(Bench& bench) {
    const std::string name = fmt::format("fir {} 1000003/919999", sizeof(S) == sizeof(f32) ? "rf32" : "cf32");
    if (!bench.wants(name)) return;
    constexpr std::uint64_t up = 1000003, down = 919999, taps = 24 * up, phases = 512;
    const auto in = samples<S>(before + some);
    std::vector<S> out(some * up / down);
    const InterpolatedFir<S> filter(numbers(InterpolatedFir<S>::table_size(phases, taps, up), 0.1), phases, taps, up, down);
    bench.time<S>(name, some, out, [&] { filter(in.data() + before, out.data(), out.size()); });
}

void overlap_save(Bench& bench, std::size_t taps) {
    const std::string name = fmt::format("overlap-save {} taps", taps);
    if (!bench.wants(name)) return;
    OverlapSave<cf32> filter(numbers(taps, 1 / double(taps)));
    std::vector<cf32> out(3 * filter.block());
    const auto in = samples<cf32>(before + out.size());
    bench.time<cf32>(name, out.size(), out, [&] { filter(in.data() + before, out.data(), out.size()); });
}

void fft(Bench& bench, std::size_t size) {
    const std::string name = fmt::format("fft {}", size);
    if (!bench.wants(name)) return;
    const auto in = samples<cf32>(size);
    Fft transform(size);
    bench.time<cf32>(name, size, {transform.out(), size}, [&] {
        std::copy(in.begin(), in.end(), transform.in());
        transform.run();
    });
}

/// Of 100 frames.
void powers(Bench& bench, std::size_t size) {
    const std::string name = fmt::format("powers in a tree {}", size);
    if (!bench.wants(name)) return;
    const auto bins = samples<cf32>(size + 100);
    TreeSum sum(size);
    std::vector<double> total(size);
    bench.time<double>(name, 100 * size, total, [&] {
        sum.reset();
        for (std::size_t frame = 0; frame < 100; ++frame) add_power(bins.data() + frame, sum);
        sum.write(total.data());
    });
}

void pfb(Bench& bench, std::size_t channels) {
    const std::string name = fmt::format("pfb {} x 8", channels);
    if (!bench.wants(name)) return;
    const auto in = samples<cf32>(before + 4 * some);
    std::vector<cf32> out(4 * some);
    std::vector<cf32*> rows;
    for (std::size_t c = 0; c < channels; ++c) rows.push_back(out.data() + c * (out.size() / channels));
    Pfb bank(channels, pfb_prototype(channels, 8, 80));
    bench.time<cf32>(name, out.size(), out, [&] { bank(in.data() + before, rows.data(), out.size() / channels); });
}

/// Arithmetic sample by sample, 2048 samples: the plain loop and what is chosen, one after the other.
void arithmetic(Bench& bench) {
    constexpr std::size_t n = 2048;
    const auto a = samples<cf32>(n), b = samples<cf32>(n);
    const auto *x = reinterpret_cast<const f32*>(a.data()), *z = reinterpret_cast<const f32*>(b.data());
    std::vector<f32> squares(n), out(2 * n);
    for (std::size_t i = 0; i < n; ++i) squares[i] = x[i] * x[i];
    const std::vector<i16> shorts(2 * n, 12345);
    const std::vector<i8> bytes(2 * n, 123);
    auto* y = reinterpret_cast<cf32*>(out.data());
    const auto pair = [&](const std::string& name, auto loop, auto chosen) {
        if (!bench.wants(name)) return;
        bench.time<f32>(name + ", loop", n, out, loop);
        bench.time<f32>(name, n, out, chosen);
    };
    namespace plain = reference;
    f32* r = out.data();
    pair(
        "arithmetic: ci16 to cf32", [&] { plain::to_floats(shorts.data(), r, 2 * n, 32768); },
        [&] { to_floats(shorts.data(), r, 2 * n, 32768); });
    pair(
        "arithmetic: ci8 to cf32", [&] { plain::to_floats(bytes.data(), r, 2 * n, 128); },
        [&] { to_floats(bytes.data(), r, 2 * n, 128); });
    pair(
        "arithmetic: add rf32", [&] { plain::add(x, z, r, n); }, [&] { add(x, z, r, n); });
    pair(
        "arithmetic: subtract rf32", [&] { plain::subtract(x, z, r, n); }, [&] { subtract(x, z, r, n); });
    pair(
        "arithmetic: multiply rf32", [&] { plain::multiply(x, z, r, n); }, [&] { multiply(x, z, r, n); });
    pair(
        "arithmetic: divide rf32", [&] { plain::divide(x, z, r, n); }, [&] { divide(x, z, r, n); });
    pair(
        "arithmetic: scale rf32", [&] { plain::scale(x, 0.3F, r, n); }, [&] { scale(x, 0.3F, r, n); });
    pair(
        "arithmetic: multiply cf32", [&] { plain::multiply(a.data(), b.data(), y, n); },
        [&] { multiply(a.data(), b.data(), y, n); });
    pair(
        "arithmetic: square root", [&] { plain::square_root(squares.data(), r, n); },
        [&] { square_root(squares.data(), r, n); });
    pair(
        "arithmetic: interleave", [&] { plain::interleave(x, z, y, n); }, [&] { interleave(x, z, y, n); });
}

}  // namespace

int main(int argc, char** argv) {
    pin_isa(argc > 1 ? argv[1] : "best");
    Bench bench(argc > 2 ? argv[2] : "");
    for (const std::size_t taps : {7, 64, 513}) fir<cf32>(bench, taps), fir<f32>(bench, taps);
    fir<cf32>(bench, 64, 1, 2), fir<cf32>(bench, 513, 1, 2), fir<f32>(bench, 65, 1, 5), fir<f32>(bench, 2000, 1, 5);
    fir<cf32>(bench, 3840, 160, 147), fir<f32>(bench, 3840, 160, 147), fir<cf32>(bench, 3000, 3, 125);
    interpolated_fir<cf32>(bench), interpolated_fir<f32>(bench);
    for (const std::size_t taps : {7, 64, 513}) complex_fir(bench, taps, 1);
    complex_fir(bench, 81, 10);
    overlap_save(bench, 513);
    arithmetic(bench);
    for (const std::size_t size : {64, 1024}) fft(bench, size), powers(bench, size);
    for (const std::size_t channels : {64, 256}) pfb(bench, channels);
}
