// Trees of blocks and their leaves, and who hears which messages.
#include "random_maker.hpp"

#include <iterator>
#include <numeric>

namespace random_graph {

Graph Maker::make() {
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

bool Maker::may(const std::string& construct, unsigned percent) {
    return random_.percent(percent) && !without_.contains(construct);
}

void Maker::grow(Stream s, std::uint64_t budget) {
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

void Maker::channels(const Stream& s, std::uint64_t budget) {
    std::uint64_t count = random_.from(2, 16);
    while (count > 1 && !can_slow_down(s, count)) --count;
    const std::size_t bank =
        add("bank", "pfb_channelizer",
            {{"channels", std::to_string(count)}, {"taps_per_channel", std::to_string(random_.from(2, 14))}}, {});
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

void Maker::receivers(const Stream& s, std::size_t bank, std::uint64_t count) {
    const std::string group = "chain" + std::to_string(graph_.groups.size());
    const bool adds = !s.centre && random_.percent(50);
    std::vector<std::pair<std::string, std::string>> inner;
    inner.emplace_back("a", "{type: multiply_const, constant: $index + 1}");
    if (random_.percent(60))
        inner.emplace_back("f", "{type: fir_filter, taps_count: " + std::to_string(random_.from(1, 300)) +
                                    ", cutoff: " + part_of_rate(s, 5, 40) + "}");
    if (random_.percent(60)) inner.emplace_back("p", "{type: probe, every: " + std::to_string(random_.from(10, 3000)) + "}");
    if (random_.percent(40))
        inner.emplace_back("t", std::string("{type: odd_tagger, seed: $index, spacing: 500") +
                                    (without_.contains("long_values") ? ", long: false}" : "}"));
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

std::string Maker::product(std::size_t& number, const std::string& extension) {
    return "p" + std::to_string(number++) + extension;
}

void Maker::sink(const Stream& s, const std::string& type, Settings settings) {
    const std::size_t b = add("sink", type, std::move(settings), {});
    connect(s, b);
}

void Maker::end(Stream s) {
    if (random_.percent(45)) s = logged(s);
    const bool complex = s.kind == Kind::complex;
    const std::uint64_t how = random_.below(100);
    if (how < 35) return sink(s, "file_sink", {{"path", product(products_, ".raw")}, {"format", "raw"}});
    if (how < 55) return sink(s, "file_sink", {{"path", product(products_, ".sigmf-meta")}});
    if (how < 63) return sink(s, "hdf5_sink", {{"path", product(products_, ".h5")}});
    if (how < 68 && s.rate > 0 && s.rate_divisor == 1 && s.rate < 1000000)
        return sink(s, "wav_sink", {{"path", product(products_, ".wav")}});
    if (how < 73 && complex)
        return sink(s, "waterfall_png",
                    {{"path", product(products_, ".png")}, {"size", std::to_string(8 << random_.below(7))}, {"height", "64"}});
    if (how < 74) return sink(s, "null_sink", {});
    if (how < 75) return sink(s, "vector_sink", {});
    if (how < 78 && complex && s.rate > 0) {
        if (random_.percent(50)) {
            const std::size_t b = add("spans", "spectral_burst_detector", {{"size", "64"}}, {});
            connect(s, b);
            return speaks(s, b, "detections", true);
        }
        Stream found = detected(s);
        const std::size_t b = add("cut", "burst_sink", {{"path", product(products_, ".sigmf-meta")}, {"longest", "10 ms"}}, {});
        connect(s, b);
        tell({found.block, "detections", -1}, b, "bursts");
        return;
    }
    const std::uint64_t size = random_.percent(50) ? 1U << random_.below(11) : random_.from(1, 500);
    Stream t;
    if (how < 87) {
        const std::uint64_t hop = random_.percent(50) ? size : random_.from(std::max<std::uint64_t>(1, size / 4), 2 * size);
        t = through(s, "spectrum", "fft", {{"size", std::to_string(size)}, {"hop", std::to_string(hop)}, {"window", "hann"}});
        if (random_.percent(20)) t = copied(t);
    } else if (how < 90) {
        t = through(s, "times", "spectrogram",
                    {{"size", std::to_string(size)}, {"overlap", std::to_string(random_.below(size))}});
        t.rate = 0;
        t.source = -2 - int(graph_.blocks.size());
        if (random_.percent(40)) {
            const std::size_t b = add("tops", "peaks", {{"number", "2"}}, {});
            connect(t, b);
            return speaks(t, b, "peaks", true);
        }
    } else {
        t = through(
            s, "power", "psd",
            {{"size", std::to_string(size)}, {"average", std::to_string(random_.percent(25) ? 0 : random_.from(1, 200))}});
        t.source = -2 - int(graph_.blocks.size());
        t.rate = 0;  // so that what it says is logged apart
        if (random_.percent(20)) return sink(t, "waterfall_png", {{"path", product(products_, ".png")}, {"height", "32"}});
        if (random_.percent(20)) return sink(t, "psd_png", {{"path", product(products_, ".png")}});
    }
    if (t.rate > 0 && random_.percent(25)) t = logged(t);
    sink(t, "hdf5_sink", {{"path", product(products_, ".h5")}});
}

/// The SigMF recording from which alone all comes that these senders look at; "" where there is none.
std::string Maker::only_recording(const std::vector<Sender>& senders) const {
    std::set<std::size_t> before;
    for (const Sender& sender : senders) before.insert(sender.block);
    for (std::size_t size = 0; size != before.size();) {
        size = before.size();
        for (const Edge& e : graph_.edges)
            if (before.contains(e.to)) before.insert(e.from);
    }
    std::set<std::string> files;
    for (const std::size_t b : before) {
        if (std::any_of(graph_.edges.begin(), graph_.edges.end(), [&](const Edge& e) { return e.to == b; })) continue;
        files.insert(graph_.blocks[b].type == "file_source" ? graph_.blocks[b].settings.front().value : "");
    }
    const auto is_sigmf = [&](const Recording& r) { return r.sigmf && r.file == *files.begin(); };
    return files.size() == 1 && std::any_of(recordings_.begin(), recordings_.end(), is_sigmf) ? *files.begin() : "";
}

void Maker::hear_all() {
    std::size_t logs = 0;
    const auto log = [&](const std::vector<Sender>& heard) {
        Settings settings;
        std::string type = "message_log";
        const bool notes = random_.percent(25);
        settings.add("path",
                     notes ? "notes" + std::to_string(logs++) + ".sigmf-meta" : "log" + std::to_string(logs++) + ".jsonl");
        if (notes) {
            type = "sigmf_annotations";
            const std::string file = only_recording(heard);
            if (!file.empty()) settings.add("recording", file);
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
        std::copy_if(log_first_.begin(), log_first_.end(), std::back_inserter(first),
                     [&](const Sender& s) { return s.source == source; });
        std::copy_if(senders_.begin(), senders_.end(), std::back_inserter(others),
                     [&](const Sender& s) { return s.source == source; });
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

void Maker::run_options() {
    if (reads_all_ && graph_.schedule.empty() && may_begin_late_ && shortest_ > 0 && random_.percent(15))
        graph_.run_options.push_back("--from " + std::to_string(random_.below(shortest_ + 1)));
    if (random_.percent(12)) graph_.run_options.push_back("--duration " + std::to_string(random_.from(1, 150000)));
}

}  // namespace random_graph
