// What pictures are drawn with: areas, lines, words, and axes.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace flowspan::io {

/// Loads what drawing needs (docs/decisions/009). Throws Failure.
void ready_to_draw();

inline constexpr int ink = 0x202020, tick_length = 5;

/// What is written with: the fixed letters that gd has compiled in, 13 pixels high, or letters of any size, by FreeType.
class Letters {
public:
    Letters() = default;
    /// `pixels`: the height of a line; 0: the fixed ones. So it is where there is no scalable font, too.
    explicit Letters(double pixels);
    /// Why they are the fixed ones, although others were asked for; else "".
    const std::string& why_fixed() const { return why_fixed_; }

    int line_height() const;
    int width_of(const std::string& words) const;
    /// A distance that suits the fixed ones.
    int scaled(int distance) const;

private:
    friend class Canvas;
    bool is_fixed() const { return pixels_ == 0; }
    double pixels_ = 0;
    int ascent_ = 0;
    std::string why_fixed_;
};

/// A white picture. Colours are 0xrrggbb; x grows to the right, y downwards.
class Canvas {
public:
    /// Throws std::runtime_error for a size that cannot be had.
    Canvas(int width, int height, Letters letters = {});
    ~Canvas();
    Canvas(const Canvas&) = delete;
    Canvas& operator=(const Canvas&) = delete;

    const Letters& letters() const { return letters_; }
    void fill(int left, int top, int right, int bottom, int colour);
    void rectangle(int left, int top, int right, int bottom, int colour);
    void line(int x0, int y0, int x1, int y1, int colour);
    /// From the upper left corner on.
    void text(int x, int y, std::string words);
    /// From the lower left corner on, upwards.
    void text_up(int x, int y, std::string words);
    /// In larger letters.
    void title(int x, int y, std::string words);
    /// The same bytes for the same content: no time stamps.
    std::string png() const;

private:
    struct Image;
    void write(int x, int y, const std::string& words, double size, double angle);
    std::unique_ptr<Image> image_;
    Letters letters_;
};

/// A plain unit ("Hz", "s") with the prefix that suits values up to `most` over a `span`.
struct Scaled {
    double factor = 1;
    std::string unit;
};
Scaled scaled(const std::string& unit, double most, double span);

/// Round positions for the labels of an axis from `first` to `last` (first < last), about `wanted` of them, and the digits
/// after the point that they need.
struct Ticks {
    std::vector<double> at;
    int decimals = 0;
};
Ticks ticks(double first, double last, int wanted);

/// Where the picture proper lies.
struct PlotArea {
    int left = 0, top = 0, width = 0, height = 0;
};

/// Ticks, numbers and a name below an area that goes from `first` to `last`.
void draw_axis_below(Canvas& canvas, const PlotArea& area, const std::string& name, double first, double last,
                     const std::string& unit);

}  // namespace flowspan::io
