#include "io/sigmf/writer.hpp"

#include "io/formats/datatype.hpp"
#include "io/recording/layout.hpp"

#include <nlohmann/json.hpp>

#include <bit>
#include <filesystem>

namespace flowspan::io {
namespace {

std::string with_extension(const std::string& path, const char* extension) {
    std::filesystem::path name(path);
    if (name.extension() == ".sigmf-meta" || name.extension() == ".sigmf-data" || name.extension() == ".sigmf")
        name.replace_extension();
    return name.string() + extension;
}

using Json = nlohmann::ordered_json;

Json json_of(const Value& value) {
    Json made;
    if (value.is<Value::Map>()) {
        made = Json::object();
        for (const auto& [key, one] : value.map()) made.push_back({key, json_of(one)});
    } else if (value.is<Value::List>()) {
        made = Json::array();
        for (const Value& one : value.list()) made.push_back(json_of(one));
    } else if (value.is<std::string>()) {
        made = value.string();
    } else if (value.is<std::int64_t>()) {
        made = value.integer();
    } else {
        made = Json::parse(value.json());
    }
    return made;
}

}  // namespace

std::string sigmf_text(const Value::Map& global, const Value::List& captures, const Value::List& annotations) {
    Json top;
    top["global"] = json_of(global);
    top["captures"] = json_of(captures);
    top["annotations"] = json_of(annotations);
    return top.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Value::Map sigmf_global(const StreamDescription& stream) {
    Value::Map global{{"core:datatype", sigmf_datatype(stream.type, std::endian::native == std::endian::big)},
                      {"core:version", "1.2.0"},
                      {"core:recorder", "flowspan"}};
    if (stream.samples_per_item() > 1) global["core:num_channels"] = std::int64_t(stream.samples_per_item());
    if (stream.sample_rate) {
        const bool whole = stream.sample_rate->denominator() == 1;
        global["core:sample_rate"] = whole ? Value(stream.sample_rate->numerator()) : Value(stream.sample_rate->value());
    }
    if (!stream.unit.empty()) global["flowspan:unit"] = stream.unit;
    return global;
}

Value::Map sigmf_capture(const StreamDescription& stream, std::uint64_t sample, std::uint64_t index) {
    Value::Map capture{{"core:sample_start", std::int64_t(sample)}};
    if (stream.center_frequency) capture["core:frequency"] = *stream.center_frequency;
    if (stream.utc && (stream.sample_rate || index == 0))
        capture["core:datetime"] =
            rfc3339(index == 0 ? *stream.utc : moved(*stream.utc, Time::of(std::int64_t(index), *stream.sample_rate)));
    return capture;
}

std::string sigmf_meta_path(const std::string& path) { return with_extension(path, ".sigmf-meta"); }
std::string sigmf_data_path(const std::string& path) { return with_extension(path, ".sigmf-data"); }

}  // namespace flowspan::io
