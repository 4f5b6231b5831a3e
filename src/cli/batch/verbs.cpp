#include "cli/batch/verbs.hpp"

#include "batch/keep/retry.hpp"
#include "batch/keep/tidy.hpp"
#include "batch/see/show.hpp"
#include "batch/see/status.hpp"
#include "core/mistakes/names.hpp"
#include "core/mistakes/sane.hpp"
#include "core/say.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

struct Verb {
    const char *name, *words, *help;
};
constexpr std::array<Verb, 5> verbs{{
    {"status", "OUT", "How far it is, what runs now, what has failed; also while it runs, or of one that died"},
    {"show", "OUT UNIT", "All that is known of a unit: attempts, log, the `flowspan run` that repeats it"},
    {"retry", "OUT [UNIT…]",
     "Has units that failed tried again, all of them or these, by the batch that runs or by the next start"},
    {"delete", "OUT UNIT…", "Removes the products of units; they are made again at the next start that is asked for them"},
    {"clean", "OUT", "Removes what dead starts and their workers have left aside; no product"},
}};

struct VerbOptions {
    std::string out, unit;
    std::vector<std::string> units;
    bool failed = false, json = false;
    /// Without slashes behind it.
    std::string folder() const {
        std::string folder = out;
        while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
        return folder;
    }
};

void print_text(const std::string& text) { fmt::print("{}", sane(text, SIZE_MAX)); }

void warn(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) say_line("warning: " + sane(line, 4096));
}

void status(const VerbOptions& o) {
    const batch::Status status = batch::status_of(o.folder(), o.failed);
    warn(status.warnings);
    if (o.json)
        fmt::print("{}\n", status.value().json());
    else
        print_text(status.text());
}

void show(const VerbOptions& o) {
    const batch::Shown shown = batch::show(o.folder(), o.unit);
    warn(shown.warnings);
    print_text(shown.text(o.folder()));
}

void tell(const batch::Tidied& tidied) {
    warn(tidied.warnings);
    for (const std::string& line : tidied.did) print_text(line + "\n");
}

CLI::App* add(CLI::App& batch, const std::string& name, VerbOptions& o) {
    for (const Verb& verb : verbs) {
        if (verb.name != name) continue;
        CLI::App* sub = batch.add_subcommand(verb.name, verb.help);
        sub->add_option("OUT", o.out, "The folder that --out named")->required();
        return sub;
    }
    return nullptr;
}

}  // namespace

bool is_batch_verb(int argc, char** argv) {
    if (argc < 3 || std::string_view(argv[1]) != "batch") return false;
    for (const Verb& verb : verbs)
        if (std::string_view(argv[2]) == verb.name) return true;
    return false;
}

void refuse_no_verb(const std::string& word) {
    std::error_code error;
    if (std::filesystem::exists(word, error)) return;
    std::vector<std::string> known;
    for (const Verb& verb : verbs) known.emplace_back(verb.name);
    const std::string near = nearest_name(word, known);
    if (near.empty()) return;
    throw Refused(Diagnostic{
        {}, "", "a graph file or a command of `flowspan batch`", word, fmt::format("did you mean `batch {}`?", near), {}});
}

std::string batch_verbs_help() {
    std::string text =
        "Looking after a batch (`flowspan batch VERB --help`; a graph file of such a name is given as ./status):";
    for (const Verb& verb : verbs) text += fmt::format("\n  {:<20}{}", fmt::format("{} {}", verb.name, verb.words), verb.help);
    return text;
}

void add_batch_verbs(CLI::App& batch, const std::vector<std::string>& command, int& code) {
    auto o = std::make_shared<VerbOptions>();
    batch.require_subcommand(1);
    CLI::App* sub = add(batch, "status", *o);
    sub->add_flag("--failed", o->failed, "List the units that failed, with the cause");
    sub->add_flag("--json", o->json, "As JSON, for programs");
    sub->callback([o, &code] { status(*o), code = 0; });
    sub = add(batch, "show", *o);
    sub->add_option("UNIT", o->unit, "Its folder below OUT")->required();
    sub->callback([o, &code] { show(*o), code = 0; });
    sub = add(batch, "retry", *o);
    sub->add_option("UNIT", o->units, "Folders below OUT; none: all that have failed");
    sub->callback([o, &code] { print_text(batch::ask_to_retry(o->folder(), o->units) + "\n"), code = 0; });
    sub = add(batch, "delete", *o);
    sub->add_option("UNIT", o->units, "Folders below OUT")->required();
    sub->callback([o, command, &code] { tell(batch::delete_units(o->folder(), o->units, command)), code = 0; });
    sub = add(batch, "clean", *o);
    sub->callback([o, command, &code] { tell(batch::clean(o->folder(), command)), code = 0; });
}

}  // namespace flowspan::cli
