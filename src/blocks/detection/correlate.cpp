// Where a known sequence is in a stream.
#include <flowspan/flowspan.hpp>

#include "kernels/fft/fft.hpp"
#include "kernels/not_finite/not_finite.hpp"
#include "kernels/volk/volk.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <utility>
#include <vector>

namespace flowspan {
namespace {

// c[n] = sum over k < L of x[n + k] conj(s[k])         |c[n]| / sqrt(sum |x[n + k]|^2 sum |s[k]|^2) lies in [0, 1]
//
// A peak is an n where this is at least `threshold`, more than at the `spacing` places before, and no less than at those
// behind. It is reported there, by a message and by the tag `correlation` on sample n: its place in the recording
// (InputPort::place), {peak, phase, frequency}: the phase of c[n] in radians, and how far the sequence is off in frequency, by
// the phase between the sums of the sequence's halves, (arg b - arg a) / (2 pi (L - L/2)) x rate: unambiguous within half a
// turn from half to half, +-rate / L for even L. (A frequency far off makes the peak smaller: sin(pi f L) / (pi f L).)
//
// c is made by fast convolution, in blocks that count from the beginning of the stretch, so that its bits depend on neither
// calls nor ranks. What is not finite hides the sequences of its blocks, and is counted.
struct Correlate final : Block {
    Parameter<std::vector<std::complex<double>>> sequence{
        *this, "sequence", {.help = "The samples to look for: a list, or a file of them (.npy, text)."}};
    Parameter<double> threshold{
        *this,
        "threshold",
        {.initial = 0.7,
         .min = 0.0,
         .max = 1.0,
         .when = Change::running,
         .help = "Least normalised correlation of a peak; 1: nothing but the sequence, scaled and turned."}};
    Parameter<int> spacing{
        *this,
        "spacing",
        {.unit = sample,
         .min = 0,
         .max = 1 << 22,
         .optional = true,
         .help = "Of peaks that are no further apart the greatest is reported; default: the sequence's length."}};
    Input<cf32> in{*this, "in"};
    Output<cf32> out{*this, "out", {.optional = true}};
    MessageOutput peaks{*this, "peaks"};

    std::size_t length() const { return sequence->size(); }
    std::size_t apart() const { return spacing.given() ? std::size_t(spacing.get()) : length(); }
    /// Places that a block of c holds; its transform is at least four times as long as the sequence.
    std::size_t transform_size() const { return std::max<std::size_t>(1024, std::bit_ceil(4 * length())); }
    std::size_t block() const { return transform_size() - length() + 1; }

    void describe() override {
        if (sequence->empty()) sequence.refuse("at least one sample");
        if (length() > (1U << 22)) sequence.refuse("at most 4194304 samples");
        if (!(energy_of_sequence() > 0) || !std::isfinite(energy_of_sequence()))
            sequence.refuse("finite samples that are not all zero");
        data_dependent();
        const std::size_t sight = apart() + block() + length();
        in.history(apart() + block());
        in.need(sight + 1, sight + std::max<std::size_t>(4 * block(), 4096));
        out.room(sight + std::max<std::size_t>(4 * block(), 4096));
        memory(Memory::unbounded, "correlations at hand, which the samples before would give again");
        out.describe(in.description());
        holds(transform_size() * 40 + (apart() + sight) * 16);
        cost(3 + 0.6 * double(std::bit_width(transform_size())) * double(transform_size()) / double(block()));
    }

    void prepare() override {
        const std::size_t size = transform_size();
        forward_ = kernels::Fft(size);
        inverse_ = kernels::Fft(size, kernels::Direction::inverse);
        std::fill_n(forward_.in(), size, cf32());
        for (std::size_t k = 0; k < length(); ++k) forward_.in()[k] = cf32(sequence.get()[k]);
        forward_.run();
        spectrum_.resize(size);
        for (std::size_t k = 0; k < size; ++k) spectrum_[k] = std::conj(forward_.out()[k]) / f32(size);
        energy_ = energy_of_sequence();
    }
    void restart() override { forget(); }

    void work(std::size_t n) override {
        const std::size_t sight = apart() + block() + length();
        const bool ends = n <= sight;  // what is there is all that is left of the stretch
        const std::size_t take = ends ? n : n - sight;
        const std::uint64_t first = in.in_stretch();
        correlate_up_to(first + take + apart(), first + n);
        for (std::size_t k = 0; k < take; ++k)
            if (is_peak(first + k)) tell(k);
        if (out) std::copy_n(in.data(), take, out.data());
        drop_before(first + take);
        in.consume(take);
        out.produce(take);
    }
    Value results() const override { return Value::Map{{"peaks", found_}, {"not_finite", not_finite_}}; }

private:
    double energy_of_sequence() const {
        double sum = 0;
        for (const auto& s : sequence.get()) sum += std::norm(s);
        return sum;
    }
    /// Sample of the stretch, while it is at hand.
    const cf32* at(std::uint64_t place) const { return in.data() + (std::int64_t(place) - std::int64_t(in.in_stretch())); }

    struct Place {
        cf32 sum;
        f32 level = 0;  // squared, normalised
    };

