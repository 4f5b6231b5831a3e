#include "cli/filter_text.hpp"

#include "core/numbers/quantity.hpp"
#include "kernels/fft/fft.hpp"

#include <flowspan/kernels.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::cli {
namespace {

/// Gain, as a factor, at a frequency in cycles per sample that comes in.
struct Point {
    double frequency = 0, gain = 0;
};
using Curve = std::vector<Point>;

double decibels(double gain) {
    const double level = 20 * std::log10(std::max(gain, 1e-20));
    return std::abs(level) < 1e-9 ? 0 : level;
}

bool is_real(const blocks::Response& r) {
    return std::all_of(r.taps.begin(), r.taps.end(), [](cf64 tap) { return tap.imag() == 0; });
}

/// Of a section at z = e^(2 pi j f).
cf64 section_at(const kernels::Section& s, double f) {
    const kernels::Angle a = kernels::sincos_turns(kernels::phase_increment(-f));
    const cf64 z(a.cos, a.sin);
    return (s[0] + z * (s[1] + z * s[2])) / (s[3] + z * (s[4] + z * s[5]));
}
cf64 sections_at(const blocks::Response& r, double f) {
    cf64 product = 1;
    for (const auto& section : r.sections) product *= section_at(section, f);
    return product;
}

/// Close to 0, too, where a narrow recursive filter has its edge.
Curve recursive_curve(const blocks::Response& r) {
    std::vector<double> frequencies{0};
    for (int k = 0; k < 2200; ++k) frequencies.push_back(0.4999 * std::pow(1.01, -k));
    for (int k = 1; k <= 8192; ++k) frequencies.push_back(k / 16384.0);
    std::sort(frequencies.begin(), frequencies.end());
    Curve curve;
    for (const double f : frequencies) curve.push_back({f, std::abs(r.taps[0] * sections_at(r, f))});
    return curve;
}

/// By one transform of the taps, as floats, which is what samples meet.
Curve curve_of(const blocks::Response& r) {
    if (!r.sections.empty()) return recursive_curve(r);
    constexpr std::size_t least = 1 << 14, most = 1 << 22;
    const std::size_t size = std::clamp(std::bit_ceil(16 * r.taps.size()), least, most);
    kernels::Fft transform(size);
    std::fill_n(transform.in(), size, cf32());
    std::copy(r.taps.begin(), r.taps.end(), transform.in());
    transform.run();
    const auto half = std::ptrdiff_t(size / 2), begin = is_real(r) ? 0 : -half;
    const auto I = double(r.interpolation);
    Curve curve;
    for (std::ptrdiff_t k = begin; k <= half; ++k) {
        const cf32 h = transform.out()[std::size_t(k + std::ptrdiff_t(size)) % size];
        curve.push_back({double(k) / double(size) * I, double(std::abs(h)) / I});
    }
    return curve;
}

/// Where the gain passes `level`.
std::vector<double> crossings(const Curve& curve, double level) {
    std::vector<double> all;
    for (std::size_t k = 1; k < curve.size(); ++k) {
        const Point &a = curve[k - 1], &b = curve[k];
        if ((a.gain < level) == (b.gain < level)) continue;
        all.push_back(a.frequency + (b.frequency - a.frequency) * (level - a.gain) / (b.gain - a.gain));
    }
    return all;
}

/// Of four digits, in Hz where the rate is known.
class Frequencies {
public:
    explicit Frequencies(std::optional<double> rate_hz) : rate_hz_(rate_hz) {}
    double number(double cycles) const { return cycles * rate_hz_.value_or(1); }
    std::string of(double number) const {
        const double rounded = std::stod(fmt::format("{:.4g}", std::abs(number) < 1e-12 ? 0.0 : number));
        return rate_hz_ ? format_quantity(rounded, hertz) : fmt::format("{} cycles per sample", rounded);
    }
    std::string list(const std::vector<double>& cycles) const {
        constexpr std::size_t most = 4;
        std::vector<std::string> words;
        for (std::size_t k = 0; k < std::min(most, cycles.size()); ++k) words.push_back(of(number(cycles[k])));
        return fmt::format("{}{}", fmt::join(words, ", "), cycles.size() > most ? ", …" : "");
    }

private:
    std::optional<double> rate_hz_;
};

/// Least and greatest gain within a band of `low` to `high` cycles per sample.
std::pair<double, double> range_of(const Curve& curve, double low, double high) {
    double least = HUGE_VAL, most = 0;
    for (const Point& p : curve) {
        if (p.frequency < low || p.frequency > high) continue;
        least = std::min(least, p.gain);
        most = std::max(most, p.gain);
    }
    return {least, most};
}

std::string band_text(const Curve& curve, const blocks::Response::Band& band, double peak, const Frequencies& frequencies) {
    const double scale = frequencies.number(1);
    const auto [least, most] = range_of(curve, band.low / scale, band.high / scale);
    if (least > most) return "";
    const std::string where = frequencies.of(band.low) + " to " + frequencies.of(band.high);
    if (band.passes) return fmt::format("passes {} within {:.2g} dB", where, decibels(most) - decibels(least));
    return fmt::format("stops {}, {:.1f} dB down at least", where, decibels(peak) - decibels(most));
}

/// Of a recursive filter where its gain is greatest: by the phase on both sides, in samples.
double group_delay(const blocks::Response& r, double f) {
    const double step = 1e-9;
    return -std::arg(sections_at(r, f + step) / sections_at(r, f - step)) / (2 * step * kernels::two_pi);
}

}  // namespace

std::vector<std::string> filter_text(const blocks::Response& response, std::optional<double> rate_hz, const Rational& delay) {
    const Curve curve = curve_of(response);
    const Frequencies frequencies(rate_hz);
    const auto top =
        std::max_element(curve.begin(), curve.end(), [](const Point& a, const Point& b) { return a.gain < b.gain; });
    std::vector<std::string> lines{
        fmt::format("gain {:.4g} dB at most, at {}", decibels(top->gain), frequencies.list({top->frequency}))};
    for (const double down : {3.0, 6.0})
        if (const auto edges = crossings(curve, top->gain * std::pow(10, -down / 20)); !edges.empty())
            lines.push_back(fmt::format("{} dB down at {}", down, frequencies.list(edges)));
    for (const auto& band : response.bands)
        if (std::string text = band_text(curve, band, top->gain, frequencies); !text.empty()) lines.push_back(std::move(text));
    const bool recursive = !response.sections.empty();
    const double samples = recursive ? group_delay(response, top->frequency) : delay.value();
    const std::string time =
        rate_hz ? fmt::format(" ({})", format_quantity(std::stod(fmt::format("{:.4g}", samples / *rate_hz)), second)) : "";
    const std::string size =
        recursive ? fmt::format("{} section{}", response.sections.size(), response.sections.size() == 1 ? "" : "s")
                  : fmt::format("{} taps", response.taps.size());
    lines.push_back(
        fmt::format("{}, delay {:.5g} samples{}{}", size, samples, time, recursive ? " there, not made up for" : ""));
    return lines;
}

}  // namespace flowspan::cli
