// Audio (or IQ, in two channels) as a WAV file.
#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include "blocks/clipping.hpp"
#include "blocks/each_channel.hpp"
#include "blocks/sinks/parts/parts.hpp"
#include "blocks/sinks/sigmf/stretch_writers.hpp"
#include "io/wav/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>

namespace flowspan {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

template <class T>
struct WavSink final : Block {
    Input<T> in{*this, "in", std::is_same_v<T, f32> ? blocks::each_channel() : InputOptions{}};
    Parameter<ProductPath> path{
        *this,
        "path",
        {.help = "The file to make. Each further stretch of the stream gets one of its own: NAME.2.wav, NAME.3.wav, …"}};
    blocks::Parts parts{*this, path};
    blocks::AtRetune at_retune{*this};
    Parameter<std::string> format{
        *this, "format", {.initial = "pcm16", .choices = {"pcm16", "pcm24", "float"}, .help = "How samples are stored."}};
    Parameter<double> gain{
        *this, "gain", {.initial = 1, .help = "Samples are multiplied by it; 1.0 is full scale in the file."}};

    void describe() override {
        const StreamDescription& stream = in.description();
        const double rate = in.sample_rate();
        if (stream.sample_rate->denominator() != 1)
            wrong("an input with a whole number of samples per second", fmt::format("{} Hz", stream.sample_rate->text()),
                  fmt::format("put a rational_resampler with `output_rate: {:.0f} Hz` before it", rate));
        constexpr std::uint32_t most = 16383;  // a frame has at most 65535 bytes, a number up to 4
        if (channels() > most) wrong(fmt::format("at most {} channels in a WAV file", most), items_text(stream.shape));
        const std::int64_t frame = std::int64_t(channels()) * (format.get() == "pcm16" ? 2 : format.get() == "pcm24" ? 3 : 4);
        if (stream.sample_rate->numerator() > UINT32_MAX / frame)
            wrong(fmt::format("an input of at most {} samples per second, since a WAV file says bytes per second in 32 bits",
                              UINT32_MAX / frame),
                  fmt::format("{} Hz", stream.sample_rate->text()), "put a rational_resampler before it");
        parts.check(in);
        piece(piece_bytes);
        ignores_tags();
    }

    void prepare() override {
        if (parts.wanted() || !writers_.empty()) return;
        announce(path->path);
        writers_.open();
    }

    void restart() override {
        const bool goes_on = at_retune.goes_on(in);
        parts.restart(in, !goes_on);
        if (!parts.wanted() && !goes_on) announce(blocks::stretch_path(*this, path, in, writers_.size() + 1));
    }

    bool makes_parts() const override { return parts.wanted(); }
    std::vector<std::string> products() const override {
        return parts.wanted() ? std::vector<std::string>() : Block::products();
    }
    std::vector<ProductPattern> product_patterns() const override {
        if (!parts.wanted()) return blocks::stretch_patterns(*this, path);
        std::vector<ProductPattern> patterns;
        for (const std::string& marked : parts.names().marked_paths())
            patterns.push_back(blocks::PartNames::pattern_of(marked));
        return patterns;
    }

    Step step(std::size_t n) override {
        if (!parts.wanted()) {
            write(0, n);
            return writers_.submit(io());
        }
        parts.divide(in, n, [&](bool begins, std::size_t from, std::size_t count) {
            if (begins) announce(parts.path());
            write(from, count);
        });
        return writers_.submit(io());
    }

    Step finish() override {
        if (!writers_.finished()) {
            if (writers_.empty()) warn("nothing came: no part is written");
            return writers_.finish(io());
        }
        if (const std::string text = clipping().text(); !text.empty()) warn(text);
        return Step::done();
    }
    Step seam() override { return finish(); }  // what has come is a whole file

    Value results() const override {
        double peak = 0;
        std::uint64_t not_finite = 0, frames = 0;
        for (const auto& writer : writers_) {
            peak = std::max(peak, writer->statistics().peak);
            not_finite += writer->statistics().not_finite;
            frames += writer->frames();
        }
        Value::Map said{{"peak", peak},
                        {"clipped", clipping().clipped},
                        {"not_finite", not_finite},
                        {"seconds", double(frames) / in.description().rate_hz()}};
        if (parts.wanted()) said["parts"] = std::int64_t(parts.count());
        return said;
    }

private:
    /// Of the file: I and Q are two.
    std::uint32_t channels() const { return std::uint32_t(in.description().samples_per_item() * sizeof(T) / sizeof(float)); }

    /// Of numbers in the files, all of which have been written.
    blocks::Clipping clipping() const {
        blocks::Clipping all;
        const double largest = format.get() == "pcm16" ? 32767.0 / 32768 : format.get() == "pcm24" ? 8388607.0 / 8388608 : 1;
        for (const auto& writer : writers_) {
            all.peak = std::max(all.peak, writer->statistics().peak / largest);
            all.clipped += writer->statistics().clipped;
            all.values += writer->frames() * channels();
        }
        return all;
    }

    void write(std::size_t from, std::size_t n) {
        const std::span numbers(reinterpret_cast<const float*>(in.item(std::ptrdiff_t(from))), n * channels());
        writers_.then([numbers, factor = float(gain / in.description().full_scale.value_or(1))](io::WavWriter& w) {
            w.append(numbers, factor);
        });
    }

    void announce(const std::string& product) {
        const auto encoding = format.get() == "pcm16"   ? io::WavEncoding::pcm16
                              : format.get() == "pcm24" ? io::WavEncoding::pcm24
                                                        : io::WavEncoding::float32;
        const auto rate = std::uint32_t(in.description().sample_rate->numerator());
        writers_.add(std::make_shared<io::WavWriter>(io().product(product), io::WavFormat{channels(), rate, encoding}));
    }

    blocks::StretchWriters<io::WavWriter> writers_;
};

}  // namespace

void register_wav_sink(Registry& r) {
    r.add<WavSink>("wav_sink", "Writes audio to a WAV file: a channel for each channel of real samples, two for complex ones.",
                   types<f32, cf32>, "path: audio.wav");
}

}  // namespace flowspan
