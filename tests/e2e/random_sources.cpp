// Where streams come from: recordings, generators, lists.
#include "random_maker.hpp"

#include <iterator>
#include <numeric>

namespace random_graph {

std::size_t Maker::add(const std::string& name, const std::string& type, Settings settings, std::vector<std::string> outputs) {
    graph_.blocks.push_back(
        {name + std::to_string(graph_.blocks.size()), type, std::move(settings), std::move(outputs), {}, {}, {}, {}});
    return graph_.blocks.size() - 1;
}

void Maker::connect(const Stream& from, std::size_t to, const std::string& port) {
    const std::string options = random_.percent(4) ? "{buffer: " + std::to_string(random_.from(1, 9000)) + "}" : "";
    graph_.edges.push_back(
        {from.block, to, name_of(from.block) + "." + from.port + " -> " + name_of(to) + "." + port, from.port, options});
}

void Maker::tell(const Sender& from, std::size_t to, const std::string& port, const std::string& options) {
    graph_.edges.push_back({from.block, to, name_of(from.block) + "." + from.port + " -> " + name_of(to) + "." + port,
                            from.port, options, true, !options.empty()});
}

void Maker::speaks(const Stream& at, std::size_t block, const std::string& port, bool must_be_heard) {
    const Sender sender{block, port, at.rate > 0 ? -1 : at.source};
    (must_be_heard ? log_first_ : senders_).push_back(sender);
}

void Maker::may_steer(const Stream& at, std::size_t block, const std::string& port) {
    speaks(at, block, port);
    // (Where the data make far fewer items than the nominal ratio says, who waits for their messages may wait for ever.)
    if (at.rate > 0 && at.spread <= 2 && !without_.contains("messages")) steering_.push_back({block, port, -1});
}

std::string Maker::part_of_rate(const Stream& s, std::uint64_t low, std::uint64_t high) {
    const std::uint64_t hz = s.rate * random_.from(low, high) / (100 * s.rate_divisor);
    return std::to_string(std::max<std::uint64_t>(1, hz)) + " Hz";
}

std::string Maker::decimal() {
    return std::to_string(random_.from(0, 2)) + "." + std::to_string(random_.from(1, 9)) + std::to_string(random_.below(10));
}

std::uint64_t Maker::length() {
    static const std::vector<std::uint64_t> near{255,  256,  257,  1023, 1024,  1025,  4095, 4096,
                                                 4097, 8191, 8192, 8193, 65535, 65536, 65537};
    static const std::vector<std::uint64_t> primes{20011, 65537, 99991, 131071, 199999, 300007};
    const std::uint64_t k = random_.below(100);
    if (k < 10) return random_.below(5);
    if (k < 20) return random_.of(near);
    if (k < 45) return random_.of(primes);
    return random_.from(20000, most_items / 2);
}

std::string Maker::place(const Stream& s) {
    if (s.rate > 0 && random_.percent(25)) {
        const double t = s.start_s + s.items / s.rate_hz() * double(random_.below(1000)) / 1000;
        const auto us = std::uint64_t(t * 1e6) + 1;
        return std::to_string(us) + " us";
    }
    const auto first = std::uint64_t(s.first) + 1;
    const auto end = std::uint64_t(s.first + s.items);
    if (random_.percent(15)) return std::to_string(std::max(first, end - std::min<std::uint64_t>(end, random_.below(300))));
    return std::to_string(random_.from(first, std::max(first, end + end / 50)));
}

void Maker::changes(const Stream& at, std::size_t block, const std::string& parameter,
                    const std::function<std::string()>& value) {
    if (!may("schedule", 35)) return;
    for (std::uint64_t k = random_.from(1, 4); k > 0; --k) graph_.schedule.push_back({block, place(at), parameter, value()});
}

std::uint64_t Maker::rate() {
    static const std::vector<std::uint64_t> rates{1000, 8000, 44100, 48000, 96000, 100000, 123457, 250000, 1000000, 2400000};
    return random_.of(rates);
}

Stream Maker::source() {
    const std::uint64_t k = random_.below(100);
    Stream s = k < 55 ? recorded() : k < 95 ? generated(random_.percent(85), length(), rate()) : listed();
    s.source = sources_++;
    graph_.items += std::uint64_t(s.items);
    return s;
}

Stream Maker::recorded() {
    const bool odd = may("captures", 55), zeros = random_.percent(50), has_rate = random_.percent(92);
    const auto r = write_recording(random_, folder_, "rec-" + std::to_string(recordings_.size()), length(), rate(), odd, zeros);
    recordings_.push_back(r);
    Settings settings{{"path", r.file}};
    if (!r.sigmf) {
        settings.add("datatype", r.datatype);
        if (has_rate) settings.add("sample_rate", std::to_string(r.rate) + " Hz");
    }
    if (r.gaps || random_.percent(20)) settings.add("gaps", zeros ? "zeros" : "restart");
    if (r.retunes || random_.percent(20)) settings.add("retune", "restart");
    Stream s;
    s.items = double(r.length);
    s.rate = r.sigmf || has_rate ? r.rate : 0;
    if (random_.percent(20)) {
        const std::uint64_t from = random_.below(r.length + 1);
        s.first = double(from);
        s.items -= s.first;
        const bool in_seconds = s.rate > 0 && random_.percent(40);
        settings.add("from", in_seconds ? std::to_string(from * 1000000 / r.rate) + " us" : std::to_string(from));
    }
    if (random_.percent(20)) {
        const std::uint64_t duration = random_.below(r.length + 1);
        s.items = std::min(s.items, double(duration));
        settings.add("duration", std::to_string(duration));
    }
    s.block = add("file", "file_source", settings);
    s.port = "out";
    s.kind = r.datatype[0] == 'c' ? Kind::complex : Kind::real;
    s.integer = r.datatype.find('f') == std::string::npos;
    s.start_s = s.rate > 0 ? s.first / s.rate_hz() : 0;
    s.centre = r.centre;
    s.gaps = r.gaps && !zeros;
    s.retunes = r.retunes;
    s.late = s.first > 0;
    if (s.late) may_begin_late_ = false;
    shortest_ = std::min(shortest_, r.length);
    return s;
}

Stream Maker::generated(bool complex, std::uint64_t items, std::uint64_t hz) {
    static const std::vector<std::string> kinds{"cosine", "noise", "square", "chirp", "noise"};
    const std::string kind = random_.of(kinds);
    Stream s;
    s.rate = hz;
    s.items = double(items);
    s.kind = complex ? Kind::complex : Kind::real;
    Settings settings{{"kind", kind},
                      {"sample_rate", std::to_string(hz) + " Hz"},
                      {"length", std::to_string(items)},
                      {"amplitude", decimal()}};
    if (!complex) settings.add("datatype", "rf32");
    if (kind == "noise")
        settings.add("seed", std::to_string(random_.below(1000)));
    else
        settings.add("frequency", part_of_rate(s, 1, 20));
    if (kind == "chirp") settings.add("sweep", part_of_rate(s, 1, 20));
    if (random_.percent(30)) {
        settings.add("on_time", std::to_string(random_.from(1, 3000)) + " us");
        settings.add("on_period", std::to_string(random_.from(3000, 40000)) + " us");
    }
    if (random_.percent(30)) settings.add("center_frequency", "100 MHz");
    s.centre = settings.back().key == "center_frequency";
    if (random_.percent(20)) settings.add("datetime", "\"2026-01-31T12:00:00Z\"");
    s.block = add("signal", "signal_source", settings);
    s.port = "out";
    changes(s, s.block, "amplitude", [&] { return decimal(); });
    if (kind == "cosine" || kind == "square") changes(s, s.block, "frequency", [&] { return part_of_rate(s, 1, 40); });
    reads_all_ = false;
    return s;
}

Stream Maker::listed() {
    Stream s;
    const std::uint64_t times = random_.from(1, 30000);
    Settings settings{{"data", "[1, 0, 0.5, -1, 0.25, 0.125]"}, {"repeat", std::to_string(times)}};
    if (random_.percent(70)) {
        s.rate = rate();
        settings.add("sample_rate", std::to_string(s.rate) + " Hz");
    }
    s.items = double(3 * times);
    s.block = add("list", "vector_source", settings);
    s.port = "out";
    reads_all_ = false;
    return s;
}

Stream Maker::sum_of_sources() {
    const std::uint64_t hz = rate();
    std::vector<Stream> all;
    for (int k = 0; k < 2; ++k) all.push_back(generated(true, length(), hz));
    all[0].centre = all[0].centre || all[1].centre;
    all[0].items = std::min(all[0].items, all[1].items);
    all[0].source = sources_++;
    graph_.items += 2 * std::uint64_t(all[0].items);
    return sum(all, true);
}

Stream Maker::sum(const std::vector<Stream>& all, bool ends_early) {
    static const std::vector<std::string> kinds{"add", "add", "add", "subtract", "multiply", "divide"};
    const std::string type = all[0].centre || all[0].integer ? "add" : random_.of(kinds);
    const std::size_t b = add("add", type, {{"inputs", std::to_string(all.size())}});
    graph_.blocks[b].ends_early = ends_early;
    for (std::size_t k = 0; k < all.size(); ++k) connect(all[k], b, "in[" + std::to_string(k) + "]");
    return next(all[0], b);
}

}  // namespace random_graph
