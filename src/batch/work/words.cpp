// Tasks and answers as values.
#include "batch/journal/lines/line.hpp"
#include "batch/work/compute.hpp"

namespace flowspan::batch {

Value Task::value() const {
    Value::List set;
    for (const graph::Override& o : overrides) set.emplace_back(Value::List{o.key, o.value, o.option});
    Value::Map task{{"unit", std::int64_t(unit)},
                    {"run", run},
                    {"graph_file", graph_file},
                    {"graph_text", graph_text},
                    {"overrides", set},
                    {"from", from},
                    {"duration", duration},
                    {"out", out},
                    {"isa", isa},
                    {"fft", fft},
                    {"memory_limit", std::int64_t(memory_limit)},
                    {"readers", readers},
                    {"device", int(device)},
                    {"device_chunk", std::int64_t(device_chunk)},
                    {"device_memory_limit", std::int64_t(device_memory_limit)},
                    {"log_level", log_level},
                    {"patience_s", patience_s},
                    {"known_key", known_key},
                    {"known_content", known_content}};
    if (!seen.is_null()) task["seen"] = seen;
    if (ranks_text) {
        task["ranks_text"] = *ranks_text;
        task["ranks_file"] = ranks_file;
    }
    if (ranks_auto) task["ranks_auto"] = true;
    if (devices) task["devices"] = *devices;
    if (device_order >= 0) task["device_order"] = device_order;
    Value::List copied;
    for (const auto& [path, copy] : copies) copied.emplace_back(Value::List{path, copy.file, copy.hash});
    if (!copied.empty()) task["copies"] = copied;
    if (!cache.empty()) {
        task["cache"] = cache;
        task["cache_limit"] = std::int64_t(cache_limit);
    }
    return tellable(task);
}

Task Task::read(const Value& said) {
    const Value v = told(said);
    Task t;
    t.unit = std::uint64_t(v.at("unit").integer());
    t.run = v.at("run").string();
    t.graph_file = v.at("graph_file").string();
    t.graph_text = v.at("graph_text").string();
    if (const Value* seen = v.find("seen")) t.seen = *seen;
    for (const Value& o : v.at("overrides").list())
        t.overrides.push_back({o.list().at(0).string(), o.list().at(1).string(), o.list().at(2).string()});
    t.from = v.at("from").string();
    t.duration = v.at("duration").string();
    if (const Value* text = v.find("ranks_text")) {
        t.ranks_text = text->string();
        t.ranks_file = v.at("ranks_file").string();
    }
    t.ranks_auto = v.find("ranks_auto") != nullptr;
    if (const Value* devices = v.find("devices")) t.devices = devices->string();
    if (const Value* order = v.find("device_order")) t.device_order = int(order->integer());
    t.out = v.at("out").string();
    t.isa = v.at("isa").string();
    t.fft = v.at("fft").string();
    t.memory_limit = std::uint64_t(v.at("memory_limit").integer());
    t.readers = int(v.at("readers").integer());
    t.device = graph::DeviceChoice(v.at("device").integer());
    t.device_chunk = std::uint64_t(v.at("device_chunk").integer());
    t.device_memory_limit = std::uint64_t(v.at("device_memory_limit").integer());
    t.log_level = int(v.at("log_level").integer());
    t.patience_s = v.at("patience_s").real();
    t.known_key = v.at("known_key").string();
    t.known_content = v.at("known_content");
    if (const Value* copied = v.find("copies"))
        for (const Value& c : copied->list())
            t.copies[c.list().at(0).string()] = {c.list().at(1).string(), c.list().at(2).string()};
    if (const Value* cache = v.find("cache")) {
        t.cache = cache->string();
        t.cache_limit = std::uint64_t(v.at("cache_limit").integer());
    }
    return t;
}

Value MadePart::list_of(const std::vector<MadePart>& parts) {
    Value::List all;
    for (const MadePart& p : parts) all.emplace_back(Value::List{p.path, p.part, std::int64_t(p.bytes)});
    return all;
}

std::vector<MadePart> MadePart::from(const Value& list) {
    std::vector<MadePart> parts;
    for (const Value& p : list.list())
        parts.push_back({p.list().at(0).string(), p.list().at(1).string(), std::uint64_t(p.list().at(2).integer())});
    return parts;
}

Value Answer::value() const {
    return tellable(Value::Map{{"unit", std::int64_t(unit)},
                               {"run", run},
                               {"what", int(what)},
                               {"key", key},
                               {"content", content},
                               {"parts", MadePart::list_of(parts)},
                               {"seconds", seconds},
                               {"cpu_s", cpu_s},
                               {"began", began},
                               {"peak_bytes", peak_bytes},
                               {"samples", std::int64_t(samples)},
                               {"cause", cause},
                               {"code", int(code)},
                               {"again", may_be_tried_again},
                               {"lacks", lacks},
                               {"cached", cached}});
}

Answer Answer::from(const Value& said) {
    const Value v = told(said);
    Answer a;
    a.unit = std::uint64_t(v.at("unit").integer());
    a.run = v.at("run").string();
    a.what = What(v.at("what").integer());
    a.key = v.at("key").string();
    a.content = v.at("content");
    a.parts = MadePart::from(v.at("parts"));
    a.seconds = v.at("seconds").real();
    a.cpu_s = v.at("cpu_s").real();
    a.began = v.at("began").real();
    a.peak_bytes = std::uint64_t(v.at("peak_bytes").integer());
    a.samples = std::uint64_t(v.at("samples").integer());
    a.cause = v.at("cause").string();
    a.code = ExitCode(v.at("code").integer());
    a.may_be_tried_again = v.at("again").boolean();
    a.lacks = v.at("lacks").boolean();
    a.cached = v.at("cached").boolean();
    return a;
}

}  // namespace flowspan::batch
