#include <flowspan/flowspan.hpp>

namespace flowspan {
namespace {

struct NullSink final : Block {
    Input<Any> in{*this, "in"};

    void describe() override {
        ignores_tags();
        cost(0.01);
    }
    void work(std::size_t n) override { items_ += n; }
    Value results() const override { return Value::Map{{"items", items_}}; }

    std::uint64_t items_ = 0;
};

}  // namespace

void register_null_sink(Registry& r) { r.add<NullSink>("null_sink", "Takes items of any type and counts them."); }

}  // namespace flowspan
