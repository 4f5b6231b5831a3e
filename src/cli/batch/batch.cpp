// `flowspan batch`: a graph over many recordings.
#include "batch/batch.hpp"
#include "batch/opening/pins.hpp"
#include "cli/batch/ending.hpp"
#include "cli/batch/verbs.hpp"
#include "cli/cli.hpp"
#include "cli/launch/launcher.hpp"
#include "cli/launch/ranks.hpp"
#include "cli/launch/words.hpp"
#include "cli/words/validators.hpp"
#include "comm/local/local.hpp"
#include "comm/mpi/mpi.hpp"
#include "core/numbers/quantity.hpp"
#include "core/say.hpp"
#include "run/job/log.hpp"
#include "run/plugins/share.hpp"
#include "run/signs/signals.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace flowspan::cli {
namespace {

std::vector<std::string> report(const std::vector<std::string>& files, const batch::BatchRequest& request,
                                const batch::BatchResult& result) {
    return write_ending(files, request.out, request.command, result);
}

/// Those of an mpirun that was killed, whose locks are not dead before.
constexpr std::chrono::seconds old_ranks_go_within(4);

struct BatchOptions : GraphOptions {
    std::vector<std::string> recordings, sweeps, command;
    std::string list, root, part, input, isa = "best", fft, log_level = "warning", progress = "auto", max_failures, notify;
    std::vector<std::string> reports;
    std::string stage, cache;
    std::uint64_t memory = 0, device_memory = 0, unit_memory = 0, stage_limit = 0, cache_limit = 0;
    double cache_age_s = 0, timeout_s = 0, grace_s = 30, wait_s = 0;
    int attempts = 3, restarts = 5, readers = 1;
    std::string team, isolate = "unit", control;
    bool dry_run = false, quiet = false, no_retry = false, serve = false, collect = false;
    RankOptions of_ranks;
};

std::string absolute(const std::string& path) { return std::filesystem::absolute(path).lexically_normal().string(); }

/// Rank 0's, with everything read.
batch::BatchRequest request_of(const BatchOptions& o, const run::Library& library) {
    batch::BatchRequest r;
    r.job = o.request([] { return run::Signals::stop_asked() || run::Signals::told_to_leave(); });
    r.job.graph_file = o.graph;
    r.job.isa = o.isa;
    r.job.fft = o.fft;
    r.job.memory_limit = o.memory;
    r.job.device_memory_limit = o.device_memory;
    r.job.readers = o.readers;
    // (what the screen does not show, the log of the unit has)
    r.job.log_level = std::min(int(run::LogLevel::info), int(run::log_level(o.log_level).value()));
    r.job.patience_s = o.patience_s;
    r.out = absolute(o.out);
    while (r.out.size() > 1 && r.out.ends_with('/')) r.out.pop_back();
    r.units.words = o.recordings;
    r.units.sweeps = o.sweeps;
    r.units.list = o.list;
    r.units.from = o.from;
    r.units.duration = o.duration;
    r.units.graph = o.graph;
    r.units.root = o.root;
    r.part = o.part;
    r.attempts = o.attempts;
    r.no_retry = o.no_retry;
    r.wait_s = o.wait_s;
    r.ranks = std::max(1, o.of_ranks.rank_count);  // of a dry run
    r.team = o.team;
    r.job.control = o.control;
    r.takes_more = !o.control.empty();
    r.serves = o.serve;
    if (o.serve && o.control.empty())
        throw Refused(Diagnostic{{}, "--serve", "--control with it", "none", "units come by its socket", {}});
    r.input = o.input;
    r.plugins = library.plugins();
    r.plugin_files = run::plugin_files(o.plugins);
    r.command = o.command;
    return r;
}

void set_most_failures(const std::string& text, batch::BatchSettings& settings) {
    if (text.empty()) return;
    if (text.ends_with('%')) {
        const auto share = parse_number(text.substr(0, text.size() - 1));
        if (share && *share > 0 && *share <= 100) return void(settings.most_failures_percent = *share);
    } else if (const auto count = parse_integer(text); count && *count > 0) {
        return void(settings.most_failures = std::size_t(*count));
    }
    throw Refused(Diagnostic{{}, "--max-failures", "a number of units from 1 on, or a share of them as 5%", text, "", {}});
}

std::string counts_text(const batch::Counts& c) {
    std::string text = fmt::format("{} units: {} done", c.units, c.done);
    const auto add = [&](std::size_t n, const char* what) {
        if (n > 0) text += fmt::format(", {} {}", n, what);
    };
    if (c.cached > 0) text += fmt::format(" ({} from the cache)", c.cached);
    add(c.before, "done before");
    add(c.unchanged, "unchanged");
    add(c.failed, "failed");
    add(c.given_up, "failed before");
    add(c.cancelled, "cancelled");
    add(c.units - std::min(c.units, c.over()), "left");
    return text;
}

/// The bar over the whole batch.
class BatchBar {
public:
    explicit BatchBar(bool on) : on_(on && stderr_is_terminal()) {}
    void show(const batch::Counts& c, std::optional<double> seconds_left) {
        if (!on_ || c.units == 0) return;
        constexpr int width = 30;
        const int full = int(double(width) * double(c.over()) / double(c.units));
        std::string text = fmt::format("\r[{:#<{}}{:.<{}}] {}/{}", "", full, "", width - full, c.over(), c.units);
        if (c.failed > 0) text += fmt::format("  {} failed", c.failed);
        if (seconds_left) text += fmt::format("  {:.0f} s of work left", *seconds_left);
        say(text + "\033[K");
        shown_ = true;
    }
    void end() {
        if (std::exchange(shown_, false)) say("\r\033[K");
    }

private:
    bool on_, shown_ = false;
};

int dry_run(const BatchOptions& o, run::Library& library) {
    library.load(run::plugin_files(o.plugins));
    batch::BatchRequest request = request_of(o, library);
    const auto alone = comm::single_rank();
    request.fingerprint = batch::agree_on_numbers(*alone, request.out, request.job, library.plugins()).fingerprint;
    const batch::Opened opened = batch::open_batch(library.registry(), request, true);
    for (const std::string& line : opened.notes) say_line(line);
    for (const std::string& line : opened.warnings) say_line("warning: " + line);
    fmt::print("{}", batch::plan_text(opened.units, opened.planned));
    return 0;
}

/// Throws Refused.
void set_places(const BatchOptions& o, batch::BatchSettings& settings) {
    const auto needs = [](bool given, const char* option, const char* other) {
        if (given) throw Refused(Diagnostic{{}, option, fmt::format("{} with it", other), "none", "", {}});
    };
    needs(o.stage.empty() && o.stage_limit > 0, "--stage-limit", "--stage");
    needs(o.cache.empty() && o.cache_limit > 0, "--cache-limit", "--cache");
    needs(o.cache.empty() && o.cache_age_s > 0, "--cache-age", "--cache");
    if (!o.stage.empty()) settings.stage = absolute(o.stage);
    if (!o.cache.empty()) settings.cache = absolute(o.cache);
    settings.stage_limit = o.stage_limit;
    settings.cache_limit = o.cache_limit;
    settings.cache_age_s = o.cache_age_s;
}

/// What only a worker can be held to.
void refuse_what_needs_workers(const BatchOptions& o) {
    const auto refuse = [](const char* option) {
        throw Refused(Diagnostic{{}, option, "none with --isolate off", "one", "only a worker can be ended alone", {}});
    };
    if (o.unit_memory > 0) refuse("--unit-memory");
}

// Only here, where MPI has ended: no rank waits for the command.
void tell(const BatchOptions& o, int code, double begun, bool starts_ranks) {
    if (o.notify.empty() || code == int(ExitCode::usage) || under_launcher()) return;
    if (!starts_ranks && comm::promised_rank() > 0) return;
    const std::string why = notify_of_end(o.notify, absolute(o.out), o.part, code, begun);
    if (!why.empty()) say_line("warning: " + why);
}

int batch_here(const BatchOptions& o, run::Library& library, batch::Nursery* nursery, comm::Communicator& communicator) {
    const bool root = communicator.rank() == 0;
    batch::BatchRequest request;
    batch::BatchSettings settings;
    std::exception_ptr trouble;
    BatchBar bar(o.progress != "off" && !o.quiet);
    batch::BatchHooks hooks;
    hooks.leaving = [](int c) { leave_code(c); };
    settings.plugins = run::share_plugins(communicator, o.patience_s, hooks.leaving, run::plugin_files(o.plugins));
    try {
        library.load(settings.plugins);
        settings.limits = {.timeout_s = o.timeout_s, .silence_s = o.patience_s / 2, .memory = o.unit_memory};
        settings.patience_s = o.patience_s;
        settings.attempts = o.attempts;
        settings.grace_s = o.grace_s;
        set_most_failures(o.max_failures, settings);
        settings.loaded = library.plugins();
        settings.under_launcher = under_launcher();
        settings.collect = o.collect;
        set_places(o, settings);
        if (o.isolate == "off") refuse_what_needs_workers(o);
        settings.log_level = int(run::log_level(o.quiet ? "error" : o.log_level).value());
        if (root) request = request_of(o, library);
        if (root) check_reports(o.reports);
    } catch (...) { trouble = std::current_exception(); }
    hooks.load = [&](const std::vector<run::PluginFile>& plugins) {
        library.load(plugins);
        return library.plugins();
    };
    std::vector<std::string> troubles;  // of reports
    if (root) {
        hooks.written = [&](const batch::BatchResult& result) { troubles = report(o.reports, request, result); };
        hooks.ready = [] { announce_ready(); };
        hooks.progress = [&](const batch::Counts& c, std::optional<double> left) { bar.show(c, left); };
        hooks.say = [&](const std::string& line) {
            bar.end();
            say_line(line);
        };
    }
    try {
        const batch::BatchResult result =
            batch::run_batch(communicator, library.registry(), nursery, request, settings, hooks, trouble);
        if (!root) return 0;
        bar.end();
        for (const std::string& line : troubles) say_line("warning: " + line);
        if (!o.quiet)
            say_line(fmt::format("{} in {:.1f} s ({:.1f} CPU-seconds of units)", counts_text(result.counts), result.seconds,
                                 result.counts.cpu_s));
        if (result.code == ExitCode::stopped) say_line("stopped on request: the same command goes on");
        if (result.code == ExitCode::block)
            say_line(fmt::format("flowspan: {} of {} units have failed", result.counts.failed + result.counts.given_up,
                                 result.counts.units));
        if (result.code == ExitCode::done && !o.quiet) say_line("done");
        return int(result.code);
    } catch (const Refused& refused) {
        if (!root) return 0;
        print(refused.diagnostics());
        return int(refused.code());
    }
}

int batch_on_ranks(const BatchOptions& o, run::Library& library) {
    if (o.dry_run) return dry_run(o, library);
    const double begun = batch::line::now_s();
    std::unique_ptr<batch::Nursery> nursery;
    RankBody body;
    body.piped = o.graph;
    body.before = [&] {
        if (o.isolate == "off") return;
        nursery = batch::Nursery::begin(batch::worker_functions(library), std::chrono::duration<double>(o.patience_s));
    };
    body.body = [&](comm::Communicator& communicator) { return batch_here(o, library, nursery.get(), communicator); };
    body.outcome = [] { return std::string("what is done is published, and the same command goes on"); };
    const bool starts_ranks = !comm::started_by_launcher() && (o.of_ranks.rank_count > 1 || !o.of_ranks.hosts.empty());
    RankOptions of_ranks = o.of_ranks;
    for (int again = 0;; ++again) {
        if (again == 1) of_ranks.words.push_back("--no-retry");
        int code = on_ranks(of_ranks, body);
        const bool goes_on = starts_ranks && code == int(ExitCode::communication) && again < o.restarts && !stop_asked();
        if (goes_on) std::this_thread::sleep_for(old_ranks_go_within);
        if (goes_on && stop_asked()) {
            say_line("stopped on request; " + body.outcome());
            code = int(ExitCode::stopped);
        }
        if (!goes_on || stop_asked()) {
            tell(o, code, begun, starts_ranks);
            return code;
        }
        say_line(fmt::format("it is started again ({} of {})", again + 1, o.restarts));
    }
}

void add_unit_options(CLI::App& sub, BatchOptions& o) {
    sub.add_option("RECORDING", o.recordings,
                   "Recordings: files, folders (all below), patterns, @LIST (a file with one a line), SigMF collections");
    sub.add_option("--sweep", o.sweeps, "Each recording once with each value: NAME=V,V,…; several multiply")
        ->type_name("K=V,V")
        ->take_all()
        ->allow_extra_args(false);
    sub.add_option("--units", o.list,
                   "A unit a line, CSV with a header line or JSON lines: recording, graph, from, duration, parameters")
        ->type_name("FILE");
    sub.add_option("--input", o.input,
                   "The parameter that a recording goes to (else `recording`, else that of the only file_source)")
        ->type_name("NAME");
    sub.add_option("--root", o.root, "Units are named by their recordings below this folder (pinned by the first start)")
        ->type_name("DIR");
    sub.add_option("--part", o.part, "Only this share of the recordings; parts share an --out")->type_name("K/N");
    sub.add_option("--control", o.control,
                   "Serve this Unix-domain socket: `flowspan ctl SOCKET units add|cancel|list`, `status`, `stop`")
        ->type_name("SOCKET");
    sub.add_flag("--serve", o.serve,
                 "Keep the ranks when nothing is left, for units that come by --control, until it is stopped");
    sub.add_flag("--dry-run", o.dry_run, "Say what would be done with each unit and why, and do nothing");
}

void add_places(CLI::App& sub, BatchOptions& o) {
    sub.add_flag("--collect", o.collect, "Hosts need not share --out: what they make is sent to rank 0, which writes it there");
    const CLI::Validator seconds = cli::seconds(), size = cli::size();
    sub.add_option(
           "--stage", o.stage,
           "Copy recordings to this folder, on a disk of each host, ahead of the units that read them; they go with them")
        ->type_name("DIR");
    sub.add_option("--stage-limit", o.stage_limit, "All copies of a host take at most so much (default: half of what is free)")
        ->type_name("SIZE")
        ->transform(size);
    sub.add_option("--cache", o.cache,
                   "Keep products in this folder by what they follow from, and take from there what other batches have made")
        ->type_name("DIR");
    sub.add_option("--cache-limit", o.cache_limit, "The cache takes at most so much: what was not used for longest goes")
        ->type_name("SIZE")
        ->transform(size);
    sub.add_option("--cache-age", o.cache_age_s, "What nobody has used for so long goes from the cache at the end of a batch")
        ->type_name("SECONDS")
        ->transform(seconds);
}

void add_limits(CLI::App& sub, BatchOptions& o) {
    const CLI::Validator seconds = cli::seconds(), size = cli::size();
    sub.add_option("--attempts", o.attempts, "How often a unit that fails is tried in all")
        ->transform(whole_number(1, 1000))
        ->capture_default_str();
    sub.add_flag("--no-retry", o.no_retry, "Units that have failed before are not tried again");
    sub.add_option("--team", o.team,
                   "So many ranks compute a unit together, or `graph`: as many as its ranks name (default: one, or as few as "
                   "--memory allows)")
        ->type_name("N");
    sub.add_option("--isolate", o.isolate,
                   "unit: a worker below each rank computes; off: the ranks themselves, as larger teams always do")
        ->check(one_of({"unit", "off"}))
        ->capture_default_str();
    sub.add_option("--max-failures", o.max_failures, "After so many failed units no more are begun; the code is 4")
        ->type_name("N|P%");
    sub.add_option("--timeout", o.timeout_s, "A unit may take so long (default: any time)")
        ->type_name("SECONDS")
        ->transform(seconds);
    sub.add_option("--unit-memory", o.unit_memory, "A unit may take so much memory")->type_name("SIZE")->transform(size);
    sub.add_option("--grace", o.grace_s, "After a stop what is being computed may end within this time; then it is dropped")
        ->type_name("SECONDS")
        ->transform(seconds)
        ->capture_default_str();
    sub.add_option("--wait", o.wait_s, "Where another batch works on --out, wait so long for its end (default: none)")
        ->type_name("SECONDS")
        ->transform(seconds);
    sub.add_option("--restarts", o.restarts, "How often -n starts its ranks again after one was lost")
        ->transform(whole_number(0, 1000))
        ->capture_default_str();
    sub.add_option("--patience", o.patience_s,
                   "A rank without a sign of life for so long is lost; a call of a block that takes half of it fails its unit")
        ->type_name("SECONDS")
        ->transform(seconds)
        ->capture_default_str();
    sub.add_option("--memory", o.memory, "Refuse units whose graph needs more")->type_name("SIZE")->transform(size);
    add_readers_option(sub, o.readers);
    sub.add_option("--device-memory", o.device_memory, "Refuse units whose graph needs more of a rank's device")
        ->type_name("SIZE")
        ->transform(size);
}

}  // namespace

