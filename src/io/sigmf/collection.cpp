#include "io/sigmf/collection.hpp"
#include "io/formats/refuse.hpp"

#include "core/files/text.hpp"
#include "io/recording/recording_reader.hpp"

#include <flowspan/diagnostic.hpp>

#include <fmt/format.h>

namespace flowspan::io {
namespace {

constexpr std::size_t most_listed = 20;

std::vector<std::string> names_of(const Value& text) {
    const Value* collection = text.is<Value::Map>() ? text.find("collection") : nullptr;
    const Value* streams = collection && collection->is<Value::Map>() ? collection->find("core:streams") : nullptr;
    std::vector<std::string> names;
    if (streams == nullptr || !streams->is<Value::List>()) return names;
    for (const Value& stream : streams->list())
        if (const Value* name = stream_of(stream).first) names.push_back(name->string() + ".sigmf-meta");
    return names;
}

}  // namespace

std::pair<const Value*, const Value*> stream_of(const Value& stream) {
    const Value *name = nullptr, *hash = nullptr;
    if (stream.is<Value::List>() && stream.list().size() == 2) {
        name = stream.list().data();
        hash = name + 1;
    } else if (stream.is<Value::Map>()) {
        name = stream.find("name");
        hash = stream.find("hash");
    }
    const bool both = name && hash && name->is<std::string>() && hash->is<std::string>();
    return both ? std::pair(name, hash) : std::pair<const Value*, const Value*>(nullptr, nullptr);
}

void refuse_collection(const std::string& path) {
    const std::vector<std::string> names = names_of(parse_sigmf(read_text(path, most_header_bytes), path));
    std::string hint = "`flowspan batch` takes all of them";
    for (std::size_t k = 0; k < names.size() && k < most_listed; ++k) hint += (k == 0 ? "; name one: " : ", ") + names[k];
    if (names.size() > most_listed) hint += fmt::format(" and {} more", names.size() - most_listed);
    refuse_file(path, "one recording", fmt::format("a collection of {}", names.size()), hint);
}

}  // namespace flowspan::io
