// Makes one random legal flowgraph, with the recordings that it reads and the runs in which it is to be compared.
//
//   random_graph SEED FOLDER [--drop=NAME]… [--without CONSTRUCT]… [--dependent]
//
// writes graph.yaml, rec-K.*, cut-K (for --ranks), runs (lines of RANKS CUT TRANSPORT CHUNKS), options (of every run), loose
// (blocks whose counts may differ) and names (what --drop takes). The same SEED makes the same files everywhere.
//
//   random_graph --counts REPORT LOOSE
//
// prints what a run's report says of each block and must not differ, a line a block.
#include "random_model.hpp"
#include "random_recording.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <numeric>
#include <sstream>

namespace random_graph {
namespace {

constexpr std::uint64_t most_items = 400000;

enum class Kind { complex, real, spectrum, power };

/// An output that may be read, as far as the generator needs to know it.
struct Stream {
    std::size_t block = 0;
    std::string port;  // "out", "out[3]"
    Kind kind = Kind::complex;
    bool integer = false;                      // an implicit conversion follows
    std::uint64_t rate = 0, rate_divisor = 1;  // Hz; 0: unknown
    double items = 0, first = 0, start_s = 0;  // length, first index, time of the first item
    bool centre = false, gaps = false, retunes = false, late = false;  // late: begins at another index than 0
    int source = 0;
    double rate_hz() const { return double(rate) / double(rate_divisor); }
};

/// A message output.
struct Sender {
    std::size_t block;
    std::string port;
    int source;  // -1: any, it has a rate
};

class Maker {
public:
    Maker(std::uint64_t seed, std::string folder, std::set<std::string> without, bool dependent)
        : random_(seed * 0x9e3779b97f4a7c15U + 1), folder_(std::move(folder)), without_(std::move(without)), dependent_(dependent) {}

    Graph make() {
        const std::uint64_t parts = random_.percent(70) ? 1 : random_.from(2, 3);  // unrelated but for messages
        for (std::uint64_t k = 0; k < parts; ++k) {
            if (random_.percent(85))
                grow(source(), random_.from(3, parts > 1 ? 7 : 14));
            else
                grow(sum_of_sources(), random_.from(2, 6));
        }
        if (!without_.contains("messages")) hear_all();
        run_options();
        return std::move(graph_);
    }

private:
    bool may(const std::string& construct, unsigned percent) { return random_.percent(percent) && !without_.contains(construct); }

    // --- blocks and edges ------------------------------------------------------------------------------------------------
    std::size_t add(const std::string& name, const std::string& type, Settings settings, std::vector<std::string> outputs = {"out"}) {
        graph_.blocks.push_back({name + std::to_string(graph_.blocks.size()), type, std::move(settings), std::move(outputs), {}, {}, {}, {}});
        return graph_.blocks.size() - 1;
    }
    std::string name_of(std::size_t block) const { return graph_.blocks[block].name; }
    void connect(const Stream& from, std::size_t to, const std::string& port = "in") {
        const std::string options = random_.percent(4) ? "{buffer: " + std::to_string(random_.from(1, 9000)) + "}" : "";
        graph_.edges.push_back({from.block, to, name_of(from.block) + "." + from.port + " -> " + name_of(to) + "." + port, from.port, options});
    }
    void tell(const Sender& from, std::size_t to, const std::string& port, const std::string& options = "") {
        graph_.edges.push_back({from.block, to, name_of(from.block) + "." + from.port + " -> " + name_of(to) + "." + port, from.port,
                                options, true, !options.empty()});
    }
    void speaks(const Stream& at, std::size_t block, const std::string& port, bool must_be_heard = false) {
        const Sender sender{block, port, at.rate > 0 ? -1 : at.source};
        (must_be_heard ? log_first_ : senders_).push_back(sender);
    }
    /// One that may steer a block with stream inputs: it keeps pace with its source.
    void may_steer(const Stream& at, std::size_t block, const std::string& port) {
        speaks(at, block, port);
        if (at.rate > 0 && !without_.contains("messages")) steering_.push_back({block, port, -1});
    }

    // --- numbers ---------------------------------------------------------------------------------------------------------
    /// Hertz, from low to high percent of the rate.
    std::string part_of_rate(const Stream& s, std::uint64_t low, std::uint64_t high) {
        const std::uint64_t hz = s.rate * random_.from(low, high) / (100 * s.rate_divisor);
        return std::to_string(std::max<std::uint64_t>(1, hz)) + " Hz";
    }
    std::string decimal() { return std::to_string(random_.from(0, 2)) + "." + std::to_string(random_.from(1, 9)) + std::to_string(random_.below(10)); }
    std::uint64_t length() {
        static const std::vector<std::uint64_t> near{255, 256, 257, 1023, 1024, 1025, 4095, 4096, 4097, 8191, 8192, 8193, 65535, 65536, 65537};
        static const std::vector<std::uint64_t> primes{20011, 65537, 99991, 131071, 199999, 300007};
        const std::uint64_t k = random_.below(100);
        if (k < 10) return random_.below(5);
        if (k < 20) return random_.of(near);
        if (k < 45) return random_.of(primes);
        return random_.from(20000, most_items / 2);
    }

