#include <flowspan/flowspan.hpp>

#include "blocks/streams/strided.hpp"

#include <string>

namespace flowspan {
namespace {

// y_k[n] = x[n][k]: position k of the items' first axis is what output k carries; the other axes stay.
struct VectorToStreams final : Block {
    Parameter<int> outputs{
        *this, "outputs", {.min = 1, .max = 65536, .help = "How many streams: the size of the items' first axis."}};
    Input<Any> in{*this, "in"};
    Outputs<Any> out{*this, "out", outputs};

    void describe() override {
        const StreamDescription& d = in.description();
        if (const std::size_t size = d.shape.empty() ? 1 : d.shape[0].size; size != std::size_t(outputs.get()))
            outputs.refuse(std::to_string(size) + ", for what comes is " + items_text(d.shape));
        for (int k = 0; k < outputs; ++k) out[k].describe(part(d, k));
        cost(0.2 * double(d.samples_per_item()));
    }
    void work(std::size_t n) override {
        const std::size_t item = in.description().item_size(), bytes = item / std::size_t(outputs.get());
        for (int k = 0; k < outputs; ++k)
            if (out[k]) copy_part(in.item() + std::size_t(k) * bytes, item, out[k].item(), bytes, n);
    }

private:
    static void copy_part(const std::byte* from, std::size_t item, std::byte* to, std::size_t bytes, std::size_t n) {
        blocks::copy_strided(from, item, to, bytes, bytes, n);
    }

    /// A position of an axis in hertz lies that much above the centre of the whole.
    static StreamDescription part(const StreamDescription& whole, int k) {
        if (whole.shape.empty()) return whole;
        const Axis& axis = whole.shape[0];
        StreamDescription d = whole.with_shape({whole.shape.begin() + 1, whole.shape.end()});
        return axis.unit == "Hz" ? d.translated(axis.first + k * axis.step) : d;
    }
};

}  // namespace

void register_vector_to_streams(Registry& r) {
    r.add<VectorToStreams>("vector_to_streams", "Splits items along their first axis, into a stream for each of its positions.",
                           "outputs: 2");
}

}  // namespace flowspan
