// Writes the journal of a batch of many units that was ended, without their products: batch_journal OUT UNITS [RANKS]; or the
// report of a batch that is there: batch_journal OUT FILE. docs/performance.md has what `flowspan batch status` and reports
// take with it.
#include "batch/journal/journal.hpp"
#include "batch/report/report.hpp"

#include <flowspan/version.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <fmt/format.h>

using namespace flowspan;
using namespace flowspan::batch;

namespace {

Value content_of(const std::string& path, long k) {
    return Value::Map{{path, Value::List{65024, 1'000'000 + k, 8'000'000, 1'795'898'969'487'977'148, 1'795'898'969'487'977'148,
                                         fmt::format("{:032x}", k), true}}};
}

void write_journal(const std::string& out, long units, int ranks) {
    Journal journal(out);
    line::Begin begin;
    begin.run = "0123456789ab";
    begin.flowspan = version;
    begin.host = "node0";
    begin.pid = 1;
    begin.time = 1.8e9;
    begin.command = {"flowspan", "batch", "fm.yaml", "recordings"};
    begin.root = "/data/recordings";
    begin.graph = "fm.yaml";
    begin.folder = "/data";
    begin.isa = "best";
    begin.fft = "native";
    begin.graphs = {{"", "recording", "00ff"}};
    journal.append(begin.value());
    std::vector<UnitId> ids;
    for (long k = 0; k < units; ++k) {
        const std::string name = fmt::format("2026-11/{:02}/recording-{:07}.sigmf-meta", k % 30, k);
        ids.push_back(journal.append(Unit{.folder = name, .recording = "/data/recordings/" + name}));
        if (k % 1000 == 0) journal.write();
    }
    for (long k = 0; k < units; ++k) {
        const UnitId id = ids[std::size_t(k)];
        const std::string run = fmt::format("{:012x}", k);
        const int rank = int(k % ranks);
        const double began = 1.8e9 + double(k / ranks) * 0.5;
        const std::string host = fmt::format("node{}", rank / 16);
        journal.append(line::Start{id, run, 1, rank, host, began}.value());
        const line::Measured measured{rank, began, 0.48, 0.46, 100 << 20};
        if (k % 1000 == 7) {
            journal.append(line::Failed{.unit = id,
                                        .run = run,
                                        .cause = "gain: it does not want to",
                                        .code = 4,
                                        .rank = rank,
                                        .host = host,
                                        .measured = measured}
                               .value());
        } else {
            journal.append(line::Commit{id,
                                        run,
                                        fmt::format("{:032x}", k),
                                        content_of(fmt::format("/data/recordings/{:07}.sigmf-data", k), k),
                                        "00ff",
                                        {{"audio.wav", 2'000'000, 0, 3}, {"waterfall.png", 40'000, 0, 4}},
                                        0.48,
                                        1'000'000,
                                        measured}
                               .value());
            journal.append(line::Done{id, run}.value());
        }
        if (k % 1000 == 0) journal.write();
    }
    journal.append(line::End{4, Value::Map{}}.value());
    journal.sync();
}

void write_report_of(const std::string& out, const std::string& file) {
    std::vector<PartLedger> parts;
    for (const PartOf& part : parts_of(out)) parts.push_back(read_ledger(out, part));
    ReportHead head{out, "failed", 4, 1.8e9, 0, {}, Value::Map{}};
    for (const char* key : {"units", "before", "done", "unchanged", "failed", "given_up", "stopped", "samples"})
        head.counts[key] = 0;
    head.counts["cpu_s"] = 0.0;
    write_report(file, head, parts);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return fmt::print(stderr, "expected OUT UNITS [RANKS], or OUT FILE\n"), 2;
    try {
        const long units = std::atol(argv[2]);
        if (units > 0)
            write_journal(argv[1], units, argc > 3 ? std::max(1, std::atoi(argv[3])) : 64);
        else
            write_report_of(argv[1], argv[2]);
    } catch (const std::exception& e) {
        fmt::print(stderr, "{}\n", e.what());
        return 1;
    }
    return 0;
}
