#include "run/agree/together.hpp"

#include "run/signs/attended.hpp"
#include "run/star/words.hpp"

#include <flowspan/diagnostic.hpp>

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr std::size_t shown_ranks = 8;

Value diagnostic_value(const Diagnostic& d) {
    Value::List context(d.context.begin(), d.context.end());
    return Value::Map{{"file", d.at.file}, {"line", d.at.line},      {"column", d.at.column}, {"text", d.at.line_text.text()},
                      {"key", d.key},      {"expected", d.expected}, {"got", d.got},          {"hint", d.hint},
                      {"context", context}};
}

Diagnostic diagnostic_from(const Value& v) {
    Diagnostic d{{v.at("file").string(), int(v.at("line").integer()), int(v.at("column").integer()), v.at("text").string()},
                 v.at("key").string(),
                 v.at("expected").string(),
                 v.at("got").string(),
                 v.at("hint").string(),
                 {}};
    for (const Value& c : v.at("context").list()) d.context.push_back(c.string());
    return d;
}

/// What went wrong on one rank, as it travels.
Value outcome_of(const std::function<void()>& step, const std::string& host) {
    Diagnostics found;
    ExitCode code = ExitCode::done;
    std::string cause;  // of a failure that is no diagnostic
    try {
        const Interruptible may_be_stopped;
        step();
        Interruptible::look();
    } catch (const Interrupted& e) {
        code = e.code;
        cause = e.text;
    } catch (const Refused& e) {
        found = e.diagnostics();
        code = e.code();
    } catch (const std::exception& e) {
        const Cause own = Cause::of(e);
        code = own.code;
        cause = (own.block.empty() ? "" : own.block + ": ") + own.text;
    }
    Value::List list;
    for (const Diagnostic& d : found) list.push_back(diagnostic_value(d));
    return Value::Map{{"found", list}, {"code", int(code)}, {"cause", cause}, {"host", host}};
}

/// One thing that is wrong, and who has it. Failures have no `expected`.
struct Wrong {
    Diagnostic what;
    std::string text;
    std::string ranks;  // "rank 1 (nid3), rank 4 (nid7)"
    std::size_t count = 0;
};

void note(std::vector<Wrong>& all, Diagnostic what, std::size_t rank, const std::string& host) {
    std::string text = what.text();
    auto it = std::find_if(all.begin(), all.end(), [&](const Wrong& w) { return w.text == text; });
    if (it == all.end()) it = all.insert(it, Wrong{std::move(what), std::move(text), "", 0});
    if (it->count < shown_ranks) it->ranks += fmt::format("{}rank {} ({})", it->count > 0 ? ", " : "", rank, host);
    if (it->count == shown_ranks) it->ranks += ", …";
    ++it->count;
}

}  // namespace

Value value_of(const Refused& refused) {
    Value::List list;
    for (const Diagnostic& d : refused.diagnostics()) list.push_back(diagnostic_value(d));
    return Value::Map{{"found", list}, {"code", int(refused.code())}};
}

Refused refused_from(const Value& value) {
    Diagnostics found;
    for (const Value& d : value.at("found").list()) found.push_back(diagnostic_from(d));
    return Refused(std::move(found), ExitCode(value.at("code").integer()));
}

void together(comm::Communicator& communicator, const std::function<void()>& step) {
    const auto outcomes = communicator.all_gather(packed(outcome_of(step, communicator.host())));
    std::vector<Wrong> refusals, failures;
    ExitCode code = ExitCode::done;
    bool stopped = false;
    for (std::size_t r = 0; r < outcomes.size(); ++r) {
        const Value v = unpacked(outcomes[r]);
        const auto own_code = ExitCode(v.at("code").integer());
        if (own_code == ExitCode::done) continue;
        stopped = stopped || own_code == ExitCode::stopped;
        if (own_code == ExitCode::stopped) continue;
        if (code == ExitCode::done) code = own_code;
        const std::string& host = v.at("host").string();
        for (const Value& d : v.at("found").list()) note(refusals, diagnostic_from(d), r, host);
        if (const std::string& cause = v.at("cause").string(); !cause.empty())
            note(failures, Diagnostic{{}, "", "no failure", cause, "", {}}, r, host);
    }
    if (code == ExitCode::done && stopped) throw Failure(ExitCode::stopped, stopped_early);
    if (code == ExitCode::done) return;
    if (refusals.empty()) {
        std::string cause;
        for (const Wrong& w : failures)
            cause += (cause.empty() ? "" : "\n") + (w.count < outcomes.size() ? w.ranks + ": " : "") + w.what.got;
        throw Failure(code, cause);
    }
    refusals.insert(refusals.end(), failures.begin(), failures.end());
    Diagnostics merged;
    for (Wrong& w : refusals) {
        if (w.count < outcomes.size()) w.what.context.push_back("on " + w.ranks);
        merged.push_back(std::move(w.what));
    }
    throw Refused(std::move(merged), code);
}

std::string packed(const Value& value) {
    const auto bytes = value.encode();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Value unpacked(const std::string& text) {
    std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(text.data()), text.size());
    return Value::decode(bytes);
}

}  // namespace flowspan::run
