// A stream of any type and shape as an HDF5 dataset.
#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include "blocks/registration.hpp"
#include "io/hdf5_writer.hpp"
#include "io/product.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace flowspan {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

struct Hdf5Sink final : Block {
    Input<Any> in{*this, "in"};
    Parameter<ProductPath> path{*this,
                                "path",
                                {.help = "The file to make, with the dataset `data`. Each further stretch of the stream gets a "
                                         "file of its own: NAME.2.h5, …"}};

    void describe() override {
        piece(piece_bytes);
        holds(2 * io::Hdf5Writer::chunk_items(in.description()) * in.description().item_size());
    }

    void prepare() override {
        if (!writers_.empty()) return;
        announce();
        writers_.back()->open();
    }

    void restart() override { announce(); }

    Step step(std::size_t n) override {
        return io().submit([ready = std::exchange(ended_, {}), writer = writers_.back(), index = in.index(),
                            items = std::span(in.item(), n * in.description().item_size())] {
            for (const auto& before : ready) before->complete();
            writer->append(index, items);
        });
    }

    Step finish() override {
        if (std::exchange(finished_, true)) return Step::done();
        ended_.push_back(writers_.back());
        return io().submit([ready = std::exchange(ended_, {})] {
            for (const auto& writer : ready) writer->complete();
        });
    }

    Value results() const override {
        std::uint64_t items = 0;
        for (const auto& writer : writers_) items += writer->items();
        return Value::Map{{"items", std::int64_t(items)}};
    }

private:
    void announce() {
        if (!writers_.empty()) ended_.push_back(writers_.back());
        const std::string name =
            writers_.empty() ? path->path : io::with_infix(path->path, std::to_string(writers_.size() + 1));
        writers_.push_back(std::make_shared<io::Hdf5Writer>(io().product(name), in.description()));
    }

    std::vector<std::shared_ptr<io::Hdf5Writer>> writers_;  // one a stretch
    std::vector<std::shared_ptr<io::Hdf5Writer>> ended_;    // whose stretch is over: completed by the next job
    bool finished_ = false;
};

}  // namespace

void register_hdf5_sink(Registry& r) {
    r.add<Hdf5Sink>("hdf5_sink", "Writes a stream of any type and shape to an HDF5 file.", "path: spectrum.h5");
}

}  // namespace flowspan
