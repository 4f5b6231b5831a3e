// A stream as a Digital RF channel: a folder of HDF5 files, in which every sample has its time.
#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include "blocks/each_channel.hpp"
#include "io/drf/write/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace flowspan {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

struct DigitalRfSink : Block {
    Input<Any> in{*this, "in", blocks::each_channel()};
    Parameter<ProductPath> path{
        *this, "path", {.help = "The folder of the channel to make; an axis `channel` of items becomes subchannels."}};
    Parameter<std::int64_t> file_ms{
        *this,
        "file_cadence_millisecs",
        {.initial = 1000, .min = 1, .max = 1e9, .help = "A file has the samples of so many milliseconds."}};
    Parameter<std::int64_t> folder_s{
        *this,
        "subdir_cadence_secs",
        {.initial = 3600, .min = 1, .max = 1e9, .help = "A folder has the files of so many seconds: a multiple of the above."}};

    void describe() override {
        const StreamDescription& stream = in.description();
        in.sample_rate();
        if (!stream.utc && !writer_)  // later stretches are counted
            wrong("an input with a time in UTC, since Digital RF counts samples from 1970 on", "none",
                  "`datetime` of a file_source gives one");
        if (folder_s * 1000 % file_ms != 0)
            file_ms.wrong(fmt::format("a divisor of `subdir_cadence_secs`, {} s", folder_s.get()));
        if (stream.samples_per_item() > 1'000'000) wrong("at most 1000000 subchannels", items_text(stream.shape));
        piece(piece_bytes);
        ignores_tags();
    }

    std::vector<std::string> products() const override { return {path->path}; }

    void prepare() override {
        if (writer_) return;
        const StreamDescription& stream = in.description();
        const io::drf::Cadence cadence{*stream.sample_rate, folder_s, file_ms};
        product_ = io().product(path->path);
        writer_ = std::make_shared<io::drf::ChannelWriter>(product_, cadence, stream.type, stream.samples_per_item());
        writer_->open();
    }

    void restart() override {
        placed_ = false;
        missing_ = in.discontinuity() ? in.discontinuity()->missing : 0;
    }

    Step step(std::size_t n) override {
        if (!std::exchange(placed_, true)) place();
        const std::uint64_t first = in.index() + offset_, end = first + n;
        // What filters make before the first sample of a stretch, the one before it may have made already.
        const std::uint64_t twice = first_ && first < next_ ? std::min<std::uint64_t>(n, next_ - first) : 0;
        left_out_ += twice;
        if (twice == n) return Step::done();
        if (!first_) first_ = first;
        next_ = end;
        samples_ += n - twice;
        const std::size_t item = in.description().item_size();
        return io().submit([writer = writer_, sample = first + twice,
                            bytes = std::span(in.item(std::ptrdiff_t(twice)), (n - twice) * item),
                            frequency = in.description().center_frequency] { writer->append(sample, bytes, frequency); });
    }

    Step finish() override {
        if (std::exchange(finished_, true)) return Step::done();
        const StreamDescription& stream = in.description();
        if (left_out_ > 0)
            warn(
                fmt::format("{} samples at the beginning of stretches are left out: their times are those of samples before "
                            "them, and Digital RF holds each once",
                            left_out_));
        product_->holds(samples_, stream.items_word(), stream.seconds(samples_));
        return io().submit([writer = writer_] { writer->complete(); });
    }
    Step seam() override { return finish(); }  // what has come is a whole channel

    Value results() const override {
        Value::Map said{{"samples", std::int64_t(samples_)}};
        if (first_) said["first_sample"] = std::int64_t(*first_);
        if (left_out_ > 0) said["left_out"] = std::int64_t(left_out_);
        return said;
    }

private:
    /// The sample since 1970 at which the present stretch begins: that of its time, else so many behind those before.
    void place() {
        const StreamDescription& stream = in.description();
        offset_ = (stream.utc ? number_of(*stream.utc) : next_ + missing_) - in.index();  // (modulo 2^64)
    }

    /// Of the present item. Times have any fraction, samples a grid: the nearest.
    std::uint64_t number_of(const Time& utc_of_index_0) {
        const Rational rate = *in.description().sample_rate;
        std::int64_t behind = utc_of_index_0.ceil_index(rate);
        const Time late = Time::of(behind, rate) - utc_of_index_0, early = Time::of(1, rate) - late;
        const bool earlier = early < late;
        constexpr double written = 1e-12;  // as times are rounded in headers
        if (std::min(early, late).value() > written && !std::exchange(said_, true))
            warn(
                fmt::format("samples lie {:.3g} s beside those that Digital RF numbers at {} Hz; each takes the nearest number",
                            earlier ? early.value() : late.value(), rate.text()));
        if (earlier) --behind;
        const auto number = static_cast<__int128>(behind) + in.index();
        if (number < 0 || number >= static_cast<__int128>(io::drf::most_samples))
            throw Failure(ExitCode::block, "Digital RF counts samples from 1970 on, up to 2^62: this stream begins elsewhere");
        return std::uint64_t(number);
    }

    std::shared_ptr<Product> product_;
    std::shared_ptr<io::drf::ChannelWriter> writer_;
    std::uint64_t offset_ = 0, next_ = 0, missing_ = 0, samples_ = 0, left_out_ = 0;
    std::optional<std::uint64_t> first_;
    bool placed_ = false, finished_ = false, said_ = false;
};

}  // namespace

void register_digital_rf_sink(Registry& r) {
    r.add<DigitalRfSink>("digital_rf_sink", "Writes a stream as a Digital RF channel, a folder of HDF5 files.", "path: ch0");
}

}  // namespace flowspan
