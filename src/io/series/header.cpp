// The annotations of many files, at their places in the recording that they are.
#include "io/series/series.hpp"

#include "io/sigmf/carried/annotations.hpp"

#include <map>
#include <utility>

namespace flowspan::io {
namespace {

void add(const RecordingFacts& file, std::uint64_t first, const Value& annotation, Value::List& to) {
    const auto reach = reach_of(file, annotation);
    if (!reach) return;
    Value::Map moved = annotation.map();
    moved["core:sample_start"] = std::int64_t(first + reach->start);
    moved["core:sample_count"] = std::int64_t(reach->end - reach->start);
    to.emplace_back(std::move(moved));
}

}  // namespace

Value header_of_series(const RecordingFacts& joined, const Value& header) {
    const Value* annotated = header.is<Value::Map>() ? header.find("files") : nullptr;
    if (annotated == nullptr) return header;
    std::map<std::string, const Value::List*> of;
    for (const Value& file : annotated->list()) of[file.at("path").string()] = &file.at("annotations").list();
    Value::List all;
    std::uint64_t first = 0;
    for (FilesInOrder files(joined.files); files.next(); first += files.file().length)
        if (const auto own = of.find(files.file().path); own != of.end())
            for (const Value& annotation : *own->second) add(files.file(), first, annotation, all);
    Value::Map made = header.map();
    made.erase("files");
    made["annotations"] = std::move(all);
    return made;
}

}  // namespace flowspan::io
