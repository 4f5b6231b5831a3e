#include "batch/journal/lines/kinds.hpp"

#include "batch/units/found/folders.hpp"
#include "io/claim/folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <stdexcept>

namespace flowspan::batch {
namespace {

UnitId id_of(const Fields& f) { return UnitId::from(f.text("unit")); }

std::string run_of(const Fields& f) {
    std::string run = f.text("run");
    if (!is_attempt_id(run)) throw std::invalid_argument("no id of an attempt");
    return run;
}

int small(std::int64_t value) {
    if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
        throw std::invalid_argument("a number out of range");
    return int(value);
}

/// Names between slashes, none of which leads elsewhere.
bool leads_down(std::string_view path, bool hidden) {
    if (path.empty() || path.find('\0') != std::string_view::npos) return false;
    for (;;) {
        const std::size_t slash = path.find('/');
        const std::string_view name = path.substr(0, slash);
        if (name.empty() || name == "." || name == ".." || (!hidden && name[0] == '.')) return false;
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
}

std::string checked(MadeFile&& made) {
    const std::size_t slash = made.name.rfind('/');
    const std::string_view file = std::string_view(made.name).substr(slash == std::string::npos ? 0 : slash + 1);
    if (!leads_down(made.name, true) || io::looks_like_our_own(file) || made.rank < 0 || made.block < 0)
        throw std::invalid_argument("no product of a unit");
    return std::move(made.name);
}

std::vector<std::string> texts(const Value& v) {
    std::vector<std::string> all;
    for (const Value& e : v.list()) all.push_back(e.string());
    return all;
}

Value::List list_of(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

}  // namespace

bool is_unit_folder(std::string_view folder) { return leads_down(folder, false); }

bool is_attempt_id(const std::string& run) {
    const auto part = io::PartName::from(io::PartName{"x", run, 0, 0}.text());
    return part && part->run == run;
}

std::string UnitId::text() const { return fmt::format("{}.{}", start, number); }

UnitId UnitId::from(std::string_view text) {
    UnitId id;
    const char* const end = text.data() + text.size();
    const auto [dot, error] = std::from_chars(text.data(), end, id.start);
    if (error == std::errc() && dot != end && *dot == '.') {
        const auto [last, wrong] = std::from_chars(dot + 1, end, id.number);
        if (wrong == std::errc() && last == end) return id;
    }
    throw std::invalid_argument("no id of a unit");
}

MadeFile MadeFile::of(std::string name, std::string_view part, std::uint64_t bytes) {
    MadeFile made{std::move(name), bytes, 0, 0};
    const std::size_t slash = part.rfind('/');
    const auto p = io::PartName::from(part.substr(slash == std::string_view::npos ? 0 : slash + 1));
    if (p) {
        made.rank = p->rank;
        made.block = p->block;
        if (made.part(p->run) == part) return made;
    }
    throw std::invalid_argument(fmt::format("{} is no part of {}", part, made.name));
}

std::string MadeFile::part(const std::string& run) const {
    const std::size_t slash = name.rfind('/'), file = slash == std::string::npos ? 0 : slash + 1;
    return name.substr(0, file) + io::PartName{name.substr(file), run, rank, block}.text();
}

Value MadeFile::value() const { return Value::List{name, bytes, rank, block}; }

MadeFile MadeFile::from(std::string_view json) {
    const auto p = items_of(json);
    if (p.size() != 4 || integer_of(p[1]) < 0) throw std::invalid_argument("no product of a unit");
    MadeFile made{text_of(p[0]), std::uint64_t(integer_of(p[1])), small(integer_of(p[2])), small(integer_of(p[3]))};
    made.name = checked(std::move(made));
    return made;
}

std::vector<MadeFile> files_of(std::string_view list) {
    std::vector<MadeFile> files;
    for (const std::string_view file : items_of(list)) files.push_back(MadeFile::from(file));
    return files;
}

namespace line {

double now_s() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

namespace {

double real_or_none(const Fields& f, std::string_view key) { return f.raw(key).empty() ? 0 : f.real(key); }

std::vector<std::string> texts_or_none(const Fields& f, std::string_view key) {
    return f.raw(key).empty() ? std::vector<std::string>() : texts(f.value(key));
}

Value value_of(const std::vector<GraphUsed>& graphs) {
    Value::List all;
    for (const GraphUsed& g : graphs) all.emplace_back(Value::List{g.name, g.input, g.hash});
    return all;
}

std::vector<GraphUsed> graphs_from(const Value& list) {
    std::vector<GraphUsed> all;
    if (list.is_null()) return all;
    for (const Value& g : list.list())
        all.push_back({g.list().at(0).string(), g.list().at(1).string(), g.list().at(2).string()});
    return all;
}

}  // namespace

void Measured::add_to(Value& line) const {
    line["rank"] = rank;
    line["began"] = began;
    line["seconds"] = seconds;
    line["cpu_s"] = cpu_s;
    line["peak_bytes"] = peak_bytes;
}

Measured Measured::from(const Fields& f) {
    const auto peak = f.raw("peak_bytes").empty() ? std::int64_t(0) : f.integer("peak_bytes");
    return {f.raw("rank").empty() ? -1 : small(f.integer("rank")), real_or_none(f, "began"), real_or_none(f, "seconds"),
            real_or_none(f, "cpu_s"), std::uint64_t(std::max(peak, std::int64_t(0)))};
}

Value Begin::value() const {
    return Value::Map{{"is", "begin"},
                      {"run", run},
                      {"flowspan", flowspan},
                      {"host", host},
                      {"pid", pid},
                      {"time", time},
                      {"root", root},
                      {"part", part},
                      {"parts", parts},
                      {"graph", graph},
                      {"level", level},
                      {"graph_hash", graph_hash},
                      {"command", list_of(command)},
                      {"plugins", list_of(plugins)},
                      {"folder", folder},
                      {"set", list_of(set)},
                      {"isa", isa},
                      {"fft", fft},
                      {"plugin_files", list_of(plugin_files)},
                      {"graphs", value_of(graphs)},
                      {"fingerprint", fingerprint}};
}
Begin Begin::from(const Fields& f) {
    return {f.text("run"),
            f.text("flowspan"),
            f.text("host"),
            f.integer("pid"),
            f.real("time"),
            texts(f.value("command")),
            f.text("root"),
            small(f.integer("part")),
            small(f.integer("parts")),
            f.text("graph"),
            f.text("graph_hash"),
            f.text("level"),
            texts(f.value("plugins")),
            f.text_or_none("folder"),
            texts_or_none(f, "set"),
            f.text_or_none("isa"),
            f.text_or_none("fft"),
            texts_or_none(f, "plugin_files"),
            graphs_from(f.value("graphs")),
            f.text_or_none("fingerprint")};
}

Value Described::value() const {
    Value v = unit.value();
    v["is"] = "unit";
    v["id"] = id.text();
    return v;
}
Described Described::from(const Fields& f) { return {UnitId::from(f.text("id")), line::unit_of(f)}; }

/// As `Unit::value` writes it: a path that is no UTF-8 is escaped.
std::string path_of(const Fields& f, const std::string& key) {
    if (f.raw(key + "_bytes").empty()) return f.text_or_none(key);
    if (auto path = read_component(f.text(key + "_bytes"))) return *path;
    throw std::invalid_argument("no path");
}

Unit unit_of(const Fields& f) {
    Unit unit{f.text("unit"), path_of(f, "recording"), path_of(f, "graph"), f.text_or_none("from"), f.text_or_none("duration")};
    if (unit.recording.empty()) throw std::invalid_argument("no recording");
    if (!is_unit_folder(unit.folder)) throw std::invalid_argument("no folder of a unit");
    if (const Value set = f.value("parameters"); !set.is_null())
        for (const auto& [name, text] : set.map()) unit.parameters[name] = text.string();
    return unit;
}

Value Start::value() const {
    return Value::Map{{"is", "start"}, {"unit", unit.text()}, {"run", run},  {"attempt", attempt},
                      {"rank", rank},  {"host", host},        {"time", time}};
}
Start Start::from(const Fields& f) {
    return {id_of(f), run_of(f), small(f.integer("attempt")), small(f.integer("rank")), f.text("host"), f.real("time")};
}

Value Commit::value() const {
    Value::List files;
    for (const MadeFile& file : products) files.push_back(file.value());
    Value v =
        Value::Map{{"is", "commit"},     {"unit", unit.text()},        {"run", run},         {"key", key},
                   {"content", content}, {"fingerprint", fingerprint}, {"samples", samples}, {"products", std::move(files)}};
    measured.add_to(v);
    v["seconds"] = seconds;
    if (cached) v["cached"] = true;
    return v;
}
Commit Commit::from(const Fields& f) {
    Commit c{id_of(f), run_of(f),         f.text("key"),       f.value("content"), f.text("fingerprint"),
             {},       f.real("seconds"), f.integer("samples")};
    c.products = files_of(f.raw("products"));
    c.measured = Measured::from(f);
    c.cached = !f.raw("cached").empty() && f.flag("cached");
    return c;
}

Value Done::value() const { return Value::Map{{"is", "done"}, {"unit", unit.text()}, {"run", run}}; }
Done Done::from(const Fields& f) { return {id_of(f), run_of(f)}; }

Value Unchanged::value() const {
    return Value::Map{{"is", "unchanged"}, {"unit", unit.text()}, {"run", run},
                      {"key", key},        {"content", content},  {"fingerprint", fingerprint}};
}
Unchanged Unchanged::from(const Fields& f) {
    return {id_of(f), f.text("run").empty() ? "" : run_of(f), f.text("key"), f.value("content"), f.text("fingerprint")};
}

Value Failed::value() const {
    Value v = Value::Map{{"is", "failed"}, {"unit", unit.text()}, {"run", run},        {"attempt", attempt},
                         {"cause", cause}, {"code", code},        {"host", host},      {"fingerprint", fingerprint},
                         {"again", again}, {"suspect", suspect},  {"unclean", unclean}};
    measured.add_to(v);
    v["rank"] = rank;
    return v;
}
Failed Failed::from(const Fields& f) {
    return {id_of(f),
            run_of(f),
            small(f.integer("attempt")),
            f.text("cause"),
            small(f.integer("code")),
            small(f.integer("rank")),
            f.text("host"),
            f.text("fingerprint"),
            f.flag("again"),
            f.flag("suspect"),
            !f.raw("unclean").empty() && f.flag("unclean"),
            Measured::from(f)};
}

Value Asked::value() const { return Value::Map{{"is", is}, {"unit", unit.text()}, {"request", request}}; }
Asked Asked::from(const Fields& f) { return {f.text("is"), id_of(f), f.text("request")}; }

}  // namespace line
}  // namespace flowspan::batch
