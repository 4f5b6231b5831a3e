// A stream of any type and shape as an HDF5 dataset.
#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include "blocks/sinks/sigmf/stretch_writers.hpp"
#include "io/products/hdf5_writer.hpp"

#include <algorithm>
#include <memory>
#include <span>

namespace flowspan {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

struct Hdf5Sink final : Block {
    static constexpr int revision = 2;
    Input<Any> in{*this, "in"};
    Parameter<ProductPath> path{*this,
                                "path",
                                {.help = "The file to make, with the dataset `data`. Each further stretch of the stream gets a "
                                         "file of its own: NAME.2.h5, …"}};
    blocks::AtRetune at_retune{*this};

    void describe() override {
        piece(piece_bytes);
        ignores_tags();
        holds(2 * io::Hdf5Writer::chunk_items(in.description()) * in.description().item_size());
    }

    std::vector<ProductPattern> product_patterns() const override { return blocks::stretch_patterns(*this, path); }

    void prepare() override {
        if (!writers_.empty()) return;
        announce();
        writers_.open();
    }

    void restart() override {
        if (!at_retune.goes_on(in)) announce();
    }
    /// Spectra of another part of the band are not more of the same.
    void retuned() override {
        const auto& axes = in.description().shape;
        if (std::any_of(axes.begin(), axes.end(), [](const Axis& axis) { return axis.name == "frequency"; })) announce();
    }

    Step step(std::size_t n) override {
        const std::span items(in.item(), n * in.description().item_size());
        return writers_.submit(io(), [index = in.index(), items](io::Hdf5Writer& w) { w.append(index, items); });
    }

    Step finish() override { return writers_.finish(io()); }
    Step seam() override { return finish(); }  // what has come is a whole file

    Value results() const override {
        std::uint64_t items = 0;
        for (const auto& writer : writers_) items += writer->items();
        return Value::Map{{"items", std::int64_t(items)}};
    }

private:
    void announce() {
        writers_.add(std::make_shared<io::Hdf5Writer>(io().product(blocks::stretch_path(*this, path, in, writers_.size() + 1)),
                                                      in.description()));
    }

    blocks::StretchWriters<io::Hdf5Writer> writers_;
};

}  // namespace

void register_hdf5_sink(Registry& r) {
    r.add<Hdf5Sink>("hdf5_sink", "Writes a stream of any type and shape to an HDF5 file.", "path: spectrum.h5");
}

}  // namespace flowspan
