// A stream written as it is: raw samples, a NumPy array, or a SigMF recording, as a pair of files or as an archive.
#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include "blocks/sinks/parts/parts.hpp"
#include "blocks/sinks/sigmf/stream_header.hpp"
#include "io/formats/datatype.hpp"
#include "io/formats/npy.hpp"
#include "io/sigmf/archives/writer.hpp"
#include "io/sigmf/writer.hpp"
#include "io/writing/data_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace flowspan {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

enum class Form { raw, npy, pair, archive };

/// Where the bytes go: a file of samples, with a header beside it or in one archive with it. All calls on the I/O thread.
class Target {
public:
    using Header = std::function<std::string(const std::string& sha512)>;
    virtual ~Target() = default;
    virtual void open() = 0;
    virtual void append(std::span<const std::byte> samples) = 0;
    virtual void complete(const Header& header) = 0;
};

struct FilesTarget final : Target {
    FilesTarget(io::DataFile made, std::shared_ptr<Product> header_file)
        : data(std::move(made)), meta(std::move(header_file)) {}
    void open() override { data.open(); }
    void append(std::span<const std::byte> samples) override { data.append(samples); }
    void complete(const Header& header) override {
        data.complete();
        if (meta) io::write_product(*meta, header(data.sha512()));
    }
    io::DataFile data;
    std::shared_ptr<Product> meta;  // nullptr: samples alone
};

struct ArchiveTarget final : Target {
    explicit ArchiveTarget(io::ArchiveWriter made) : archive(std::move(made)) {}
    void open() override { archive.open(); }
    void append(std::span<const std::byte> samples) override { archive.append(samples); }
    void complete(const Header& header) override { archive.complete(header); }
    io::ArchiveWriter archive;
};

/// An array of items, or of items and the numbers of each. NumPy has no complex integers: I and Q are two numbers.
struct ArrayTarget final : Target {
    ArrayTarget(io::DataFile made, const StreamDescription& stream, std::uint64_t items)
        : data(std::move(made)), item_size(stream.item_size()), numbers(stream.samples_per_item()), type(stream.type) {
        if (is_complex(type) && is_integer(type)) {
            type = io::real_of(type);
            numbers *= 2;
        }
        written = io::npy_header(type, items, numbers);
    }
    void open() override { data.append(written); }
    void append(std::span<const std::byte> samples) override { data.append(samples); }
    void complete(const Header&) override {
        const std::string header = io::npy_header(type, (data.bytes() - written.size()) / item_size, numbers);
        if (header != written) data.write(0, std::as_bytes(std::span(header)));
        data.complete();
    }
    io::DataFile data;
    std::size_t item_size, numbers;
    SampleType type;
    std::string written;
};

struct FileSink final : Block {
    static constexpr int revision = 2;
    Input<Any> in{*this, "in"};
    Parameter<ProductPath> path{*this,
                                "path",
                                {.help = "The file to make. A SigMF recording is a pair, .sigmf-data and .sigmf-meta, or an "
                                         "archive, .sigmf; a NumPy array .npy."}};
    Parameter<std::string> format{
        *this,
        "format",
        {.initial = "auto",
         .choices = {"auto", "raw", "npy", "sigmf"},
         .help = "raw: samples alone. npy: a NumPy array. sigmf: with a header. auto: as `path` ends: .npy; SigMF by "
                 ".sigmf-meta, .sigmf-data or .sigmf."}};
    blocks::Parts parts{*this, path};
    Parameter<bool> checksum{*this, "checksum", {.initial = false, .help = "Writes core:sha512 into the SigMF header."}};
    Parameter<std::string> description{
        *this, "description", {.optional = true, .help = "core:description of the SigMF header, instead of the recording's."}};

    void describe() override {
        if (checksum && !has_header()) checksum.wrong("`format: sigmf`: raw samples have no header to hold one");
        parts.check(in);
        piece(piece_bytes);
        if (!has_header()) ignores_tags();
    }

    bool makes_parts() const override { return parts.wanted(); }
    std::vector<std::string> products() const override {
        return parts.wanted() ? std::vector<std::string>() : files_of(path->path);
    }
    std::vector<ProductPattern> product_patterns() const override {
        std::vector<ProductPattern> patterns;
        if (!parts.wanted()) return patterns;
        for (const std::string& marked : parts.names().marked_paths())
            for (const std::string& file : files_of(marked)) patterns.push_back(blocks::PartNames::pattern_of(file));
        return patterns;
    }

