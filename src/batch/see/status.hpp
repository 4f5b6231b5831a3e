// `flowspan batch status`: how far a batch is.
#pragma once

#include "batch/see/seen.hpp"

#include <flowspan/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

struct Tally {
    std::size_t units = 0, done = 0, failed = 0, left = 0, running = 0, deleted = 0;  // `units`: without those deleted
    std::size_t cached = 0;  // of those done: their products were taken from the cache
    void add(const Tally& other);
};

struct FailedUnit {
    std::string unit, cause, host;
    int code = 0, attempts = 0;
};

struct PartStatus {
    PartOf part;
    enum class Life { runs, ended, died } life = Life::died;
    Tally tally;
    std::optional<Holder> holder;
    std::string host;           // of the last start
    double began = 0;           // as above
    std::optional<int> code;    // of its end
    std::size_t under_way = 0;  // units that it had handed out when it died
    std::optional<LiveSaid> live;
};

struct Status {
    std::string out;
    double now = 0;  // in seconds since 1970
    Tally tally;
    std::vector<PartStatus> parts;
    std::vector<FailedUnit> failed;  // where asked for
    std::vector<std::string> warnings;

    std::optional<double> units_per_s() const;
    std::optional<double> seconds_left() const;
    std::size_t listed() const;
    Value value() const;       // `--json`
    std::string text() const;  // for people, lines
};

/// Reads all parts. `failed`: lists them. Throws Failure where OUT holds no batch.
Status status_of(const std::string& out, bool failed);

}  // namespace flowspan::batch
