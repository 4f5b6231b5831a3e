#include "batch/journal/lines/line.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace flowspan::batch {
namespace {

constexpr std::uint64_t largest_file = std::uint64_t{1} << 36;

/// How many bytes of UTF-8 (RFC 3629) make the character that begins here; 0: it is none, or NUL.
std::size_t character(std::string_view text) {
    const auto byte = [&](std::size_t k) { return k < text.size() ? static_cast<unsigned char>(text[k]) : 0U; };
    const auto follows = [&](std::size_t k, unsigned from = 0x80, unsigned to = 0xbf) {
        return byte(k) >= from && byte(k) <= to;
    };
    const unsigned c = byte(0);
    if (c == 0) return 0;
    if (c < 0x80) return 1;
    if (c >= 0xc2 && c <= 0xdf) return follows(1) ? 2 : 0;
    if (c >= 0xe0 && c <= 0xef) return follows(1, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
    if (c >= 0xf0 && c <= 0xf4)
        return follows(1, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3) ? 4 : 0;
    return 0;
}

std::string tellable_text(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t n = character(std::string_view(text).substr(at));
        if (n == 0) {
            out += '\0';
            out += fmt::format("{:02x}", static_cast<unsigned char>(text[at++]));
        } else {
            out.append(text, at, n);
            at += n;
        }
    }
    return out;
}

template <class Text>
Value with_texts(Value v, Text change) {
    if (v.is<std::string>()) return change(v.string());
    if (v.is<Value::List>())
        for (Value& e : v.list()) e = with_texts(std::move(e), change);
    if (v.is<Value::Map>()) {
        Value::Map changed;
        for (auto& [key, e] : v.map()) changed[change(key)] = with_texts(std::move(e), change);
        return changed;
    }
    return v;
}

/// Whether the 16 digits are the checksum.
bool fits(std::string_view digits, std::string_view json) {
    XXH64_hash_t told = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), told, 16);
    return error == std::errc() && end == digits.data() + digits.size() && told == XXH3_64bits(json.data(), json.size());
}

}  // namespace

Value tellable(Value v) { return with_texts(std::move(v), tellable_text); }
Value told(Value v) {
    return with_texts(std::move(v), [](const std::string& text) { return told(text); });
}

std::string told(std::string text) {
    std::size_t at = text.find('\0');
    for (; at != std::string::npos; at = text.find('\0', at + 1)) {
        unsigned byte = 0;
        const char* const digits = text.data() + at + 1;
        if (at + 3 > text.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
            throw std::invalid_argument("no text");
        text.replace(at, 3, 1, char(byte));
    }
    return text;
}

std::string sealed_line(const Value& content) { return sealed_json(tellable(content).json()); }

std::string sealed_json(std::string_view json) {
    return fmt::format("{} {:016x} {}\n", json.size(), XXH3_64bits(json.data(), json.size()), json);
}

std::string Trouble::text() const {
    if (whole) return fmt::format("{} is passed over: {}", file, why);
    return fmt::format("{}: the line at byte {} is passed over: {}", file, offset, why);
}

void Troubles::add(Trouble trouble) {
    lost += trouble.lost ? 1 : 0;
    whole += trouble.whole ? 1 : 0;
    if (count++ < most) first.push_back(std::move(trouble));
}

void LineReader::add(std::string_view piece) {
    while (!piece.empty()) {
        const std::size_t newline = piece.find('\n');
        const std::string_view part = piece.substr(0, newline);
        const bool too_long = dropped_ > 0 || begun_.size() + part.size() > longest_line + 32;
        if (newline == std::string_view::npos) {
            if (too_long) {
                dropped_ += begun_.size() + part.size();
                begun_.clear();
            } else {
                begun_ += part;
            }
            return;
        }
        const std::uint64_t length = dropped_ + begun_.size() + part.size();
        if (too_long) {
            trouble(offset_, fmt::format("it is longer than {} bytes", longest_line));
        } else if (begun_.empty()) {
            look(part, false);
        } else {
            look(begun_ += part, false);
        }
        begun_.clear();
        dropped_ = 0;
        offset_ += length + 1;
        piece.remove_prefix(newline + 1);
    }
}

void LineReader::end() {
    if (dropped_ > 0)
        trouble(offset_, fmt::format("it is longer than {} bytes", longest_line));
    else
        look(begun_, true);
    begun_.clear();
}

/// `cut`: the file ends without a newline.
void LineReader::look(std::string_view line, bool cut) {
    for (std::uint64_t offset = offset_; !line.empty();) {  // (an empty one keeps a torn one from the next)
        std::size_t length = 0;
        const char* const end = line.data() + line.size();
        const auto [after, error] = std::from_chars(line.data(), end, length);
        const std::size_t digits = std::size_t(after - line.data()), header = digits + 18;
        if (error != std::errc() || line.size() < header || *after != ' ' || after[17] != ' ')
            return trouble(offset, cut ? "it is cut off" : "it does not begin as one", !cut);
        const std::string_view rest = line.substr(header);
        if (length > rest.size()) return trouble(offset, cut ? "it is cut off" : "its length is another", !cut);
        const std::string_view json = rest.substr(0, length);
        if (!fits(line.substr(digits + 1, 16), json))
            return trouble(offset, rest.size() == length ? "its checksum is another" : "its length is another");
        if (std::string why = take_(json); !why.empty()) trouble(offset, std::move(why));
        if (rest.size() == length) return;
        // The newline behind it is damaged, it and the next line are not.
        trouble(offset + header + length, "another byte stands for the newline before it", false);
        line = rest.substr(length + 1);
        offset += header + length + 1;
    }
}

namespace {

struct Close {
    int descriptor;
    ~Close() {
        if (descriptor >= 0) ::close(descriptor);
    }
};

std::string why_not(int descriptor) {
    if (descriptor < 0) return errno == ELOOP ? "it is a link" : std::strerror(errno);
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return std::strerror(errno);
    if (!S_ISREG(status.st_mode)) return "it is no regular file";
    if (status.st_uid != ::geteuid()) return "it belongs to another user";
    if (std::uint64_t(status.st_size) > largest_file) return "it is too large";
    return {};
}

}  // namespace

void read_lines(int folder, const std::string& name, const std::string& shown, const TakeLine& take, Troubles& troubles,
                const std::function<bool()>& enough) {
    // (a FIFO would be waited for)
    const Close file{::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (std::string why = why_not(file.descriptor); !why.empty()) return troubles.add({shown, 0, true, std::move(why)});
    constexpr std::size_t piece = std::size_t{1} << 18;
    const auto buffer = std::make_unique_for_overwrite<char[]>(piece);
    LineReader reader(shown, take, troubles);
    for (std::uint64_t at = 0;;) {
        const ssize_t got = ::pread(file.descriptor, buffer.get(), piece, off_t(at));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) troubles.add({shown, at, true, fmt::format("from byte {} on: {}", at, std::strerror(errno))});
        if (got <= 0) break;
        reader.add({buffer.get(), std::size_t(got)});
        at += std::uint64_t(got);
        if (enough && enough()) return;
    }
    reader.end();
}

}  // namespace flowspan::batch
