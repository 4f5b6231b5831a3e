#include "cli/recordings/conversion.hpp"

#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "comm/local/local.hpp"
#include "core/say.hpp"
#include "io/formats/datatype.hpp"
#include "io/formats/formats.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/series/series.hpp"
#include "run/report/summary.hpp"
#include "run/signs/signals.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

namespace flowspan::cli {
namespace fs = std::filesystem;
namespace {

/// As a graph has it: quoted, with nothing to be filled in.
std::string quoted(const std::string& text) {
    std::string plain;
    for (const char c : text) plain += c == '$' ? "$$" : std::string(1, c);
    return Value(plain).json();
}
std::string without_placeholders(const std::string& text) {
    std::string plain;
    for (const char c : text) plain += c == '{' ? "{{" : c == '}' ? "}}" : std::string(1, c);
    return plain;
}

bool is_any_of(const std::string& word, std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(), [&](const char* one) { return word == one; });
}

SampleType type_named(const std::string& name) {
    const auto type = parse_sample_type(name);
    if (!type) throw Refused(Diagnostic{{}, "--to", "a sample type such as cf32, ci16 or cu8", name, "", {}});
    return *type;
}

class Graph {
public:
    explicit Graph(const Conversion& c) : c_(c), format_(c.format.empty() ? by_name() : c.format) {
        const Recording in = io::joined(io::read_recording(c.in));
        type_ = in.type;
        if (const auto told = c.reading.find("datatype"); told != c.reading.end())
            if (const auto datatype = io::parse_datatype(told->second)) type_ = datatype->type;
        choose_type();
    }

    std::string text() const {
        std::string text = "flowspan: 1\nname: convert\nblocks:\n  source: {type: file_source, path: " + quoted(c_.in);
        std::map<std::string, std::string> reading = c_.reading;
        if (is_any_of(format_, {"sigmf", "digital_rf"})) {  // which have them, too
            reading.try_emplace("gaps", "restart");
            reading.try_emplace("retune", "restart");
        }
        for (const auto& [key, value] : reading) text += fmt::format(", {}: {}", key, quoted(value));
        text += "}\n";
        if (to_) text += fmt::format("  convert: {{type: convert, to: {}}}\n", name_of(*to_));
        text += fmt::format("  sink: {{type: {}, path: {}", format_ == "wav" ? "wav_sink" : "file_sink",
                            quoted(without_placeholders(fs::path(c_.out).filename().string())));
        text += format_ == "wav" ? ", format: " + encoding() : ", format: " + format_;
        text += "}\nconnections: [source -> ";
        return text + (to_ ? "convert -> sink]\n" : "sink]\n");
    }

private:
    std::string by_name() const {
        const std::string extension = io::extension_of(c_.out);
        if (is_any_of(extension, {"wav", "wave", "rf64"})) return "wav";
        if (is_any_of(extension, {"sigmf", "sigmf-meta", "sigmf-data"})) return "sigmf";
        return extension == "npy" ? "npy" : "raw";
    }

    void choose_type() {
        const auto said = format_ == "raw" ? io::type_of_extension(io::extension_of(c_.out)) : std::nullopt;
        if (!c_.to.empty()) to_ = type_named(c_.to);
        if (said && to_ && *said != *to_)
            throw Refused(Diagnostic{{}, "--to", fmt::format("{}, as {} is named", name_of(*said), c_.out), c_.to, "", {}});
        if (said && !to_) to_ = said;
        wanted_ = to_.value_or(type_);
        if (format_ == "wav" || to_ == type_) to_.reset();
    }

    /// Of a WAV file: 16 bits where samples have no more.
    std::string encoding() const {
        const bool small = is_integer(wanted_) && io::component_size(wanted_) <= 2;
        return small ? "pcm16" : "float";
    }

    const Conversion& c_;
    std::string format_;
    SampleType type_ = SampleType::any, wanted_ = SampleType::any;
    std::optional<SampleType> to_;
};

void say_end(const run::JobResult& result, const Conversion& c) {
    if (!result.diagnostics.empty()) return print(result.diagnostics);
    if (!result.cause.empty()) return say_line(result.code == ExitCode::stopped ? result.cause : "flowspan: " + result.cause);
    if (result.code == ExitCode::stopped)
        return say_line("stopped on request; what had been written is kept as " + io::partial_path("NAME.EXT", result.partial));
    if (!c.quiet) say_line(run::screen(result.report) + "done");
}

}  // namespace

int convert(const Conversion& c, const Registry& registry) {
    run::JobRequest request;
    request.graph_text = Graph(c).text();
    request.out = fs::path(c.out).parent_path().string();
    if (request.out.empty()) request.out = ".";
    request.overwrite = c.overwrite;
    request.log_level = c.quiet ? 3 : 2;
    ProgressDisplay display(c.quiet ? "off" : c.progress);
    run::JobHooks hooks;
    hooks.progress = [&](const run::Progress& p) { display.show(p); };
    hooks.note = [&](const std::string& line) {
        display.end();
        say_line(line);
    };
    const auto alone = comm::single_rank();
    const run::JobResult result = run::run_job(*alone, registry, request, hooks, true);
    display.end();
    say_end(result, c);
    return int(result.code);
}

}  // namespace flowspan::cli
