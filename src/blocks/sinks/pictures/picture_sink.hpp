// A sink that draws a picture of each stretch of its stream.
#pragma once

#include "blocks/sinks/sigmf/stretch_writers.hpp"
#include "io/products/canvas.hpp"
#include "io/writing/data_file.hpp"

#include <flowspan/block.hpp>
#include <flowspan/io.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::blocks {

/// What has come is gathered by the block, and a picture is drawn and written on the I/O thread when its stretch is over.
struct PictureSink : Block {
    Parameter<ProductPath> path{
        *this, "path", {.help = "The picture to make. Each further stretch of the stream gets one of its own: NAME.2.png, …"}};
    AtRetune at_retune{*this};

    std::vector<ProductPattern> product_patterns() const override { return stretch_patterns(*this, path); }

    void prepare() override {
        if (product_) return;
        io::ready_to_draw();
        ready();
        product_ = io().product(path->path);
        begin();
    }
    void restart() override {
        if (!at_retune.goes_on(input())) begin_another();
    }
    void retuned() override { begin_another(); }

    Step finish() override {
        if (std::exchange(finished_, true)) return Step::done();
        draw();
        return io().submit([written = std::move(written_)] {
            for (const Step& step : written) step.token->ready();  // throws what failed
        });
    }
    Step seam() override { return finish(); }  // what has come is a whole file

protected:
    virtual const InputPort& input() const = 0;
    /// Once, before the first picture.
    virtual void ready() = 0;
    /// A picture begins: nothing is gathered.
    virtual void begin() = 0;
    /// A picture is over: `write` is called for it.
    virtual void draw() = 0;

    /// Has `png()` drawn on the I/O thread and written.
    template <class Png>
    void write(Png png) {
        written_.push_back(io().submit([png = std::move(png), product = product_] { io::write_product(*product, png()); }));
    }
    Product& product() { return *product_; }

private:
    void begin_another() {
        draw();
        product_ = io().product(stretch_path(*this, path, input(), ++stretch_));
        begin();
    }

    std::shared_ptr<Product> product_;
    std::vector<Step> written_;
    std::size_t stretch_ = 1;
    bool finished_ = false;
};

}  // namespace flowspan::blocks
