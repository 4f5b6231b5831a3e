// The paths of products: placeholders, of which the time of a file's first item takes some thought.
#include "runtime/block/describe.hpp"
#include "runtime/count/counts.hpp"
#include "runtime/flowgraph/flowgraph.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

constexpr std::size_t longest_time = 33;  // in RFC 3339, with picoseconds

bool asks_for_time(const Block& block) {
    return std::any_of(block.parameters().begin(), block.parameters().end(), [](const ParameterBase* p) {
        return p->declaration().kind == ParameterKind::product_path && p->given() &&
               p->value().string().find("{datetime") != std::string::npos;
    });
}

std::optional<Time> time_at(const StreamDescription& d, std::uint64_t index) {
    if (!d.utc || (index > 0 && !d.sample_rate)) return std::nullopt;
    return index == 0 ? *d.utc : moved(*d.utc, Time::of(std::int64_t(index), *d.sample_rate));
}

/// Whether a relative path leads out of where it begins.
bool leaves_folder(const std::string& path) {
    const std::filesystem::path plain = std::filesystem::path(path).lexically_normal();
    return plain.is_relative() && !plain.empty() && *plain.begin() == "..";
}

/// Of a path whose placeholders are filled in.
void check_path(const std::string& path, const Position& at, const std::string& key, Diagnostics& found) {
    // (a format with an extension of its own would make a hidden name of it)
    if (path.ends_with('/'))
        found.push_back({at, key, "a file to write", path + ", which ends in /", "", {}});
    else if (leaves_folder(path))
        found.push_back({at, key, "a path below --out, or an absolute one", path, "", {}});
}

std::string below(const std::string& out, const std::string& path) {
    namespace fs = std::filesystem;
    return fs::path(path).is_absolute() ? path : (fs::path(out) / path).lexically_normal().string();
}

std::string key_of(const Block& block, const ParameterBase& parameter) {
    return fmt::format("blocks.{}.{}", block.name(), parameter.name());
}

bool names_product(const ParameterBase& parameter, const std::set<std::string>& in_doubt) {
    return parameter.declaration().kind == ParameterKind::product_path && parameter.given() &&
           !in_doubt.contains(parameter.name());
}

/// A product's path as the graph says it.
struct PathText {
    std::string text;
    std::shared_ptr<const std::map<std::string, Value>> of_all;  // values of placeholders, beside those of the block
    Position at;
    std::string key, out;

    using Values = std::map<std::string, Value>;
    std::string filled(const Values& own, Diagnostics& found) const {
        std::string path = graph::fill_placeholders(text, own, at, key, found, of_all.get());
        for (Diagnostic& d : found)
            if (d.got == "`{datetime}`" && d.expected == "a placeholder") {
                d.expected = "a stream whose time is known";
                d.hint = own.contains("part") ? "number the parts by {part:03}, or give `datetime` of the source"
                                              : "give `datetime` of the source, or leave it out";
            } else if (d.got == "`{part}`" && d.expected == "a placeholder") {
                d.hint = "parts of a product have numbers: file_sink and wav_sink make them by `split`";
            }
        return path;
    }
    /// Of one of several files.
    std::string of_file(Values own, const std::string& time, std::uint64_t part) const {
        own["datetime"] = time;
        if (own.contains("part")) own["part"] = std::int64_t(part);
        Diagnostics none;
        return below(out, graph::fill_placeholders(text, own, at, key, none, of_all.get()));
    }
    /// With marks where time and number of a file stand.
    std::string undated(Values own) const {
        static const std::map<std::string, std::string> marks{{"part", std::string(1, BlockContext::no_part)}};
        own["datetime"] = std::string(longest_time, BlockContext::no_date);
        Diagnostics none;
        const auto* plain = own.contains("part") ? &marks : nullptr;
        return below(out, graph::fill_placeholders(text, own, at, key, none, of_all.get(), plain));
    }
    /// The number of a part is digits, in the name of the file alone.
    void check_part(const Values& own, Diagnostics& found) const {
        const std::string marked = undated(own), folder = std::filesystem::path(marked).parent_path().string();
        if (folder.find(BlockContext::no_part) != std::string::npos)
            found.push_back({at, key, "{part} in the name of the file: all parts lie in one folder", text, "", {}});
        const auto without = [](std::string name, const auto& one) { return std::erase_if(name, one), name; };
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        const auto is_mark = [](char c) { return c == BlockContext::no_date || c == BlockContext::no_part; };
        const std::string rest = without(without(marked, is_mark), is_digit);
        const std::string time(longest_time, BlockContext::no_date);
        for (const std::uint64_t part : {0, 11})
            if (found.empty() && without(without(of_file(own, time, part), is_mark), is_digit) != rest)
                found.push_back({at, key, "digits for the number of a part", text, "such as {part:03}", {}});
    }
};

/// What a stream may say, whatever it is.
const std::map<std::string, Value>& stand_ins() {
    static const std::map<std::string, Value> values{
        {"frequency_MHz", 1.0}, {"frequency_kHz", 1e3}, {"frequency_Hz", 1e6}, {"datetime", "2026-01-31T12:00:00Z"}};
    return values;
}

}  // namespace

bool check_plain_path(const Block& block, const ParameterBase& parameter, const std::map<std::string, Value>& of_all,
                      Diagnostics& found) {
    const std::string text = parameter.value().string(), key = key_of(block, parameter);
    std::map<std::string, Value> values = of_all;
    values["index"] = block.context().copy;
    std::map<std::string, Value> stream = stand_ins();
    if (block.parameter("split") != nullptr) stream["part"] = 0;
    Diagnostics hidden;  // (what a stream says is known where no stand-in is needed)
    const std::string plain = graph::fill_placeholders(text, values, parameter.position(), key, hidden);
    const std::size_t before = found.size();
    const std::string path = graph::fill_placeholders(text, values, parameter.position(), key, found, &stream);
    if (found.size() == before) check_path(path, parameter.position(), key, found);
    return hidden.empty() && found.size() == before && plain == path;
}