void add_batch(CLI::App& app, run::Library& library, int argc, char** argv, int& code) {
    auto o = std::make_shared<BatchOptions>();
    CLI::App* sub = app.add_subcommand("batch", "Runs a graph over many recordings, on all ranks; goes on where it was left");
    if (is_batch_verb(argc, argv)) return add_batch_verbs(*sub, {argv, argv + argc}, code);
    o->add_to(*sub);
    add_unit_options(*sub, *o);
    o->of_ranks.add_to(*sub);
    add_limits(*sub, *o);
    add_places(*sub, *o);
    sub->add_option("--isa", o->isa,
                    "Instruction-set level of the kernels: best, x86-64-v2, avx2, avx512. best: what the first start of --out "
                    "has pinned, there the best that all ranks have")
        ->type_name("LEVEL")
        ->capture_default_str();
    sub->add_option("--fft", o->fft,
                    "native: what suits the processor; portable: the same bits on all of them, slower (default: what the first "
                    "start of --out has pinned, there native)")
        ->check(one_of({"native", "portable"}));
    sub->add_option("--log-level", o->log_level, "Which lines of units go to stderr")
        ->check(one_of({"trace", "debug", "info", "warning", "error"}))
        ->capture_default_str();
    sub->add_option("--progress", o->progress, "Show how far it is")
        ->check(one_of({"auto", "on", "off"}))
        ->capture_default_str();
    sub->add_option(
           "--report", o->reports,
           "Write what was made and what it took: JSON, or one page where FILE ends in .html; - is stdout; may be given "
           "several times")
        ->type_name("FILE|-")
        ->take_all()
        ->allow_extra_args(false);
    sub->add_option("--notify", o->notify,
                    "Run this shell command once at the end, with a JSON summary on its stdin and FLOWSPAN_OUTCOME, "
                    "FLOWSPAN_CODE, FLOWSPAN_OUT, FLOWSPAN_DONE, FLOWSPAN_FAILED, FLOWSPAN_LEFT in its environment")
        ->type_name("CMD");
    sub->footer(batch_verbs_help());
    sub->add_flag("-q,--quiet", o->quiet, "Only warnings and errors on stderr");
    o->command.assign(argv, argv + argc);
    o->of_ranks.words.assign(argv + 1, argv + argc);
    sub->callback([o, &library, &code] {
        refuse_no_verb(o->graph);
        o->of_ranks.patience_s = o->patience_s;
        code = batch_on_ranks(*o, library);
    });
}

}  // namespace flowspan::cli
