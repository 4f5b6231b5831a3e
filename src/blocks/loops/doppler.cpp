#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "blocks/loops/doppler_table.hpp"
#include "core/numbers/quantity.hpp"
#include "kernels/not_finite/not_finite.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

namespace flowspan {
namespace {

// y[n] = x[n] e^(-2 pi j phase(t[n])),  phase' = f(t),  t[n] the UTC of sample n
//
// f is linear between the times of the table, and stays what it is before and behind them. The phase is a closed form of the
// index (blocks::DopplerPhase), so that a stream may begin anywhere; within blocks of 64 samples, which lie on a grid, the
// phasor is multiplied on.
struct Doppler final : Block {
    Parameter<std::vector<std::string>> table{
        *this,
        "table",
        {.help = "Times in UTC, rising, each with the shift in Hz that is taken out: \"2026-01-31T12:00:00Z 1234.5\"."}};
    Input<cf32> in{*this, "in", blocks::each_channel()};
    Output<cf32> out{*this, "out"};

    void describe() override {
        const auto points = read_table();
        const double half = in.sample_rate() / 2;
        for (const auto& point : points)
            if (point.frequency > half || point.frequency < -half)
                table.refuse("frequencies from minus to plus half the sample rate (" + format_quantity(half, hertz) + ")");
        if (!in.description().utc) refuse("a stream whose time is known", "one without UTC", "give its source `datetime`");
        look_at_ends(points);
        out.describe(in.description());
        holds(points.size() * sizeof(blocks::DopplerPhase::Piece));
        cost(3.5 * double(in.description().samples_per_item()));
    }
    void prepare() override { begin(); }
    void restart() override { begin(); }

    void work(std::size_t n) override {
        const std::size_t channels = in.description().samples_per_item();
        cf64 phasors[grid];
        for (std::size_t done = 0; done < n;) {
            const auto index = std::int64_t(in.index() + done);
            const std::size_t skipped = std::size_t(index) % grid, count = std::min(n - done, grid - skipped);
            make_phasors(index - std::int64_t(skipped), phasors);
            for (std::size_t i = 0; i < count; ++i)
                for (std::size_t c = 0; c < channels; ++c) {
                    const auto k = std::ptrdiff_t((done + i) * channels + c);
                    out[k] = turned(in[k], phasors[skipped + i]);
                }
            done += count;
        }
        kernels::unify_nan(reinterpret_cast<f32*>(out.data()), 2 * n * channels);
    }

    static cf32 turned(cf32 x, cf64 p) {
        return {f32(x.real() * p.real() - x.imag() * p.imag()), f32(x.real() * p.imag() + x.imag() * p.real())};
    }
    static cf64 phasor(blocks::DopplerPhase::Turns turns) {
        const kernels::Angle a = kernels::sincos_turns(std::uint64_t(turns >> 64));
        return {a.cos, -a.sin};
    }
    static cf64 product(cf64 a, cf64 b) {
        return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
    }
    /// Of a whole block of the grid.
    void make_phasors(std::int64_t first, cf64* phasors) const {
        for (std::int64_t i = 0; i < std::int64_t(grid);) {
            const auto place = phase_.at(first + i);
            cf64 now = phasor(place.phase), step = phasor(place.step);
            const cf64 bend = phasor(place.bend);
            const std::int64_t end = place.left < std::int64_t(grid) - i ? i + place.left : std::int64_t(grid);
            for (; i < end; ++i) {
                phasors[i] = now;
                now = product(now, step);
                step = product(step, bend);
            }
        }
    }

    void look_at_ends(const std::vector<blocks::DopplerPoint>& points) {
        const StreamDescription& d = in.description();
        if (*d.utc < points.front().utc) warn("the stream begins before the table: the first shift is taken until there");
        if (d.length && points.back().utc < moved(*d.utc, Time::of(*d.length, *d.sample_rate)))
            warn("the stream ends behind the table: the last shift is taken from there on");
    }
    std::vector<blocks::DopplerPoint> read_table() const {
        if (table->empty()) table.refuse("at least one time with a frequency");
        std::vector<blocks::DopplerPoint> points;
        for (std::size_t k = 0; k < table->size(); ++k) {
            try {
                points.push_back(blocks::parse_doppler_point(table.get()[k]));
            } catch (const std::invalid_argument& e) {
                table.refuse(fmt::format("in entry {}: {}", k, e.what()), {}, "\"2026-01-31T12:00:00Z 1234.5\"");
            }
            if (k > 0 && !(points[k - 1].utc < points[k].utc))
                table.refuse(fmt::format("a later time in entry {} than in the one before", k));
        }
        return points;
    }
    void begin() { phase_ = blocks::DopplerPhase(read_table(), *in.description().utc, in.sample_rate()); }

    static constexpr std::size_t grid = 64;
    blocks::DopplerPhase phase_;
};

}  // namespace

void register_doppler(Registry& r) {
    r.add<Doppler>("doppler",
                   "Takes a shift of frequency out of each channel that is known for some times, by the UTC of the samples.",
                   "table: [\"1970-01-01T00:16:40Z 2500\", \"1970-01-01T00:16:40.02Z -1500\"]");
}

}  // namespace flowspan
