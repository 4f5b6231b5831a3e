#include <flowspan/flowspan.hpp>

namespace flowspan {
namespace {

// y[n] = data[n mod L], for repeat L items. Complex samples stand as pairs in the list: I, Q, I, Q, …
template <class T>
struct VectorSource final : Block {
    static constexpr std::size_t numbers_per_sample = sizeof(T) / sizeof(f32);
    Parameter<std::vector<double>> data{*this, "data", {.help = "The samples; complex ones as I, Q, I, Q, …"}};
    Parameter<SampleType> datatype{*this, "datatype", {.initial = sample_type_of<T>, .help = "cf32 or rf32."}};
    Parameter<std::int64_t> repeat{
        *this, "repeat", {.initial = 1, .min = 1, .max = 1e12, .help = "How many times the list comes."}};
    Parameter<double> sample_rate{
        *this, "sample_rate", {.unit = hertz, .min = 1e-6, .max = 1e12, .optional = true, .help = "Samples per second."}};
    Output<T> out{*this, "out"};

    void describe() override {
        if (data->size() % numbers_per_sample != 0) data.refuse("I and Q of every sample: an even number of numbers");
        StreamDescription d;
        d.type = sample_type_of<T>;
        if (sample_rate.given()) d.sample_rate = Rational::nearest(sample_rate);
        out.describe(d);
        total(data->size() / numbers_per_sample * std::uint64_t(repeat.get()));
        holds(data->size() * sizeof(f32));
        cost(0.1);
    }
    void prepare() override { samples_.assign(data->begin(), data->end()); }
    void work(std::size_t n) override {
        const std::size_t length = samples_.size() / numbers_per_sample;
        const T* samples = reinterpret_cast<const T*>(samples_.data());
        for (std::size_t k = 0; k < n;) {
            const auto at = std::size_t((out.index() + k) % length);
            const std::size_t run = std::min(n - k, length - at);
            std::copy_n(samples + at, run, out.data() + k);
            k += run;
        }
    }

    std::vector<f32> samples_;
};

}  // namespace

void register_vector_source(Registry& r) {
    r.add<VectorSource>("vector_source", "Gives the samples of a list.", types<cf32, f32>,
                        "{data: [1, 0, 0, 1, -1, 0], repeat: 1000, sample_rate: 48 kHz}");
}

}  // namespace flowspan
