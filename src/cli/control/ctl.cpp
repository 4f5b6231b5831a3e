// `flowspan ctl SOCKET …`: talks to a running job.
#include "cli/cli.hpp"
#include "cli/control/control_client.hpp"
#include "cli/control/ctl_batch.hpp"
#include "cli/control/ctl_text.hpp"
#include "cli/words/validators.hpp"
#include "core/numbers/quantity.hpp"

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

constexpr double usual_patience_s = 10;

struct CtlOptions {
    std::string socket, name, value, at;
    std::vector<std::string> names, arguments;
    bool json = false;
    double timeout_s = 0;  // 0: not given

    ControlClient::Seconds patience() const { return ControlClient::Seconds(timeout_s > 0 ? timeout_s : usual_patience_s); }
    /// Who asks for a later sample waits for it.
    std::optional<ControlClient::Seconds> patience_for_change() const {
        return at.empty() || timeout_s > 0 ? std::optional(patience()) : std::nullopt;
    }
};

/// A word of the command line as JSON: numbers and booleans are such, `[`, `{` and `"` begin JSON, all else is text.
Value value_of(const std::string& key, const std::string& text) {
    if (text.starts_with('[') || text.starts_with('{') || text.starts_with('"')) {
        try {
            return Value::from_json(text);
        } catch (const std::invalid_argument&) {
            Diagnostic wrong;
            wrong.key = key;
            wrong.expected = "a value, as in 2, 75 kHz, true, [1, 0] or \"text\"";
            wrong.got = text;
            throw Refused(std::move(wrong));
        }
    }
    if (const auto v = parse_boolean(text)) return *v;
    if (const auto v = parse_integer(text)) return *v;
    if (const auto v = parse_number(text)) return *v;
    return text;
}

/// `at`: an index when it is a plain integer, else a time, which the run reads.
void add_at(Value::Map& params, const std::string& at) {
    if (at.empty()) return;
    if (const auto index = parse_integer(at))
        params["at"] = *index;
    else
        params["at"] = at;
}

/// "deviation" of "receive[*].demod.deviation".
std::string last_word(const std::string& name) {
    const auto dot = name.rfind('.');
    return dot == std::string::npos ? name : name.substr(dot + 1);
}

std::string shown(const Value& value) { return value.is<std::string>() ? value.string() : value.json(); }

/// Prints one line an entry, `line` for those that are not refused; refusals go to stderr. The exit code.
int print_entries(const Value& entries, const std::string& name, const std::function<std::string(const Value&)>& line) {
    int code = 0;
    for (const Value& entry : entries.list()) {
        const std::string full = entry.at("block").string() + "." + last_word(name);
        if (const Value* why = entry.find("refused")) {
            fmt::print(stderr, "{}: refused: {}\n", full, shown(*why));
            code = int(ExitCode::usage);
        } else {
            fmt::print("{}{}\n", full, line(entry));
        }
    }
    return code;
}

bool any_refused(const Value& entries) {
    for (const Value& entry : entries.list())
        if (entry.find("refused") != nullptr) return true;
    return false;
}

int print_json(const Value& result, const char* entries) {
    fmt::print("{}\n", result.json());
    return entries != nullptr && any_refused(result.at(entries)) ? int(ExitCode::usage) : 0;
}

int status(ControlClient& client, const CtlOptions& o) {
    const Value result = client.call("status", {}, o.patience());
    if (o.json) return print_json(result, nullptr);
    fmt::print("{}", result.find("units") != nullptr ? batch_status_text(result) : status_text(result));
    return 0;
}

int get(ControlClient& client, const CtlOptions& o) {
    const Value result = client.call("get", {{"name", o.name}}, o.patience());
    if (o.json) return print_json(result, nullptr);
    return print_entries(result.at("values"), o.name, [](const Value& entry) {
        return fmt::format(" = {} (at sample {})", shown(entry.at("value")), entry.at("index").json());
    });
}

int set(ControlClient& client, const CtlOptions& o) {
    Value::Map params{{"name", o.name}, {"value", value_of("VALUE", o.value)}};
    add_at(params, o.at);
    const Value result = client.call("set", std::move(params), o.patience_for_change());
    if (o.json) return print_json(result, "changes");
    return print_entries(result.at("changes"), o.name, [&](const Value& entry) {
        return fmt::format(" = {} from sample {}", o.value, entry.at("index").json());
    });
}

int call(ControlClient& client, const CtlOptions& o) {
    Value::List arguments;
    for (const std::string& text : o.arguments) arguments.push_back(value_of("ARG", text));
    Value::Map params{{"name", o.name}, {"arguments", std::move(arguments)}};
    add_at(params, o.at);
    const Value result = client.call("call", std::move(params), o.patience_for_change());
    if (o.json) return print_json(result, "results");
    return print_entries(result.at("results"), o.name, [](const Value& entry) {
        const Value* value = entry.find("value");
        const std::string answer = value == nullptr || value->is_null() ? "" : fmt::format(": {}", shown(*value));
        return fmt::format("{} (at sample {})", answer, entry.at("index").json());
    });
}

int watch(ControlClient& client, const CtlOptions& o) {
    ControlClient::end_on_interrupt();
    for (const std::string& name : o.names) client.call("watch", {{"name", name}}, o.patience());
    while (const auto message = client.next_notification()) {
        if (message->at("method") == Value("end")) return 0;
        if (message->at("method") != Value("event")) continue;
        fmt::print("{}\n", message->at("params").json());
        std::fflush(stdout);
    }
    return 0;
}

