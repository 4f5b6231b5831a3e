// What a product or a quotient of streams is on the air, and of what scale and unit.
#pragma once

#include <flowspan/description.hpp>
#include <flowspan/port.hpp>

namespace flowspan::blocks {

/// What becomes of the streams behind the first.
enum class Factor { multiplied, conjugated, divided };

/// Centre frequency: that of the first stream, if no other has one (an oscillator, an envelope); of a second one that stands
/// unchanged beside streams without one, that. Two that were on the air come to something that was not.
/// Full scale: 1.0 of each is 1.0 of what leaves.
template <class T>
StreamDescription of_product(Inputs<T>& in, Factor factor) {
    StreamDescription d = in[0].description();
    const bool divided = factor == Factor::divided;
    int on_air = d.center_frequency ? 1 : 0;
    for (int k = 1; k < in.size(); ++k) {
        const StreamDescription& other = in[k].description();
        if (other.center_frequency) {
            ++on_air;
            d.center_frequency = other.center_frequency;
            if (factor != Factor::multiplied) ++on_air;  // its band is mirrored
        }
        if (other.full_scale)
            d.full_scale =
                divided ? d.full_scale.value_or(1) / *other.full_scale : d.full_scale.value_or(1) * *other.full_scale;
        if (other.unit.empty()) continue;
        if (divided)
            d.unit = d.unit == other.unit ? "" : (d.unit.empty() ? "1" : d.unit) + "/" + other.unit;
        else
            d.unit = d.unit.empty() ? other.unit : d.unit + " " + other.unit;
    }
    if (on_air > 1) d.center_frequency.reset();
    return d;
}

}  // namespace flowspan::blocks
