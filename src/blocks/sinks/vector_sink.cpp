#include <flowspan/flowspan.hpp>
#include <flowspan/program.hpp>

#include <fmt/format.h>

namespace flowspan {
namespace {

// Keeps all items in memory, for programs that fetch them after the run.
struct VectorSink final : Block, HoldsSamples {
    Parameter<std::int64_t> limit{*this,
                                  "limit",
                                  {.unit = byte,
                                   .initial = std::int64_t(256) << 20,
                                   .min = 0,
                                   .max = 0x1p53,
                                   .help = "The most that it keeps; a longer stream is a failure."}};
    Input<Any> in{*this, "in"};

    void describe() override {
        ignores_tags();
        const StreamDescription& d = in.description();
        const auto most = std::uint64_t(limit.get());
        const std::uint64_t wanted = d.length ? std::uint64_t(*d.length) * d.item_size() : most;
        if (wanted > most) limit.refuse("at least what the stream has", double(wanted), "give a limit, or a file_sink instead");
        holds(wanted);
        cost(0.2);
    }
    void prepare() override { type_ = in.description().type; }
    void work(std::size_t n) override {
        const std::size_t bytes = n * in.description().item_size();
        if (held_.size() + bytes > std::size_t(limit.get()))
            throw Failure(ExitCode::block, fmt::format("the stream has more than the limit of {} bytes", limit.get()));
        held_.insert(held_.end(), in.item(), in.item() + bytes);
    }
    Value results() const override { return Value::Map{{"bytes", held_.size()}}; }
    const std::vector<std::byte>& held() const override { return held_; }
    SampleType held_type() const override { return type_; }

    std::vector<std::byte> held_;
    SampleType type_ = SampleType::any;
};

}  // namespace

void register_vector_sink(Registry& r) {
    r.add<VectorSink>("vector_sink", "Keeps a stream in memory, for a program to fetch.", "limit: 64 MiB");
}

}  // namespace flowspan