bool Flowgraph::fill_plain_paths(int number, Diagnostics& found) {
    Block& block = *blocks_[std::size_t(number)];
    bool plain = true;
    for (ParameterBase* p : block.parameters()) {
        if (p->declaration().kind != ParameterKind::product_path) continue;
        if (!names_product(*p, spec_.blocks[std::size_t(number)].in_doubt)) continue;
        if (!check_plain_path(block, *p, *placeholders_, found)) {
            plain = false;
            continue;
        }
        Placeholders values = *placeholders_;
        values["index"] = block.context().copy;
        Diagnostics none;
        const Position at = p->position();
        p->set(below(out_, graph::fill_placeholders(p->value().string(), values, at, key_of(block, *p), none)), at);
    }
    return plain;
}

const std::vector<Flowgraph::Start>& Flowgraph::starts_of(int output) {
    const auto known = starts_.find(output);
    return known != starts_.end() ? known->second : starts_.emplace(output, found_starts_of(output)).first->second;
}

std::vector<Flowgraph::Start> Flowgraph::found_starts_of(int output) {
    const OutputRef& out = outputs_[std::size_t(output)];
    const Block& block = *blocks_[std::size_t(out.block)];
    std::vector<Start> starts;
    if (block.inputs().empty()) {
        starts.push_back({out.first_index, time_at(out.description, out.first_index)});
        for (const auto& s : Access::stretches(*out.port)) starts.push_back({s.index, s.utc});
        return starts;
    }
    const InputRef& input = inputs_[std::size_t(out.block)][0];
    const StreamDescription& in = outputs_[std::size_t(input.output)].description;
    const Ratio& r = block.declared().ratio;
    const auto& before = starts_of(input.output);
    if (before.empty() || block.declared().data_dependent || !in.sample_rate) return starts;
    std::uint64_t first = before[0].index + Access::skip(*block.inputs()[0]), made = out.first_index;
    for (std::size_t k = 0; k < before.size(); ++k) {
        first = std::max(first, before[k].index);
        std::optional<Time> utc = before[k].utc;
        if (utc) utc = moved(*utc, Time::of(std::int64_t(first - before[k].index), *in.sample_rate));
        if (utc) utc = moved(*utc, Time() - delay_of(r.delay, *in.sample_rate));
        starts.push_back({made, utc});
        if (k + 1 < before.size() && before[k + 1].index > first) made += outputs_for(r, before[k + 1].index - first);
    }
    return starts;
}

std::optional<Time> Flowgraph::first_time(int sink) {
    const int output = inputs_[std::size_t(sink)][0].output;
    const auto& starts = starts_of(output);
    if (starts.empty()) return time_at(outputs_[std::size_t(output)].description, outputs_[std::size_t(output)].first_index);
    // Of stretches without items, all of which `skip` has taken, none counts.
    const auto later = std::find_if(starts.begin(), starts.end(), [&](const Start& s) { return s.index > starts[0].index; });
    return std::prev(later)->utc;
}

Flowgraph::Placeholders Flowgraph::placeholders_of(int number) {
    const Block& block = *blocks_[std::size_t(number)];
    Placeholders values{{"index", block.context().copy}};
    if (block.makes_parts()) values["part"] = 0;
    if (block.inputs().empty()) return values;
    if (const auto& center = center_[std::size_t(number)]) {
        values["frequency_MHz"] = *center / 1e6;
        values["frequency_kHz"] = *center / 1e3;
        values["frequency_Hz"] = *center;
    }
    const OutputRef& from = outputs_[std::size_t(inputs_[std::size_t(number)][0].output)];
    auto utc = time_at(from.description, from.first_index);
    if (asks_for_time(block)) utc = first_time(number);  // (takes its time where a recording has many captures)
    if (utc) values["datetime"] = rfc3339(*utc);
    return values;
}

void Flowgraph::fill_product_paths(int number) {
    Block& block = *blocks_[std::size_t(number)];
    if (!block.inputs().empty()) {
        // Audio has no centre frequency: what counts is that of the channel it was demodulated from.
        const OutputRef& from = outputs_[std::size_t(inputs_[std::size_t(number)][0].output)];
        const auto& own = from.description.center_frequency;
        center_[std::size_t(number)] = own ? own : center_[std::size_t(from.block)];
    }
    std::optional<Placeholders> values;
    for (ParameterBase* p : block.parameters()) {
        if (p->declaration().kind != ParameterKind::product_path || !p->given()) continue;
        if (!values) values = placeholders_of(number);
        const Position at = p->position();
        const PathText text{p->value().string(), placeholders_, at, key_of(block, *p), out_};
        Diagnostics found;
        const std::string path = text.filled(*values, found);
        if (found.empty()) check_path(path, at, text.key, found);
        if (found.empty() && block.makes_parts()) text.check_part(*values, found);
        if (!found.empty()) throw Refused(std::move(found));
        if (values->contains("datetime") || placeholders_->contains("datetime") || block.makes_parts()) {
            BlockContext& context = Access::context(block);
            context.undated[p->name()] = text.undated(*values);
            context.dated[p->name()] = [text, own = *values](const std::optional<Time>& utc, std::uint64_t part) {
                return text.of_file(own, utc ? rfc3339(*utc) : "no-time", part);
            };
        }
        p->set(below(out_, path), at);
    }
}

}  // namespace flowspan::runtime
