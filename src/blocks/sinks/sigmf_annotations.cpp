// Messages that describe parts of a recording, as the annotations of a SigMF header.
#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>

#include "io/formats/sigmf_writer.hpp"
#include "io/publish/data_file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <utility>

namespace flowspan {
namespace {

constexpr const char* extension = "flowspan";

/// What keys of a message become; all others stay under our own namespace.
constexpr std::array<std::pair<std::string_view, const char*>, 8> known_keys{{{"start", "core:sample_start"},
                                                                              {"count", "core:sample_count"},
                                                                              {"length", "core:sample_count"},
                                                                              {"freq_lower_edge", "core:freq_lower_edge"},
                                                                              {"freq_upper_edge", "core:freq_upper_edge"},
                                                                              {"label", "core:label"},
                                                                              {"comment", "core:comment"},
                                                                              {"generator", "core:generator"}}};

std::string annotation_key(const std::string& key) {
    for (const auto& [message, annotation] : known_keys)
        if (key == message) return annotation;
    return key.find(':') != std::string::npos ? key : std::string(extension) + ":" + key;
}

std::int64_t start_of(const Value& annotation) { return annotation.at("core:sample_start").integer(); }

struct SigmfAnnotations final : Block {
    MessageInput in{*this, "in"};
    Parameter<ProductPath> path{*this, "path", {.help = "The header to make, .sigmf-meta."}};
    Parameter<InputPath> recording{
        *this,
        "recording",
        {.optional = true,
         .help = "The recording that the annotations describe: its header is carried over, and its annotations are kept."}};

    Parameter<std::string> label{
        *this, "label", {.optional = true, .help = "core:label of annotations whose message brings none."}};

    void describe() override { holds(std::uint64_t{16} << 20); }

    std::vector<std::string> products() const override { return {io::sigmf_meta_path(path->path)}; }

    void prepare() override {
        if (product_) return;
        product_ = io().product(products()[0]);
        global_ = {{"core:version", "1.2.0"},
                   {"core:datatype", "cf32_le"},
                   {"core:metadata_only", true},
                   {"core:recorder", "flowspan"}};
        if (recording.given()) carry_over(facts().recording(recording->path));
    }

    void receive(MessageInput&, const Message& message) override {
        Value::Map annotation;
        if (message.value.is<Value::Map>())
            for (const auto& [key, value] : message.value.map()) annotation[annotation_key(key)] = value;
        else
            annotation[std::string(extension) + ":value"] = message.value;
        if (!annotation.contains("core:sample_start")) {
            if (!rate_) {
                warn("a message without `start` is left out, as the recording has no sample rate to find its place with");
                return;
            }
            annotation["core:sample_start"] = message.stamp.ceil_index(*rate_);
        }
        if (label.given()) annotation.try_emplace("core:label", label.get());
        const std::int64_t start = start_of(annotation) + std::int64_t(offset_);
        annotation["core:sample_start"] = start;
        annotations_.emplace_back(std::move(annotation));
    }

    Step finish() override {
        if (std::exchange(finished_, true)) return Step::done();
        std::stable_sort(annotations_.begin(), annotations_.end(),
                         [](const Value& a, const Value& b) { return start_of(a) < start_of(b); });
        declare_extension();
        return io().submit([this] { io::write_product(*product_, io::sigmf_text(global_, captures_, annotations_)); });
    }

    Value results() const override { return Value::Map{{"annotations", std::int64_t(annotations_.size())}}; }

private:
    void carry_over(const Recording& r) {
        rate_ = r.sample_rate;
        offset_ = r.offset;
        if (r.format == "sigmf") {
            global_ = r.header.at("global").map();
            if (const Value* captures = r.header.find("captures")) captures_ = captures->list();
            if (const Value* annotations = r.header.find("annotations")) keep(annotations->list());
        } else {
            StreamDescription stream;
            stream.type = r.type == SampleType::any ? SampleType::cf32 : r.type;
            stream.sample_rate = r.sample_rate;
            stream.center_frequency = r.frequency;
            global_ = io::sigmf_global(stream);
            captures_ = {io::sigmf_capture(stream, 0, 0)};
        }
        global_["core:dataset"] = std::filesystem::path(r.data_path).filename().string();
    }

    /// Annotations without a place (the header's mistake, warned of when it was read) are left out.
    void keep(const Value::List& annotations) {
        for (const Value& annotation : annotations) {
            const Value* start = annotation.is<Value::Map>() ? annotation.find("core:sample_start") : nullptr;
            if (start && start->is<std::int64_t>()) annotations_.push_back(annotation);
        }
    }

    void declare_extension() {
        const std::string prefix = std::string(extension) + ":";
        const bool used = std::any_of(annotations_.begin(), annotations_.end(), [&](const Value& annotation) {
            return std::any_of(annotation.map().begin(), annotation.map().end(),
                               [&](const auto& entry) { return entry.first.starts_with(prefix); });
        });
        if (!used) return;
        Value::List extensions;
        if (const auto there = global_.find("core:extensions"); there != global_.end()) extensions = there->second.list();
        extensions.emplace_back(Value::Map{{"name", extension}, {"version", "1.0.0"}, {"optional", true}});
        global_["core:extensions"] = std::move(extensions);
    }

    std::shared_ptr<Product> product_;
    Value::Map global_;
    Value::List captures_, annotations_;
    std::optional<Rational> rate_;
    std::uint64_t offset_ = 0;
    bool finished_ = false;
};

}  // namespace

void register_sigmf_annotations(Registry& r) {
    r.add<SigmfAnnotations>("sigmf_annotations", "Writes messages about parts of a recording as annotations of a SigMF header.",
                            "path: bursts.sigmf-meta");
}

}  // namespace flowspan
