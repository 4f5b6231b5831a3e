#include "cli/recordings/conversion.hpp"

#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "comm/local/local.hpp"
#include "core/say.hpp"
#include "core/type_names.hpp"
#include "io/formats/datatype.hpp"
#include "io/formats/formats.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/series/series.hpp"
#include "run/report/summary.hpp"
#include "run/signs/signals.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <regex>
#include <string_view>

#include <fmt/format.h>

namespace flowspan::cli {
namespace fs = std::filesystem;

std::string quoted(const std::string& text) {
    std::string plain;
    for (const char c : text) plain += c == '$' ? "$$" : std::string(1, c);
    return Value(plain).json();
}

namespace {

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
    if (!type) throw Refused(Diagnostic{{}, "--to", "a sample type such as cf32, ci16 or cu8", name, hint_of_type(name), {}});
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
        text += fmt::format("  sink: {{type: {}, path: {}", sink(),
                            quoted(without_placeholders(fs::path(c_.out).filename().string())));
        if (format_ != "digital_rf") text += ", format: " + (format_ == "wav" ? encoding() : format_);
        text += "}\nconnections: [source -> ";
        return text + (to_ ? "convert -> sink]\n" : "sink]\n");
    }

private:
    const char* sink() const {
        return format_ == "wav" ? "wav_sink" : format_ == "digital_rf" ? "digital_rf_sink" : "file_sink";
    }
    std::string by_name() const {
        const std::string extension = io::extension_of(c_.out);
        if (is_any_of(extension, {"wav", "wave", "rf64"})) return "wav";
        if (is_any_of(extension, {"sigmf", "sigmf-meta", "sigmf-data"})) return "sigmf";
        if (extension == "npy") return "npy";
        bool others = io::known_unread(c_.out, {}).has_value();
        for (const auto& format : io::formats()) others = others || (format->name() != "raw" && format->named(c_.out));
        if (others)
            throw Refused(
                Diagnostic{{},
                           "OUT",
                           "a name of what is written: .sigmf-meta, .sigmf, .wav, .npy, or a sample type such as .cf32",
                           c_.out,
                           "--format raw writes samples as they are, under any name",
                           {}});
        return "raw";
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

/// What a parameter of the source is called on the command line.
std::string option_of(std::string parameter) {
    std::replace(parameter.begin(), parameter.end(), '_', '-');
    return "--" + parameter;
}

/// Hints such as "give `datatype: cf32`", in options.
std::string in_options(const std::string& hint, const Conversion& c) {
    static const std::regex setting("`([a-z_]+): ([^`]*)`");
    std::string text;
    auto at = hint.begin();
    for (std::sregex_iterator m(hint.begin(), hint.end(), setting); m != std::sregex_iterator(); ++m) {
        text.append(at, hint.begin() + m->position()) += "`" + option_of((*m)[1]) + " " + (*m)[2].str() + "`";
        at = hint.begin() + m->position() + m->length();
    }
    text.append(at, hint.end());
    return text.starts_with("give --overwrite") ? fmt::format("give --overwrite, or another name than {}", c.out) : text;
}

/// The graph is ours: what is wrong with it is said in words of the command.
Diagnostic in_words(Diagnostic d, const Conversion& c) {
    constexpr std::string_view source = "blocks.source", convert = "blocks.convert", sink = "blocks.sink";
    d.at = {};
    d.context.clear();
    if (d.key.starts_with(sink)) {
        d.key = c.out;
        d.hint = d.expected.find("sample rate") != std::string::npos ? "--sample-rate says it"
                 : d.got.find("channels") != std::string::npos       ? ".npy and .sigmf-meta hold several channels"
                                                                     : "";
        return d;
    }
    if (d.key.starts_with(convert)) {
        d.key = "--to";
        return d;
    }
    d.hint = in_options(d.hint, c);
    if (d.key.starts_with(source)) d.key = d.key.size() > source.size() + 1 ? option_of(d.key.substr(source.size() + 1)) : c.in;
    return d;
}

void say_end(const run::JobResult& result, const Conversion& c) {
    if (!result.diagnostics.empty()) {
        Diagnostics told;
        for (const Diagnostic& d : result.diagnostics) told.push_back(in_words(d, c));
        return print(told);
    }
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
