// Blocks that treat every channel of their items on its own.
#pragma once

#include <flowspan/port.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace flowspan::blocks {

/// What an input of such a block takes: items of one sample, or of one sample for each position of an axis `channel`.
inline InputOptions each_channel() { return {.items = {"channel"}}; }

/// How many input items n outputs of a filter reach from in[0] on, where the first of them is output `first` of its stretch:
/// floor(((first D) mod I + (n - 1) D) / I) + 1.
inline std::size_t items_for(std::size_t n, std::uint64_t first, std::uint64_t interpolation, std::uint64_t decimation) {
    using Wide = unsigned __int128;
    const Wide phase = Wide(first % interpolation) * decimation % interpolation;
    return n == 0 ? 0 : std::size_t((phase + Wide(n - 1) * decimation) / interpolation) + 1;
}

/// Runs a function of one stream on every channel of interleaved items. A channel's samples go through memory of their own, so
/// what is computed is to the bit what a stream of that channel alone gives. Items of one sample are not copied.
template <class From, class To>
class EachChannel {
public:
    /// Bytes that it holds beside those of single calls, where `before` samples are read before in[0].
    static std::uint64_t bytes(const StreamDescription& in, std::size_t before) {
        const std::size_t channels = in.samples_per_item();
        return channels == 1 ? 0 : std::min(channels, together) * before * sizeof(From);
    }

    /// filter(c, x, y) makes n_out samples y[0], y[1], … of channel c from its samples x[-before] … x[n_in - 1].
    template <class F>
    void operator()(const Input<From>& in, std::size_t before, std::size_t n_in, const Output<To>& out, std::size_t n_out,
                    F filter) {
        const std::size_t channels = in.description().samples_per_item();
        if (channels == 1) return filter(std::size_t(0), in.data(), out.data());
        const std::size_t length = before + n_in;
        from_.resize(std::min(channels, together) * length);
        to_.resize(std::min(channels, together) * n_out);
        const From* x = in.data() - before * channels;
        for (std::size_t first = 0; first < channels; first += together) {
            const std::size_t count = std::min(together, channels - first);
            take_apart(x + first, channels, count, from_.data(), length);
            for (std::size_t c = 0; c < count; ++c)
                filter(first + c, from_.data() + c * length + before, to_.data() + c * n_out);
            put_together(to_.data(), n_out, count, out.data() + first, channels);
        }
    }

private:
    static constexpr std::size_t together = 8;  // channels: a cache line of complex samples is taken apart once

    /// rows[c][i] = x[i][c] of `count` channels. Numbers that the compiler knows let it use vectors.
    static void take_apart(const From* x, std::size_t channels, std::size_t count, From* rows, std::size_t length) {
        const auto copy = [=](auto step, auto width) {
            for (std::size_t i = 0; i < length; ++i)
                for (std::size_t c = 0; c < width; ++c) rows[c * length + i] = x[i * step + c];
        };
        if (channels == 2) return copy(known<2>, known<2>);
        if (count == together) return copy(channels, known<together>);
        copy(channels, count);
    }
    /// y[i][c] = rows[c][i].
    static void put_together(const To* rows, std::size_t length, std::size_t count, To* y, std::size_t channels) {
        const auto copy = [=](auto step, auto width) {
            for (std::size_t i = 0; i < length; ++i)
                for (std::size_t c = 0; c < width; ++c) y[i * step + c] = rows[c * length + i];
        };
        if (channels == 2) return copy(known<2>, known<2>);
        if (count == together) return copy(channels, known<together>);
        copy(channels, count);
    }
    template <std::size_t n>
    static constexpr std::integral_constant<std::size_t, n> known{};

    std::vector<From> from_;
    std::vector<To> to_;
};

}  // namespace flowspan::blocks
