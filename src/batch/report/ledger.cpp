#include "batch/report/ledger.hpp"

#include "batch/work/content.hpp"

#include <algorithm>
#include <exception>

namespace flowspan::batch {

Ledger::Ledger(PartLedger& part) : part_(part) { part_.units.resize(part_.seen.history.size()); }

std::int32_t Ledger::host(const std::string& name) {
    const auto [at, is_new] = hosts_.try_emplace(name, std::int32_t(part_.hosts.size()));
    if (is_new) part_.hosts.push_back(name);
    return at->second;
}

RankCost& Ledger::rank(int number, std::int32_t host) {
    const auto [at, is_new] = ranks_.try_emplace({number, host}, part_.ranks.size());
    if (is_new) {
        RankCost& cost = part_.ranks.emplace_back();
        cost.part = part_.seen.part.k;
        cost.rank = number;
        if (host >= 0) cost.host = part_.hosts[std::size_t(host)];
    }
    return part_.ranks[at->second];
}

void Ledger::add(std::uint32_t start, std::string_view json) {
    const Fields f(json);
    const std::string is = f.text("is");
    if (is == "start") return begun(f);
    if (is == "commit") return committed(start, f);
    if (is == "failed") return failed(start, f);
    if (is == "unchanged") open_.erase(f.text("run"));
}

void Ledger::begun(const Fields& f) {
    const line::Start s = line::Start::from(f);
    const auto unit = part_.seen.history.find(s.unit);
    if (!unit) return;
    if (open_.insert_or_assign(s.run, Open{std::uint32_t(*unit), s.rank, host(s.host)}).second) ++part_.units[*unit].attempts;
}

void Ledger::bar(std::uint32_t start, std::uint32_t unit, const line::Measured& m, bool failed) {
    if (m.began <= 0) return;
    if (start != last_) part_.bars.clear();
    last_ = start;
    part_.bars.push_back({m.began, float(m.seconds), m.rank, unit, failed});
}

void Ledger::committed(std::uint32_t start, const Fields& f) {
    const line::Commit c = line::Commit::from(f);
    const auto open = open_.find(c.run);
    if (open == open_.end()) return;  // a second time, or its start is lost
    const Open at = open->second;
    open_.erase(open);
    const std::uint64_t read = Content::from(c.content).bytes();
    std::uint64_t made = 0;
    for (const MadeFile& product : c.products) made += product.bytes;
    UnitCost& unit = part_.units[at.unit];
    unit = {float(c.seconds),
            float(c.measured.cpu_s),
            c.measured.began,
            c.measured.peak_bytes,
            read,
            std::uint64_t(c.samples),
            at.rank,
            at.host,
            unit.attempts};
    RankCost& own = rank(at.rank, at.host);
    ++own.made;
    own.busy_s += c.seconds;
    own.cpu_s += c.measured.cpu_s;
    own.peak_bytes = std::max(own.peak_bytes, c.measured.peak_bytes);
    own.bytes_read += read;
    own.bytes_made += made;
    own.samples += std::uint64_t(c.samples);
    line::Measured m = c.measured;
    m.seconds = c.seconds;
    m.rank = at.rank;
    bar(start, at.unit, m, false);
}

void Ledger::failed(std::uint32_t start, const Fields& f) {
    const line::Failed failure = line::Failed::from(f);
    const auto open = open_.find(failure.run);
    if (open == open_.end()) return;
    const Open at = open->second;
    open_.erase(open);
    RankCost& own = rank(at.rank, at.host);
    ++own.failed;
    own.busy_s += failure.measured.seconds;
    own.cpu_s += failure.measured.cpu_s;
    own.peak_bytes = std::max(own.peak_bytes, failure.measured.peak_bytes);
    if (part_.seen.history.state(at.unit) != State::done) {
        UnitCost& unit = part_.units[at.unit];
        unit = {float(failure.measured.seconds),
                float(failure.measured.cpu_s),
                failure.measured.began,
                failure.measured.peak_bytes,
                0,
                0,
                at.rank,
                at.host,
                unit.attempts};
    }
    line::Measured m = failure.measured;
    m.rank = at.rank;
    bar(start, at.unit, m, true);
}

PartLedger read_ledger(const std::string& out, const PartOf& part) {
    PartLedger ledger;
    ledger.seen.part = part;
    ledger.seen.holder = holder_of(out, part.k);
    ledger.seen.history = History::read(out, part.k, true);
    Ledger taker(ledger);
    const auto folder = OwnFolder::find(out);
    if (!folder) return ledger;
    Troubles ignored;
    for (const JournalName& name : journals_of(*folder, part.k)) {
        const auto take = [&](std::string_view json) -> std::string {
            try {
                taker.add(name.start, json);
            } catch (const std::exception&) {}
            return {};
        };
        read_lines(folder->descriptor(), name.text(), folder->path_of(name.text()), take, ignored);
    }
    return ledger;
}

}  // namespace flowspan::batch
