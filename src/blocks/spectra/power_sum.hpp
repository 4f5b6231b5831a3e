// Sums of the powers of frames, |FFT(w x)|^2, on the host or on a device.
#pragma once

#include "blocks/device_counts.hpp"
#include "kernels/fft/fft.hpp"
#include "kernels/not_finite/not_finite.hpp"
#include "kernels/spectrum/psd_device.hpp"
#include "kernels/spectrum/spectrum.hpp"
#include "kernels/tree_sum/tree_sum.hpp"

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace flowspan::blocks {

/// In binary trees over the frame's index (kernels::TreeSum). Frames that are not finite keep their places there, and count as
/// zeros.
template <class T>
class PowerSum {
public:
    PowerSum() = default;
    PowerSum(const PowerSum&) = delete;
    PowerSum& operator=(const PowerSum&) = delete;
    virtual ~PowerSum() = default;
    virtual std::uint64_t frames() const = 0;
    /// No frames, the next of which has this index.
    virtual void begin(std::uint64_t first) = 0;
    /// No frames, until it begins.
    virtual void clear() = 0;
    /// n frames, each `hop` samples behind the one before.
    virtual void add(const T* x, std::uint64_t n, std::uint64_t hop) = 0;
    /// n frames that count as zeros.
    virtual void leave_out(std::uint64_t n) = 0;
    /// item = scale times the mean over all frames but so many that were left out and those that are not finite, in ascending
    /// order of frequency.
    virtual void write(f32* item, double scale, std::uint64_t left_out) = 0;
    /// Behind the last frame, called again until it returns done: then `not_finite` is known, frames of all sums.
    virtual Step count() { return Step::done(); }
    virtual std::uint64_t not_finite() const = 0;
};

template <class T>
class PowerSumOnHost final : public PowerSum<T> {
public:
    explicit PowerSumOnHost(std::vector<f32> window)
        : window_(std::move(window)), transform_(window_.size()), sum_(window_.size()) {}
    std::uint64_t frames() const override { return sum_.frames(); }
    void begin(std::uint64_t first) override {
        sum_.reset(first);
        of_sum_ = 0;
    }
    void clear() override { begin(0); }
    void add(const T* x, std::uint64_t n, std::uint64_t hop) override {
        for (std::uint64_t k = 0; k < n; ++k, x += hop) {
            kernels::apply_window(x, window_.data(), transform_.in(), window_.size());
            transform_.run();
            if (kernels::holds_finite(transform_)) {
                kernels::add_power(transform_.out(), sum_);
            } else {
                ++of_sum_, ++of_all_;
                leave_out(1);
            }
        }
    }
    void leave_out(std::uint64_t n) override {
        for (std::uint64_t k = 0; k < n; ++k) sum_.add([](std::size_t) { return 0.0; });
    }
    void write(f32* item, double scale, std::uint64_t left_out) override {
        const std::size_t size = window_.size();
        total_.resize(size);
        sum_.write(total_.data());
        const auto frames = double(sum_.frames() - left_out - of_sum_);
        for (std::size_t b = 0; b < size; ++b) item[kernels::ascending(b, size)] = kernels::rounded(total_[b] * scale / frames);
    }
    std::uint64_t not_finite() const override { return of_all_; }

private:
    std::vector<f32> window_;
    kernels::Fft transform_;
    kernels::TreeSum sum_;
    std::vector<double> total_;
    std::uint64_t of_sum_ = 0, of_all_ = 0;  // not finite
};

template <class T>
class PowerSumOnDevice final : public PowerSum<T> {
public:
    PowerSumOnDevice(device::Queue& queue, std::span<const f32> window)
        : queue_(queue), sum_(queue, window), fetched_(queue, sizeof(NotFinite)) {}
    std::uint64_t frames() const override { return cleared_ ? 0 : sum_.frames(); }
    void begin(std::uint64_t first) override {
        sum_.reset(queue_, first);
        cleared_ = false;
    }
    void clear() override { cleared_ = true; }
    void add(const T* x, std::uint64_t n, std::uint64_t hop) override { sum_.add(queue_, x, n, hop); }
    void leave_out(std::uint64_t n) override { sum_.leave_out(queue_, n); }
    void write(f32* item, double scale, std::uint64_t left_out) override { sum_.write(queue_, item, scale, left_out); }
    Step count() override {
        if (!std::exchange(asked_, true)) return fetched_.ask(queue_, sum_.not_finite(), sizeof(NotFinite));
        NotFinite counts;
        std::memcpy(&counts, fetched_.data(), sizeof(counts));
        not_finite_ = counts.of_all;
        return Step::done();
    }
    std::uint64_t not_finite() const override { return not_finite_; }

private:
    using NotFinite = typename kernels::DevicePsd<T>::NotFinite;
    device::Queue& queue_;
    kernels::DevicePsd<T> sum_;
    Fetched fetched_;
    bool cleared_ = true, asked_ = false;
    std::uint64_t not_finite_ = 0;
};

}  // namespace flowspan::blocks
