#include "cli/batch/ending.hpp"

#include "batch/journal/files.hpp"
#include "batch/journal/lines/kinds.hpp"
#include "batch/journal/lines/line.hpp"
#include "batch/report/notify.hpp"
#include "batch/report/report.hpp"
#include "core/mistakes/failure_of.hpp"
#include "io/claim/folder.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>
#include <optional>

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

std::string ended_name(int part) { return fmt::format("ended-{}.json", part); }

std::string outcome_of(int code) {
    if (code == int(ExitCode::done)) return "done";
    if (code == int(ExitCode::stopped)) return "stopped";
    return code == int(ExitCode::communication) ? "lost" : "failed";
}

Value summary_of(const std::string& out, const batch::BatchResult& result) {
    const batch::Counts& c = result.counts;
    return Value::Map{{"out", out},
                      {"outcome", outcome_of(int(result.code))},
                      {"code", int(result.code)},
                      {"begun", result.begun},
                      {"seconds", result.seconds},
                      {"units", std::int64_t(c.units)},
                      {"done", std::int64_t(c.done + c.unchanged + c.before)},
                      {"failed", std::int64_t(c.failed + c.given_up)},
                      {"left", std::int64_t(c.units - std::min(c.units, c.over()))},
                      {"samples", std::int64_t(c.samples)},
                      {"cpu_s", c.cpu_s}};
}

/// For the process that starts the ranks, which has nothing else of them. (Made by us, and read back by us at once.)
void keep_summary(const std::string& out, int part, const Value& summary) {
    const auto folder = batch::OwnFolder::find(out);
    if (!folder) return;
    const int file =
        ::openat(folder->descriptor(), ended_name(part).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file < 0) return;
    const std::string text = batch::sealed_line(summary);
    (void)!::write(file, text.data(), text.size());
    ::close(file);
}

std::optional<Value> kept_summary(const std::string& out, int part) {
    std::optional<Value> kept;
    try {
        const auto folder = batch::OwnFolder::find(out);
        if (!folder) return kept;
        batch::Troubles ignored;
        const auto take = [&](std::string_view json) -> std::string {
            kept = batch::told(Value::from_json(json));
            return {};
        };
        batch::read_lines(folder->descriptor(), ended_name(part), folder->path_of(ended_name(part)), take, ignored);
    } catch (const std::exception&) { kept.reset(); }
    return kept;
}

}  // namespace

void check_reports(const std::vector<std::string>& files) {
    for (const std::string& file : files)
        if (file != "-" && ::access(io::folder_of(file).c_str(), W_OK | X_OK) != 0) throw file_failure("create", file, errno);
}

std::vector<std::string> write_ending(const std::vector<std::string>& files, const std::string& out,
                                      const std::vector<std::string>& command, const batch::BatchResult& result) {
    std::vector<std::string> troubles;
    try {
        keep_summary(out, result.part, summary_of(out, result));
        if (files.empty()) return troubles;
        batch::ReportHead head{out,     outcome_of(int(result.code)), int(result.code), result.begun, result.seconds,
                               command, result.counts.value()};
        std::vector<batch::PartLedger> parts;
        for (const batch::PartOf& part : batch::parts_of(out)) parts.push_back(batch::read_ledger(out, part));
        for (const std::string& file : files) {
            try {
                batch::write_report(file, head, parts);
            } catch (const std::exception& e) { troubles.push_back(fmt::format("--report: {}", failure_of(e).what())); }
        }
    } catch (const std::exception& e) { troubles.push_back(fmt::format("--report: {}", failure_of(e).what())); }
    return troubles;
}

std::string notify_of_end(const std::string& command, const std::string& out, const std::string& part, int code, double begun) {
    int k = 0;
    (void)std::from_chars(part.data(), part.data() + part.size(), k);
    Value summary = Value::Map{{"out", out}, {"outcome", outcome_of(code)}, {"code", code}};
    if (const auto kept = kept_summary(out, k);
        kept && kept->at("begun").real() >= begun - 1 && kept->at("code").integer() == code)
        summary = *kept;
    std::map<std::string, std::string> variables{
        {"FLOWSPAN_OUTCOME", outcome_of(code)}, {"FLOWSPAN_CODE", std::to_string(code)}, {"FLOWSPAN_OUT", out}};
    for (const auto& [name, key] :
         {std::pair{"FLOWSPAN_DONE", "done"}, {"FLOWSPAN_FAILED", "failed"}, {"FLOWSPAN_LEFT", "left"}}) {
        const Value* const number = summary.find(key);
        variables[name] = number == nullptr ? "" : std::to_string(number->integer());
    }
    return batch::notify(command, summary, variables);
}

}  // namespace flowspan::cli