int stop(ControlClient& client, const CtlOptions& o) {
    const Value result = client.call("stop", {}, o.patience());
    if (o.json) return print_json(result, nullptr);
    fmt::print("{}\n", result.find("units") != nullptr
                           ? "asked to stop: no more units are handed out, and what is being computed may end within --grace"
                           : "asked to stop: every source ends where it is, and what is made is kept");
    return 0;
}

int talk(const CtlOptions& o, const std::function<int(ControlClient&, const CtlOptions&)>& command) {
    try {
        ControlClient client(o.socket, o.patience());
        return command(client, o);
    } catch (const ControlRefusal& refusal) {
        fmt::print(stderr, "{}\n", refusal.what());
        return int(ExitCode::usage);
    } catch (const std::invalid_argument& wrong) {  // Value: an answer of another shape
        throw Failure(ExitCode::communication, fmt::format("{}: expected an answer of protocol 1: {}", o.socket, wrong.what()));
    }
}

void add_answer_options(CLI::App& app, CtlOptions& o) {
    app.add_flag("--json", o.json, "Print the answer as one line of JSON");
    app.add_option("--timeout", o.timeout_s, "Give up after this many seconds without an answer (default: 10; none with --at)")
        ->type_name("S")
        ->transform(seconds());
}

/// The words behind NAME. Not an option's: CLI11 would take `[1, 2]` for two.
std::vector<std::string> arguments_of(const CLI::App& call) {
    std::vector<std::string> words = call.remaining();
    for (const std::string& word : words) {
        if (!word.starts_with("--")) continue;
        Diagnostic wrong;
        wrong.expected = "--at, --json or --timeout";
        wrong.got = word;
        throw Refused(std::move(wrong));
    }
    return words;
}

}  // namespace

void add_ctl(CLI::App& app, int& code) {
    auto o = std::make_shared<CtlOptions>();
    CLI::App* ctl =
        app.add_subcommand("ctl", "Talks to a running job or batch: how far it is, its parameters, its units, its end");
    ctl->require_subcommand(1);
    ctl->add_option("SOCKET", o->socket, "What `--control` of `flowspan run` or `flowspan batch` was given")->required();
    add_answer_options(*ctl, *o);
    ctl->footer(
        "Example:  flowspan run fm.yaml --control run.sock &\n"
        "          flowspan ctl run.sock status\n"
        "          flowspan ctl run.sock get gain.constant\n"
        "          flowspan ctl run.sock set 'receive[*].demod.deviation' '75 kHz' --at '1.5 s'\n"
        "          flowspan ctl run.sock watch bursts.detections\n"
        "Names:    BLOCK.PARAMETER; of one copy receive[3].demod.deviation, of all receive[*].demod.deviation\n"
        "Times:    --at 480000 is a sample of the block's input, '1.5 s' a time in the recording, and\n"
        "          2024-05-17T12:00:00Z is UTC; without --at the next sample that can be is taken and printed\n"
        "Exit:     0 done, 2 refused, 5 nobody serves the socket or the connection was lost\n"
        "Programs: docs/control.md describes the protocol");
    const auto add = [&](const char* name, const char* help, int (*command)(ControlClient&, const CtlOptions&)) {
        CLI::App* sub = ctl->add_subcommand(name, help)->fallthrough();
        sub->callback([o, command, &code] { code = talk(*o, command); });
        return sub;
    };
    const auto add_name = [&](CLI::App* sub) {
        sub->add_option("NAME", o->name, "Which, as in gain.constant or 'receive[*].demod.deviation'")->required();
    };
    const auto add_time = [&](CLI::App* sub) {
        sub->add_option("--at", o->at, "From when on: a sample, a time in the recording ('1.5 s') or UTC")->type_name("T");
    };
    add("status", "Shows how far the run is, how fast, and where each block waits", status);
    add_name(add("get", "Prints a parameter's value", get));
    CLI::App* set_sub = add("set", "Changes a parameter and says from which sample on", set);
    add_name(set_sub);
    set_sub->add_option("VALUE", o->value, "As in a graph file: 2, '75 kHz', true, '[1, 0]', text")->required();
    add_time(set_sub);
    CLI::App* call_sub = add("call", "Calls a method of a block and prints what it returns: NAME [ARG…]", call);
    call_sub->fallthrough(false)->allow_extras();
    call_sub->callback([o, call_sub, &code] {
        o->arguments = arguments_of(*call_sub);
        code = talk(*o, call);
    });
    call_sub->footer("Behind NAME come its arguments, written as values: 2, '75 kHz', '[1, 0]', text");
    add_answer_options(*call_sub, *o);
    add_name(call_sub);
    add_time(call_sub);
    add("watch", "Prints what changes, a line of JSON each, until the run ends or Ctrl-C", watch)
        ->add_option("NAME", o->names, "Parameters, readings (probe.rms) or message ports (bursts.detections)")
        ->required();
    add("stop", "Ends the run early and keeps what it has made; a batch hands out no more units", stop);
    add_batch_commands(
        *ctl,
        [o, &code](const std::function<int(ControlClient&)>& command) {
            code = talk(*o, [&](ControlClient& client, const CtlOptions&) { return command(client); });
        },
        [o] { return o->patience(); }, o->json);
}

}  // namespace flowspan::cli
