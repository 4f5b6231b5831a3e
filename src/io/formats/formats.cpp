#include "io/formats/formats.hpp"

#include "io/drf/format.hpp"
#include "io/formats/audio.hpp"
#include "io/formats/npy.hpp"
#include "io/formats/packed_format.hpp"
#include "io/recording/flat_reader.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/series/series.hpp"
#include "io/wav/block_reader.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace flowspan::io {
namespace {

/// A format that is known by what its files begin with.
class Headed final : public RecordingFormat {
public:
    struct How {
        std::string name;
        std::vector<std::string> extensions;
        bool (*holds)(std::span<const std::byte> head);
        Recording (*facts)(const std::string& path);
        std::unique_ptr<SampleReader> (*open)(const Recording& recording, bool hash) = open_flat;
    };
    explicit Headed(How how) : how_(std::move(how)) {}
    std::string name() const override { return how_.name; }
    bool holds(std::span<const std::byte> head) const override { return how_.holds(head); }
    bool named(const std::string& path) const override {
        return std::find(how_.extensions.begin(), how_.extensions.end(), extension_of(path)) != how_.extensions.end();
    }
    Recording facts(const std::string& path) const override { return how_.facts(path); }
    std::unique_ptr<SampleReader> open(const Recording& recording, bool hash) const override {
        return how_.open(recording, hash);
    }

private:
    How how_;
};

/// What has no header is known by its name alone; what nothing else knows is read as it, too.
class Raw final : public RecordingFormat {
public:
    std::string name() const override { return "raw"; }
    bool holds(std::span<const std::byte>) const override { return false; }
    bool named(const std::string& path) const override { return is_named_as_raw(path); }
    Recording facts(const std::string& path) const override { return read_raw(path); }
    std::unique_ptr<SampleReader> open(const Recording& recording, bool hash) const override {
        return open_flat(recording, hash);
    }
};

Formats& all() {
    static Formats formats = [] {
        Formats f;
        f.push_back(std::make_shared<Headed>(Headed::How{"sigmf", {"sigmf"}, looks_like_tar, read_sigmf_archive}));
        f.push_back(std::make_shared<Headed>(
            Headed::How{"wav", {"wav", "wave", "rf64", "bw64", "w64"}, looks_like_wav, read_wav, wav::open}));
        f.push_back(std::make_shared<Headed>(Headed::How{"flac", {"flac"}, looks_like_flac, read_audio, open_audio}));
        f.push_back(
            std::make_shared<Headed>(Headed::How{"ogg", {"ogg", "oga", "opus"}, looks_like_ogg, read_audio, open_audio}));
        f.push_back(std::make_shared<Headed>(Headed::How{"npy", {"npy"}, looks_like_npy, read_npy}));
        f.push_back(digital_rf_format());
        f.push_back(packed_format());
        f.push_back(std::make_shared<Raw>());
        return f;
    }();
    return formats;
}

}  // namespace

const Formats& formats() { return all(); }

void add_format(std::shared_ptr<const RecordingFormat> format) {
    if (find_format(format->name()) != nullptr) throw std::invalid_argument(format->name());
    all().push_back(std::move(format));
}

const RecordingFormat* find_format(const std::string& name) {
    for (const auto& format : all())
        if (format->name() == name) return format.get();
    return nullptr;
}

std::unique_ptr<SampleReader> open_samples(const Recording& recording, bool hash) {
    if (recording.files) return open_series(recording);
    const RecordingFormat* const format = find_format(recording.format);
    if (format == nullptr) throw std::invalid_argument("no format is named " + recording.format);
    return format->open(recording, hash);
}

bool begins_with(std::span<const std::byte> head, std::string_view mark, std::size_t at) {
    return head.size() >= at + mark.size() && std::memcmp(head.data() + at, mark.data(), mark.size()) == 0;
}

bool looks_like_tar(std::span<const std::byte> head) { return begins_with(head, "ustar", 257); }

std::string extension_of(const std::string& path) {
    std::string extension = std::filesystem::path(path).filename().extension().string();
    if (!extension.empty()) extension.erase(0, 1);
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    return extension;
}

}  // namespace flowspan::io
