// Blocks with one input and one output, and branches that are joined.
#include "random_maker.hpp"

#include <iterator>
#include <numeric>

namespace random_graph {

Stream Maker::next(Stream s, std::size_t block) {
    s.block = block;
    s.port = "out";
    s.integer = false;
    return s;
}

Stream Maker::through(const Stream& s, const std::string& name, const std::string& type, Settings settings, bool optional) {
    const std::size_t b =
        add(name, type, std::move(settings), optional ? std::vector<std::string>{} : std::vector<std::string>{"out"});
    connect(s, b);
    return next(s, b);
}

Stream Maker::resampled(Stream s, std::uint64_t up, std::uint64_t down) {
    const double ratio = double(up) / double(down);
    s.items *= ratio;
    s.first = s.first * ratio + 1;
    s.rate *= up;
    s.rate_divisor *= down;
    const std::uint64_t g = std::gcd(s.rate, s.rate_divisor);
    if (g > 0) s.rate /= g, s.rate_divisor /= g;
    return s;
}

Stream Maker::copied(const Stream& s) {
    const bool integer = s.integer;
    Stream out = through(s, "copy", "copy", {});
    out.integer = integer;
    return out;
}

Stream Maker::multiplied(const Stream& s) {
    Stream out = through(s, "times", "multiply_const", {{"constant", decimal()}});
    changes(s, out.block, "constant", [&] { return (random_.percent(30) ? "-" : "") + decimal(); });
    return out;
}

Stream Maker::filtered(const Stream& s, std::uint64_t decimation) {
    Settings settings;
    const bool design = s.rate > 0 && random_.percent(75), fast = design && may("long_filters", 40);  // on a grid
    if (design) {
        settings.add("cutoff", part_of_rate(s, 3, 45));
        settings.add("taps_count", std::to_string(fast ? random_.from(129, 900) * decimation : random_.from(1, 120)));
    } else {
        std::string taps = "[1";
        for (std::uint64_t k = random_.below(9); k > 0; --k) taps += ", 0." + std::to_string(random_.below(100));
        settings.add("taps", taps + "]");
    }
    if (decimation > 1) settings.add("decimation", std::to_string(decimation));
    Stream out = through(s, "filter", "fir_filter", settings);
    if (design && (!fast || !without_.contains("grid_changes")))
        changes(s, out.block, "cutoff", [&] { return part_of_rate(s, 3, 45); });
    return resampled(out, 1, decimation);
}

Stream Maker::rational(const Stream& s, std::uint64_t up, std::uint64_t down) {
    return resampled(through(s, "resample", "rational_resampler",
                             {{"interpolation", std::to_string(up)}, {"decimation", std::to_string(down)}}),
                     up, down);
}

Stream Maker::translated(const Stream& s) {
    const std::uint64_t by = can_slow_down(s, 8) ? random_.from(1, 8) : 1;
    const auto shift = [&] { return (random_.percent(50) ? "-" : "") + part_of_rate(s, 1, 49); };
    Stream out = through(s, "tune", "frequency_translate", {{"shift", shift()}, {"decimation", std::to_string(by)}});
    const std::size_t before = graph_.schedule.size();
    changes(s, out.block, "shift", shift);
    out.centre = true;
    out.retunes = out.retunes || graph_.schedule.size() > before;
    return resampled(out, 1, by);
}

Stream Maker::detected(const Stream& s) {
    static const std::vector<std::uint64_t> frames{1, 16, 100, 256, 257, 1000, 4096};
    Stream out = through(
        s, "bursts", "burst_detector",
        {{"threshold", std::to_string(random_.from(1, 9)) + " dB"}, {"frame", std::to_string(random_.of(frames))}}, true);
    if (!without_.contains("grid_changes"))
        changes(s, out.block, "threshold", [&] { return std::to_string(random_.from(1, 12)) + " dB"; });
    may_steer(s, out.block, "detections");
    return out;
}

Stream Maker::probed(const Stream& s) {
    static const std::vector<std::uint64_t> every{50, 1000, 1009, 4096, 10000, 65536};
    Stream out = through(s, "probe", "probe", {{"every", std::to_string(random_.of(every))}}, true);
    may_steer(s, out.block, "measurements");
    return out;
}

Stream Maker::tagged(const Stream& s) {
    static const std::vector<std::string> policies{"all", "all", "all", "own", "one", "drop"};
    Settings settings{{"spacing", spacing(s, 60)}, {"seed", std::to_string(random_.below(1000))}};
    if (random_.percent(25)) settings.add("gains", "true");
    settings.add("policy", random_.of(policies));
    if (without_.contains("long_values")) settings.add("long", "false");
    const bool integer = s.integer;
    Stream out = through(s, "tags", "odd_tagger", settings);
    out.integer = integer;
    return out;
}

Stream Maker::sending(const Stream& s) {
    const bool numbers = may("messages", 40);
    Settings settings{{"spacing", spacing(s, 100)}, {"seed", std::to_string(random_.below(1000))}};
    if (numbers) settings.add("numbers", "true");
    if (without_.contains("long_values")) settings.add("long", "false");
    Stream out = through(s, "send", "odd_sender", settings, true);
    may_steer(s, out.block, "found");
    if (numbers && s.rate > 0 && s.spread <= 2) numbers_.push_back({out.block, "found", -1});
    return out;
}

Stream Maker::logged(const Stream& s) {
    const bool integer = s.integer;
    Stream out = through(s, "tell", "odd_logger", {}, true);
    out.integer = integer;
    speaks(s, out.block, "lines", true);
    return out;
}

std::string Maker::spacing(const Stream& s, std::uint64_t wanted) {
    const std::uint64_t least = without_.contains("dense") ? 16 : 1;
    return std::to_string(std::max(least, std::uint64_t(s.items) / random_.from(1, wanted)));
}

Stream Maker::gained(const Stream& s) {
    Stream out = through(s, "gain", "odd_gain", {});
    if (!numbers_.empty() && s.rate > 0) {
        for (std::uint64_t k = random_.from(1, 2); k > 0; --k) tell(random_.of(numbers_), out.block, "control");
        unique_edges();
    }
    changes(s, out.block, "gain", [&] { return decimal(); });
    return out;
}

Stream Maker::steered(const Stream& s) {
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

Sender Maker::echoed(const Sender& sender) {
    const std::size_t echo = add("echo", "odd_echo", {}, {});
    graph_.blocks[echo].messages_alone = true;
    tell(sender, echo, "in");
    const Sender answer{echo, "out", -1};
    senders_.push_back(answer);
    return answer;
}

Stream Maker::looped(const Stream& s) {
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
        delay = std::max(delay, (every + 64) * out.spread);
    }
    tell(back, first, "steps", "{feedback: {delay: " + std::to_string(delay) + " samples}}");
    return out;
}

void Maker::unique_edges() {
    for (std::size_t a = graph_.edges.size(); a-- > 1;)
        if (std::any_of(graph_.edges.begin(), graph_.edges.begin() + std::ptrdiff_t(a),
                        [&](const Edge& e) { return e.text == graph_.edges[a].text; }))
            graph_.edges.erase(graph_.edges.begin() + std::ptrdiff_t(a));
}

Stream Maker::shortened(const Stream& s) {
    const bool integer = s.integer;
    const std::uint64_t n = random_.percent(20) ? random_.below(3) : random_.below(std::uint64_t(s.items) * 11 / 10 + 2);
    Stream out = through(s, "head", "head", {{"length", std::to_string(n)}});
    graph_.blocks[out.block].ends_early = true;
    out.items = std::min(out.items, double(n));
    out.integer = integer;
    return out;
}

Stream Maker::skipped(const Stream& s, std::uint64_t most) {
    const bool integer = s.integer;
    const std::uint64_t n =
        random_.percent(20) ? random_.below(3) : random_.below(std::min(most, std::uint64_t(s.items) + 2) + 1);
    Stream out = through(s, "skip", "skip", {{"length", std::to_string(n)}});
    out.items = std::max(0.0, out.items - double(n));
    if (s.rate > 0) out.start_s += double(n) / s.rate_hz();
    out.integer = integer;
    return out;
}

Stream Maker::dependent(const Stream& s) {
    if (random_.percent(50)) {
        Stream out = through(s, "odd", "odd_decimator", {});
        out.spread *= 2;
        return resampled(out, 1, 4);
    }
    const std::uint64_t most = random_.from(1, 90);
    Stream out = through(s, "runs", "odd_runs", {{"most", std::to_string(most)}});
    out.spread *= most / 2 + 1;
    out.kind = Kind::real;
    out.centre = false;
    return resampled(out, 1, 2);
}

Stream Maker::same_rate(const Stream& s) {
    if (!s.integer && random_.percent(25)) return of_table(s, true);
    switch (random_.below(s.kind == Kind::complex ? 10 : 9)) {
        case 0:
            return copied(s);
        case 1:
            return multiplied(s);
        case 2:
        case 3:
            return filtered(s, 1);
        case 4:
            return probed(s);
        case 5:
            return tagged(s);
        case 6:
            return sending(s);
        case 7:
            return gained(s);
        case 8:
            return s.rate > 0 ? steered(s) : copied(s);
        default:
            return detected(s);
    }
}

Stream Maker::joined(const Stream& s) {
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

// Streams side by side in items, through blocks that know channels, and apart again: one of them goes on.
Stream Maker::side_by_side(const Stream& s) {
    const std::string count = std::to_string(random_.from(1, 3));
    const std::size_t join = add("join", "streams_to_vector", {{"inputs", count}});
    for (int k = 0; k < std::stoi(count); ++k)
        connect(s.integer || random_.percent(50) ? s : multiplied(s), join, "in[" + std::to_string(k) + "]");
    Stream items = next(s, join);
    items.integer = s.integer;
    for (std::uint64_t n = random_.below(4); n > 0; --n) {
        const std::uint64_t kind = random_.below(4);
        if (kind == 0) items = copied(items);
        if (kind == 1) items = multiplied(items);
        if (kind == 2) items = filtered(items, can_slow_down(items, 3) ? random_.from(1, 3) : 1);
        if (kind == 3) items = items.kind == Kind::complex && items.rate > 0 ? translated(items) : probed(items);
    }
    const std::size_t split = add("split", "vector_to_streams", {{"outputs", count}}, {});
    connect(items, split);
    Stream out = next(items, split);
    out.integer = items.integer;
    out.port = "out[" + std::to_string(random_.below(std::uint64_t(std::stoi(count)))) + "]";
    return out;
}

Stream Maker::any(const Stream& s) {
    if (dependent_ && s.rate > 0 && can_slow_down(s, 4) && random_.percent(15)) return dependent(s.integer ? multiplied(s) : s);
    if (!s.integer && random_.percent(30)) return of_table(s, false);
    if (random_.percent(8)) return there_and_back(s);
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
                if (s.rate > 0 && can_slow_down(s, by) && s.items * double(up) / double(by) < most_items &&
                    s.rate * up < 2000000000)
                    return rational(s, up, by);
                break;
            }
            case 5:
                if (complex && s.rate > 0) return demodulated(s);
                break;
            case 6:
                if (!complex && s.rate > 0) return through_modulator(s);
                break;
            case 7:
                return random_.percent(50) ? shortened(s) : skipped(s, most_items);
            case 8:
            case 9:
                return joined(s);
            case 10:
                if (s.rate > 0 && !without_.contains("messages")) return looped(s);
                break;
            case 11:
                if (!s.integer) return logged(s);
                break;
            case 12:
                return converted(s);
            case 13:
                if (may("vectors", 60)) return side_by_side(s);
                break;
            default:
                return same_rate(s);
        }
    }
}

Stream Maker::demodulated(const Stream& s) {
    Stream out = through(s, "demod", "fm_demod", {{"deviation", part_of_rate(s, 5, 50)}});
    changes(s, out.block, "deviation", [&] { return part_of_rate(s, 5, 50); });
    out.kind = Kind::real;
    out.centre = false;
    if (random_.percent(40)) out = through(out, "deemph", "deemphasis", {});
    return out;
}

Stream Maker::through_modulator(const Stream& s) {
    Stream out = through(s, "modulate", "fm_modulator", {{"deviation", part_of_rate(s, 1, 30)}});
    changes(s, out.block, "deviation", [&] { return part_of_rate(s, 1, 30); });
    out.kind = Kind::complex;
    return out;
}

Stream Maker::converted(const Stream& s) {
    static const std::vector<std::string> of_complex{"ci16", "ci8", "cu8"}, of_real{"ri16", "ri8", "ru8"};
    Stream out = through(s, "convert", "convert", {{"to", random_.of(s.kind == Kind::complex ? of_complex : of_real)}});
    out.integer = true;
    return out;
}

}  // namespace random_graph
