#include "io/formats/npy.hpp"

#include "io/formats/formats.hpp"
#include "io/formats/refuse.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/io.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <regex>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t most_header = std::size_t{1} << 20;

constexpr std::array<std::pair<std::string_view, SampleType>, 10> types{{{"f4", SampleType::rf32},
                                                                         {"f8", SampleType::rf64},
                                                                         {"i1", SampleType::ri8},
                                                                         {"i2", SampleType::ri16},
                                                                         {"i4", SampleType::ri32},
                                                                         {"u1", SampleType::ru8},
                                                                         {"u2", SampleType::ru16},
                                                                         {"u4", SampleType::ru32},
                                                                         {"c8", SampleType::cf32},
                                                                         {"c16", SampleType::cf64}}};

/// The text of the header, and where the numbers begin.
std::pair<std::string, std::uint64_t> header_of(const File& file) {
    const std::uint64_t size = file.size();
    const auto whole = [&](std::uint64_t bytes) {
        if (size < bytes)
            refuse_file(file.path(), "a whole .npy header",
                        fmt::format("a file of {} bytes that ends in the middle of it", size));
    };
    whole(12);
    std::array<std::byte, 12> begin{};
    file.read(0, begin);
    const auto number = [&](std::size_t at, std::size_t bytes) {
        std::uint64_t value = 0;
        for (std::size_t k = bytes; k-- > 0;) value = value << 8 | std::uint64_t(begin[at + k]);
        return value;
    };
    const std::uint64_t version = number(6, 1);
    if (version < 1 || version > 3)
        refuse_file(file.path(), "a .npy file of version 1 to 3", fmt::format("version {}", version));
    const std::uint64_t at = version == 1 ? 10 : 12, length = version == 1 ? number(8, 2) : number(8, 4);
    if (length > most_header) refuse_file(file.path(), "a .npy header of at most 1 MiB", fmt::format("{} bytes", length));
    whole(at + length);
    std::string text(std::size_t(length), '\0');
    file.read(at, std::as_writable_bytes(std::span(text)));
    return {std::move(text), at + length};
}

bool is_plain(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

/// What stands behind a key of the dictionary, which Python has written.
std::string entry(const std::string& path, const std::string& header, const std::string& key, const std::string& form) {
    std::smatch match;
    if (!std::regex_search(header, match, std::regex("['\"]" + key + "['\"]\\s*:\\s*" + form)))
        refuse_file(path, "`" + key + "` in the .npy header", is_plain(header) ? header.substr(0, 200) : "other bytes",
                    key == "descr" ? "arrays of records are not read" : "");
    return match[1];
}

std::vector<std::uint64_t> shape_of(const std::string& path, const std::string& text) {
    std::vector<std::uint64_t> shape;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] < '0' || text[at] > '9') {
            ++at;
            continue;
        }
        std::uint64_t size = 0;
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), size);
        if (error != std::errc{}) refuse_file(path, "sizes below 2^64", "(" + text + ")");
        shape.push_back(size);
        at = std::size_t(end - text.data());
    }
    return shape;
}

}  // namespace

bool looks_like_npy(std::span<const std::byte> head) { return begins_with(head, magic); }

