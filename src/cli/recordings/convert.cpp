// `flowspan convert IN OUT`: between recording formats.
#include "cli/cli.hpp"
#include "cli/recordings/conversion.hpp"
#include "cli/words/validators.hpp"

#include <array>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>

namespace flowspan::cli {

namespace {

using Option = std::array<const char*, 3>;
constexpr std::array<Option, 6> told{{
    {"--datatype", "datatype", "Type of the samples, where neither header nor name says it"},
    {"--sample-rate", "sample_rate", "Where neither header nor name says it"},
    {"--center-frequency", "center_frequency", "Where neither header nor name says it"},
    {"--datetime", "datetime", "UTC of the first sample, where neither header nor name says it"},
    {"--channels", "channels", "iq or real: what pairs of channels are"},
    {"--name", "name", "How to read names: \"{datetime:%Y%m%d_%H%M%S}_{frequency}Hz\""},
}};
constexpr std::array<Option, 3> policies{{
    {"--gaps", "gaps", "What missing samples become: error, zeros, restart (in SigMF a capture; else a file of its own)"},
    {"--retune", "retune", "What another centre frequency becomes: error, restart"},
    {"--tail", "tail", "What bytes behind the last whole sample become: warn, error"},
}};

template <class Options>
void add(CLI::App& app, std::map<std::string, std::string>& reading, const Options& options) {
    for (const auto& [option, key, help] : options)
        app.add_option_function<std::string>(
            option, [&reading, key = std::string(key)](const std::string& v) { reading[key] = v; }, help);
}

}  // namespace

void add_told_options(CLI::App& app, std::map<std::string, std::string>& reading) { add(app, reading, told); }

void add_reading_options(CLI::App& app, std::map<std::string, std::string>& reading) {
    add(app, reading, told);
    add(app, reading, policies);
}

void add_convert(CLI::App& app, run::Library& library, int& code) {
    auto c = std::make_shared<Conversion>();
    auto plugins = std::make_shared<std::vector<std::string>>();
    CLI::App* sub = app.add_subcommand("convert", "Writes a recording, or a part of it, in another format or type");
    sub->add_option("IN", c->in, "A recording: a file, a folder or a quoted pattern")->required();
    sub->add_option("OUT", c->out, "What to make: .sigmf-meta, .sigmf, .wav, .npy, .cf32, .ci16, …")->required();
    for (const auto& [option, key, help] : {std::array{"--from", "from", "Begin here: samples, a time (2.5 s) or UTC"},
                                            std::array{"--duration", "duration", "How much: samples, a time, or until a UTC"}})
        sub->add_option_function<std::string>(
               option, [c, key = std::string(key)](const std::string& v) { c->reading[key] = v; }, help)
            ->type_name("T");
    sub->add_option("--to", c->to, "Sample type, as cf32 or ci16; else that of OUT's name, else that of IN")->type_name("TYPE");
    sub->add_option("--format", c->format, "raw, npy, sigmf, wav or digital_rf; else as OUT is named")
        ->check(one_of({"raw", "npy", "sigmf", "wav", "digital_rf"}));
    add_reading_options(*sub, c->reading);
    sub->add_flag("--overwrite", c->overwrite, "Replace what is there");
    sub->add_flag("-q,--quiet", c->quiet, "Only warnings and errors on stderr");
    add_plugin_option(*sub, *plugins);
    sub->callback([c, plugins, &library, &code] {
        library.load(run::plugin_files(*plugins));
        code = convert(*c, library.registry());
    });
}

}  // namespace flowspan::cli
