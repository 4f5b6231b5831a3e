#include "kernels/fir_design/remez.hpp"

#include <flowspan/kernels.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace flowspan::kernels {
namespace {

constexpr int density = 16, most_rounds = 100;  // points for each degree of freedom; exchanges

double cosine(double turns) { return sincos_turns(phase_increment(turns)).cos; }

/// A point where the error is greatest, with sign.
struct Extreme {
    double frequency = 0, error = 0;
};

/// The filter's amplitude is A(f) = Q(f) P(f), Q = 1 or (of an even number of taps) cos(pi f), P a polynomial in cos(2 pi f).
class Exchange {
public:
    Exchange(std::size_t taps, std::span<const RemezBand> bands)
        : taps_(taps), unknowns_((taps + 1) / 2), bands_(bands.begin(), bands.end()) {
        if (taps_ % 2 == 0) bands_.back().high = std::min(bands_.back().high, 0.5 - 0.25 / double(density * unknowns_));
    }
    std::vector<double> taps() {
        begin();
        for (int round = 0; round < most_rounds; ++round) {
            interpolate();
            if (exchange()) return transformed();
        }
        fail();
    }

private:
    [[noreturn]] void fail() const {
        throw NotConverged("the exchange of Remez did not converge for " + std::to_string(taps_) + " taps");
    }

    double factor(double f) const { return taps_ % 2 == 1 ? 1 : cosine(f / 2); }
    const RemezBand& band_of(double f) const {
        for (const RemezBand& band : bands_)
            if (f <= band.high) return band;
        return bands_.back();
    }
    double error(double f) const {
        const RemezBand& band = band_of(f);
        return band.weight * (band.wanted - factor(f) * polynomial(f));
    }

    /// Extremes that are spread over the bands by their width.
    void begin() {
        double width = 0;
        for (const RemezBand& band : bands_) width += band.high - band.low;
        extremes_.clear();
        const std::size_t count = unknowns_ + 1;
        std::size_t band = 0;
        double before = 0;
        for (std::size_t k = 0; k < count; ++k) {
            const double at = width * double(k) / double(count - 1);
            while (band + 1 < bands_.size() && at > before + bands_[band].high - bands_[band].low)
                before += bands_[band].high - bands_[band].low, ++band;
            extremes_.push_back({std::min(bands_[band].low + at - before, bands_[band].high), 0});
        }
    }

    /// P through all extremes but that the error is as great, and of changing sign, at each (barycentric form of Lagrange's
    /// polynomial).
    void interpolate() {
        const std::size_t count = extremes_.size();
        nodes_.resize(count);
        values_.resize(count);
        for (std::size_t i = 0; i < count; ++i) nodes_[i] = cosine(extremes_[i].frequency);
        weigh();
        double wanted = 0, ripple = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const RemezBand& band = band_of(extremes_[i].frequency);
            const double q = factor(extremes_[i].frequency);
            values_[i] = band.wanted / q;
            wanted += weights_[i] * values_[i];
            ripple += weights_[i] * (i % 2 == 0 ? 1 : -1) / (band.weight * q);
        }
        ripple_ = wanted / ripple;
        if (!std::isfinite(ripple_)) fail();
        for (std::size_t i = 0; i < count; ++i) {
            const double f = extremes_[i].frequency;
            values_[i] -= (i % 2 == 0 ? 1 : -1) * ripple_ / (band_of(f).weight * factor(f));
        }
    }

    /// weight i = 1 / product of (node i - node j); mantissas and exponents apart, as the product leaves a double's range.
    void weigh() {
        const std::size_t count = nodes_.size();
        weights_.resize(count);
        std::vector<int> exponents(count);
        for (std::size_t i = 0; i < count; ++i) {
            double product = 1;
            int exponent = 0;
            for (std::size_t j = 0; j < count; ++j) {
                if (j == i) continue;
                int more = 0;
                product = std::frexp(product * 2 * (nodes_[i] - nodes_[j]), &more);
                exponent += more;
            }
            if (product == 0) fail();
            weights_[i] = 1 / product;
            exponents[i] = -exponent;
        }
        const int most = *std::max_element(exponents.begin(), exponents.end());
        for (std::size_t i = 0; i < count; ++i) weights_[i] = std::ldexp(weights_[i], exponents[i] - most);
    }

