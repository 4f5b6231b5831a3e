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

/// `old`, which is among them, makes room for `now`.
void replace_in_order(std::vector<double>& sorted, double old, double now) {
    const auto from = std::lower_bound(sorted.begin(), sorted.end(), old);
    if (now > old) {
        const auto to = std::lower_bound(from + 1, sorted.end(), now);
        std::move(from + 1, to, from);
        *(to - 1) = now;
    } else {
        const auto to = std::upper_bound(sorted.begin(), from, now);
        std::move_backward(to, from, from + 1);
        *to = now;
    }
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

// The cells around one and around the next differ by two: they are kept sorted.
void Cfar::ordered(const double* power, std::size_t n, double* level) {
    window_.clear();
    for (std::size_t i = 0; i < training_; ++i) {
        window_.push_back(power[(guard_ + 1 + i) % n]);
        window_.push_back(power[(n - guard_ - 1 - i) % n]);
    }
    std::sort(window_.begin(), window_.end());
    level[0] = window_[rank_ - 1];
    for (std::size_t k = 1; k < n; ++k) {
        const std::size_t left = k - 1 + n - guard_, right = k + guard_;
        replace_in_order(window_, power[right % n], power[(right + training_) % n]);
        replace_in_order(window_, power[(left - training_) % n], power[left % n]);
        level[k] = window_[rank_ - 1];
    }
}

}  // namespace flowspan::blocks
