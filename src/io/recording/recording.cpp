#include <flowspan/recording.hpp>

#include "core/numbers/exact.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace flowspan {
namespace {

std::uint64_t unsigned_from(const Value& v) { return std::uint64_t(v.integer()); }

Value value_of(const Capture& capture) {
    Value::Map m{{"start", std::int64_t(capture.start)}, {"header_bytes", std::int64_t(capture.header_bytes)}};
    if (capture.global_index) m["global_index"] = std::int64_t(*capture.global_index);
    if (capture.frequency) m["frequency"] = *capture.frequency;
    if (capture.utc) m["utc"] = exact_value(*capture.utc);
    if (capture.utc) m["utc_digits"] = std::int64_t(capture.utc_digits);
    return m;
}

Capture capture_from(const Value& v) {
    Capture capture;
    capture.start = unsigned_from(v.at("start"));
    capture.header_bytes = unsigned_from(v.at("header_bytes"));
    if (const Value* index = v.find("global_index")) capture.global_index = unsigned_from(*index);
    if (const Value* frequency = v.find("frequency")) capture.frequency = frequency->real();
    if (const Value* utc = v.find("utc")) capture.utc = time_from(*utc);
    if (const Value* digits = v.find("utc_digits")) capture.utc_digits = int(digits->integer());
    return capture;
}

}  // namespace

bool RecordingFacts::is_from_name(const std::string& fact) const {
    return std::find(from_name.begin(), from_name.end(), fact) != from_name.end();
}

Value Recording::value() const {
    Value::Map m{{"path", path},
                 {"name", name},
                 {"data_path", data_path},
                 {"format", format},
                 {"type", name_of(type)},
                 {"big_endian", big_endian},
                 {"stored", std::int64_t(stored)},
                 {"seeks", seeks},
                 {"length_known", length_known},
                 {"missing_inside", missing_inside},
                 {"member", member},
                 {"channels", std::int64_t(channels)},
                 {"length", std::int64_t(length)},
                 {"offset", std::int64_t(offset)},
                 {"data_bytes", std::int64_t(data_bytes)},
                 {"tail_bytes", std::int64_t(tail_bytes)},
                 {"identity", identity},
                 {"header", header}};
    if (sample_rate) m["sample_rate"] = exact_value(*sample_rate);
    if (frequency) m["frequency"] = *frequency;
    if (files) m["files"] = *files;
    Value::List list;
    for (const auto& capture : captures) list.push_back(value_of(capture));
    m["captures"] = std::move(list);
    m["warnings"] = Value::List(warnings.begin(), warnings.end());
    m["from_name"] = Value::List(from_name.begin(), from_name.end());
    return m;
}

Recording Recording::from(const Value& v) {
    Recording r;
    r.path = v.at("path").string();
    r.name = v.at("name").string();
    r.data_path = v.at("data_path").string();
    r.format = v.at("format").string();
    r.type = parse_sample_type(v.at("type").string()).value_or(SampleType::any);
    r.big_endian = v.at("big_endian").boolean();
    r.stored = Stored(v.at("stored").integer());
    r.seeks = v.at("seeks").boolean();
    r.length_known = v.at("length_known").boolean();
    r.missing_inside = v.at("missing_inside").boolean();
    r.member = v.at("member").string();
    r.channels = unsigned_from(v.at("channels"));
    r.length = unsigned_from(v.at("length"));
    r.offset = unsigned_from(v.at("offset"));
    r.data_bytes = unsigned_from(v.at("data_bytes"));
    r.tail_bytes = unsigned_from(v.at("tail_bytes"));
    r.identity = v.at("identity").string();
    r.header = v.at("header");
    if (const Value* rate = v.find("sample_rate")) r.sample_rate = rational_from(*rate);
    if (const Value* frequency = v.find("frequency")) r.frequency = frequency->real();
    if (const Value* files = v.find("files")) r.files = std::make_shared<const std::string>(files->string());
    for (const auto& capture : v.at("captures").list()) r.captures.push_back(capture_from(capture));
    for (const auto& warning : v.at("warnings").list()) r.warnings.push_back(warning.string());
    for (const auto& fact : v.at("from_name").list()) r.from_name.push_back(fact.string());
    return r;
}

void Facts::add(Recording recording, const std::string& path) {
    const std::string asked = path.empty() ? recording.path : path;
    for (auto& [known, one] : recordings_) {
        if (known != asked) continue;
        one = std::move(recording);
        return;
    }
    recordings_.emplace_back(asked, std::move(recording));
}

const Recording* Facts::find(const std::string& path) const {
    for (const auto& [known, one] : recordings_)
        if (known == path || one.path == path) return &one;
    return nullptr;
}

const Recording& Facts::recording(const std::string& path) const {
    if (const Recording* const one = find(path)) return *one;
    throw std::out_of_range("the header of " + path + " was not read");
}

Value Facts::value() const {
    Value::List list;
    for (const auto& [path, recording] : recordings_) list.emplace_back(Value::List{path, recording.value()});
    return list;
}

Facts Facts::from(const Value& value) {
    Facts facts;
    for (const auto& one : value.list()) facts.add(Recording::from(one.list().at(1)), one.list().at(0).string());
    return facts;
}

}  // namespace flowspan
