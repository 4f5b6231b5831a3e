#include "cli/control/ctl_batch.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

struct UnitWords {
    std::vector<std::string> recordings, sweeps, plugins, units;
    std::string list, from, duration, graph, state;
    bool all = false;
};

/// The batch stands elsewhere.
std::string absolute(const std::string& path) { return std::filesystem::absolute(path).lexically_normal().string(); }
std::string absolute_word(const std::string& word) {
    return word.starts_with('@') ? "@" + absolute(word.substr(1)) : absolute(word);
}

Value::List absolute_all(const std::vector<std::string>& words, std::string (*f)(const std::string&)) {
    Value::List all;
    for (const std::string& word : words) all.emplace_back(f(word));
    return all;
}

Value::Map params_of(const UnitWords& w) {
    Value::Map params;
    if (!w.recordings.empty()) params["recordings"] = absolute_all(w.recordings, absolute_word);
    if (!w.sweeps.empty()) params["sweeps"] = Value::List(w.sweeps.begin(), w.sweeps.end());
    if (!w.plugins.empty()) params["plugins"] = absolute_all(w.plugins, absolute);
    if (!w.list.empty()) params["list"] = absolute(w.list);
    if (!w.graph.empty()) params["graph"] = absolute(w.graph);
    if (!w.from.empty()) params["from"] = w.from;
    if (!w.duration.empty()) params["duration"] = w.duration;
    return params;
}

int print_added(const Value& answer) {
    for (const Value& note : answer.at("notes").list()) fmt::print(stderr, "{}\n", note.string());
    fmt::print("{} units added", answer.at("added").integer());
    if (answer.at("before").integer() > 0) fmt::print(", {} of them done before", answer.at("before").integer());
    if (answer.at("known").integer() > 0) fmt::print("; {} were there already", answer.at("known").integer());
    fmt::print("\n");
    return 0;
}

int print_units(const Value& answer) {
    for (const Value& unit : answer.at("units").list())
        fmt::print("{:<10} {}\n", unit.at("state").string(), unit.at("unit").string());
    if (const Value* more = answer.find("left_out"))
        fmt::print(stderr, "{} more, which `flowspan batch status OUT --json` lists\n", more->integer());
    return 0;
}

using Talk = std::function<void(const std::function<int(ControlClient&)>&)>;

/// What the commands share while they live, which is as long as the application.
struct Asking {
    UnitWords words;
    Talk talk;
    std::function<ControlClient::Seconds()> patience;
    const bool* json;

    void ask(const char* method, const Value::Map& params, int (*print)(const Value&)) const {
        talk([&](ControlClient& client) {
            const Value answer = client.call(method, params, patience());
            if (!*json) return print(answer);
            fmt::print("{}\n", answer.json());
            return 0;
        });
    }
};

void add_plugins(CLI::App& app, Asking& a, const char* help) {
    app.add_option("--plugin", a.words.plugins, help)->type_name("FILE")->take_all()->allow_extra_args(false);
}

void add_adding(CLI::App& units, const std::shared_ptr<Asking>& a) {
    CLI::App* add = units.add_subcommand("add", "Adds units: as the words and options of `flowspan batch`")->fallthrough();
    UnitWords& w = a->words;
    add->add_option("RECORDING", w.recordings, "Recordings: files, folders, patterns, @LIST, SigMF collections");
    add->add_option("--sweep", w.sweeps, "Each recording once with each value")
        ->type_name("K=V,V")
        ->take_all()
        ->allow_extra_args(false);
    add->add_option("--units", w.list, "A unit a line, CSV or JSON lines")->type_name("FILE");
    add->add_option("--graph", w.graph, "Another graph than that of the batch")->type_name("FILE");
    add->add_option("--from", w.from, "Where in each recording they begin");
    add->add_option("--duration", w.duration, "How much of each recording");
    add_plugins(*add, *a, "Plug-ins that these need; workers are forked anew, with them");
    add->callback([a] { a->ask("units.add", params_of(a->words), print_added); });
}

void add_cancelling(CLI::App& units, const std::shared_ptr<Asking>& a) {
    CLI::App* cancel = units.add_subcommand("cancel", "Units that nobody is to do; what is being computed ends")->fallthrough();
    cancel->add_option("UNIT", a->words.units, "Their folders below --out");
    cancel->add_flag("--all", a->words.all, "All that are not over");
    cancel->callback([a] {
        const UnitWords& w = a->words;
        Value::Map params;
        if (!w.units.empty()) params["units"] = Value::List(w.units.begin(), w.units.end());
        if (w.all) params["all"] = true;
        a->ask("units.cancel", params, [](const Value& answer) {
            fmt::print("{} units cancelled\n", answer.at("cancelled").integer());
            return 0;
        });
    });
}

void add_listing(CLI::App& units, const std::shared_ptr<Asking>& a) {
    CLI::App* list = units.add_subcommand("list", "Lists units and how each is")->fallthrough();
    list->add_option("STATE", a->words.state,
                     "Only these: waiting, running, done, failed, cancelled; left: waiting or running");
    list->callback([a] {
        Value::Map params;
        if (!a->words.state.empty()) params["state"] = a->words.state;
        a->ask("units.list", params, print_units);
    });
}

void add_refreshing(CLI::App& workers, const std::shared_ptr<Asking>& a) {
    CLI::App* refresh =
        workers.add_subcommand("refresh", "Forks all workers anew, each when it has done what it is at")->fallthrough();
    add_plugins(*refresh, *a, "With these plug-ins");
    refresh->callback([a] {
        Value::Map params;
        if (!a->words.plugins.empty()) params["plugins"] = absolute_all(a->words.plugins, absolute);
        a->ask("workers.refresh", params, [](const Value&) {
            fmt::print("workers are forked anew as they become free\n");
            return 0;
        });
    });
}

}  // namespace

void add_batch_commands(CLI::App& ctl, const Talk& talk, const std::function<ControlClient::Seconds()>& patience,
                        const bool& json) {
    const auto asking = std::make_shared<Asking>(Asking{{}, talk, patience, &json});
    CLI::App* units = ctl.add_subcommand("units", "Of a batch: adds, cancels or lists units")->fallthrough();
    units->require_subcommand(1);
    add_adding(*units, asking);
    add_cancelling(*units, asking);
    add_listing(*units, asking);
    CLI::App* workers = ctl.add_subcommand("workers", "Of a batch: its workers")->fallthrough();
    workers->require_subcommand(1);
    add_refreshing(*workers, asking);
}

std::string batch_status_text(const Value& s) {
    std::string text =
        fmt::format("{}: {} units: {} done, {} done before, {} unchanged, {} failed, {} cancelled\n", s.at("state").string(),
                    s.at("units").integer(), s.at("done").integer(), s.at("before").integer(), s.at("unchanged").integer(),
                    s.at("failed").integer() + s.at("given_up").integer(), s.at("cancelled").integer());
    if (!s.at("work_left_s").is_null())
        text += fmt::format("{:.0f} s of work left for one rank of {}\n", s.at("work_left_s").real(), s.at("ranks").integer());
    for (const Value& unit : s.at("running").list()) text += fmt::format("running {}\n", unit.at("unit").string());
    return text;
}

}  // namespace flowspan::cli
