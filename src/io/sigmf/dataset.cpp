#include "io/sigmf/dataset.hpp"

#include <filesystem>
#include <regex>
#include <stdexcept>

namespace flowspan::io {
namespace fs = std::filesystem;

bool is_regular_file(const std::string& path) {
    std::error_code none;
    return fs::is_regular_file(path, none);
}

Dataset dataset_of(const Value& header, const std::string& meta_path, const std::function<bool(const std::string&)>& is_there) {
    const Value* global = header.is<Value::Map>() ? header.find("global") : nullptr;
    const auto entry = [&](const char* key) { return global && global->is<Value::Map>() ? global->find(key) : nullptr; };
    const auto named = [&](const char* key) -> std::string {
        const Value* name = entry(key);
        if (!name || !name->is<std::string>()) return {};
        return (fs::path(meta_path).parent_path() / name->string()).lexically_normal().string();
    };
    const Value* only = entry("core:metadata_only");
    const std::string dataset = named("core:dataset");
    if (only && only->is<bool>() && only->boolean()) {
        if (!dataset.empty() && is_there(dataset)) return {dataset, true};
        // What we have written elsewhere tells where its samples are.
        const std::string own = named("flowspan:dataset");
        return {!own.empty() && is_there(own) ? own : "", false};
    }
    return {dataset.empty() ? fs::path(meta_path).replace_extension(".sigmf-data").string() : dataset, false};
}

std::optional<ReadTime> read_time(const std::string& text) {
    static const std::regex form(R"((\d{4}-\d\d-\d\d)([Tt ])(\d\d:\d\d:\d\d(?:\.\d+)?)(Z|z|([+-])(\d\d):?(\d\d))?)");
    constexpr std::size_t most = 1000;  // (a regex goes deeper with each character)
    std::smatch match;
    if (text.size() > most || !std::regex_match(text, match, form)) return std::nullopt;
    ReadTime read;
    try {
        read.utc = parse_rfc3339(match[1].str() + "T" + match[3].str() + "Z", &read.digits);
    } catch (const std::invalid_argument&) { return std::nullopt; }
    read.conforms = match[2] == "T" && match[4] == "Z";
    if (!match[5].matched) return read;
    const int hours = std::stoi(match[6]), minutes = std::stoi(match[7]);
    if (hours > 23 || minutes > 59) return std::nullopt;
    const int ahead = (hours * 3600 + minutes * 60) * (match[5] == "-" ? -1 : 1);
    read.utc = moved(read.utc, Time(-ahead, Rational(0)));
    return read;
}

}  // namespace flowspan::io
