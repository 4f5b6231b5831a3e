#include "blocks/detection/cfar.hpp"

#include <flowspan/kernels.hpp>

#include <algorithm>

namespace flowspan::blocks {
namespace {

double os_false_alarms(std::size_t n, std::size_t rank, double alpha) {
    double p = 1;
    for (std::size_t i = 0; i < rank; ++i) p *= double(n - i) / (double(n - i) + alpha);
    return p;
}

/// The alpha that gives this rate, which falls as alpha grows.
double os_factor(std::size_t n, std::size_t rank, double wanted) {
    double low = 0, high = 1;
    while (os_false_alarms(n, rank, high) > wanted) high *= 2;
    for (int k = 0; k < 100; ++k) {
        const double middle = (low + high) / 2;
        (os_false_alarms(n, rank, middle) > wanted ? low : high) = middle;
    }
    return high;
}

}  // namespace

Cfar::Cfar(Kind kind, std::size_t training, std::size_t guard, double false_alarms)
    : kind_(kind), training_(training), guard_(guard) {
    const std::size_t n = 2 * training;
    if (kind == Kind::ca) {
        factor_ = double(n) * (kernels::exp(-kernels::log(false_alarms) / double(n)) - 1);
        return;
    }
    rank_ = std::max<std::size_t>(1, n * 3 / 4);  // Rohling's choice
    factor_ = os_factor(n, rank_, false_alarms);
    // Mean of the k-th smallest of N exponential numbers of mean 1.
    per_noise_ = 0;
    for (std::size_t i = 0; i < rank_; ++i) per_noise_ += 1 / double(n - i);
}

void Cfar::thresholds(const double* power, std::size_t n, double* noise, double* threshold) {
    if (kind_ == Kind::ca)
        averages(power, n, noise);
    else
        ordered(power, n, noise);
    for (std::size_t k = 0; k < n; ++k) {
        threshold[k] = noise[k] * factor_;
        noise[k] /= per_noise_;
    }
}

// Sums of each cell's neighbours, anew for each: a running sum would carry a strong cell's rounding to those behind it.
void Cfar::averages(const double* power, std::size_t n, double* level) {
    window_.resize(n);  // sums of `training` cells from k on
    for (std::size_t k = 0; k < n; ++k) {
        double sum = 0;
        for (std::size_t i = 0; i < training_; ++i) sum += power[k + i < n ? k + i : k + i - n];
        window_[k] = sum;
    }
    const std::size_t behind = guard_ + 1, before = n - guard_ - training_;
    for (std::size_t k = 0; k < n; ++k)
        level[k] = (window_[(k + before) % n] + window_[(k + behind) % n]) / double(2 * training_);
}

void Cfar::ordered(const double* power, std::size_t n, double* level) {
    window_.resize(2 * training_);
    const auto kth = window_.begin() + std::ptrdiff_t(rank_ - 1);
    for (std::size_t k = 0; k < n; ++k) {
        for (std::size_t i = 0; i < training_; ++i) {
            window_[i] = power[(k + guard_ + 1 + i) % n];
            window_[training_ + i] = power[(k + n - guard_ - 1 - i) % n];
        }
        std::nth_element(window_.begin(), kth, window_.end());
        level[k] = *kth;
    }
}

}  // namespace flowspan::blocks
