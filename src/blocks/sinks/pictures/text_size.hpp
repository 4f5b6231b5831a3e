// The size of what is written in pictures.
#pragma once

#include "io/products/canvas.hpp"

#include <flowspan/block.hpp>

#include <functional>

namespace flowspan::blocks {

/// To be a member of a block that draws.
class TextSize {
public:
    explicit TextSize(Block& owner, std::function<void(const std::string&)> warn)
        : size(owner, "text_size",
               {.min = 6.0,
                .max = 400.0,
                .optional = true,
                .help = "Height of a line of text in pixels, in a font of the machine (DejaVu Sans, if there is); by default "
                        "letters of 13 pixels, which are the same everywhere."}),
          warn_(std::move(warn)) {}
    Parameter<double> size;

    /// 0: the fixed letters.
    double pixels() const { return size.given() ? size.get() : 0; }
    /// In `prepare`: says so where there is no font.
    void look() const {
        if (const std::string why = io::Letters(pixels()).why_fixed(); !why.empty())
            warn_("letters of the fixed size are drawn: no scalable font (" + why + "); fonts-dejavu-core is one");
    }

private:
    std::function<void(const std::string&)> warn_;
};

}  // namespace flowspan::blocks
