// A stream written as it is: raw samples, or a SigMF recording.
#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include "io/sigmf/writer.hpp"
#include "io/writing/data_file.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace flowspan {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

struct FileSink final : Block {
    Input<Any> in{*this, "in"};
    Parameter<ProductPath> path{
        *this, "path", {.help = "The file to make. A SigMF recording is a pair: .sigmf-data and .sigmf-meta."}};
    Parameter<std::string> format{
        *this,
        "format",
        {.initial = "auto",
         .choices = {"auto", "raw", "sigmf"},
         .help = "raw: samples alone. sigmf: with a header. auto: SigMF when `path` ends in .sigmf-meta or .sigmf-data."}};
    Parameter<bool> checksum{*this, "checksum", {.initial = false, .help = "Writes core:sha512 into the SigMF header."}};
    Parameter<std::string> description{
        *this, "description", {.optional = true, .help = "core:description of the SigMF header."}};

    void describe() override {
        if (checksum && !sigmf()) checksum.wrong("`format: sigmf`: raw samples have no header to hold one");
        if (format.get() == "auto" && path->path.ends_with(".sigmf"))
            path.wrong("a name that ends in .sigmf-meta", {}, "archives are not written; tar makes one of the pair");
        piece(piece_bytes);
        ignores_tags();
    }

    std::vector<std::string> products() const override {
        if (!sigmf()) return {path->path};
        return {io::sigmf_data_path(path->path), io::sigmf_meta_path(path->path)};
    }

    void prepare() override {
        if (data_) return;
        const auto names = products();
        const std::uint64_t items = std::uint64_t(in.description().length.value_or(0));
        data_ = std::make_shared<io::DataFile>(io().product(names[0]), checksum, items * in.description().item_size());
        data_->open();
        if (sigmf()) meta_ = io().product(names[1]);
        if (const auto& shape = in.description().shape; sigmf() && !ItemShape{"channel"}.takes(shape))
            warn(fmt::format("a SigMF header has no axes: what it calls {} channels are {}",
                             in.description().samples_per_item(), items_text(shape)));
        global_ = io::sigmf_global(in.description());
        if (description.given()) global_["core:description"] = description.get();
    }

    void restart() override {
        new_capture_ = true;
        if (in.discontinuity()) missing_ += in.discontinuity()->missing;
    }

    void retuned() override { new_capture_ = true; }

    Step step(std::size_t n) override {
        if (std::exchange(new_capture_, false)) begin_capture(in.index());
        samples_ += n;
        return io().submit(
            [data = data_, bytes = std::span(in.item(), n * in.description().item_size())] { data->append(bytes); });
    }

    Step finish() override {
        if (std::exchange(finished_, true)) return Step::done();
        if (std::exchange(new_capture_, false) && samples_ == 0) begin_capture(in.index());
        const StreamDescription& stream = in.description();
        data_->holds(samples_, stream.items_word(), stream.seconds(samples_));
        if (meta_) meta_->holds(starts_.size(), "captures");
        return io().submit([this] {
            data_->complete();
            if (!meta_) return;
            if (checksum) global_["core:sha512"] = data_->sha512();
            io::write_product(*meta_, io::sigmf_text(global_, captures(), {}));
        });
    }
    Step seam() override { return finish(); }  // what has come is a whole file

    Value results() const override { return Value::Map{{"samples", std::int64_t(samples_)}}; }

private:
    struct Start {
        Value::Map capture;
        std::uint64_t global_index = 0;
    };

    bool sigmf() const {
        return format.get() == "sigmf" ||
               (format.get() == "auto" && (path->path.ends_with(".sigmf-meta") || path->path.ends_with(".sigmf-data")));
    }

    void begin_capture(std::uint64_t index) {
        starts_.push_back({io::sigmf_capture(in.description(), samples_, index), samples_ + missing_});
    }

    /// The global index is said only where samples are missing.
    Value::List captures() const {
        Value::List list;
        for (const auto& start : starts_) {
            Value::Map capture = start.capture;
            if (missing_ != 0) capture["core:global_index"] = std::int64_t(start.global_index);
            list.emplace_back(std::move(capture));
        }
        return list;
    }

    std::shared_ptr<io::DataFile> data_;
    std::shared_ptr<Product> meta_;
    Value::Map global_;
    std::vector<Start> starts_;
    std::uint64_t samples_ = 0, missing_ = 0;
    bool new_capture_ = true, finished_ = false;
};

}  // namespace

void register_file_sink(Registry& r) {
    r.add<FileSink>("file_sink", "Writes a stream to a file: raw samples, or a SigMF recording.", "path: channel.sigmf-meta");
}

}  // namespace flowspan
