#include <flowspan/flowspan.hpp>

#include "blocks/alike.hpp"
#include "blocks/streams/strided.hpp"
#include "core/numbers/quantity.hpp"

#include <cmath>
#include <string>

#include <fmt/format.h>

namespace flowspan {
namespace {

std::string centre_text(const StreamDescription& d) {
    return d.center_frequency ? format_quantity(*d.center_frequency, hertz) : std::string("none");
}

// y[n][k] = x_k[n]: the streams become the positions of a new first axis.
struct StreamsToVector final : Block {
    Parameter<int> inputs{*this, "inputs", {.initial = 2, .min = 1, .max = 65536, .help = "How many streams are joined."}};
    Parameter<std::string> axis{
        *this, "axis", {.initial = "channel", .help = "Name of the new axis, the first one of what leaves."}};
    Inputs<Any> in{*this, "in", inputs};
    Output<Any> out{*this, "out"};

    void describe() override {
        if (axis->empty()) axis.wrong("a name");
        StreamDescription d = in[0].description();
        for (const Axis& one : d.shape)
            if (one.name == axis.get()) axis.wrong("a name that no axis of " + items_text(d.shape) + " has");
        for (int k = 1; k < in.size(); ++k)
            if (const auto other = blocks::other_values(in[0], in[k])) wrong(other->expected, other->got, other->hint);
        Axis joined{.name = axis, .unit = "", .size = std::size_t(in.size())};
        place_centres(d, joined);
        d.shape.insert(d.shape.begin(), joined);
        out.describe(d);
        cost(0.2 * double(d.samples_per_item()));
    }
    void work(std::size_t n) override {
        const std::size_t item = out.description().item_size(), bytes = item / std::size_t(in.size());
        for (int k = 0; k < in.size(); ++k)
            blocks::copy_strided(in[k].item(), bytes, out.item() + std::size_t(k) * bytes, item, bytes, n);
    }

private:
    /// One centre frequency is that of the whole. Several go onto the axis, if they are evenly spaced.
    void place_centres(StreamDescription& d, Axis& joined) {
        bool all = true, equal = true;
        for (int k = 0; k < in.size(); ++k) {
            const auto& centre = in[k].description().center_frequency;
            all = all && centre;
            equal = equal && (!centre || !d.center_frequency || *centre == *d.center_frequency);
            if (!d.center_frequency) d.center_frequency = centre;
        }
        if (equal) return;
        const auto centre = [&](int k) { return *in[k].description().center_frequency; };
        const double step = all ? centre(1) - centre(0) : 0;
        const auto fits = [&](int k) {
            if (!all) return in[k].description().center_frequency.has_value();
            return std::abs(centre(k) - centre(0) - k * step) <= 1e-12 * std::abs(centre(k)) + 1e-9 * std::abs(step);
        };
        for (int k = 0; k < in.size(); ++k) {
            if (fits(k)) continue;
            refuse("inputs of one centre frequency, or of evenly spaced ones",
                   fmt::format("{} on `in[0]`, {} on `in[1]` and {} on `in[{}]`", centre_text(in[0].description()),
                               centre_text(in[1].description()), centre_text(in[k].description()), k),
                   "frequency_translate moves a stream to another one");
        }
        const int middle = in.size() / 2;
        joined.unit = "Hz";
        joined.step = step;
        joined.first = -step * middle;
        d.center_frequency = centre(middle);
    }
};

}  // namespace

void register_streams_to_vector(Registry& r) {
    r.add<StreamsToVector>("streams_to_vector", "Joins streams into items with a new first axis, a position for each stream.",
                           "inputs: 2");
}

}  // namespace flowspan
