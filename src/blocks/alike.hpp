// Streams that meet in one: what they must have in common.
#pragma once

#include "core/numbers/quantity.hpp"

#include <flowspan/port.hpp>

#include <optional>
#include <string>

#include <fmt/format.h>

namespace flowspan::blocks {

/// What a block refuses, for Block::refuse or Block::wrong.
struct Unlike {
    std::string expected, got, hint;
};

/// Whether the values of a stream do not mean what those of the first do. Of type and shape in a group the runtime has seen to
/// it.
inline std::optional<Unlike> other_values(const InputPort& first, const InputPort& other) {
    const StreamDescription &a = first.description(), &b = other.description();
    const auto both = [&](const std::string& of_first, const std::string& of_other) {
        return fmt::format("{} on `{}` and {} on `{}`", of_first, first.name(), of_other, other.name());
    };
    const auto scale = [](const StreamDescription& d) {
        return d.full_scale ? format_number(*d.full_scale) : std::string("that of the type");
    };
    const auto unit = [](const StreamDescription& d) { return d.unit.empty() ? std::string("none") : d.unit; };
    if (a.full_scale != b.full_scale)
        return Unlike{
            "inputs of one full scale", both(scale(a), scale(b)),
            "integers as they are mean other amplitudes; a block for floats before it turns them into what they mean"};
    if (a.unit != b.unit) return Unlike{"inputs of one unit", both(unit(a), unit(b)), ""};
    return {};
}

/// Takes over the centre frequency of the first stream that has one; something to refuse where another has another one.
template <class T>
std::optional<Unlike> common_centre(Inputs<T>& in, std::optional<double>& centre) {
    centre = in[0].description().center_frequency;
    for (int k = 1; k < in.size(); ++k) {
        const auto& other = in[k].description().center_frequency;
        if (other && centre && *other != *centre)
            return Unlike{"inputs of one centre frequency",
                          fmt::format("{} at in[{}] and {} before it", format_quantity(*other, hertz), k,
                                      format_quantity(*centre, hertz)),
                          "frequency_translate moves a stream to another one"};
        if (!centre) centre = other;
    }
    return {};
}

}  // namespace flowspan::blocks
