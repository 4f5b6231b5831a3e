// A small batch, as its journals tell it.
#pragma once

#include "batch/journal/history.hpp"
#include "batch/journal/journal.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace flowspan::batch::test {

inline Unit unit(const std::string& folder) { return {.folder = folder, .recording = "/data/" + folder}; }

inline line::Begin begin() {
    return {"0a1b2c3d4e5f", "0.1.0", "node1", 4711, 1732800000.25, {"flowspan", "batch", "g.yaml"}, "/data", 0, 0,
            "blocks: []\n", "77aa",  "avx2",  {}};
}

inline Value start(UnitId unit, const std::string& run, int attempt = 1, const std::string& host = "node1") {
    return line::Start{unit, run, attempt, 3, host, 1732800001.5}.value();
}

inline std::vector<MadeFile> two_products() { return {{"a.wav", 5, 0, 1}, {"spectra/b.h5", 7, 0, 2}}; }

inline Value commit(UnitId unit, const std::string& run, const std::string& key = "k1",
                    const std::vector<MadeFile>& products = two_products(), const std::string& fingerprint = "f1") {
    return line::Commit{unit, run, key, Value::Map{{"pieces", Value::List{"00ff"}}}, fingerprint, products, 0.25, 1000}.value();
}

inline Value done(UnitId unit, const std::string& run) { return line::Done{unit, run}.value(); }

inline Value failed(UnitId unit, const std::string& run, int attempt, bool again) {
    return line::Failed{unit, run, attempt, "fft: it \"failed\"", 4, 3, "node1", "f1", again, false}.value();
}

/// All that a history says, so that two can be compared.
inline std::string all_of(const History& h) {
    std::string text;
    for (std::size_t u = 0; u < h.size(); ++u) {
        const Known k = h.known(u);
        text += fmt::format("{} {} {} {} run={} key={} fp={} content={} n={} {} {} {} deaths={}/{}", h.id(u).text(),
                            k.unit.value().json(), name_of(k.state), k.products.size(), k.run, k.key, k.fingerprint,
                            k.content.json(), k.attempts, k.cause, k.host, k.code, k.deaths, k.deaths_alone);
        for (const auto& p : k.products) text += fmt::format(" {}:{}", p.name, p.bytes);
        for (const auto& p : k.places) text += " " + p;
        text += "\n";
    }
    for (const Committed& c : h.committed()) text += fmt::format("committed {} {} {}\n", c.unit, c.run, c.products.size());
    for (const Dead& d : h.dead()) text += fmt::format("dead {} {}\n", d.unit, d.run);
    for (const std::size_t u : h.suspects()) text += fmt::format("suspect {}\n", u);
    if (h.first()) text += h.first()->value().json();
    return text;
}

inline State state_of(const History& h, const std::string& folder) { return h.state(h.find(folder).value()); }
inline Known known_of(const History& h, const std::string& folder) { return h.known(h.find(folder).value()); }

/// Lines of a start, kept for looking at.
class Script {
public:
    explicit Script(std::uint32_t start) : start_(start) { add(begin().value()); }
    UnitId unit(const std::string& folder) {
        const UnitId id{start_, units_++};
        add(line::Described{id, test::unit(folder)}.value());
        return id;
    }
    void add(const Value& v) { lines.push_back(sealed_line(v)); }
    std::string text() const { return text_of(lines); }
    static std::string text_of(const std::vector<std::string>& lines) {
        std::string all;
        for (const auto& l : lines) all += l;
        return all;
    }
    std::vector<std::string> lines;

private:
    std::uint32_t start_, units_ = 0;
};

/// The history of journals with these texts.
inline History history(const std::vector<std::string>& texts, bool alive = false) {
    History h;
    for (std::size_t k = 0; k < texts.size(); ++k)
        h.journal(std::uint32_t(k + 1), [&](const TakeLine& take, Troubles& troubles) {
            LineReader reader("J", take, troubles);
            reader.add(texts[k]);
            reader.end();
        });
    if (!alive) h.end();
    return h;
}

}  // namespace flowspan::batch::test