    void prepare() override {
        if (std::exchange(prepared_, true)) return;
        if (!parts.wanted()) {
            open(path->path, std::uint64_t(in.description().length.value_or(0)));
            std::exchange(jobs_, {}).front()();  // what cannot be opened is said before the run
        }
        if (!has_header()) return;
        if (const auto& shape = in.description().shape; !ItemShape{"channel"}.takes(shape))
            warn(fmt::format("a SigMF header has no axes: what it calls {} channels are {}",
                             in.description().samples_per_item(), items_text(shape)));
        header_.begin(in, blocks::known_recording(in, facts()), context().graph);
        if (parts.wanted()) header_.in_parts();
        if (description.given()) header_.describe(description.get());
    }

    void restart() override {
        parts.restart(in, false);
        header_.next_stretch(in.discontinuity() ? in.discontinuity()->missing : 0);
    }
    void retuned() override { header_.next_capture(); }

    Step step(std::size_t n) override {
        if (!parts.wanted()) {
            take(0, n);
            return do_jobs();
        }
        parts.divide(in, n, [&](bool begins, std::size_t from, std::size_t count) {
            if (begins) {
                if (target_) close();
                open(parts.path(), parts.expected(in));
            }
            take(from, count);
        });
        return do_jobs();
    }

    Step finish() override {
        if (std::exchange(finished_, true)) return Step::done();
        if (target_)
            close();
        else
            warn("nothing came: no part is written");
        return do_jobs();
    }
    Step seam() override { return finish(); }  // what has come is a whole file

    Value results() const override {
        Value::Map said{{"samples", std::int64_t(all_samples_)}};
        if (parts.wanted()) said["parts"] = std::int64_t(parts.count());
        if (header_.annotations() > 0) said["annotations"] = header_.annotations();
        if (header_.annotations_outside() > 0) said["annotations_outside_band"] = header_.annotations_outside();
        return said;
    }

private:
    Form form() const {
        const auto ends = [&](const char* extension) { return path->path.ends_with(extension); };
        const bool pair = ends(".sigmf-meta") || ends(".sigmf-data"), archive = ends(".sigmf");
        if (format.get() == "npy" || (format.get() == "auto" && ends(".npy"))) return Form::npy;
        if (format.get() == "raw" || (format.get() == "auto" && !pair && !archive)) return Form::raw;
        return archive ? Form::archive : Form::pair;
    }

    bool has_header() const { return form() == Form::pair || form() == Form::archive; }

    std::vector<std::string> files_of(const std::string& one) const {
        if (form() != Form::pair) return {one};
        return {io::sigmf_data_path(one), io::sigmf_meta_path(one)};
    }

    /// A file, or a pair, that will probably have so many items; 0: not known.
    void open(const std::string& one, std::uint64_t items) {
        const auto names = files_of(one);
        const std::uint64_t expected = items * in.description().item_size();
        samples_ = 0;
        data_ = io().product(names[0]);
        meta_ = names.size() > 1 ? io().product(names[1]) : nullptr;
        if (form() == Form::archive)
            target_ = std::make_shared<ArchiveTarget>(
                io::ArchiveWriter(data_, std::filesystem::path(one).stem().string(), checksum, expected));
        else if (form() == Form::npy)
            target_ = std::make_shared<ArrayTarget>(io::DataFile(data_, false, expected), in.description(), items);
        else
            target_ = std::make_shared<FilesTarget>(io::DataFile(data_, checksum, expected), meta_);
        jobs_.emplace_back([target = target_] { target->open(); });
    }

    void take(std::size_t from, std::size_t n) {
        if (has_header()) header_.take(in, from, n);
        samples_ += n;
        all_samples_ += n;
        jobs_.emplace_back([target = target_, bytes = std::span(in.item(std::ptrdiff_t(from)),
                                                                n * in.description().item_size())] { target->append(bytes); });
    }

    /// All that belongs to the file has been taken.
    void close() {
        const StreamDescription& stream = in.description();
        data_->holds(samples_, stream.items_word(), stream.seconds(samples_));
        auto header = std::make_shared<blocks::SigmfHeader>();
        if (has_header()) *header = header_.finish(in);
        if (meta_) meta_->holds(header->captures.size(), "captures");
        jobs_.emplace_back(
            [target = target_, header] { target->complete([&](const std::string& sha512) { return header->text(sha512); }); });
    }

    Step do_jobs() {
        return io().submit([jobs = std::exchange(jobs_, {})] {
            for (const auto& job : jobs) job();
        });
    }

    std::shared_ptr<Target> target_;
    std::shared_ptr<Product> data_, meta_;
    blocks::StreamHeader header_;
    std::vector<std::function<void()>> jobs_;      // of the present call, for the I/O thread
    std::uint64_t samples_ = 0, all_samples_ = 0;  // of the present file, of all
    bool prepared_ = false, finished_ = false;
};

}  // namespace

void register_file_sink(Registry& r) {
    r.add<FileSink>("file_sink", "Writes a stream to a file: raw samples, a NumPy array, or a SigMF recording.",
                    "path: channel.sigmf-meta");
}

}  // namespace flowspan