    void forget() {
        places_.clear();
        from_ = 0;
        counted_ = 0;
    }
    void drop_before(std::uint64_t place) {
        const std::uint64_t keep = place - std::min<std::uint64_t>(place, apart());
        if (keep <= from_) return;
        const std::size_t gone = std::min<std::size_t>(places_.size(), std::size_t(keep - from_));
        places_.erase(places_.begin(), places_.begin() + std::ptrdiff_t(gone));
        from_ += gone;
    }
    /// Whole blocks, so that c is known up to before `to`, or up to the last sequence that fits before `end`.
    void correlate_up_to(std::uint64_t to, std::uint64_t end) {
        if (places_.empty()) {
            const std::uint64_t first = in.in_stretch() - std::min<std::uint64_t>(in.in_stretch(), apart());
            from_ = first / block() * block();
        }
        while (from_ + places_.size() < to && from_ + places_.size() + length() <= end) add_block(from_ + places_.size(), end);
    }
    /// Places from `first` on, a multiple of the block's size, with samples before `end`.
    void add_block(std::uint64_t first, std::uint64_t end) {
        const std::size_t size = transform_size(), there = std::size_t(std::min<std::uint64_t>(size, end - first));
        std::copy_n(at(first), there, forward_.in());
        std::fill_n(forward_.in() + there, size - there, cf32());
        forward_.run();
        if (!kernels::holds_finite(forward_) && first >= counted_) {
            not_finite_ += count_bad(first, end);
            counted_ = first + block();
        }
        kernels::multiply(forward_.out(), spectrum_.data(), inverse_.in(), size);
        inverse_.run();
        add_places(first, std::size_t(std::min<std::uint64_t>(block(), end - first - length() + 1)));
    }
    std::uint64_t count_bad(std::uint64_t first, std::uint64_t end) const {
        const auto n = std::ptrdiff_t(std::min<std::uint64_t>(block(), end - first));
        return std::uint64_t(std::count_if(at(first), at(first) + n, [](cf32 x) { return !kernels::is_finite(x); }));
    }
    void add_places(std::uint64_t first, std::size_t count) {
        const cf32* x = at(first);
        const auto power = [&](std::size_t k) {
            return double(x[k].real()) * double(x[k].real()) + double(x[k].imag()) * double(x[k].imag());
        };
        // Two sums that end and begin with each sequence length: no strong sample stays in what it is subtracted from.
        tail_.assign(length() + 1, 0);
        double head = 0;
        for (std::size_t k = 0; k < count; ++k) {
            const std::size_t within = k % length();
            if (within == 0) {
                tail_[length()] = 0;
                for (std::size_t i = length(); i-- > 0;) tail_[i] = tail_[i + 1] + power(k + i);
                head = 0;
            } else {
                head += power(k + length() - 1);
            }
            const cf32 sum = inverse_.out()[k];
            const double energy = (tail_[within] + head) * energy_;
            const double level = energy > 0 ? double(std::norm(sum)) / energy : 0;
            places_.push_back({sum, f32(std::isfinite(level) ? std::min(level, 1.0) : 0.0)});
        }
    }

    f32 level(std::uint64_t place) const {
        return place < from_ || place - from_ >= places_.size() ? 0 : places_[std::size_t(place - from_)].level;
    }
    bool is_peak(std::uint64_t place) const {
        const f32 mine = level(place);
        if (!(mine > 0) || double(mine) < threshold * threshold) return false;
        for (std::uint64_t k = 1; k <= apart(); ++k)
            if ((k <= place && level(place - k) >= mine) || level(place + k) > mine) return false;
        return true;
    }

    void tell(std::size_t k) {
        ++found_;
        const cf32 sum = places_[std::size_t(in.in_stretch() + k - from_)].sum;
        Value::Map said = in.place(in.index() + k, length());
        said["peak"] = std::sqrt(double(level(in.in_stretch() + k)));
        said["phase"] = double(kernels::argument(sum));
        if (length() > 1) {
            const std::size_t second_half = length() - length() / 2;
            const double turns = half_to_half(in.data() + k) / kernels::two_pi / double(second_half);
            said["frequency"] = turns * (in.description().sample_rate ? in.sample_rate() : 1.0);
        }
        peaks.send(in.index() + k, said);
        if (out) out.tag(k, "correlation", said);
    }
    /// Radians.
    double half_to_half(const cf32* x) const {
        const std::size_t half = length() / 2, second = length() - half;
        std::complex<double> a, b;
        for (std::size_t k = 0; k < half; ++k) {
            a += std::complex<double>(x[k]) * std::conj(sequence.get()[k]);
            b += std::complex<double>(x[second + k]) * std::conj(sequence.get()[second + k]);
        }
        const std::complex<double> between = b * std::conj(a);
        const double size = std::sqrt(std::norm(between));
        return size > 0 ? double(kernels::argument(cf32(between / size))) : 0;
    }

    kernels::Fft forward_, inverse_;
    std::vector<cf32> spectrum_;
    std::vector<double> tail_;
    std::vector<Place> places_;  // from place `from_` of the stretch on: what can be had again from the samples
    std::uint64_t from_ = 0, counted_ = 0, found_ = 0, not_finite_ = 0;
    double energy_ = 1;
};

}  // namespace

void register_correlate(Registry& r) {
    r.add<Correlate>(
        "correlate",
        "Finds a known sequence: a message and a tag at its first sample, with phase and frequency offset. Passes samples on.",
        "{sequence: [1, 1, 1, -1, -1, 1, -1], threshold: 0.8}");
}

}  // namespace flowspan
