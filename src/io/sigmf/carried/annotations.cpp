#include "io/sigmf/carried/annotations.hpp"

#include "core/numbers/exact.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace flowspan::io {
namespace {

constexpr std::array<std::pair<std::string_view, const char*>, 9> known_keys{{{"start", "core:sample_start"},
                                                                              {"count", "core:sample_count"},
                                                                              {"length", "core:sample_count"},
                                                                              {"freq_lower_edge", "core:freq_lower_edge"},
                                                                              {"freq_upper_edge", "core:freq_upper_edge"},
                                                                              {"label", "core:label"},
                                                                              {"comment", "core:comment"},
                                                                              {"generator", "core:generator"},
                                                                              {"uuid", "core:uuid"}}};

std::string tag_key(const std::string& key) {
    for (const auto& [plain, sigmf] : known_keys)
        if (key == sigmf) return std::string(plain);
    return key;
}

const Value::List& list_of(const Recording& r, const char* key) {
    static const Value::List none;
    const Value* list = r.header.is<Value::Map>() ? r.header.find(key) : nullptr;
    return list != nullptr && list->is<Value::List>() ? list->list() : none;
}

}  // namespace

std::optional<std::uint64_t> count_of(const Value& object, const char* key) {
    const Value* value = object.is<Value::Map>() ? object.find(key) : nullptr;
    if (value == nullptr) return std::nullopt;
    if (value->is<std::int64_t>() && value->integer() >= 0) return std::uint64_t(value->integer());
    if (value->is<double>() && value->real() >= 0 && value->real() < 0x1p62) return std::uint64_t(value->real());
    return std::nullopt;
}

std::optional<Reach> reach_of(const RecordingFacts& r, const Value& annotation) {
    const auto written = count_of(annotation, "core:sample_start");
    if (!written || *written < r.offset || *written - r.offset > r.length) return std::nullopt;
    const std::uint64_t start = *written - r.offset;
    if (const auto count = count_of(annotation, "core:sample_count"))
        return Reach{start, start + std::min(*count, r.length - start)};
    const auto next =
        std::upper_bound(r.captures.begin(), r.captures.end(), start, [](auto s, const Capture& c) { return s < c.start; });
    return Reach{start, next != r.captures.end() ? std::min(next->start, r.length) : r.length};
}

std::string sigmf_key(const std::string& key) {
    for (const auto& [plain, sigmf] : known_keys)
        if (key == plain) return sigmf;
    return key.find(':') != std::string::npos ? key : "flowspan:" + key;
}

RecordingTags::RecordingTags(const Recording& recording, const RecordingPlaces& places, std::uint64_t first, std::uint64_t end)
    : ticks_(places.ticks) {
    if (recording.format != "sigmf" && !recording.files) return;
    for (const Value& annotation : list_of(recording, "annotations")) add(annotation, places, first, end);
    std::stable_sort(marks_.begin(), marks_.end(), [](const Mark& a, const Mark& b) { return a.item < b.item; });
}

void RecordingTags::add(const Value& annotation, const RecordingPlaces& places, std::uint64_t first, std::uint64_t end) {
    const auto reach = reach_of(places.recording, annotation);
    if (!reach) return;
    const std::uint64_t from = places.item_of(reach->start);
    const std::uint64_t to = reach->end == reach->start ? from : places.item_of(reach->end - 1) + 1;
    if (from >= end || to < first || (to == first && to > from)) return;
    marks_.push_back({std::max(from, first), std::min(to, end), &annotation});
}

std::vector<Tag> RecordingTags::of(std::uint64_t index, std::uint64_t count) const {
    std::vector<Tag> tags;
    auto mark = std::partition_point(marks_.begin(), marks_.end(), [&](const Mark& m) { return m.item < index; });
    for (; mark != marks_.end() && mark->item < index + count; ++mark) tags.push_back(tag_of(*mark));
    return tags;
}

Tag RecordingTags::tag_of(const Mark& mark) const {
    Value::Map value;
    for (const auto& [key, said] : mark.said->map())
        if (key != "core:sample_start" && key != "core:sample_count" && !said.is_null()) value[tag_key(key)] = said;
    value["count"] = mark.end - mark.item;
    value["span"] = Value::List{exact_value(Time::of(std::int64_t(mark.item), ticks_)),
                                exact_value(Time::of(std::int64_t(mark.end), ticks_))};
    return {mark.item, annotation_tag, std::move(value)};
}

SaidOfItems said_by(const Value& tag) {
    SaidOfItems said;
    if (!tag.is<Value::Map>()) {
        said.keys["flowspan:value"] = tag;
        return said;
    }
    for (const auto& [key, value] : tag.map())
        if (key != "span" && key != "count" && key != "length" && key != "start") said.keys[sigmf_key(key)] = value;
    said.count = count_of(tag, "count");
    const Value* span = tag.find("span");
    if (span == nullptr || !span->is<Value::List>() || span->list().size() != 2) return said;
    try {
        said.span.emplace(time_from(span->list()[0]), time_from(span->list()[1]));
    } catch (const std::invalid_argument&) {  // another's `span`
        said.keys["flowspan:span"] = *span;
    }
    return said;
}

}  // namespace flowspan::io