    /// A place in the stream for a change: an index of it, or a time.
    std::string place(const Stream& s) {
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
    template <class F>
    void changes(const Stream& at, std::size_t block, const std::string& parameter, F value) {
        if (!may("schedule", 35)) return;
        for (std::uint64_t k = random_.from(1, 4); k > 0; --k) graph_.schedule.push_back({block, place(at), parameter, value()});
    }

    // --- sources ---------------------------------------------------------------------------------------------------------
    std::uint64_t rate() {
        static const std::vector<std::uint64_t> rates{1000, 8000, 44100, 48000, 96000, 100000, 123457, 250000, 1000000, 2400000};
        return random_.of(rates);
    }

    Stream source() {
        const std::uint64_t k = random_.below(100);
        Stream s = k < 55 ? recorded() : k < 95 ? generated(random_.percent(85), length(), rate()) : listed();
        s.source = sources_++;
        graph_.items += std::uint64_t(s.items);
        return s;
    }

    Stream recorded() {
        const bool odd = may("captures", 55), zeros = random_.percent(50), has_rate = random_.percent(92);
        const auto r = write_recording(random_, folder_, "rec-" + std::to_string(recordings_.size()), length(), rate(), odd, zeros);
        recordings_.push_back(r);
        Settings settings{{"path", r.file}};
        if (!r.sigmf) {
            settings.emplace_back("datatype", r.datatype);
            if (has_rate) settings.emplace_back("sample_rate", std::to_string(r.rate) + " Hz");
        }
        if (r.gaps || random_.percent(20)) settings.emplace_back("gaps", zeros ? "zeros" : "restart");
        if (r.retunes || random_.percent(20)) settings.emplace_back("retune", "restart");
        Stream s;
        s.items = double(r.length);
        s.rate = r.sigmf || has_rate ? r.rate : 0;
        if (random_.percent(20)) {
            const std::uint64_t from = random_.below(r.length + 1);
            s.first = double(from);
            s.items -= s.first;
            const bool in_seconds = s.rate > 0 && random_.percent(40);
            settings.emplace_back("from", in_seconds ? std::to_string(from * 1000000 / r.rate) + " us" : std::to_string(from));
        }
        if (random_.percent(20)) {
            const std::uint64_t duration = random_.below(r.length + 1);
            s.items = std::min(s.items, double(duration));
            settings.emplace_back("duration", std::to_string(duration));
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

    Stream generated(bool complex, std::uint64_t items, std::uint64_t hz) {
        static const std::vector<std::string> kinds{"cosine", "noise", "square", "chirp", "noise"};
        const std::string kind = random_.of(kinds);
        Stream s;
        s.rate = hz;
        s.items = double(items);
        s.kind = complex ? Kind::complex : Kind::real;
        Settings settings{{"kind", kind}, {"sample_rate", std::to_string(hz) + " Hz"}, {"length", std::to_string(items)}, {"amplitude", decimal()}};
        if (!complex) settings.emplace_back("datatype", "rf32");
        if (kind == "noise")
            settings.emplace_back("seed", std::to_string(random_.below(1000)));
        else
            settings.emplace_back("frequency", part_of_rate(s, 1, 20));
        if (kind == "chirp") settings.emplace_back("sweep", part_of_rate(s, 1, 20));
        if (random_.percent(30)) {
            settings.emplace_back("on_time", std::to_string(random_.from(1, 3000)) + " us");
            settings.emplace_back("on_period", std::to_string(random_.from(3000, 40000)) + " us");
        }
        if (random_.percent(30)) settings.emplace_back("center_frequency", "100 MHz");
        s.centre = settings.back().first == "center_frequency";
        if (random_.percent(20)) settings.emplace_back("datetime", "\"2026-01-31T12:00:00Z\"");
        s.block = add("signal", "signal_source", settings);
        s.port = "out";
        changes(s, s.block, "amplitude", [&] { return decimal(); });
        if (kind == "cosine" || kind == "square") changes(s, s.block, "frequency", [&] { return part_of_rate(s, 1, 40); });
        reads_all_ = false;
        return s;
    }

    Stream listed() {
        Stream s;
        const std::uint64_t times = random_.from(1, 30000);
        Settings settings{{"data", "[1, 0, 0.5, -1, 0.25, 0.125]"}, {"repeat", std::to_string(times)}};
        if (random_.percent(70)) {
            s.rate = rate();
            settings.emplace_back("sample_rate", std::to_string(s.rate) + " Hz");
        }
        s.items = double(3 * times);
        s.block = add("list", "vector_source", settings);
        s.port = "out";
        reads_all_ = false;
        return s;
    }

    /// Two generators of one rate and different lengths.
    Stream sum_of_sources() {
        const std::uint64_t hz = rate();
        std::vector<Stream> all;
        for (int k = 0; k < 2; ++k) all.push_back(generated(true, length(), hz));
        all[0].centre = all[0].centre || all[1].centre;
        all[0].items = std::min(all[0].items, all[1].items);
        all[0].source = sources_++;
        graph_.items += 2 * std::uint64_t(all[0].items);
        return sum(all, true);
    }

    Stream sum(const std::vector<Stream>& all, bool ends_early) {
        const std::size_t b = add("add", "add", {{"inputs", std::to_string(all.size())}});
        graph_.blocks[b].ends_early = ends_early;
        for (std::size_t k = 0; k < all.size(); ++k) connect(all[k], b, "in[" + std::to_string(k) + "]");
        return next(all[0], b);
    }

    // --- one input, one output -------------------------------------------------------------------------------------------
    Stream next(Stream s, std::size_t block) {
        s.block = block;
        s.port = "out";
        s.integer = false;
        return s;
    }
    Stream through(const Stream& s, const std::string& name, const std::string& type, Settings settings, bool optional = false) {
        const std::size_t b = add(name, type, std::move(settings), optional ? std::vector<std::string>{} : std::vector<std::string>{"out"});
        connect(s, b);
        return next(s, b);
    }
    Stream resampled(Stream s, std::uint64_t up, std::uint64_t down) {
        const double ratio = double(up) / double(down);
        s.items *= ratio;
        s.first = s.first * ratio + 1;
        s.rate *= up;
        s.rate_divisor *= down;
        const std::uint64_t g = std::gcd(s.rate, s.rate_divisor);
        if (g > 0) s.rate /= g, s.rate_divisor /= g;
        return s;
    }
    bool can_slow_down(const Stream& s, std::uint64_t by) const { return s.rate == 0 || s.rate_hz() / double(by) >= 100; }

    Stream copied(const Stream& s) {
        const bool integer = s.integer;
        Stream out = through(s, "copy", "copy", {});
        out.integer = integer;
        return out;
    }
    Stream multiplied(const Stream& s) {
        Stream out = through(s, "times", "multiply_const", {{"constant", decimal()}});
        changes(s, out.block, "constant", [&] { return (random_.percent(30) ? "-" : "") + decimal(); });
        return out;
    }
    Stream filtered(const Stream& s, std::uint64_t decimation) {
        Settings settings;
        const bool design = s.rate > 0 && random_.percent(75), fast = design && may("long_filters", 40);  // on a grid
        if (design) {
            settings.emplace_back("cutoff", part_of_rate(s, 3, 45));
            settings.emplace_back("taps_count", std::to_string(fast ? random_.from(129, 900) * decimation : random_.from(1, 120)));
        } else {
            std::string taps = "[1";
            for (std::uint64_t k = random_.below(9); k > 0; --k) taps += ", 0." + std::to_string(random_.below(100));
            settings.emplace_back("taps", taps + "]");
        }
        if (decimation > 1) settings.emplace_back("decimation", std::to_string(decimation));
        Stream out = through(s, "filter", "fir_filter", settings);
        if (design && (!fast || !without_.contains("grid_changes"))) changes(s, out.block, "cutoff", [&] { return part_of_rate(s, 3, 45); });
        return resampled(out, 1, decimation);
    }
    Stream rational(const Stream& s, std::uint64_t up, std::uint64_t down) {
        return resampled(through(s, "resample", "rational_resampler", {{"interpolation", std::to_string(up)}, {"decimation", std::to_string(down)}}), up, down);
    }
    Stream translated(const Stream& s) {
        const std::uint64_t by = can_slow_down(s, 8) ? random_.from(1, 8) : 1;
        const auto shift = [&] { return (random_.percent(50) ? "-" : "") + part_of_rate(s, 1, 49); };
        Stream out = through(s, "tune", "frequency_translate", {{"shift", shift()}, {"decimation", std::to_string(by)}});
        const std::size_t before = graph_.schedule.size();
        changes(s, out.block, "shift", shift);
        out.centre = true;
        out.retunes = out.retunes || graph_.schedule.size() > before;
        return resampled(out, 1, by);
    }
    Stream detected(const Stream& s) {
        static const std::vector<std::uint64_t> frames{1, 16, 100, 256, 257, 1000, 4096};
        Stream out = through(s, "bursts", "burst_detector", {{"threshold", std::to_string(random_.from(1, 9)) + " dB"}, {"frame", std::to_string(random_.of(frames))}}, true);
        if (!without_.contains("grid_changes")) changes(s, out.block, "threshold", [&] { return std::to_string(random_.from(1, 12)) + " dB"; });
        may_steer(s, out.block, "detections");
        return out;
    }
    Stream probed(const Stream& s) {
        static const std::vector<std::uint64_t> every{50, 1000, 1009, 4096, 10000, 65536};
        Stream out = through(s, "probe", "probe", {{"every", std::to_string(random_.of(every))}}, true);
        may_steer(s, out.block, "measurements");
        return out;
    }
    Stream tagged(const Stream& s) {
        static const std::vector<std::string> policies{"all", "all", "all", "own", "one", "drop"};
        Settings settings{{"spacing", spacing(s, 60)}, {"seed", std::to_string(random_.below(1000))}};
        if (random_.percent(25)) settings.emplace_back("gains", "true");
        settings.emplace_back("policy", random_.of(policies));
        if (without_.contains("long_values")) settings.emplace_back("long", "false");
        const bool integer = s.integer;
        Stream out = through(s, "tags", "odd_tagger", settings);
        out.integer = integer;
        return out;
    }
    Stream sending(const Stream& s) {
        const bool numbers = may("messages", 40);
        Settings settings{{"spacing", spacing(s, 100)}, {"seed", std::to_string(random_.below(1000))}};
        if (numbers) settings.emplace_back("numbers", "true");
        if (without_.contains("long_values")) settings.emplace_back("long", "false");
        Stream out = through(s, "send", "odd_sender", settings, true);
        may_steer(s, out.block, "found");
        if (numbers && s.rate > 0) numbers_.push_back({out.block, "found", -1});
        return out;
    }
    Stream logged(const Stream& s) {
        const bool integer = s.integer;
        Stream out = through(s, "tell", "odd_logger", {}, true);
        out.integer = integer;
        speaks(s, out.block, "lines", true);
        return out;
    }
    /// About so many of its items.
    std::string spacing(const Stream& s, std::uint64_t wanted) {
        return std::to_string(std::max<std::uint64_t>(1, std::uint64_t(s.items) / random_.from(1, wanted)));
    }
    Stream gained(const Stream& s) {
        Stream out = through(s, "gain", "odd_gain", {});
        if (!numbers_.empty() && s.rate > 0) {
            for (std::uint64_t k = random_.from(1, 2); k > 0; --k) tell(random_.of(numbers_), out.block, "control");
            unique_edges();
        }
        changes(s, out.block, "gain", [&] { return decimal(); });
        return out;
    }
    Stream steered(const Stream& s) {
        Stream out = through(s, "steer", "odd_steered", {{"spacing", spacing(s, 50)}}, true);
        if (!steering_.empty() && s.rate > 0) {
            for (std::uint64_t k = random_.from(1, 3); k > 0; --k) {
                Sender sender = random_.of(steering_);
                if (may("echo", 25)) sender = echoed(sender);
                tell(sender, out.block, "steps");
            }
            unique_edges();
        }
        may_steer(s, out.block, "found");
        return out;
    }
    Sender echoed(const Sender& sender) {
        const std::size_t echo = add("echo", "odd_echo", {}, {});
        graph_.blocks[echo].messages_alone = true;
        tell(sender, echo, "in");
        const Sender answer{echo, "out", -1};
        senders_.push_back(answer);
        return answer;
    }
    /// One that hears what comes of it: an answer to its own messages, or what is measured further down.
    Stream looped(const Stream& s) {
        Stream out = through(s, "loop", "odd_steered", {{"spacing", spacing(s, 50)}}, true);
        const std::size_t first = out.block;
        may_steer(s, first, "found");
        std::uint64_t delay = random_.from(2000, 60000);
        Sender back{};
        if (may("echo", 50)) {
            back = echoed({first, "found", -1});
        } else {
            if (random_.percent(50)) out = multiplied(out);
            const std::uint64_t every = random_.from(1, 5000);
            const Stream before = out;
            out = through(out, "probe", "probe", {{"every", std::to_string(every)}}, true);
            may_steer(before, out.block, "measurements");
            back = {out.block, "measurements", -1};
            delay = std::max(delay, every + 64);
        }
        tell(back, first, "steps", "{feedback: {delay: " + std::to_string(delay) + " samples}}");
        return out;
    }
    void unique_edges() {
        for (std::size_t a = graph_.edges.size(); a-- > 1;)
            if (std::any_of(graph_.edges.begin(), graph_.edges.begin() + std::ptrdiff_t(a), [&](const Edge& e) { return e.text == graph_.edges[a].text; }))
                graph_.edges.erase(graph_.edges.begin() + std::ptrdiff_t(a));
    }
    Stream shortened(const Stream& s) {
        const bool integer = s.integer;
        const std::uint64_t n = random_.percent(20) ? random_.below(3) : random_.below(std::uint64_t(s.items) * 11 / 10 + 2);
        Stream out = through(s, "head", "head", {{"length", std::to_string(n)}});
        graph_.blocks[out.block].ends_early = true;
        out.items = std::min(out.items, double(n));
        out.integer = integer;
        return out;
    }
    Stream skipped(const Stream& s, std::uint64_t most) {
        const bool integer = s.integer;
        const std::uint64_t n = random_.percent(20) ? random_.below(3) : random_.below(std::min(most, std::uint64_t(s.items) + 2) + 1);
        Stream out = through(s, "skip", "skip", {{"length", std::to_string(n)}});
        out.items = std::max(0.0, out.items - double(n));
        if (s.rate > 0) out.start_s += double(n) / s.rate_hz();
        out.integer = integer;
        return out;
    }
    Stream dependent(const Stream& s) {
        Stream out = random_.percent(50) || s.kind == Kind::real ? resampled(through(s, "odd", "odd_decimator", {}), 1, 4)
                                                                 : resampled(through(s, "runs", "odd_runs", {{"most", std::to_string(random_.from(1, 90))}}), 1, 2);
        if (graph_.blocks[out.block].type == "odd_runs") {
            out.kind = Kind::real;
            out.centre = false;
        }
        return out;
    }

    /// Any block that leaves rate and length as they are.
    Stream same_rate(const Stream& s) {
        switch (random_.below(s.kind == Kind::complex ? 10 : 9)) {
            case 0: return copied(s);
            case 1: return multiplied(s);
            case 2:
            case 3: return filtered(s, 1);
            case 4: return probed(s);
            case 5: return tagged(s);
            case 6: return sending(s);
            case 7: return gained(s);
            case 8: return s.rate > 0 ? steered(s) : copied(s);
            default: return detected(s);
        }
    }

    /// Branches of one rate, added.
    Stream joined(const Stream& s) {
        std::vector<Stream> all;
        bool early = false;
        const std::uint64_t by = can_slow_down(s, 5) && random_.percent(40) ? random_.from(2, 5) : 1;
        for (std::uint64_t k = random_.from(2, 3); k > 0; --k) {
            Stream branch = s;
            if (branch.integer) branch = multiplied(branch);
            for (std::uint64_t n = random_.below(3); n > 0; --n) branch = same_rate(branch);
            if (by > 1) branch = s.rate > 0 && random_.percent(40) ? rational(branch, 1, by) : filtered(branch, by);
            if (by == 1 && s.rate > 0 && !s.retunes && !s.late && may("down_up", 10)) {
                branch = rational(filtered(branch, 3), 3, 1);
                may_begin_late_ = false;  // its first index would be another than that of the other branches
                early = true;
            }
            if (by == 1 && !s.retunes && !s.gaps && may("delays", 20)) {
                branch = skipped(branch, 3000);
                early = true;
            }
            if (random_.percent(5)) {
                branch = shortened(branch);
                early = true;
            }
            for (std::uint64_t n = random_.below(2); n > 0; --n) branch = same_rate(branch);
            all.push_back(branch);
        }
        for (const Stream& branch : all) all[0].items = std::min(all[0].items, branch.items);
        return sum(all, early);
    }

    Stream any(const Stream& s) {
        if (dependent_ && s.rate > 0 && random_.percent(15)) return dependent(s.integer ? multiplied(s) : s);
        const bool complex = s.kind == Kind::complex;
        for (;;) {
            const std::uint64_t by = random_.from(2, 7);
            switch (random_.below(18)) {
                case 0:
                case 1:
                    if (can_slow_down(s, by)) return filtered(s, by);
                    break;
                case 2:
                    if (complex && s.rate > 0) return translated(s);
                    break;
                case 3:
                case 4: {
                    const std::uint64_t up = random_.from(1, 5);
                    if (s.rate > 0 && can_slow_down(s, by) && s.items * double(up) / double(by) < most_items && s.rate * up < 2000000000) return rational(s, up, by);
                    break;
                }
                case 5:
                    if (complex && s.rate > 0) return demodulated(s);
                    break;
                case 6:
                    if (!complex && s.rate > 0) return through_modulator(s);
                    break;
                case 7: return random_.percent(50) ? shortened(s) : skipped(s, most_items);
                case 8:
                case 9: return joined(s);
                case 10:
                    if (s.rate > 0 && !without_.contains("messages")) return looped(s);
                    break;
                case 11:
                    if (!s.integer) return logged(s);
                    break;
                case 12: return converted(s);
                default: return same_rate(s);
            }
        }
    }
    Stream demodulated(const Stream& s) {
        Stream out = through(s, "demod", "fm_demod", {{"deviation", part_of_rate(s, 5, 50)}});
        changes(s, out.block, "deviation", [&] { return part_of_rate(s, 5, 50); });
        out.kind = Kind::real;
        out.centre = false;
        if (random_.percent(40)) out = through(out, "deemph", "deemphasis", {});
        return out;
    }
    Stream through_modulator(const Stream& s) {
        Stream out = through(s, "modulate", "fm_modulator", {{"deviation", part_of_rate(s, 1, 30)}});
        changes(s, out.block, "deviation", [&] { return part_of_rate(s, 1, 30); });
        out.kind = Kind::complex;
        return out;
    }
    Stream converted(const Stream& s) {
        static const std::vector<std::string> of_complex{"ci16", "ci8", "cu8"}, of_real{"ri16", "ri8", "ru8"};
        Stream out = through(s, "convert", "convert", {{"to", random_.of(s.kind == Kind::complex ? of_complex : of_real)}});
        out.integer = true;
        return out;
    }

    // --- trees and their leaves ------------------------------------------------------------------------------------------
    void grow(Stream s, std::uint64_t budget) {
        while (budget > 0) {
            if (s.kind == Kind::complex && s.rate > 0 && !s.integer && random_.percent(8)) return channels(s, budget);
            if (random_.percent(15)) {
                const std::uint64_t half = budget / 2;
                grow(s, half);
                budget -= half;
                if (budget == 0) break;
            }
            s = any(s);
            --budget;
        }
        end(s);
    }

    void channels(const Stream& s, std::uint64_t budget) {
        std::uint64_t count = random_.from(2, 16);
        while (!can_slow_down(s, count)) --count;
        const std::size_t bank = add("bank", "pfb_channelizer", {{"channels", std::to_string(count)}, {"taps_per_channel", std::to_string(random_.from(2, 14))}}, {});
        connect(s, bank);
        Stream base = resampled(next(s, bank), 1, count);
        base.centre = base.centre || s.centre;
        if (may("groups", 40)) return receivers(base, bank, count);
        for (std::uint64_t c = 0; c < count; ++c) {
            base.port = "out[" + std::to_string(c) + "]";
            if (random_.percent(50)) {
                if (random_.percent(30)) graph_.blocks[bank].spare.push_back(base.port);
            } else if (budget > 1 && random_.percent(40)) {
                grow(base, random_.from(1, 3));
                --budget;
            } else {
                end(base);
            }
        }
    }

    /// A group with as many copies as there are channels; their outputs are added, or end within.
    void receivers(const Stream& s, std::size_t bank, std::uint64_t count) {
        const std::string group = "chain" + std::to_string(graph_.groups.size());
        const bool adds = !s.centre && random_.percent(50);
        std::vector<std::pair<std::string, std::string>> inner;
        inner.emplace_back("a", "{type: multiply_const, constant: $index + 1}");
        if (random_.percent(60)) inner.emplace_back("f", "{type: fir_filter, taps_count: " + std::to_string(random_.from(1, 300)) + ", cutoff: " + part_of_rate(s, 5, 40) + "}");
        if (random_.percent(60)) inner.emplace_back("p", "{type: probe, every: " + std::to_string(random_.from(10, 3000)) + "}");
        if (random_.percent(40)) inner.emplace_back("t", "{type: odd_tagger, seed: $index, spacing: 500}");
        if (!adds) inner.emplace_back("k", "{type: file_sink, path: \"" + group + "/{index:02}.cf32\"}");
        std::string text = "  " + group + ":\n    ports: \"in" + (adds ? ", out" : "");
        const bool measures = std::any_of(inner.begin(), inner.end(), [](const auto& b) { return b.first == "p"; });
        text += std::string(measures ? ", levels" : "") + "\"\n    blocks:\n";
        std::string chain = "in";
        for (const auto& [name, block] : inner) {
            text += "      " + name + ": " + block + "\n";
            chain += " -> " + name;
        }
        text += "    connections:\n      - \"" + chain + (adds ? " -> out" : "") + "\"\n";
        if (measures) text += "    messages:\n      - \"p.measurements -> levels\"\n";
        graph_.groups.push_back(text);
        const std::size_t use = add("each", group, {{"copies", std::to_string(count)}}, {});
        for (std::uint64_t c = 0; c < count; ++c)
            for (const auto& [name, block] : inner)
                graph_.blocks[use].members.push_back(name_of(use) + "[" + std::to_string(c) + "]." + name);
        graph_.edges.push_back({bank, use, name_of(bank) + ".out[*] -> " + name_of(use) + "[*]", "*", ""});
        if (measures) {
            const std::size_t log = add("log", "message_log", {{"path", name_of(use) + ".jsonl"}}, {});
            graph_.blocks[log].messages_alone = true;
            graph_.edges.push_back({use, log, name_of(use) + "[*].levels -> " + name_of(log), "levels", "", true, false});
        }
        if (!adds) return;
        const std::size_t b = add("add", "add", {{"inputs", std::to_string(count)}});
        graph_.edges.push_back({use, b, name_of(use) + "[*].out -> " + name_of(b) + ".in[*]", "*", ""});
        end(next(s, b));
    }

    std::string product(std::size_t& number, const std::string& extension) { return "p" + std::to_string(number++) + extension; }
    void sink(const Stream& s, const std::string& type, Settings settings) {
        const std::size_t b = add("sink", type, std::move(settings), {});
        connect(s, b);
    }

    void end(Stream s) {
        if (random_.percent(45)) s = logged(s);
        const bool complex = s.kind == Kind::complex;
        const std::uint64_t how = random_.below(100);
        if (how < 35) return sink(s, "file_sink", {{"path", product(products_, ".raw")}, {"format", "raw"}});
        if (how < 55) return sink(s, "file_sink", {{"path", product(products_, ".sigmf-meta")}});
        if (how < 63) return sink(s, "hdf5_sink", {{"path", product(products_, ".h5")}});
        if (how < 68 && s.rate > 0 && s.rate_divisor == 1 && s.rate < 1000000) return sink(s, "wav_sink", {{"path", product(products_, ".wav")}});
        if (how < 73 && complex) return sink(s, "waterfall_png", {{"path", product(products_, ".png")}, {"size", std::to_string(8 << random_.below(7))}, {"height", "64"}});
        if (how < 75) return sink(s, "null_sink", {});
        const std::uint64_t size = random_.percent(50) ? 1U << random_.below(11) : random_.from(1, 500);
        Stream t;
        if (how < 87) {
            const std::uint64_t hop = random_.percent(50) ? size : random_.from(std::max<std::uint64_t>(1, size / 4), 2 * size);
            t = through(s, "spectrum", "fft", {{"size", std::to_string(size)}, {"hop", std::to_string(hop)}, {"window", "hann"}});
            if (random_.percent(20)) t = copied(t);
        } else {
            t = through(s, "power", "psd", {{"size", std::to_string(size)}, {"average", std::to_string(random_.percent(25) ? 0 : random_.from(1, 200))}});
            t.source = -2 - int(graph_.blocks.size());
            t.rate = 0;  // so that what it says is logged apart
            if (random_.percent(20)) return sink(t, "waterfall_png", {{"path", product(products_, ".png")}, {"height", "32"}});
        }
        if (t.rate > 0 && random_.percent(25)) t = logged(t);
        sink(t, "hdf5_sink", {{"path", product(products_, ".h5")}});
    }

    // --- messages --------------------------------------------------------------------------------------------------------
    void hear_all() {
        std::size_t logs = 0;
        const auto log = [&](const std::vector<Sender>& heard) {
            Settings settings;
            std::string type = "message_log";
            const bool notes = random_.percent(25);
            settings.emplace_back("path", notes ? "notes" + std::to_string(logs++) + ".sigmf-meta" : "log" + std::to_string(logs++) + ".jsonl");
            if (notes) {
                type = "sigmf_annotations";
                const auto r = std::find_if(recordings_.begin(), recordings_.end(), [](const Recording& one) { return one.sigmf; });
                if (r != recordings_.end()) settings.emplace_back("recording", r->file);
            }
            const std::size_t b = add("log", type, settings, {});
            graph_.blocks[b].messages_alone = true;
            for (const Sender& sender : heard) tell(sender, b, "in");
            unique_edges();
        };
        // What has no rate goes with its own kind.
        std::set<int> sources;
        for (const auto* list : {&log_first_, &senders_})
            for (const Sender& sender : *list) sources.insert(sender.source);
        for (const int source : sources) {
            std::vector<Sender> first, others;
            std::copy_if(log_first_.begin(), log_first_.end(), std::back_inserter(first), [&](const Sender& s) { return s.source == source; });
            std::copy_if(senders_.begin(), senders_.end(), std::back_inserter(others), [&](const Sender& s) { return s.source == source; });
            while (!first.empty() || (!others.empty() && random_.percent(70))) {
                std::vector<Sender> heard;
                for (std::uint64_t k = random_.from(1, 3); k > 0 && !first.empty(); --k) {
                    heard.push_back(first.back());
                    first.pop_back();
                }
                for (std::uint64_t k = random_.from(heard.empty() ? 1 : 0, 3); k > 0 && !others.empty(); --k) {
                    const std::size_t n = random_.below(others.size());
                    heard.push_back(others[n]);
                    if (random_.percent(70)) others.erase(others.begin() + std::ptrdiff_t(n));
                }
                log(heard);
            }
        }
    }

    void run_options() {
        if (reads_all_ && graph_.schedule.empty() && may_begin_late_ && shortest_ > 0 && random_.percent(15))
            graph_.run_options.push_back("--from " + std::to_string(random_.below(shortest_ + 1)));
        if (random_.percent(12)) graph_.run_options.push_back("--duration " + std::to_string(random_.from(1, 150000)));
    }

    Random random_;
    std::string folder_;
    std::set<std::string> without_;
    bool dependent_;
    Graph graph_;
    std::vector<Sender> senders_, log_first_, steering_, numbers_;
    std::vector<Recording> recordings_;
    int sources_ = 0;
    std::size_t products_ = 0;
    std::uint64_t shortest_ = UINT64_MAX;
    bool reads_all_ = true, may_begin_late_ = true;
};

/// Four runs that are compared with the one on one rank.
void write_runs(const Graph& graph, std::uint64_t seed, const std::string& folder) {
    Random random(seed * 0xd1342543de82ef95U + 7);
    std::ofstream runs(folder + "/runs");
    for (int k = 0; k < 4; ++k) {
        const auto how = random.below(100);
        std::string chunks = how < 40 ? "any" : how < 80 ? "random:" + std::to_string(random.from(1, 32767)) : how < 92 ? "17" : "1000000000";
        if (graph.items < 20000 && random.percent(30)) chunks = "1";
        const auto by = random.below(100);
        const std::string transport = by < 50 ? "shm" : by < 75 ? "tcp" : "nocma";
        unsigned ranks = k == 0 ? 1 : unsigned(random.from(2, 4));
        const bool automatic = random.percent(20);
        std::string cut = "-";
        const std::uint64_t cut_seed = random.next();
        if (ranks > 1) {
            cut = "cut-" + std::to_string(k);
            const std::string text = graph.cut(cut_seed, ranks);
            if (automatic || ranks == 1)
                cut = ranks == 1 ? "-" : "auto";
            else
                std::ofstream(folder + "/" + cut) << text;
        }
        if (k == 0 && chunks == "any") chunks = "random:" + std::to_string(seed % 1000 + 1);
        runs << ranks << ' ' << cut << ' ' << transport << ' ' << chunks << '\n';
    }
}

int generate(const std::vector<std::string>& words) {
    const std::uint64_t seed = std::stoull(words.at(0));
    const std::string& folder = words.at(1);
    std::set<std::string> dropped, without;
    bool dependent = false;
    for (std::size_t k = 2; k < words.size(); ++k) {
        if (words[k].starts_with("--drop=")) dropped.insert(words[k].substr(7));
        else if (words[k] == "--without") without.insert(words.at(++k));
        else if (words[k] == "--dependent") dependent = true;
    }
    Graph graph = Maker(seed, folder, without, dependent).make();
    std::ofstream names(folder + "/names");
    for (std::size_t c = 0; c < graph.schedule.size(); ++c) names << "change:" << c << '\n';
    for (const char* how : {"", "around:"})
        for (std::size_t b = graph.blocks.size(); b-- > 0;) names << how << graph.blocks[b].name << '\n';
    graph.drop(dropped);
    std::ofstream(folder + "/graph.yaml") << graph.text();
    std::ofstream options(folder + "/options");
    for (const auto& option : graph.run_options) options << option << '\n';
    std::ofstream loose(folder + "/loose");
    for (const auto& name : graph.loose()) loose << name << '\n';
    write_runs(graph, seed, folder);
    return 0;
}

// --- reports -------------------------------------------------------------------------------------------------------------
/// What follows `"key":` in an object that begins at `at`: up to the comma or brace of its own depth.
std::string field(const std::string& json, std::size_t at, std::size_t end, const std::string& key) {
    const std::size_t found = json.find("\"" + key + "\":", at);
    if (found == std::string::npos || found >= end) return "";
    std::size_t k = found + key.size() + 3;
    const std::size_t from = k;
    int depth = 0;
    for (bool quoted = false; k < end; ++k) {
        const char c = json[k];
        if (c == '"' && json[k - 1] != '\\') quoted = !quoted;
        if (quoted) continue;
        if (depth == 0 && (c == ',' || c == '}')) break;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
    }
    return json.substr(from, k - from);
}

int counts(const std::string& report, const std::string& loose_file) {
    std::ifstream in(report);
    const std::string json(std::istreambuf_iterator<char>(in), {});
    std::set<std::string> loose;
    std::ifstream names(loose_file);
    for (std::string name; std::getline(names, name);) loose.insert(name);
    std::set<std::string> lines;
    const std::size_t begin = json.find("\"ranks\":[");
    for (std::size_t at = json.find("{\"block\":", begin); at != std::string::npos;) {
        const std::size_t next = json.find("{\"block\":", at + 1), end = std::min(next, json.size());
        const std::string name = field(json, at, end, "block");
        const std::string plain = name.substr(1, name.find_first_of("[\"", 1) - 1);
        std::string line = name;
        for (const char* key : {"items_in", "items_out", "messages_in", "messages_out", "left_over", "results", "warnings", "changes", "changes_beyond_the_end"})
            if (const std::string value = field(json, at, end, key); !value.empty()) line += std::string(" ") + key + " " + value;
        if (!loose.contains(plain)) lines.insert(line);
        at = next;
    }
    for (const auto& line : lines) std::cout << line << '\n';
    return lines.empty() && loose.empty() ? 1 : 0;
}

}  // namespace
}  // namespace random_graph

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 3 && words[0] == "--counts") return random_graph::counts(words[1], words[2]);
    if (words.size() >= 2 && words[0].find_first_not_of("0123456789") == std::string::npos) return random_graph::generate(words);
    std::cerr << "usage: random_graph SEED FOLDER [--drop=NAME]… [--without CONSTRUCT]… [--dependent], random_graph --counts REPORT LOOSE\n";
    return 2;
}
