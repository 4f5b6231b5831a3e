#include <flowspan/flowspan.hpp>

#include "blocks/filters/design/response.hpp"
#include "kernels/pfb/pfb.hpp"
#include "kernels/pfb/pfb_device.hpp"

#include <optional>
#include <vector>

namespace flowspan {
namespace {

// y_c[m] = sum over k of h[k] x[a + m M - k] e^(-2 pi j (c - M/2) (a + m M - k) / M), a the index where the stretch begins: the
// phase is counted from the absolute index. See kernels/pfb/pfb.hpp.
struct PfbChannelizer final : Block, blocks::Filter {
    static constexpr bool on_devices = true;
    Parameter<int> channels{*this, "channels", {.min = 1, .max = 65536, .help = "How many channels, M."}};
    Parameter<int> taps_per_channel{
        *this,
        "taps_per_channel",
        {.initial = 12, .min = 2, .max = 256, .help = "Length of the prototype filter in units of M."}};
    Parameter<double> attenuation{*this,
                                  "attenuation",
                                  {.unit = decibel,
                                   .initial = 80.0,
                                   .min = 0.0,
                                   .max = 150.0,
                                   .help = "Of the prototype's stop band (Kaiser's window)."}};
    Input<cf32> in{*this, "in"};
    Outputs<cf32> out{*this, "out", channels};

    void describe() override {
        const auto M = std::uint64_t(channels.get()), taps = M * std::uint64_t(taps_per_channel.get());
        in.history(taps);
        ratio({.decimation = M, .grid = kernels::Pfb::block(M), .delay = Rational(std::int64_t(taps), 2)});
        for (int c = 0; c < channels; ++c) out[c].describe(in.description().channel(c, channels));
        holds(std::uint64_t(taps) * 8 + M * 192);
        holds_on_device(kernels::DevicePfb::memory_for(M, std::size_t(taps_per_channel.get())));
        if (!kernels::DevicePfb::has_own(M)) needs_device_transforms();
        cost(1.5 + 0.025 * double(taps_per_channel));
    }
    void prepare() override {
        if (queue() == nullptr)
            bank_ = kernels::Pfb(std::size_t(channels.get()), prototype());
        else
            device_bank_ = kernels::DevicePfb(*queue(), std::size_t(channels.get()), prototype());
        origins_.clear();
    }
    std::vector<double> prototype() const {
        return kernels::pfb_prototype(std::size_t(channels.get()), std::size_t(taps_per_channel.get()), attenuation);
    }
    /// Of the middle channel.
    blocks::Response response() const override { return blocks::Response::of(prototype(), 1, std::uint64_t(channels.get())); }
    void work(std::size_t n) override {
        if (queue() == nullptr) return bank_(in.data(), out.pointers(), n, in.index());
        const std::uint64_t at = items_behind_origins();
        device_bank_(*queue(), in.data(), n, in.index(), at);
    }
    // The kernel knows where item 0 of each output lies. Outputs move on alike, until one passes the end of its ring.
    std::uint64_t items_behind_origins() {
        cf32* const* to = out.pointers();
        std::optional<std::ptrdiff_t> at;
        bool alike = !origins_.empty();
        for (std::size_t c = 0; c < origins_.size() && alike; ++c) {
            if (to[c] == nullptr) continue;
            const std::ptrdiff_t behind = to[c] - origins_[c];
            alike = behind >= 0 && at.value_or(behind) == behind;
            at = behind;
        }
        if (alike) return std::uint64_t(at.value_or(0));
        origins_.assign(to, to + channels.get());
        device_bank_.write_to(*queue(), origins_);
        return 0;
    }

    kernels::Pfb bank_;
    kernels::DevicePfb device_bank_;
    std::vector<cf32*> origins_;
};

}  // namespace

void register_pfb_channelizer(Registry& r) {
    r.add<PfbChannelizer>(
        "pfb_channelizer",
        "Splits a band into equal channels in ascending order of frequency; channel M/2 is centred where the input is.",
        "channels: 16");
}

}  // namespace flowspan
