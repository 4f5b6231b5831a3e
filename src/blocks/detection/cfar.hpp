// Constant false-alarm rate: what a cell is compared with follows the cells around it.
#pragma once

#include <cstddef>
#include <vector>

namespace flowspan::blocks {

/// Thresholds for powers that are exponentially distributed, as those of complex Gaussian noise are, cell by cell independent.
///
/// CA (cell averaging; Finn and Johnson, RCA Review 29, 1968): a cell is above alpha times the mean of N cells around it with
/// probability Pfa, where alpha = N (Pfa^(-1/N) - 1).
/// OS (ordered statistics; Rohling, IEEE Trans. AES 19, 1983): above alpha times the k-th smallest of them, where
/// Pfa = product over i < k of (N - i) / (N - i + alpha). Up to N - k cells of other signals do no harm.
class Cfar {
public:
    enum class Kind { ca, os };

    Cfar() = default;
    /// `training` cells on each side of a cell, of which `guard` more on each side are passed over.
    Cfar(Kind kind, std::size_t training, std::size_t guard, double false_alarms);

    /// alpha.
    double factor() const { return factor_; }
    /// The least cells that a row needs.
    std::size_t least_cells() const { return 2 * (training_ + guard_) + 1; }
    /// Mean power of the noise at each of the n cells of a row whose ends meet, as the cells around tell it, and what a signal
    /// there is above.
    void thresholds(const double* power, std::size_t n, double* noise, double* threshold);

private:
    void averages(const double* power, std::size_t n, double* level);
    void ordered(const double* power, std::size_t n, double* level);

    Kind kind_ = Kind::ca;
    std::size_t training_ = 1, guard_ = 0, rank_ = 1;
    double factor_ = 1, per_noise_ = 1;  // the level that is taken, over the mean power of the noise
    std::vector<double> window_;
};

}  // namespace flowspan::blocks
