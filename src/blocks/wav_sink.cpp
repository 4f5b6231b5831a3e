// Audio (or IQ, in two channels) as a WAV file.
#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include "blocks/registration.hpp"
#include "io/product.hpp"
#include "io/wav_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace flowspan {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

template <class T>
struct WavSink final : Block {
    Input<T> in{*this, "in"};
    Parameter<ProductPath> path{
        *this,
        "path",
        {.help = "The file to make. Each further stretch of the stream gets one of its own: NAME.2.wav, NAME.3.wav, …"}};
    Parameter<std::string> format{
        *this, "format", {.initial = "pcm16", .choices = {"pcm16", "pcm24", "float"}, .help = "How samples are stored."}};
    Parameter<double> gain{
        *this, "gain", {.initial = 1, .help = "Samples are multiplied by it; 1.0 is full scale in the file."}};

    void describe() override {
        const StreamDescription& stream = in.description();
        const double rate = in.sample_rate();
        if (stream.sample_rate->denominator() != 1)
            refuse("an input with a whole number of samples per second", fmt::format("{} Hz", stream.sample_rate->text()),
                   fmt::format("put a rational_resampler with `output_rate: {:.0f} Hz` before it", rate));
        if (!stream.shape.empty())
            refuse("an input of single samples", fmt::format("items of {} samples", stream.samples_per_item()));
        piece(piece_bytes);
    }

    void prepare() override {
        if (!writers_.empty()) return;
        announce();
        writers_.back()->open();
    }

    void restart() override { announce(); }

    Step step(std::size_t n) override {
        return io().submit([this, ready = std::exchange(ended_, {}), writer = writers_.back(),
                            numbers = std::span(reinterpret_cast<const float*>(in.data()), n * channels)] {
            for (const auto& before : ready) before->complete();
            writer->append(numbers, float(gain));
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
        double peak = 0;
        std::uint64_t clips = 0, frames = 0;
        for (const auto& writer : writers_) {
            peak = std::max(peak, writer->statistics().peak);
            clips += writer->statistics().clips;
            frames += writer->frames();
        }
        return Value::Map{
            {"peak", peak}, {"clips", std::int64_t(clips)}, {"seconds", double(frames) / in.description().rate_hz()}};
    }

private:
    static constexpr std::uint32_t channels = sizeof(T) / sizeof(float);

    void announce() {
        if (!writers_.empty()) ended_.push_back(writers_.back());
        const std::string name =
            writers_.empty() ? path->path : io::with_infix(path->path, std::to_string(writers_.size() + 1));
        const auto encoding = format.get() == "pcm16"   ? io::WavEncoding::pcm16
                              : format.get() == "pcm24" ? io::WavEncoding::pcm24
                                                        : io::WavEncoding::float32;
        const auto rate = std::uint32_t(in.description().sample_rate->numerator());
        writers_.push_back(std::make_shared<io::WavWriter>(io().product(name), io::WavFormat{channels, rate, encoding}));
    }

    std::vector<std::shared_ptr<io::WavWriter>> writers_;  // one a stretch
    std::vector<std::shared_ptr<io::WavWriter>> ended_;    // whose stretch is over: completed by the next job
    bool finished_ = false;
};

}  // namespace

void register_wav_sink(Registry& r) {
    r.add<WavSink>("wav_sink", "Writes audio to a WAV file: real samples in one channel, complex ones in two.",
                   types<f32, cf32>, "path: audio.wav");
}

}  // namespace flowspan
