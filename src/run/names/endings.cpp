#include "run/names/endings.hpp"

#include "io/formats/datatype.hpp"
#include "io/formats/formats.hpp"

#include <flowspan/block.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr std::string_view samples = "(a sample type)";

/// Endings, and the sinks that make such files; the first is the one to name.
struct Kind {
    std::vector<std::string_view> endings, sinks;
    std::string_view instead = {};  // where there is no sink
};
const std::array<Kind, 8>& kinds() {
    static const std::array<Kind, 8> all{
        {{{"wav", "rf64", "w64"}, {"wav_sink"}},
         {{"flac", "ogg", "opus", "mp3"}, {}, "`wav_sink` writes WAV"},
         {{"npy"}, {"file_sink"}},
         {{"csv", "tsv", "txt", "json", "mat", "npz"}, {}, "`hdf5_sink` writes .h5, `file_sink` .npy"},
         {{"h5", "hdf5", "he5"}, {"hdf5_sink"}},
         {{"sigmf", "sigmf-meta", "sigmf-data"}, {"file_sink", "burst_sink", "sigmf_annotations"}},
         {{"png"}, {"waterfall_png", "psd_png"}},
         {{samples}, {"file_sink"}}}};
    return all;
}

bool makes(const Kind& kind, const std::string& sink) {
    return std::find(kind.sinks.begin(), kind.sinks.end(), sink) != kind.sinks.end();
}

/// The kind with this ending that the sink makes, if there is one, else another. (.rf64 is WAV and a sample type.)
const Kind* kind_of(const std::string& ending, const std::string& sink) {
    const Kind* other = nullptr;
    for (const Kind& kind : kinds()) {
        const bool has = &kind == &kinds().back()
                             ? io::type_of_extension(ending).has_value()
                             : std::find(kind.endings.begin(), kind.endings.end(), ending) != kind.endings.end();
        if (!has) continue;
        if (makes(kind, sink)) return &kind;
        if (other == nullptr) other = &kind;
    }
    return other;
}

bool is_sink_of_ours(const std::string& type) {
    return std::any_of(kinds().begin(), kinds().end(), [&](const Kind& kind) { return makes(kind, type); });
}

bool is_given(const Block& block, const std::string& parameter) {
    const ParameterBase* p = block.parameter(parameter);
    return p != nullptr && p->given() && p->value() != Value("auto");
}

/// "wav_sink writes .wav", or what else would.
std::string who_makes(const Kind& kind, const std::string& ending) {
    if (kind.sinks.empty()) return fmt::format("nothing writes .{}; {}", ending, kind.instead);
    return fmt::format("`{}` writes .{}", kind.sinks.front(), ending);
}

}  // namespace

std::optional<Diagnostic> wrong_ending(const runtime::Flowgraph& graph, int number) {
    const Block& block = graph.block(number);
    const graph::FlatBlock& flat = graph.spec().blocks[std::size_t(number)];
    const ParameterBase* path = block.parameter("path");
    if (!is_sink_of_ours(flat.type) || path == nullptr || !path->given() || is_given(block, "format")) return std::nullopt;
    const std::string shown = path->value().string(), ending = io::extension_of(shown);
    const Kind* kind = kind_of(ending, flat.type);
    if (kind == nullptr) return std::nullopt;
    const auto wrong = [&](std::string expected, std::string hint) {
        const auto given = flat.settings.find("path");
        return Diagnostic{
            path->position(),    fmt::format("blocks.{}.path", flat.name),
            std::move(expected), shown,
            std::move(hint),     given == flat.settings.end() ? std::vector<std::string>() : given->second.context};
    };
    if (!makes(*kind, flat.type))
        return wrong(fmt::format("a path that says what `{}` makes", flat.type), who_makes(*kind, ending));
    const auto said = kind == &kinds().back() ? io::type_of_extension(ending) : std::nullopt;
    if (!said || block.inputs().empty() || !graph.is_described(number)) return std::nullopt;
    const SampleType type = block.inputs().front()->description().type;
    if (type == *said || type == SampleType::any) return std::nullopt;
    return wrong(
        fmt::format("a path that says {}, as its samples are", name_of(type)),
        fmt::format("`convert {{to: {}}}` before it makes such samples, .{} names those that come, and `format: raw` lets "
                    "any name be",
                    name_of(*said), name_of(type)));
}

}  // namespace flowspan::run
