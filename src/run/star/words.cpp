#include "run/star/words.hpp"

#include "core/mistakes/failure_of.hpp"
#include "run/signs/signals.hpp"
#include "runtime/task/block_task.hpp"

#include <array>
#include <csignal>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr std::array<std::string_view, 45> names{
    "alive",        "quiet",       "ended", "begun",   "stop_asked", "failed",   "made",     "done",      "published",
    "cleaned",      "log",         "here",  "left",    "go",         "stop",     "unneeded", "abort",     "publish",
    "keep_partial", "hand_over",   "leave", "muster",  "flee",       "route",    "ask",      "answer",    "watch",
    "event",        "state_asked", "state", "tasks",   "rename",     "stop_now", "all_over", "cancel",    "refresh",
    "plugin",       "want",        "taken", "answers", "renamed",    "offer",    "piece",    "unit_line", "lacks_plugin"};
static_assert(names.size() == std::size_t(Word::lacks_plugin) + 1);

std::uint64_t natural(const Value& v) { return std::uint64_t(v.integer()); }

}  // namespace

std::string_view name_of(Word word) {
    const auto k = std::size_t(word);
    return k < names.size() ? names[k] : "?";
}

Cause Cause::of(const std::exception& e) {
    const Failure failure_itself = failure_of(e);
    Cause cause{.code = failure_itself.code(), .text = failure_itself.what()};
    if (const auto* failure = dynamic_cast<const runtime::BlockFailure*>(&e)) cause.block = failure->block;
    if (cause.code == ExitCode::file && Signals::ended_by() == SIGXFSZ) {  // the write that it came with
        cause.code = ExitCode(code_of_signal(SIGXFSZ));
        cause.text += " (SIGXFSZ)";
    }
    return cause;
}

std::string Cause::line() const {
    std::string who = rank >= 0 ? fmt::format("rank {}", rank) : "";
    if (!host.empty()) who += fmt::format(" ({})", host);
    if (!who.empty()) who += ": ";
    if (!block.empty()) who += block + ": ";
    return who + text;
}

Value Cause::value() const { return Value::List{int(code), rank, host, block, text}; }
Cause Cause::from(const Value& v) {
    const Value::List& p = v.list();
    return {ExitCode(p.at(0).integer()), int(p.at(1).integer()), p.at(2).string(), p.at(3).string(), p.at(4).string()};
}

Value RankProgress::value() const { return Value::List{samples, stream_s, fraction, busiest_s, slowest, activity}; }
RankProgress RankProgress::from(const Value& v) {
    const Value::List& p = v.list();
    return {p.at(0).real(), p.at(1).real(), p.at(2).real(), p.at(3).real(), p.at(4).string(), natural(p.at(5))};
}

Value Quiet::value() const {
    Value::List all;
    for (const Wish& w : wishes) all.emplace_back(Value::List{w.from, w.to, w.why});
    return Value::List{activity, sent, received, all, held, within ? Value(*within) : Value()};
}
Quiet Quiet::from(const Value& v) {
    const Value::List& p = v.list();
    Quiet q{natural(p.at(0)), natural(p.at(1)), natural(p.at(2)), {}, p.at(4).boolean(), {}};
    for (const Value& w : p.at(3).list())
        q.wishes.push_back({int(w.list().at(0).integer()), int(w.list().at(1).integer()), w.list().at(2).string()});
    if (!p.at(5).is_null()) q.within = p.at(5).string();
    return q;
}

Value Made::value() const {
    Value::List all;
    for (const io::Publisher::Entry& e : products)
        all.emplace_back(Value::List{e.path, e.part, e.bytes, e.in_place, e.items ? Value(*e.items) : Value(), e.what,
                                     e.seconds ? Value(*e.seconds) : Value(), e.xxh3_128});
    return Value::List{std::move(all), cut};
}
Made Made::from(const Value& v) {
    Made made;
    made.cut = v.list().at(1).boolean();
    for (const Value& e : v.list().at(0).list()) {
        const Value::List& p = e.list();
        io::Publisher::Entry entry{p.at(0).string(), p.at(1).string(), natural(p.at(2)), true, p.at(3).boolean()};
        if (!p.at(4).is_null()) entry.items = natural(p.at(4));
        entry.what = p.at(5).string();
        if (!p.at(6).is_null()) entry.seconds = p.at(6).real();
        entry.xxh3_128 = p.at(7).string();
        made.products.push_back(std::move(entry));
    }
    return made;
}

Value value_of(const std::vector<io::Unpublished>& left) {
    Value::List all;
    for (const io::Unpublished& l : left) all.emplace_back(Value::List{l.path, l.why});
    return all;
}
std::vector<io::Unpublished> unpublished_from(const Value& v) {
    std::vector<io::Unpublished> left;
    for (const Value& l : v.list()) left.push_back({l.list().at(0).string(), l.list().at(1).string()});
    return left;
}

Value Routed::value() const { return Value::List{to, int(word), content}; }
Routed Routed::from(const Value& v) {
    const Value::List& p = v.list();
    return {int(p.at(0).integer()), Word(p.at(1).integer()), p.at(2)};
}

Value Question::value() const { return Value::List{asker, id, place, block, ask.packed()}; }
Question Question::from(const Value& v) {
    const Value::List& p = v.list();
    return {int(p.at(0).integer()), natural(p.at(1)), natural(p.at(2)), int(p.at(3).integer()), runtime::Ask::from(p.at(4))};
}

Value Reply::value() const { return Value::List{id, place, answer.packed()}; }
Reply Reply::from(const Value& v) {
    const Value::List& p = v.list();
    return {natural(p.at(0)), natural(p.at(1)), runtime::Answer::from(p.at(2))};
}

Value Watching::value() const { return Value::List{asker, id, block, name, begins}; }
Watching Watching::from(const Value& v) {
    const Value::List& p = v.list();
    return {int(p.at(0).integer()), natural(p.at(1)), int(p.at(2).integer()), p.at(3).string(), p.at(4).boolean()};
}

Value Sighting::value() const { return Value::List{id, block, name, index, time, seen, dropped}; }
Sighting Sighting::from(const Value& v) {
    const Value::List& p = v.list();
    return {natural(p.at(0)), int(p.at(1).integer()), p.at(2).string(), natural(p.at(3)), p.at(4), p.at(5), natural(p.at(6))};
}

}  // namespace flowspan::run
