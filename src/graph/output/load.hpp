// A measured run in a picture: what boxes and lines are labelled with, and colours.
#pragma once

#include "graph/output/picture.hpp"
#include "graph/output/profile.hpp"

#include <array>
#include <string>
#include <vector>

namespace flowspan::graph {

/// A class of the scale: boxes between two shares of the run's time.
struct LoadColour {
    std::string_view fill, text;
};
/// From pale to dark, so that it is legible in grey and whatever colours one sees: ColorBrewer's YlOrBr.
inline constexpr std::array<LoadColour, 5> load_colours{
    {{"#ffffd4", "#000000"}, {"#fed98e", "#000000"}, {"#fe9929", "#000000"}, {"#d95f0e", "#000000"}, {"#993404", "#ffffff"}}};

class Load {
public:
    /// Both live as long as this. `profile` is of the picture's graph.
    Load(const Picture& picture, const Profile& profile);

    /// Which of the colours: shares are divided in equal steps up to the largest of all boxes.
    std::size_t level_of(const Box& box) const;
    /// "38 % of the time", "3.2 MS/s".
    std::vector<std::string> words_of(const Box& box) const;
    /// "12.2 MiB/s" of a line between ranks, "12.2 MiB/s shared" where another line to that rank shows the same bytes, as one
    /// output crosses to a rank once; else "".
    std::string words_of(const Line& line) const;
    /// For each colour "8 to 15 %".
    std::vector<std::string> scale() const;
    /// "rank 0 38 %, rank 1 12 %": what all blocks of each took, the first 16; "" where there is one.
    std::string ranks() const;
    static constexpr const char* title = "a block's share of its rank's time (of copies, their sum)";

private:
    double share_of(const Box& box) const;
    bool crosses_with_another(const Line& line) const;
    const Picture& picture_;
    const Profile& profile_;
    double largest_ = 0;
};

}  // namespace flowspan::graph