Recording read_npy(const std::string& path) {
    const File file = File::open_to_read(path);
    const std::uint64_t size = file.size();
    std::array<std::byte, 6> begin{};
    if (size >= begin.size()) file.read(0, begin);
    if (!looks_like_npy(begin)) refuse_file(path, "a .npy file", "a file that does not begin as one");
    const auto [header, data] = header_of(file);
    const std::string descr = entry(path, header, "descr", "['\"]([^'\"]*)['\"]");
    const bool fortran = entry(path, header, "fortran_order", "(True|False)") == "True";
    const std::string sizes = entry(path, header, "shape", "\\(([^)]*)\\)");
    const std::vector<std::uint64_t> shape = shape_of(path, sizes);
    Recording r;
    r.path = r.data_path = path;
    r.format = "npy";
    for (const auto& [name, type] : types)
        if (descr.size() > 1 && descr.substr(1) == name) r.type = type;
    if (r.type == SampleType::any || std::string_view("<>|=").find(descr[0]) == std::string_view::npos)
        refuse_file(path, "numbers of type f4, f8, i1, i2, i4, u1, u2, u4, c8 or c16", descr);
    r.big_endian = descr[0] == '>';
    if (shape.empty() || shape.size() > 2 || (shape.size() == 2 && (shape[1] == 0 || shape[1] > UINT32_MAX)))
        refuse_file(path, "an array of shape (n,) or (n, channels)", "(" + sizes + ")");
    if (fortran && shape.size() == 2 && shape[0] > 1 && shape[1] > 1)
        refuse_file(path, "an array in C order", "one in Fortran order", "numpy.ascontiguousarray makes one");
    r.channels = shape.size() == 2 ? shape[1] : 1;
    r.length = shape[0];
    r.data_bytes = size;
    const auto bytes = static_cast<unsigned __int128>(r.length) * r.channels * size_of(r.type);
    if (bytes > size - data)
        refuse_file(path, fmt::format("the numbers of shape ({}) that its header says", sizes),
                    fmt::format("{} bytes of them", size - data), "was it cut off?");
    if (bytes < size - data)
        r.warnings.push_back(fmt::format("{} bytes behind the array are left out", size - data - std::uint64_t(bytes)));
    Capture capture;
    capture.header_bytes = data;
    r.captures = {capture};
    r.header = Value::Map{{"descr", descr}, {"shape", "(" + sizes + ")"}};
    return r;
}

std::vector<std::complex<double>> npy_numbers(const std::string& path) {
    const Recording array = read_npy(path);
    constexpr std::uint64_t most = std::uint64_t{1} << 22;
    if (array.length * array.channels > most || array.length > most)
        refuse_file(path, fmt::format("at most {} numbers", most), fmt::format("{} x {}", array.length, array.channels));
    const std::size_t n = array.length * array.channels;
    std::vector<std::byte> bytes(n * size_of(array.type));
    if (n > 0) (void)open_samples(array, false)->read(0, bytes);
    std::vector<std::complex<double>> numbers(n);
    const auto all = [&]<class T>(T) {
        for (std::size_t k = 0; k < n; ++k) {
            T number;
            std::memcpy(&number, bytes.data() + k * sizeof(T), sizeof(T));
            numbers[k] = std::complex<double>(number);
        }
    };
    switch (array.type) {
        case SampleType::rf32:
            all(f32{});
            break;
        case SampleType::rf64:
            all(f64{});
            break;
        case SampleType::ri8:
            all(i8{});
            break;
        case SampleType::ri16:
            all(i16{});
            break;
        case SampleType::ri32:
            all(i32{});
            break;
        case SampleType::ru8:
            all(u8{});
            break;
        case SampleType::ru16:
            all(u16{});
            break;
        case SampleType::ru32:
            all(u32{});
            break;
        case SampleType::cf32:
            all(cf32{});
            break;
        default:
            all(cf64{});
    }
    return numbers;
}

std::string npy_header(SampleType type, std::uint64_t samples, std::uint64_t channels) {
    std::string_view name;
    for (const auto& [text, known] : types)
        if (known == type) name = text;
    std::string text =
        fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({},{}), }}", name.ends_with('1') ? '|' : '<', name,
                    samples, channels > 1 ? fmt::format(" {}", channels) : "");
    // A multiple of 64 bytes, with room for any number of samples, so that it can be written anew once that is known.
    constexpr std::size_t whole = 192, before = 10;
    text.resize(whole - before - 1, ' ');
    std::string header(magic);
    header += {'\x01', '\x00', char((whole - before) & 0xff), char((whole - before) >> 8)};
    return header + text + "\n";
}

}  // namespace flowspan::io
