#include <flowspan/flowspan.hpp>

#include "blocks/continuous_phase.hpp"
#include "kernels/noise/noise.hpp"
#include "kernels/rotate/rotate.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

namespace flowspan {
namespace {

// Sample i depends on the parameters and on i alone. Real samples are the real parts of the complex ones.
//
//   cosine  sum over tones f of amplitude e^(2 pi j (f i / fs + phase))
//   square  the signs of the cosine's parts
//   chirp   a frequency that rises from `frequency` by `sweep` within `sweep_time`, again and again
//   noise   normal numbers of mean square amplitude^2, drawn by seed and index
template <class T>
struct SignalSource final : Block {
    Parameter<std::string> kind{
        *this, "kind", {.initial = "cosine", .choices = {"cosine", "square", "chirp", "noise"}, .help = "Kind of signal."}};
    Parameter<SampleType> datatype{*this, "datatype", {.initial = sample_type_of<T>, .help = "cf32 or rf32."}};
    Parameter<double> sample_rate{
        *this, "sample_rate", {.unit = hertz, .min = 1e-6, .max = 1e12, .help = "Samples per second."}};
    Parameter<double> center_frequency{
        *this,
        "center_frequency",
        {.unit = hertz, .min = -1e15, .max = 1e15, .optional = true, .help = "What 0 Hz of the samples is on the air."}};
    Parameter<std::string> datetime{*this, "datetime", {.optional = true, .help = "UTC of sample 0, as 2026-01-31T12:00:00Z."}};
    Parameter<std::int64_t> length{
        *this, "length", {.unit = sample, .min = 0, .optional = true, .help = "How many samples; endless without it."}};
    Parameter<double> amplitude{
        *this, "amplitude", {.initial = 1.0, .when = Change::running, .help = "Of each tone; root mean square of noise."}};
    Parameter<double> frequency{
        *this,
        "frequency",
        {.unit = hertz, .initial = 0.0, .when = Change::running, .help = "Of cosine and square; start of a chirp."}};
    Parameter<std::vector<double>> tones{
        *this,
        "tones",
        {.unit = hertz, .optional = true, .when = Change::running, .help = "Several cosines, instead of frequency."}};
    Parameter<double> phase{*this, "phase", {.unit = radian, .initial = 0.0, .when = Change::running, .help = "At sample 0."}};
    Parameter<double> sweep{*this, "sweep", {.unit = hertz, .initial = 0.0, .help = "How far a chirp rises."}};
    Parameter<double> sweep_time{
        *this, "sweep_time", {.unit = second, .initial = 1.0, .min = 1e-9, .max = 1e6, .help = "How long a chirp takes."}};
    Parameter<std::int64_t> seed{*this, "seed", {.initial = 0, .help = "Of noise; another seed, other noise."}};
    Parameter<double> on_start{*this, "on_start", {.unit = second, .initial = 0.0, .min = 0.0, .help = "Silence before."}};
    Parameter<double> on_time{
        *this, "on_time", {.unit = second, .min = 0.0, .optional = true, .help = "Silence again after this long."}};
    Parameter<double> on_period{
        *this, "on_period", {.unit = second, .min = 1e-9, .optional = true, .help = "And on again every so often."}};
    Output<T> out{*this, "out"};

    void describe() override {
        StreamDescription d;
        d.type = sample_type_of<T>;
        if (datetime.given()) d.utc = start_time();
        if (on_period.given() && (!on_time.given() || on_time > on_period)) on_period.wrong("a period of at least on_time");
        if (tones.given() && kind.get() != "cosine") tones.wrong("tones with kind cosine only");
        check_frequencies();
        d.sample_rate = Rational::nearest(sample_rate);
        if (center_frequency.given()) d.center_frequency = center_frequency;
        out.describe(d);
        cost(kind.get() == "noise" ? 25 : kind.get() == "cosine" ? double(frequencies().size()) : 15);
        if (length.given())
            total(std::uint64_t(length.get()));
        else
            endless();
    }

    void check_frequencies() const {
        if (kind.get() == "noise") return;
        const double most = sample_rate / 2;
        const auto beyond = [most](double f) { return std::abs(f) > most; };
        if (tones.given() && std::any_of(tones->begin(), tones->end(), beyond))
            tones.wrong("at most half the sample rate", most);
        if (!tones.given() && beyond(frequency)) frequency.wrong("at most half the sample rate", most);
        if (kind.get() == "chirp" && beyond(frequency + sweep)) sweep.wrong("an end at most at half the sample rate", most);
    }

