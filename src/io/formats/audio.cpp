#include "io/formats/audio.hpp"

#include "io/formats/formats.hpp"
#include "io/formats/refuse.hpp"
#include "io/names/name.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/io.hpp>

#include <fmt/format.h>
#include <sndfile.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace flowspan::io {
namespace {

struct Close {
    void operator()(SNDFILE* file) const { sf_close(file); }
};
using Sound = std::unique_ptr<SNDFILE, Close>;

Sound open(const std::string& path, SF_INFO& info) {
    info = {};
    Sound sound(sf_open(path.c_str(), SFM_READ, &info));
    if (sound == nullptr) {
        static_cast<void>(File::open_to_read(path));  // a file that cannot be read is a failure of its own
        refuse_file(path, "FLAC or Ogg that libsndfile reads", sf_strerror(nullptr));
    }
    return sound;
}

SampleType type_of(const SF_INFO& info) {
    switch (info.format & SF_FORMAT_SUBMASK) {
        case SF_FORMAT_PCM_S8:
            return SampleType::ri8;
        case SF_FORMAT_PCM_16:
            return SampleType::ri16;
        case SF_FORMAT_PCM_24:
        case SF_FORMAT_PCM_32:
            return SampleType::ri32;
        default:
            return SampleType::rf32;
    }
}

class AudioReader final : public SampleReader {
public:
    explicit AudioReader(const Recording& recording) : path_(recording.data_path), type_(recording.type), reopen_(true) {
        item_ = size_of(recording.type) * recording.channels;
        rewind();
    }

    std::size_t read(std::uint64_t first, std::span<std::byte> to) override {
        go_to(first);
        const auto frames = sf_count_t(to.size() / item_), got = frames_into(to, frames);
        if (got < frames)
            throw Failure(ExitCode::file, fmt::format("cannot read {}: it ends at sample {}, expected {}", path_,
                                                      at_ + std::uint64_t(got), at_ + std::uint64_t(frames)));
        at_ += std::uint64_t(got);
        return to.size();
    }

private:
    void rewind() {
        sound_ = open(path_, info_);
        at_ = 0;
        reopen_ = (info_.format & SF_FORMAT_TYPEMASK) != SF_FORMAT_FLAC;
    }

    /// FLAC seeks to the sample. What Ogg decodes behind a seek need not be what it decodes from the beginning on, to the bit:
    /// so it is read from there.
    void go_to(std::uint64_t first) {
        if (first == at_) return;
        if (!reopen_) {
            if (sf_seek(sound_.get(), sf_count_t(first), SEEK_SET) != sf_count_t(first))
                throw Failure(ExitCode::file, fmt::format("cannot read {}: no sample {} is found", path_, first));
            at_ = first;
            return;
        }
        if (first < at_) rewind();
        constexpr std::uint64_t piece = 1 << 16;
        std::vector<std::byte> passed(std::size_t(piece * item_));
        while (at_ < first) {
            const auto frames = sf_count_t(std::min(piece, first - at_));
            if (frames_into(passed, frames) != frames)
                throw Failure(ExitCode::file, fmt::format("cannot read {}: it ends before sample {}", path_, first));
            at_ += std::uint64_t(frames);
        }
    }

    sf_count_t frames_into(std::span<std::byte> to, sf_count_t frames) {
        SNDFILE* const sound = sound_.get();
        if (type_ == SampleType::rf32) return sf_readf_float(sound, reinterpret_cast<float*>(to.data()), frames);
        if (type_ == SampleType::ri32) return sf_readf_int(sound, reinterpret_cast<int*>(to.data()), frames);
        if (type_ == SampleType::ri16) return sf_readf_short(sound, reinterpret_cast<short*>(to.data()), frames);
        std::vector<short> wide(std::size_t(frames) * item_);  // libsndfile widens 8 bits to the left
        const sf_count_t got = sf_readf_short(sound, wide.data(), frames);
        std::transform(wide.begin(), wide.end(), to.begin(), [](short number) { return std::byte(number >> 8 & 0xff); });
        return got;
    }

    std::string path_;
    SampleType type_;
    bool reopen_;
    std::size_t item_ = 0;
    SF_INFO info_{};
    Sound sound_;
    std::uint64_t at_ = 0;
};

}  // namespace

bool looks_like_flac(std::span<const std::byte> head) { return begins_with(head, "fLaC"); }
bool looks_like_ogg(std::span<const std::byte> head) { return begins_with(head, "OggS"); }

Recording read_audio(const std::string& path) {
    SF_INFO info;
    const Sound sound = open(path, info);
    const int container = info.format & SF_FORMAT_TYPEMASK;
    if (container != SF_FORMAT_FLAC && container != SF_FORMAT_OGG) refuse_file(path, "FLAC or Ogg", "another format of audio");
    if (info.frames <= 0 || info.frames == SF_COUNT_MAX) refuse_file(path, "audio that says how many samples it has", "none");
    Recording r;
    r.path = r.data_path = path;
    r.format = container == SF_FORMAT_FLAC ? "flac" : "ogg";
    r.type = type_of(info);
    r.channels = std::uint64_t(info.channels);
    r.sample_rate = Rational(info.samplerate);
    r.length = std::uint64_t(info.frames);
    r.data_bytes = File::open_to_read(path).size();
    complete_audio_by_name(r);
    return r;
}

std::unique_ptr<SampleReader> open_audio(const Recording& recording, bool) { return std::make_unique<AudioReader>(recording); }

}  // namespace flowspan::io
