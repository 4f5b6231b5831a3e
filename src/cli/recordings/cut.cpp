// `flowspan cut RECORDING`: each annotation a recording of its own.
#include "cli/cli.hpp"
#include "cli/recordings/conversion.hpp"
#include "core/files/text.hpp"
#include "core/say.hpp"
#include "io/recording/layout.hpp"
#include "io/recording/recording_reader.hpp"
#include "io/series/series.hpp"
#include "io/sigmf/carried/annotations.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace fs = std::filesystem;
namespace {

struct CutOptions {
    Conversion each;
    std::string annotations, out = ".", before, after;
    std::vector<std::string> labels, plugins;
};

/// A part of a recording, in samples.
struct Part {
    std::uint64_t first = 0, count = 0;
    std::string name;
};

std::uint64_t samples_of(const char* option, const std::string& text, const Recording& r) {
    if (text.empty()) return 0;
    const auto extent = io::parse_extent(text);
    const auto refuse = [&](const char* expected) { throw Refused(Diagnostic{{}, option, expected, text, "", {}}); };
    if (!extent || extent->kind == io::Extent::Kind::utc) refuse("samples, or a time such as 20 ms");
    if (extent->kind == io::Extent::Kind::samples) return extent->samples;
    if (!r.sample_rate) refuse("samples, for the recording has no sample rate");
    return std::uint64_t(extent->time.ceil_index(*r.sample_rate));
}

/// Letters, digits and what is safe in names of files.
std::string as_name(std::string label) {
    for (char& c : label)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.') c = '_';
    constexpr std::size_t most = 60;
    return label.substr(0, most);
}

std::string label_of(const Value& annotation) {
    const Value* label = annotation.is<Value::Map>() ? annotation.find("core:label") : nullptr;
    return label != nullptr && label->is<std::string>() ? label->string() : std::string();
}

class Cutter {
public:
    Cutter(const CutOptions& o, const Recording& recording) : o_(o), r_(recording) {
        before_ = samples_of("--before", o.before, r_);
        after_ = samples_of("--after", o.after, r_);
        stem_ = fs::path(r_.path).filename().replace_extension("").string();
    }

    std::vector<Part> parts() {
        const Value header = o_.annotations.empty()
                                 ? r_.header
                                 : io::parse_sigmf(read_text(o_.annotations, io::most_header_bytes), o_.annotations);
        const Value* list = header.is<Value::Map>() ? header.find("annotations") : nullptr;
        const Value* global = header.is<Value::Map>() ? header.find("global") : nullptr;
        RecordingFacts annotated = r_;
        annotated.offset = global == nullptr ? 0 : io::count_of(*global, "core:offset").value_or(0);
        std::vector<Part> parts;
        if (list == nullptr || !list->is<Value::List>()) return parts;
        for (const Value& annotation : list->list()) add(annotation, annotated, parts);
        return parts;
    }

private:
    void add(const Value& annotation, const RecordingFacts& annotated, std::vector<Part>& parts) {
        const std::string label = label_of(annotation);
        if (!o_.labels.empty() && std::find(o_.labels.begin(), o_.labels.end(), label) == o_.labels.end()) return;
        const auto reach = io::reach_of(annotated, annotation);
        if (!reach || reach->start == reach->end) {
            say_line(fmt::format("warning: annotation {}{} has no sample within the {} of {} and is left out", number_,
                                 label.empty() ? "" : " (" + label + ")", r_.length, r_.path));
            ++number_;
            return;
        }
        const std::uint64_t first = reach->start, count = reach->end - first, most = r_.length - first;
        Part part{first - std::min(first, before_), 0, {}};
        part.count = first - part.first + count + std::min(most - count, after_);
        part.name = fmt::format("{}_{:04}{}{}", stem_, number_++, label.empty() ? "" : "_", as_name(label));
        parts.push_back(std::move(part));
    }

    const CutOptions& o_;
    const Recording& r_;
    std::uint64_t before_ = 0, after_ = 0;
    std::string stem_;
    std::size_t number_ = 0;
};

int cut(const CutOptions& o, const Registry& registry) {
    const Recording recording = io::joined(io::read_recording(o.each.in));
    const std::vector<Part> parts = Cutter(o, recording).parts();
    if (parts.empty())
        throw Refused(Diagnostic{{},
                                 "--annotations",
                                 o.labels.empty() ? "annotations" : "annotations with such a label",
                                 "none in " + (o.annotations.empty() ? recording.path : o.annotations),
                                 "",
                                 {}});
    for (const Part& part : parts) {
        Conversion one = o.each;
        one.out = (fs::path(o.out) / (part.name + ".sigmf-meta")).string();
        one.reading["from"] = fmt::format("{}", part.first);
        one.reading["duration"] = fmt::format("{}", part.count);
        one.progress = "off";
        if (const int code = convert(one, registry); code != 0) return code;
    }
    return 0;
}

}  // namespace

void add_cut(CLI::App& app, run::Library& library, int& code) {
    auto o = std::make_shared<CutOptions>();
    CLI::App* sub = app.add_subcommand("cut", "Makes each annotation of a recording a recording of its own (SigMF)");
    sub->add_option("RECORDING", o->each.in, "A recording")->required();
    sub->add_option("--annotations", o->annotations, "A .sigmf-meta whose annotations count; else those of RECORDING")
        ->type_name("FILE");
    sub->add_option("--out", o->out, "Folder for what is made: NAME_NUMBER_LABEL.sigmf-meta and -data")
        ->type_name("DIR")
        ->capture_default_str();
    sub->add_option("--before", o->before, "Samples, or a time, to begin earlier")->type_name("T");
    sub->add_option("--after", o->after, "Samples, or a time, to end later")->type_name("T");
    sub->add_option("--label", o->labels, "Annotations with this label alone; may be given several times")
        ->take_all()
        ->allow_extra_args(false);
    add_reading_options(*sub, o->each.reading);
    sub->add_flag("--overwrite", o->each.overwrite, "Replace what is there");
    sub->add_flag("-q,--quiet", o->each.quiet, "Only warnings and errors on stderr");
    add_plugin_option(*sub, o->plugins);
    sub->callback([o, &library, &code] {
        library.load(run::plugin_files(o->plugins));
        code = cut(*o, library.registry());
    });
}

}  // namespace flowspan::cli