    std::optional<Time> start_time() const {
        try {
            return parse_rfc3339(datetime);
        } catch (const std::invalid_argument&) {
            datetime.wrong("a UTC time such as 2026-01-31T12:00:00Z");
            return {};
        }
    }
    std::vector<double> frequencies() const { return tones.given() ? tones.get() : std::vector<double>{frequency}; }
    /// At most 2^62, which no stream reaches.
    std::uint64_t samples(double seconds) const {
        return std::uint64_t(std::min(0x1p62, std::nearbyint(seconds * sample_rate)));
    }

    void prepare() override {
        start_ = kernels::phase_increment(phase / kernels::two_pi);
        rotators_.clear();
        const auto all = frequencies();
        phases_.resize(all.size());
        for (std::size_t k = 0; k < all.size(); ++k) {
            const std::uint64_t step = kernels::phase_increment(all[k] / sample_rate);
            rotators_.emplace_back(step);
            phases_[k].set_step(step);
        }
        increment_ = kernels::phase_increment(frequency / sample_rate);
        sweep_length_ = std::max<std::uint64_t>(1, samples(sweep_time));
        acceleration_ = kernels::phase_increment(sweep / sample_rate / double(sweep_length_));
    }

    void work(std::size_t n) override {
        const std::uint64_t first = out.index();
        if (kind.get() == "noise")
            kernels::gaussian(out.data(), n, first, std::uint64_t(seed.get()), amplitude);
        else if (kind.get() == "cosine")
            add_tones(n, first);
        else
            for (std::size_t i = 0; i < n; ++i) put(i, kind.get() == "square" ? square(first + i) : chirp(first + i));
        silence(n, first);
    }

    void put(std::size_t i, cf32 z) {
        if constexpr (std::is_same_v<T, f32>)
            out[std::ptrdiff_t(i)] = z.real();
        else
            out[std::ptrdiff_t(i)] = z;
    }

    void add_tones(std::size_t n, std::uint64_t first) {
        tone_.resize(n);
        for (std::size_t k = 0; k < rotators_.size(); ++k) {
            rotators_[k].generate(tone_.data(), n, first, f32(amplitude), start_ + phases_[k].offset(first));
            for (std::size_t i = 0; i < n; ++i) {
                T value;
                if constexpr (std::is_same_v<T, f32>)
                    value = tone_[i].real();
                else
                    value = tone_[i];
                out[std::ptrdiff_t(i)] = k == 0 ? value : out[std::ptrdiff_t(i)] + value;
            }
        }
    }

    cf32 square(std::uint64_t i) const {
        const std::uint64_t p = start_ + i * increment_, quarter = std::uint64_t(1) << 62;
        const auto a = f32(amplitude);
        return {p + quarter < 2 * quarter ? a : -a, p < 2 * quarter ? a : -a};
    }

    cf32 chirp(std::uint64_t i) const {
        const std::uint64_t k = i % sweep_length_;
        const std::uint64_t half_square = k % 2 == 0 ? k / 2 * (k - 1) : (k - 1) / 2 * k;  // k (k - 1) / 2
        const kernels::Angle a = kernels::sincos_turns(start_ + k * increment_ + half_square * acceleration_);
        return {f32(amplitude * a.cos), f32(amplitude * a.sin)};
    }

    void silence(std::size_t n, std::uint64_t first) {
        const std::uint64_t begin = samples(on_start);
        if (begin == 0 && !on_time.given()) return;
        const std::uint64_t on = on_time.given() ? samples(on_time) : UINT64_MAX;
        const std::uint64_t period = on_period.given() ? std::max<std::uint64_t>(1, samples(on_period)) : UINT64_MAX;
        for (std::size_t i = 0; i < n; ++i) {
            const std::uint64_t at = first + i;
            if (at < begin || (at - begin) % period >= on) out[std::ptrdiff_t(i)] = T{};
        }
    }

    std::uint64_t start_ = 0, increment_ = 0, acceleration_ = 0, sweep_length_ = 1;
    std::vector<kernels::Rotator> rotators_;
    std::vector<blocks::ContinuousPhase> phases_;  // of the tones, whose frequencies may change
    std::vector<cf32> tone_;
};

}  // namespace

void register_signal_source(Registry& r) {
    r.add<SignalSource>("signal_source", "Makes tones, square waves, chirps and noise, continuously or in bursts.",
                        types<cf32, f32>, "{kind: cosine, sample_rate: 1 MHz, frequency: 10 kHz, length: 1000}");
}

}  // namespace flowspan
