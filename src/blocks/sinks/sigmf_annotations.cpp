// Messages that describe parts of a recording, as the annotations of a SigMF header.
#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include "io/sigmf/beside.hpp"
#include "io/sigmf/carried/annotations.hpp"
#include "io/sigmf/carried/kept.hpp"
#include "io/sigmf/writer.hpp"
#include "io/writing/data_file.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <utility>

namespace flowspan {
namespace {

constexpr const char* extension = "flowspan";

std::int64_t start_of(const Value& annotation) { return annotation.at("core:sample_start").integer(); }

// `start` and `length` of a message count samples of the recording (InputPort::place); one without them is placed by its stamp.
struct SigmfAnnotations final : Block {
    MessageInput in{*this, "in", {.about = "recording"}};
    Parameter<ProductPath> path{*this, "path", {.help = "The header to make, .sigmf-meta."}};
    Parameter<InputPath> recording{
        *this,
        "recording",
        {.optional = true,
         .help = "The recording that the annotations describe, from which all messages must come: its header is carried over, "
                 "and its annotations are kept."}};

    Parameter<std::string> label{
        *this, "label", {.optional = true, .help = "core:label of annotations whose message brings none."}};

    void describe() override {
        holds(std::uint64_t{16} << 20);
        if (recording.given()) refuse_unreachable(facts().recording(recording->path));
    }

    std::vector<std::string> products() const override { return {io::sigmf_meta_path(path->path)}; }

    void prepare() override {
        if (product_) return;
        refuse_other_data();
        product_ = io().product(products()[0]);
        header_.global = {{"core:version", "1.2.0"},
                          {"core:datatype", "cf32_le"},
                          {"core:metadata_only", true},
                          {"core:recorder", "flowspan"}};
        const RecordingPlaces* read = in.about().get();
        if (read != nullptr) offset_ = read->recording.offset;
        if (recording.given())
            carry_over(facts().recording(recording->path), read);
        else if (read != nullptr)
            header_ = io::sigmf_alone(*read);
        for (const Value& annotation : std::exchange(header_.annotations, {})) keep(annotation);
    }

    void receive(MessageInput&, const Message& message) override {
        Value::Map annotation;
        if (message.value.is<Value::Map>())
            for (const auto& [key, value] : message.value.map()) annotation[io::sigmf_key(key)] = value;
        else
            annotation[std::string(extension) + ":value"] = message.value;
        if (!in.about() && !recording.given())
            warn("messages that are not all about one recording stand in one header: their places are what they say");
        if (!annotation.contains("core:sample_start")) {
            if (!in.about()) {
                warn("a message without `start` is left out, as no recording is known to find its place in");
                return;
            }
            annotation["core:sample_start"] = in.about()->sample_at(message.stamp);
        }
        if (label.given()) annotation.try_emplace("core:label", label.get());
        annotation[std::string(extension) + ":stamp"] = message.stamp.text();
        annotation["core:sample_start"] = start_of(annotation) + std::int64_t(offset_);
        header_.annotations.emplace_back(std::move(annotation));
    }

    Step finish() override {
        if (std::exchange(finished_, true)) return Step::done();
        auto& annotations = header_.annotations;
        std::stable_sort(annotations.begin(), annotations.end(),
                         [](const Value& a, const Value& b) { return start_of(a) < start_of(b); });
        declare_extension();
        product_->holds(annotations.size(), "annotations");
        return io().submit(
            [this] { io::write_product(*product_, io::sigmf_text(header_.global, header_.captures, header_.annotations)); });
    }

    Value results() const override { return Value::Map{{"annotations", std::int64_t(header_.annotations.size())}}; }

private:
    void refuse_unreachable(const Recording& r) const {
        const std::string why = io::why_nothing_leads_to(r);
        if (why.empty()) return;
        const std::string name = std::filesystem::path(recording->path).filename().string();
        recording.refuse("a recording whose samples a header can lead to", {},
                         why + (io::is_archive(r) ? "; unpack it: tar -xf " + name : "; leave `recording` out"));
    }

    /// A file beside the header by whose name it would be taken for its samples.
    void refuse_other_data() const {
        const std::string pair = io::sigmf_data_path(products()[0]);
        std::error_code none;
        if (!std::filesystem::is_regular_file(pair, none)) return;
        if (recording.given() && std::filesystem::equivalent(pair, facts().recording(recording->path).data_path, none)) return;
        path.refuse("a name that is not that of other samples", {}, pair + " would be taken for its data");
    }

    void carry_over(const Recording& r, const RecordingPlaces* read) {
        offset_ = r.offset;
        try {
            header_ = io::sigmf_beside(r, read, products()[0]);
        } catch (const std::invalid_argument& reason) {
            recording.refuse("a recording whose samples a header can lead to", {}, reason.what());
        }
    }

    /// Annotations without a place (the header's mistake, warned of when it was read) are left out.
    void keep(const Value& annotation) {
        const Value* start = annotation.is<Value::Map>() ? annotation.find("core:sample_start") : nullptr;
        if (start && start->is<std::int64_t>()) header_.annotations.push_back(annotation);
    }

    void declare_extension() {
        const auto& annotations = header_.annotations;
        if (io::has_own_keys(header_.global) || std::any_of(annotations.begin(), annotations.end(), io::has_own_keys))
            io::declare_extensions(header_.global);
    }

    std::shared_ptr<Product> product_;
    io::SigmfHeader header_;
    std::uint64_t offset_ = 0;
    bool finished_ = false;
};

}  // namespace

void register_sigmf_annotations(Registry& r) {
    r.add<SigmfAnnotations>("sigmf_annotations", "Writes messages about parts of a recording as annotations of a SigMF header.",
                            "path: bursts.sigmf-meta");
}

}  // namespace flowspan
