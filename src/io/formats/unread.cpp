// Formats that people come with, and that are not read: better a sentence than samples of a wrong kind.
#include "io/formats/formats.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

using namespace std::string_view_literals;

struct Known {
    std::string_view name;
    std::string_view magic;        // "" where its content does not tell
    std::size_t at = 0;            // where it stands
    std::string_view extension{};  // "" where its name does not tell
    std::string_view hint = "convert it to SigMF";
};

// Sources: SIGPROC and PSRDADA headers; X-Midas BLUE; libpcap, pcapng; MAT-File Level 5 and 7.3; HDF5.
constexpr std::array known{
    Known{"a SIGPROC filterbank", "\x0c\0\0\0HEADER_START"sv, 0, "fil", "it holds spectra, no samples"},
    Known{"an X-Midas BLUE file", "BLUE"sv, 0, "blue", "sigmf_convert of sigmf-python makes SigMF of it"},
    Known{"a MATLAB file", "MATLAB "sv, 0, "mat", "save the samples as a .npy array, or as raw ones"},
    Known{"a capture of packets (pcap)", "\xd4\xc3\xb2\xa1"sv, 0, "pcap", "take the samples out of its packets first"},
    Known{"a capture of packets (pcap)", "\xa1\xb2\xc3\xd4"sv},
    Known{"a capture of packets (pcap)", "\x4d\x3c\xb2\xa1"sv},
    Known{"a capture of packets (pcapng)", "\x0a\x0d\x0d\x0a"sv, 0, "pcapng", "take the samples out of its packets first"},
    Known{"VITA-49 packets", ""sv, 0, "vrt"},
    Known{"VITA-49 packets", ""sv, 0, "vita49"},
    Known{"VDIF frames", ""sv, 0, "vdif"},
    Known{"an SDRangel .sdriq file", ""sv, 0, "sdriq", "SDRangel records WAV and SigMF, too"},
    Known{"a PSRDADA file", ""sv, 0, "dada"},
    Known{"a NumPy archive (.npz)", ""sv, 0, "npz", "save each array as .npy"},
    Known{"an HDF5 file", "\x89HDF\r\n\x1a\n"sv, 0, "h5", "of Digital RF, name the folder of the channel"},
};

std::string_view text_of(std::span<const std::byte> head) { return {reinterpret_cast<const char*>(head.data()), head.size()}; }

/// Cards of 80 characters, as FITS has them: "BACKEND = 'GUPPI   '".
bool is_guppi(std::span<const std::byte> head) {
    const std::string_view text = text_of(head);
    return text.size() >= 160 && text[8] == '=' && text[88] == '=' && text.find("BLOCSIZE=") != text.npos;
}

bool is_dada(std::span<const std::byte> head) {
    const std::string_view text = text_of(head);
    return text.find("HDR_SIZE") != text.npos && text.find("HDR_VERSION") != text.npos;
}

/// A file of a Digital RF channel, which is read as a whole.
std::optional<Unread> part_of_channel(const std::string& path) {
    namespace fs = std::filesystem;
    const std::string name = fs::path(path).filename().string();
    const fs::path folder = fs::absolute(path).lexically_normal().parent_path();
    if (extension_of(path) != "h5") return std::nullopt;
    if (name == "drf_properties.h5")
        return Unread{"what is said of a Digital RF channel", fmt::format("name its folder, {}", folder.string())};
    if (!name.starts_with("rf@") && !name.starts_with("tmp.rf@")) return std::nullopt;
    return Unread{"one file of a Digital RF channel",
                  fmt::format("name the folder of the channel, {}", folder.parent_path().string())};
}

}  // namespace

std::optional<Unread> known_unread(const std::string& path, std::span<const std::byte> head) {
    if (is_guppi(head)) return Unread{"a GUPPI RAW file", "convert it to SigMF"};
    if (is_dada(head)) return Unread{"a PSRDADA file", "convert it to SigMF"};
    if (auto part = part_of_channel(path)) return part;
    for (const Known& k : known)
        if (!k.magic.empty() && begins_with(head, k.magic, k.at)) return Unread{std::string(k.name), std::string(k.hint)};
    const std::string extension = extension_of(path);
    for (const Known& k : known)
        if (!k.extension.empty() && extension == k.extension) return Unread{std::string(k.name), std::string(k.hint)};
    return std::nullopt;
}

}  // namespace flowspan::io
