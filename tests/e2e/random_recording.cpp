#include "random_recording.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <vector>

namespace random_graph {
namespace {

const std::vector<std::string> types{"cf32", "ci16", "ci8", "cu8", "cf32", "ci16", "cu8", "ci16", "ci32", "rf32", "ri16"};

/// A number of one component, -32768 to 32767, as its type holds it.
template <class T>
void put(std::vector<char>& to, T value) {
    std::array<char, sizeof(T)> bytes{};
    std::memcpy(bytes.data(), &value, sizeof(T));
    to.insert(to.end(), bytes.begin(), bytes.end());
}

void put_as(std::vector<char>& to, const std::string& type, int value) {
    const std::string number = type.substr(1);
    if (number == "f32") put(to, float(value) / 32768.0F);
    if (number == "i32") put(to, std::int32_t(value) * 65536);
    if (number == "i16") put(to, std::int16_t(value));
    if (number == "i8") put(to, std::int8_t(value / 256));
    if (number == "u8") put(to, std::uint8_t(value / 256 + 128));
}

void write_samples(Random& random, const std::string& path, const std::string& type, std::uint64_t samples) {
    std::vector<char> bytes;
    const std::uint64_t period = random.from(3, 40), pause = random.from(500, 30000), burst = random.from(1, 6000);
    const int loud = int(random.from(4000, 24000)), noise = int(random.from(300, 3000));
    for (std::uint64_t i = 0; i < samples; ++i) {
        const bool on = i % (pause + burst) >= pause;
        for (unsigned part = 0; part < (type[0] == 'c' ? 2U : 1U); ++part) {
            const bool high = (i + part * period / 4) % period * 2 < period;
            put_as(bytes, type, (on ? (high ? loud : -loud) : 0) + int(random.below(std::uint64_t(2 * noise))) - noise);
        }
    }
    std::ofstream(path, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
}

bool is_prime(std::uint64_t n) {
    for (std::uint64_t d = 2; d * d <= n; ++d)
        if (n % d == 0) return false;
    return n > 1;
}

/// Where a capture begins: a prime, beside a power of two, right after the one before it, or anywhere.
std::uint64_t odd_place(Random& random, std::uint64_t after, std::uint64_t end) {
    std::uint64_t place = random.from(after, end);
    switch (random.below(5)) {
        case 0:
            while (!is_prime(place) && place < end) ++place;
            break;
        case 1:
            place = (place | 1023) + random.below(3);
            break;
        case 2:
            place = after + random.below(3);
            break;
        default:
            break;
    }
    return std::min(place, end);
}

/// "2026-01-31T12:00:07.000000125Z": so many nanoseconds after noon.
std::string utc(std::uint64_t ns) {
    const std::uint64_t s = ns / 1000000000;
    const auto two = [](std::uint64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    std::string fraction = std::to_string(ns % 1000000000);
    fraction.insert(0, 9 - fraction.size(), '0');
    return "2026-01-31T" + two(12 + s / 3600) + ":" + two(s / 60 % 60) + ":" + two(s % 60) + "." + fraction + "Z";
}

}  // namespace

Recording write_recording(Random& random, const std::string& folder, const std::string& name, std::uint64_t samples,
                          std::uint64_t rate, bool odd_captures, bool zeros) {
    Recording r;
    r.datatype = random.of(types);
    r.rate = rate;
    r.samples = r.length = samples;
    r.sigmf = odd_captures || random.percent(40);
    const std::string data = name + (r.sigmf ? ".sigmf-data" : "." + r.datatype);
    if (!folder.empty()) write_samples(random, folder + "/" + data, r.datatype, samples);
    r.file = r.sigmf ? name + ".sigmf-meta" : data;
    if (!r.sigmf) return r;

    const bool by_time = random.percent(40), tuned = random.percent(60);
    r.centre = tuned;
    std::string captures;
    std::uint64_t start = 0, true_index = 0, frequency = 100000000;
    const std::uint64_t count = odd_captures ? random.from(2, 6) : 1;
    for (std::uint64_t k = 0; k < count; ++k) {
        if (k > 0) {
            const std::uint64_t next = odd_place(random, start, samples);
            if (next == start && !random.percent(20)) continue;  // an empty capture is seldom
            true_index += next - start;
            start = next;
            if (random.percent(70)) {
                const std::uint64_t missing = random.percent(30) ? random.from(1, 3) : random.from(1, 20000);
                true_index += missing;
                r.gaps = true;
                if (zeros) r.length += missing;
            }
            if (tuned && random.percent(40)) {
                frequency += 1000 * random.from(1, 500);
                r.retunes = true;
            }
        }
        captures += (captures.empty() ? "" : ",\n  ") + std::string("{\"core:sample_start\": ") + std::to_string(start);
        if (by_time)
            captures +=
                ", \"core:datetime\": \"" + utc(true_index / rate * 1000000000 + true_index % rate * 1000000000 / rate) + "\"";
        else
            captures += ", \"core:global_index\": " + std::to_string(true_index);
        if (tuned) captures += ", \"core:frequency\": " + std::to_string(frequency);
        captures += "}";
    }
    const bool bytes = r.datatype.ends_with("i8") || r.datatype.ends_with("u8");
    if (folder.empty()) return r;
    std::ofstream(folder + "/" + r.file) << "{\"global\": {\"core:datatype\": \"" << r.datatype << (bytes ? "" : "_le")
                                         << "\", \"core:version\": \"1.2.0\", \"core:sample_rate\": " << rate
                                         << "},\n \"captures\": [" << captures << "],\n \"annotations\": []}\n";
    return r;
}

}  // namespace random_graph