    double polynomial(double f) const {
        const double x = cosine(f);
        double above = 0, below = 0;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            const double distance = x - nodes_[i];
            if (distance == 0) return values_[i];
            const double part = weights_[i] / distance;
            above += part * values_[i];
            below += part;
        }
        return above / below;
    }

    /// Takes the points of the greatest errors for new extremes. Whether they are all as great.
    bool exchange() {
        std::vector<Extreme> found;
        for (const RemezBand& band : bands_) find_in(band, found);
        keep_alternating(found);
        if (found.size() < unknowns_ + 1) fail();
        thin_out(found);
        double least = HUGE_VAL, most = 0;
        for (const Extreme& e : found) {
            least = std::min(least, std::abs(e.error));
            most = std::max(most, std::abs(e.error));
        }
        extremes_ = std::move(found);
        return most - least <= 1e-8 * most + 1e-13;
    }

    /// Local extremes of the error, ends of the band among them.
    void find_in(const RemezBand& band, std::vector<Extreme>& found) const {
        const double width = band.high - band.low;
        const auto steps = std::max(std::size_t(4), std::size_t(std::ceil(2 * width * double(density) * double(unknowns_))));
        const auto at = [&](std::size_t k) { return k == steps ? band.high : band.low + width * double(k) / double(steps); };
        std::vector<double> errors(steps + 1);
        for (std::size_t k = 0; k <= steps; ++k) errors[k] = error(at(k));
        for (std::size_t k = 0; k <= steps; ++k) {
            const double e = errors[k], sign = e < 0 ? -1 : 1;
            const bool above_left = k == 0 || sign * e >= sign * errors[k - 1];
            const bool above_right = k == steps || sign * e > sign * errors[k + 1];
            if (!above_left || !above_right) continue;
            if (k == 0 || k == steps)
                found.push_back({at(k), e});
            else
                found.push_back(refined(at(k), width / double(steps), errors[k - 1], e, errors[k + 1]));
        }
    }

    /// The top of the parabola through three points, again and again of points closer by.
    Extreme refined(double f, double step, double left, double middle, double right) const {
        for (int round = 0; round < 4; ++round) {
            const double bend = left - 2 * middle + right;
            const double shift = bend == 0 ? 0 : std::clamp((left - right) / (2 * bend), -0.75, 0.75);
            const double top = f + shift * step, e = error(top);
            if (std::abs(e) > std::abs(middle)) f = top, middle = e;
            step /= 4;
            left = error(f - step);
            right = error(f + step);
        }
        return {f, middle};
    }

    /// Of neighbours with one sign the greater stays.
    static void keep_alternating(std::vector<Extreme>& found) {
        std::vector<Extreme> kept;
        for (const Extreme& e : found) {
            if (kept.empty() || (e.error < 0) != (kept.back().error < 0))
                kept.push_back(e);
            else if (std::abs(e.error) > std::abs(kept.back().error))
                kept.back() = e;
        }
        found = std::move(kept);
    }
    /// Leaves the least errors out until there are as many as needed, in pairs within, so that signs go on alternating.
    void thin_out(std::vector<Extreme>& found) const {
        const auto size = [](const Extreme& e) { return std::abs(e.error); };
        while (found.size() > unknowns_ + 1) {
            const auto less = [&](const Extreme& a, const Extreme& b) { return size(a) < size(b); };
            auto least = std::min_element(found.begin(), found.end(), less);
            const bool at_end = least == found.begin() || least == found.end() - 1;
            if (found.size() == unknowns_ + 2 && !at_end)
                least = size(found.front()) < size(found.back()) ? found.begin() : found.end() - 1;
            if (at_end || found.size() == unknowns_ + 2) {
                found.erase(least);
                continue;
            }
            const auto first = size(*(least - 1)) < size(*(least + 1)) ? least - 1 : least;
            found.erase(first, first + 2);
        }
    }

    /// h from A at the frequencies k / taps.
    std::vector<double> transformed() const {
        const auto N = double(taps_);
        std::vector<double> amplitude((taps_ + 1) / 2), h(taps_);
        for (std::size_t j = 0; j < amplitude.size(); ++j) amplitude[j] = factor(double(j) / N) * polynomial(double(j) / N);
        for (std::size_t k = 0; k < (taps_ + 1) / 2; ++k) {
            const double t = double(k) - (N - 1) / 2;
            double sum = amplitude[0];
            for (std::size_t j = 1; j < amplitude.size(); ++j) sum += 2 * amplitude[j] * cosine(double(j) * t / N);
            h[k] = h[taps_ - 1 - k] = sum / N;
        }
        return h;
    }

    std::size_t taps_, unknowns_;
    std::vector<RemezBand> bands_;
    std::vector<Extreme> extremes_;
    std::vector<double> nodes_, weights_, values_;
    double ripple_ = 0;
};

}  // namespace

std::vector<double> design_remez(std::size_t taps, std::span<const RemezBand> bands) { return Exchange(taps, bands).taps(); }

std::size_t remez_taps(double pass, double stop, double width) {
    const double p = log10(pass), s = log10(stop);
    const double length = (0.005309 * p * p + 0.07114 * p - 0.4761) * s - (0.00266 * p * p + 0.5941 * p + 0.4278);
    const double taps = length / width - (11.01217 + 0.51244 * (p - s)) * width + 4;
    return taps < 3 ? 3 : taps < 1e9 ? std::size_t(std::ceil(taps)) : std::size_t(1e9);
}

}  // namespace flowspan::kernels
