#include <flowspan/flowspan.hpp>

#include <cstring>

namespace flowspan {
namespace {

struct NullSource final : Block {
    Parameter<SampleType> datatype{*this, "datatype", {.initial = SampleType::cf32, .help = "Sample type."}};
    Parameter<double> sample_rate{
        *this, "sample_rate", {.unit = hertz, .min = 1e-6, .max = 1e12, .optional = true, .help = "Samples per second."}};
    Parameter<std::int64_t> length{
        *this, "length", {.unit = sample, .min = 0, .optional = true, .help = "How many; endless without it."}};
    Output<Any> out{*this, "out"};

    void describe() override {
        StreamDescription d;
        d.type = datatype;
        if (sample_rate.given()) d.sample_rate = Rational::nearest(sample_rate);
        out.describe(d);
        cost(0.1);
        if (length.given())
            total(std::uint64_t(length.get()));
        else
            endless();
    }
    void work(std::size_t n) override {
        const auto to = out.bytes(n);
        std::memset(to.data(), 0, to.size());
    }
};

}  // namespace

void register_null_source(Registry& r) { r.add<NullSource>("null_source", "Makes zeros.", "{datatype: cf32, length: 1000}"); }

}  // namespace flowspan
