#include "tests/unit/run/formats/examples.hpp"

#include <sndfile.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/unit/io/drf/channel.hpp"
#include "tests/unit/io/wav/kiwi.hpp"
#include "tests/unit/io/wav/wave.hpp"

namespace flowspan::formats {
namespace {
using namespace io::test_wav;
using test::Folder;

constexpr std::uint64_t count = 997;

std::string meta(const std::string& captures) {
    return R"({"global": {"core:datatype": "ci16_le", "core:version": "1.2.0", "core:sample_rate": 12000}, "captures": )" +
           captures + R"(, "annotations": []})";
}

/// A head, zeros, and the last eight samples of four bytes.
void sparse(const std::string& path, const std::string& head, std::uint64_t samples) {
    std::ofstream(path, std::ios::binary) << head;
    std::filesystem::resize_file(path, head.size() + 4 * (samples - 8));
    std::ofstream file(path, std::ios::binary | std::ios::app);
    for (char k = 1; k <= 8; ++k) file << std::string(4, k);
}

Example sigmf() {
    Example e{"sigmf", "with a gap", "a.sigmf-meta", counted(count), 4, 0, 400, 7, {}};
    e.write = [](const Folder& folder) {
        folder.write("a.sigmf-data", counted(count));
        folder.write("a.sigmf-meta", meta(R"([{"core:sample_start": 0, "core:global_index": 0},
                                              {"core:sample_start": 400, "core:global_index": 407}])"));
    };
    e.write_sparse = [](const Folder& folder, std::uint64_t samples) {
        sparse(folder / "a.sigmf-data", "", samples);
        folder.write("a.sigmf-meta", meta("[]"));
    };
    return e;
}

Example archive() {
    Example e{"sigmf", "archive", "a.sigmf", counted(count), 4, 0, 0, 0, {}};
    e.write = [](const Folder& folder) {
        folder.write("b/b.sigmf-data", counted(count));
        folder.write("b/b.sigmf-meta", meta("[]"));
        const std::string command =
            "tar -cf " + (folder / "a.sigmf") + " -C " + folder.path() + " b/b.sigmf-meta b/b.sigmf-data";
        if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
    };
    return e;
}

Example plain(const std::string& format, const std::string& label, const std::string& name, const std::string& before,
              const std::string& behind, const std::function<std::string(std::uint64_t)>& head_of_many = {}) {
    Example e{format, label, name, counted(count), 4, before.size(), 0, 0, {}};
    e.write = [=](const Folder& folder) { folder.write(name, before + counted(count) + behind); };
    if (head_of_many)
        e.write_sparse = [=](const Folder& folder, std::uint64_t samples) {
            sparse(folder / name, head_of_many(samples), samples);
        };
    return e;
}

std::string riff(std::uint64_t said) { return wave("RIFF", 1, 2, 16, "", said); }
std::string rf64(const char* kind, std::uint64_t samples) {
    return wave(kind, 1, 2, 16, "", 0xffffffff,
                chunk("ds64", little(0, 8) + little(4 * samples, 8) + little(samples, 8) + little(0, 4)));
}
std::string w64(std::uint64_t samples) {
    const std::string tail("\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a", 12);
    const std::string format = format_chunk(1, 2, 16, 12000).substr(8);
    return std::string("riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00", 16) + little(0, 8) + "wave" + tail + "fmt " +
           tail + little(24 + 16, 8) + format + "data" + tail + little(24 + 4 * samples, 8);
}
std::string npy(std::uint64_t samples) {
    std::string text = "{'descr': '<i2', 'fortran_order': False, 'shape': (" + std::to_string(samples) + ", 2), }";
    text += std::string(127 - 10 - text.size(), ' ') + '\n';
    return std::string("\x93NUMPY\x01\x00", 8) + little(text.size(), 2) + text;
}

Example kiwi() {
    Example e{"wav", "KiwiSDR with a gap", "20211008T150350Z_702000_iq.wav", "", 4, 0, 10 * 512, 3 * 512, {}};
    auto blocks = kiwi_blocks(20, 486248, 0);
    blocks.erase(blocks.begin() + 10, blocks.begin() + 13);
    for (const KiwiBlock& block : blocks)
        for (std::uint64_t k = block.first; k < block.first + block.samples; ++k) e.samples += little(k, 2) + little(0 - k, 2);
    e.write = [=](const Folder& folder) { folder.write("20211008T150350Z_702000_iq.wav", kiwi_file(blocks)); };
    return e;
}

/// Of 24 bits, stereo, by libsndfile.
Example sound(const std::string& format, const std::string& label, const std::string& name, int written) {
    Example e{format, label, name, "", 8, 0, 0, 0, {}};
    for (std::uint64_t k = 0; k < 2 * count; ++k) e.samples += little(k * 0x10100, 4);
    e.write = [=](const Folder& folder) {
        SF_INFO info{};
        info.samplerate = 48000, info.channels = 2, info.format = written;
        SNDFILE* const file = sf_open((folder / name).c_str(), SFM_WRITE, &info);
        if (file == nullptr) throw std::runtime_error(sf_strerror(nullptr));
        std::vector<int> numbers;
        for (std::uint64_t k = 0; k < 2 * count; ++k) numbers.push_back(int(std::uint32_t(k * 0x10100)));
        sf_write_int(file, numbers.data(), sf_count_t(numbers.size()));
        sf_close(file);
    };
    return e;
}

Example ogg() {
    Example e{"ogg", "Vorbis", "a.ogg", "", 8, 0, 0, 0, {}};
    const auto write = [](const std::string& path) {
        SF_INFO info{};
        info.samplerate = 48000, info.channels = 2, info.format = SF_FORMAT_OGG | SF_FORMAT_VORBIS;
        SNDFILE* const file = sf_open(path.c_str(), SFM_WRITE, &info);
        if (file == nullptr) throw std::runtime_error(sf_strerror(nullptr));
        std::vector<float> numbers(20000);
        for (std::size_t k = 0; k < numbers.size(); ++k) numbers[k] = float(k % 97) / 97 - 0.5F;
        sf_write_float(file, numbers.data(), sf_count_t(numbers.size()));
        sf_close(file);
    };
    const Folder folder;
    write(folder / "a.ogg");
    const std::string whole = test::content_of(folder / "a.ogg");  // its serial number is random
    SF_INFO info{};
    SNDFILE* const file = sf_open((folder / "a.ogg").c_str(), SFM_READ, &info);
    std::vector<float> numbers(std::size_t(info.frames) * 2);
    sf_readf_float(file, numbers.data(), info.frames);
    sf_close(file);
    e.samples.assign(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float));
    e.write = [=](const Folder& other) { other.write("a.ogg", whole); };
    return e;
}

Example packed(const std::string& label, const std::string& name, const std::string& before, const std::string& samples) {
    Example e{"packed", label, name + ".gz", samples, 4, 0, 0, 0, {}};
    e.write = [=](const Folder& folder) {
        folder.write(name, before + samples);
        if (std::system(("gzip -nf " + (folder / name)).c_str()) != 0) throw std::runtime_error("gzip");
    };
    return e;
}

/// Rows of a Digital RF channel at 100 Hz, in files of 10 or 20 s, from 1000 s on, with a gap of 7: of what is fill in
/// continuous mode.
Example channel(bool continuous) {
    Example e{"digital_rf", continuous ? "continuous" : "gapped", "ch0", counted(count), 4, 0, 400, 7, {}};
    const auto about = [=](const Folder& folder) {
        test::RfChannel c{
            .folder = folder / "ch0", .folder_s = 100, .file_ms = continuous ? 10'000U : 20'000U, .continuous = continuous};
        c.write_properties();
        return c;
    };
    const std::string fill("\x00\x80\x00\x80", 4);
    e.write = [=](const Folder& folder) {
        const test::RfChannel c = about(folder);
        const std::string name = "1970-01-01T00-16-40/rf@1000.000.h5", first = counted(400), rest = counted(count).substr(1600);
        std::string rows = first + rest;
        if (!continuous) return c.write_file(name, rows.data(), count, H5T_NATIVE_INT16, {{100'000, 0}, {100'407, 400}});
        rows = first;
        for (int k = 0; k < 7; ++k) rows += fill;
        rows += rest;
        c.write_file(name, rows.data(), 1000, H5T_NATIVE_INT16, {{100'000, 0}});
        rows = rows.substr(4000);
        while (rows.size() < 4000) rows += fill;
        c.write_file("1970-01-01T00-16-40/rf@1010.000.h5", rows.data(), 1000, H5T_NATIVE_INT16, {{101'000, 0}});
    };
    e.cut = "ch0/1970-01-01T00-16-40/rf@1000.000.h5";
    if (continuous) return e;
    e.write_sparse = [=](const Folder& folder, std::uint64_t samples) {
        test::RfChannel c{.folder = folder / "ch0", .folder_s = 1'000'000'000, .file_ms = 1'000'000'000'000};
        c.write_properties();
        std::string last;
        for (char k = 1; k <= 8; ++k) last += std::string(4, k);
        c.write_file("1970-01-01T00-00-00/rf@0.000.h5", last.data(), samples, H5T_NATIVE_INT16, {{0, 0}}, true);
    };
    return e;
}

}  // namespace

std::string counted(std::uint64_t samples) {
    std::string bytes;
    for (std::uint64_t k = 0; k < samples; ++k) bytes += little(k, 2) + little(0 - k, 2);
    return bytes;
}

std::vector<Example> examples() {
    const std::string list = chunk("LIST", "INFO");
    return {
        sigmf(),
        archive(),
        plain("raw", "named", "a_433.92MHz_12ksps.cs16", "", "", [](std::uint64_t) { return std::string(); }),
        plain("wav", "RIFF", "a.wav", riff(4 * count), list),
        plain("wav", "RIFF modulo 4 GiB", "a.wav", riff(4 * count), "",
              [](std::uint64_t samples) { return riff(4 * samples & 0xffffffff); }),
        plain("wav", "RF64", "a.wav", rf64("RF64", count), list, [](std::uint64_t samples) { return rf64("RF64", samples); }),
        plain("wav", "BW64", "a.wav", rf64("BW64", count), "", [](std::uint64_t samples) { return rf64("BW64", samples); }),
        plain("wav", "Wave64", "a.w64", w64(count), "", w64),
        plain("npy", "int16", "a.npy", npy(count), "", npy),
        kiwi(),
        sound("wav", "24 bits, by libsndfile", "a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24),
        sound("flac", "24 bits", "a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24),
        ogg(),
        channel(false),
        channel(true),
        packed("raw", "a.cs16", "", counted(count)),
        packed("zeros", "a.cs16", "", std::string(4096, '\0')),
        packed("what gzip begins as", "a.cs16", "", "\x1f\x8b\x08" + counted(count).substr(3)),
        packed("WAV", "a.wav", riff(4 * count), counted(count)),
    };
}

}  // namespace flowspan::formats
