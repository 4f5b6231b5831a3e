// What all attempts of a batch have taken, out of its journals: what reports are made of.
#pragma once

#include "batch/see/seen.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::batch {

/// Of the attempt that made the products of a unit, or of its last one.
struct UnitCost {
    float seconds = 0, cpu_s = 0;
    double began = 0;  // in seconds since 1970; 0: not known
    std::uint64_t peak_bytes = 0, bytes_read = 0, samples = 0;
    std::int32_t rank = -1, host = -1;  // an index of `Ledger::hosts`
    std::int32_t attempts = 0;          // of all starts
};

/// An attempt in time, for a picture.
struct Bar {
    double began = 0;
    float seconds = 0;
    std::int32_t rank = 0;
    std::uint32_t unit = 0;  // of its part's history
    bool failed = false;
};

/// What one rank has done in all starts.
struct RankCost {
    int part = 0, rank = 0;
    std::string host;
    std::size_t made = 0, failed = 0;
    double busy_s = 0, cpu_s = 0;
    std::uint64_t peak_bytes = 0, bytes_read = 0, bytes_made = 0, samples = 0;
};

/// Of one part. About 80 bytes a unit and 24 an attempt beside its history.
struct PartLedger {
    SeenPart seen;
    std::vector<UnitCost> units;  // by number in the history
    std::vector<Bar> bars;        // of the last start that computed something
    std::vector<RankCost> ranks;
    std::vector<std::string> hosts;
};

/// Takes the lines of a part, in the order of its journals.
class Ledger {
public:
    explicit Ledger(PartLedger& part);
    void add(std::uint32_t start, std::string_view json);

private:
    struct Open {
        std::uint32_t unit = 0;
        std::int32_t rank = -1, host = -1;
    };
    std::int32_t host(const std::string& name);
    RankCost& rank(int number, std::int32_t host);
    void begun(const Fields& f);
    void committed(std::uint32_t start, const Fields& f);
    void failed(std::uint32_t start, const Fields& f);
    void bar(std::uint32_t start, std::uint32_t unit, const line::Measured& m, bool failed);

    PartLedger& part_;
    std::unordered_map<std::string, Open> open_;  // by attempt
    std::map<std::string, std::int32_t> hosts_;
    std::map<std::pair<int, std::int32_t>, std::size_t> ranks_;
    std::uint32_t last_ = 0;
};

/// Throws Failure.
PartLedger read_ledger(const std::string& out, const PartOf& part);

}  // namespace flowspan::batch
