#include "batch/report/report.hpp"

#include "batch/see/times.hpp"

#include <flowspan/version.hpp>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

Value rank_value(const RankCost& r) {
    return Value::Map{{"part", r.part},
                      {"rank", r.rank},
                      {"host", r.host},
                      {"made", std::int64_t(r.made)},
                      {"failed", std::int64_t(r.failed)},
                      {"busy_s", r.busy_s},
                      {"cpu_s", r.cpu_s},
                      {"peak_memory_bytes", r.peak_bytes},
                      {"bytes_read", r.bytes_read},
                      {"bytes_made", r.bytes_made},
                      {"samples", r.samples}};
}

Value unit_value(const PartLedger& part, std::size_t u) {
    const Known known = part.seen.history.known(u);
    const UnitCost& cost = part.units[u];
    Value v = known.unit.value();
    v["state"] = std::string(name_of(known.state));
    if (part.seen.part.n > 0) v["part"] = part.seen.part.k;
    v["attempts"] = cost.attempts;
    Value::List products;
    std::uint64_t made = 0;
    for (const MadeFile& p : known.products) {
        products.emplace_back(Value::Map{{"path", p.name}, {"bytes", p.bytes}});
        made += p.bytes;
    }
    v["products"] = std::move(products);
    v["bytes_made"] = made;
    if (cost.rank >= 0) {
        v["rank"] = cost.rank;
        if (cost.host >= 0) v["host"] = part.hosts[std::size_t(cost.host)];
    }
    if (cost.began > 0) {
        v["began"] = utc(cost.began);
        v["seconds"] = double(cost.seconds);
        v["cpu_s"] = double(cost.cpu_s);
        v["peak_memory_bytes"] = cost.peak_bytes;
    }
    if (known.state == State::done && cost.bytes_read > 0) {
        v["bytes_read"] = cost.bytes_read;
        v["samples"] = cost.samples;
    }
    if (!known.cause.empty()) {
        v["cause"] = known.cause;
        v["code"] = known.code;
    }
    return v;
}

}  // namespace

void put_json(const ReportHead& head, const std::vector<PartLedger>& parts, const Put& put) {
    Value v = Value::Map{{"flowspan", std::string(version)},
                         {"out", head.out},
                         {"command", Value::List(head.command.begin(), head.command.end())},
                         {"begun", utc(head.begun)},
                         {"ended", utc(head.begun + head.seconds)},
                         {"seconds", head.seconds},
                         {"state", head.state},
                         {"code", head.code},
                         {"counts", head.counts}};
    Value::List ranks;
    for (const PartLedger& part : parts)
        for (const RankCost& r : part.ranks) ranks.emplace_back(rank_value(r));
    v["ranks"] = ranks;
    std::string text = v.json();
    text.pop_back();
    put(text + ",\"units\":[");
    bool first = true;
    for (const PartLedger& part : parts)
        for (std::size_t u = 0; u < part.units.size(); ++u) {
            put(std::string(first ? "\n" : ",\n") + unit_value(part, u).json());
            first = false;
        }
    put("\n]}\n");
}

}  // namespace flowspan::batch
