#include "io/series/packed_files.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <utility>

namespace flowspan::io {
namespace {

// What a file has in common with the one before it is not said again.
constexpr std::uint64_t same_head = 1, same_bytes = 2, same_length = 4, no_tail = 8;
constexpr std::uint64_t said_index = 1, said_frequency = 2, said_utc = 4;

bool have_one_head(const RecordingFacts& a, const RecordingFacts& b) {
    return a.format == b.format && a.type == b.type && a.big_endian == b.big_endian && a.stored == b.stored &&
           a.seeks == b.seeks && a.length_known == b.length_known && a.channels == b.channels &&
           a.sample_rate == b.sample_rate && a.frequency == b.frequency && a.offset == b.offset && a.member == b.member &&
           a.from_name == b.from_name;
}

/// Small numbers of either sign become small ones without.
std::uint64_t folded(std::int64_t number) { return (std::uint64_t(number) << 1) ^ std::uint64_t(number >> 63); }
std::int64_t unfolded(std::uint64_t number) { return std::int64_t(number >> 1) ^ -std::int64_t(number & 1); }

}  // namespace

void PackedFiles::put_number(std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) packed_ += char(number | 0x80);
    packed_ += char(number);
}

void PackedFiles::put_text(std::string_view text, std::string_view before) {
    const auto [end, ignored] = std::mismatch(text.begin(), text.end(), before.begin(), before.end());
    const auto common = std::size_t(end - text.begin());
    put_number(common);
    put_number(text.size() - common);
    packed_ += text.substr(common);
}

void PackedFiles::put_head(const RecordingFacts& file) {
    put_text(file.format, "");
    put_text(file.member, "");
    put_number(std::uint64_t(file.type));
    put_number(std::uint64_t(file.stored));
    put_number(std::uint64_t(file.big_endian) | std::uint64_t(file.seeks) << 1 | std::uint64_t(file.length_known) << 2 |
               std::uint64_t(file.sample_rate.has_value()) << 3 | std::uint64_t(file.frequency.has_value()) << 4);
    put_number(file.channels);
    put_number(file.offset);
    if (file.sample_rate) put_number(std::uint64_t(file.sample_rate->numerator()));
    if (file.sample_rate) put_number(std::uint64_t(file.sample_rate->denominator()));
    if (file.frequency) put_number(std::bit_cast<std::uint64_t>(*file.frequency));
    put_number(file.from_name.size());
    for (const std::string& fact : file.from_name) put_text(fact, "");
}

void PackedFiles::put_capture(const Capture& capture) {
    put_number((capture.global_index ? said_index : 0) | (capture.frequency ? said_frequency : 0) |
               (capture.utc ? said_utc : 0));
    put_number(capture.start);
    put_number(capture.header_bytes);
    if (capture.global_index) put_number(*capture.global_index);
    if (capture.frequency) put_number(std::bit_cast<std::uint64_t>(*capture.frequency));
    if (!capture.utc) return;
    put_number(folded(capture.utc->whole()));
    put_number(std::uint64_t(capture.utc->fraction().numerator()));
    put_number(std::uint64_t(capture.utc->fraction().denominator()));
    put_number(std::uint64_t(capture.utc_digits));
}

void PackedFiles::add(const RecordingFacts& file) {
    const bool first = packed_.empty();
    const bool head = !first && have_one_head(file, last_), bytes = file.data_bytes == last_.data_bytes,
               length = file.length == last_.length, tail = file.tail_bytes != 0;
    put_text(file.path, last_.path);
    put_text(file.data_path, file.path);
    put_number((head ? same_head : 0) | (bytes ? same_bytes : 0) | (length ? same_length : 0) | (tail ? 0 : no_tail));
    if (!head) put_head(file);
    if (!bytes) put_number(file.data_bytes);
    if (!length) put_number(file.length);
    if (tail) put_number(file.tail_bytes);
    put_number(file.captures.size());
    for (const Capture& capture : file.captures) put_capture(capture);
    last_ = file;
}

std::uint64_t FilesInOrder::number() {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        const auto byte = static_cast<unsigned char>(packed_->at(at_++));
        number |= std::uint64_t(byte & 0x7f) << shift;
        if (byte < 0x80) return number;
    }
    throw std::out_of_range("packed files");
}

std::string FilesInOrder::text(const std::string& before) {
    std::string text = before.substr(0, std::size_t(number()));
    const auto rest = std::size_t(number());
    text.append(*packed_, at_, rest);
    at_ += rest;
    return text;
}

void FilesInOrder::head() {
    file_.format = text("");
    file_.member = text("");
    file_.type = SampleType(number());
    file_.stored = Stored(number());
    const std::uint64_t flags = number();
    file_.big_endian = (flags & 1) != 0;
    file_.seeks = (flags & 2) != 0;
    file_.length_known = (flags & 4) != 0;
    file_.channels = number();
    file_.offset = number();
    file_.sample_rate.reset();
    if ((flags & 8) != 0) {
        const auto numerator = std::int64_t(number());
        file_.sample_rate = Rational(numerator, std::int64_t(number()));
    }
    file_.frequency.reset();
    if ((flags & 16) != 0) file_.frequency = std::bit_cast<double>(number());
    file_.from_name.resize(std::size_t(number()));
    for (std::string& fact : file_.from_name) fact = text("");
}

Capture FilesInOrder::capture() {
    Capture capture;
    const std::uint64_t said = number();
    capture.start = number();
    capture.header_bytes = number();
    if ((said & said_index) != 0) capture.global_index = number();
    if ((said & said_frequency) != 0) capture.frequency = std::bit_cast<double>(number());
    if ((said & said_utc) == 0) return capture;
    const std::int64_t whole = unfolded(number());
    const auto numerator = std::int64_t(number());
    capture.utc = Time(whole, Rational(numerator, std::int64_t(number())));
    capture.utc_digits = int(number());
    return capture;
}

bool FilesInOrder::next() {
    if (at_ >= packed_->size()) return false;
    file_.path = text(file_.path);
    file_.data_path = text(file_.path);
    const std::uint64_t same = number();
    if ((same & same_head) == 0) head();
    if ((same & same_bytes) == 0) file_.data_bytes = number();
    if ((same & same_length) == 0) file_.length = number();
    file_.tail_bytes = (same & no_tail) != 0 ? 0 : number();
    file_.captures.resize(std::size_t(number()));
    for (Capture& one : file_.captures) one = capture();
    return true;
}

}  // namespace flowspan::io
