#include "batch/report/page.hpp"

#include "batch/see/times.hpp"
#include "core/mistakes/sane.hpp"
#include "io/products/preview.hpp"

#include <flowspan/version.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr std::size_t most_failures = 500, longest_cause = 1000, longest_name = 500, most_ranks = 256;
constexpr int preview_columns = 640;
constexpr std::size_t most_pictures = 200, whole_picture = std::size_t{32} << 10, largest_picture = std::size_t{32} << 20,
                      most_picture_bytes = std::size_t{8} << 20;

constexpr const char* style =
    R"(:root{color-scheme:light dark;--b:#2166ac;--f:#c62828;--dim:#666}
@media(prefers-color-scheme:dark){:root{--b:#6aaef0;--f:#ff7b72;--dim:#aaa}}
body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 1em}
h1{font-size:1.4em}h2{font-size:1.1em;margin-top:1.6em}h1,code{overflow-wrap:anywhere}.bad{color:var(--f)}
.g{display:grid;grid-template-columns:minmax(7em,max-content) 1fr;gap:2px .7em;font-size:12px;color:var(--dim)}
.g>span{text-align:right;white-space:nowrap}.g svg{display:block;width:100%;height:1.25em;background:#8882}
.g svg.h{height:7em}.b{fill:var(--b)}.f{fill:var(--f)}.x{position:relative;height:1.6em}
.x i{position:absolute;font-style:normal;transform:translateX(-50%);white-space:nowrap}.x i:first-child{transform:none}
.t{overflow-x:auto}table{border-collapse:collapse;font-size:.9em}
td,th{padding:.15em .8em;text-align:left;vertical-align:top;border-bottom:1px solid #8884;white-space:nowrap}
td.n,th.n{text-align:right}td.u{white-space:normal;overflow-wrap:anywhere;min-width:9em}
.w{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(20em,100%),1fr));gap:1em}figure{margin:0}
figure img{max-width:100%}figcaption{font-size:.8em;overflow-wrap:anywhere})";

std::string bytes_text(std::uint64_t bytes) {
    constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double value = double(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.3g} {}", value, units[unit]);
}

std::string head_html(const ReportHead& head, const std::vector<PartLedger>& parts) {
    RankCost all;
    for (const PartLedger& part : parts)
        for (const RankCost& r : part.ranks) {
            all.cpu_s += r.cpu_s;
            all.peak_bytes = std::max(all.peak_bytes, r.peak_bytes);
            all.bytes_read += r.bytes_read;
            all.bytes_made += r.bytes_made;
        }
    std::string command;
    for (const std::string& word : head.command) command += (command.empty() ? "" : " ") + word;
    const auto count = [&](const char* key) { return head.counts.at(key).integer(); };
    return fmt::format(
        "<h1>{}: {}</h1><p>{} units: {} done, {} done before, {} unchanged, <span class=\"{}\">{} failed</span>, {} failed "
        "before.</p>"
        "<p>From {} to {} ({:.1f} s); {:.1f} CPU-seconds of units, {} of memory at most, {} read, {} made.</p>"
        "<p><code>{}</code></p>",
        html(head.out), html(head.state), count("units"), count("done"), count("before"), count("unchanged"),
        count("failed") > 0 ? "bad" : "", count("failed"), count("given_up"), utc(head.begun), utc(head.begun + head.seconds),
        head.seconds, all.cpu_s, bytes_text(all.peak_bytes), bytes_text(all.bytes_read), bytes_text(all.bytes_made),
        html(sane(command, 4000)));
}

void put_failures(const std::vector<PartLedger>& parts, const Put& put) {
    std::size_t count = 0;
    for (const PartLedger& part : parts)
        for (std::size_t u = 0; u < part.units.size(); ++u) {
            if (part.seen.history.state(u) != State::failed || ++count > most_failures) continue;
            if (count == 1)
                put("<h2>Failed</h2><div class=\"t\"><table><tr><th>unit</th><th>cause</th><th "
                    "class=\"n\">attempts</th><th>host</th></tr>");
            const Known k = part.seen.history.known(u);
            put(fmt::format("<tr><td class=\"u\">{}</td><td class=\"u\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
                            html(sane(k.unit.folder, longest_name)), html(sane(k.cause, longest_cause)), k.attempts,
                            html(sane(k.host, longest_name))));
        }
    if (count > 0) put("</table></div>");
    if (count > most_failures) put(fmt::format("<p>… and {} more.</p>", count - most_failures));
}

void put_ranks(const std::vector<PartLedger>& parts, const Put& put) {
    std::vector<const RankCost*> ranks;
    for (const PartLedger& part : parts)
        for (const RankCost& r : part.ranks) ranks.push_back(&r);
    std::stable_sort(ranks.begin(), ranks.end(), [](const RankCost* a, const RankCost* b) {
        return std::pair(a->part, a->rank) < std::pair(b->part, b->rank);
    });
    const std::size_t count = ranks.size();
    put("<h2>Ranks</h2><div class=\"t\"><table><tr><th class=\"n\">rank</th><th>host</th><th class=\"n\">units</th>"
        "<th class=\"n\">failed</th><th class=\"n\">busy</th><th class=\"n\">CPU</th><th class=\"n\">memory</th>"
        "<th class=\"n\">read</th><th class=\"n\">written</th></tr>");
    for (const RankCost* r : std::span(ranks).first(std::min(count, most_ranks)))
        put(fmt::format(
            "<tr><td class=\"n\">{}{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
            "<td class=\"n\">{:.1f} s</td><td class=\"n\">{:.1f} s</td><td class=\"n\">{}</td>"
            "<td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
            r->part == 0 ? "" : fmt::format("{}:", r->part), r->rank, html(sane(r->host, longest_name)), r->made, r->failed,
            r->busy_s, r->cpu_s, bytes_text(r->peak_bytes), bytes_text(r->bytes_read), bytes_text(r->bytes_made)));
    put("</table></div>");
    if (count > most_ranks) put(fmt::format("<p>… and {} more.</p>", count - most_ranks));
}

/// The file, where it is a PNG and small enough.
std::optional<std::string> picture(const std::string& path, std::uint64_t bytes) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) return std::nullopt;
    struct stat status {};
    std::string text(bytes, '\0');
    const bool whole = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && std::uint64_t(status.st_size) == bytes &&
                       ::pread(file, text.data(), bytes, 0) == ssize_t(bytes);
    ::close(file);
    if (!whole || !text.starts_with("\x89PNG\r\n\x1a\n")) return std::nullopt;
    return text;
}

/// As it is where it is small, else a preview.
struct Shown {
    const char* type;
    std::string bytes;
};
std::optional<Shown> shown_picture(const std::string& path, std::uint64_t bytes) {
    if (bytes > largest_picture) return std::nullopt;
    auto png = picture(path, bytes);
    if (!png) return std::nullopt;
    if (bytes <= whole_picture) return Shown{"png", std::move(*png)};
    auto jpeg = io::jpeg_preview(*png, preview_columns);
    if (!jpeg) return std::nullopt;
    return Shown{"jpeg", std::move(*jpeg)};
}

std::string base64(const std::string& bytes) {
    Value::Bytes copy(bytes.size());
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    const std::string json = Value(std::move(copy)).json();
    return json.substr(1, json.size() - 2);
}

}  // namespace

std::string html(const std::string& text) {
    const Value whole = Value::from_json(Value(text).json());
    std::string safe;
    for (const char c : whole.string()) {
        if (c == '&')
            safe += "&amp;";
        else if (c == '<')
            safe += "&lt;";
        else if (c == '>')
            safe += "&gt;";
        else if (c == '"')
            safe += "&quot;";
        else if (c == '\'')
            safe += "&#39;";
        else
            safe += c;
    }
    return safe;
}

void put_pictures(const std::string& out, const std::vector<PartLedger>& parts, const Put& put) {
    std::size_t shown = 0, bytes = 0, left_out = 0;
    for (const PartLedger& part : parts)
        for (std::size_t u = 0; u < part.units.size(); ++u) {
            if (part.seen.history.state(u) != State::done) continue;
            const Known k = part.seen.history.known(u);
            for (const MadeFile& p : k.products) {
                if (!p.name.ends_with(".png")) continue;
                const bool room = shown < most_pictures && bytes < most_picture_bytes;
                const auto seen = room ? shown_picture(out + "/" + k.unit.folder + "/" + p.name, p.bytes) : std::nullopt;
                if (!seen || bytes + seen->bytes.size() > most_picture_bytes) {
                    ++left_out;
                    continue;
                }
                if (shown++ == 0) put("<h2>Pictures</h2><div class=\"w\">");
                bytes += seen->bytes.size();
                const std::string name = html(sane(k.unit.folder + "/" + p.name, longest_name));
                put(fmt::format(
                    "<figure><img alt=\"{}\" src=\"data:image/{};base64,{}\"><figcaption>{}</figcaption></figure>\n", name,
                    seen->type, base64(seen->bytes), name));
            }
        }
    if (shown > 0) put("</div>");
    if (left_out > 0)
        put(fmt::format(
            "<p>{} picture{} not shown: not there, no PNG of at most {} and 32 million pixels, or beyond {} pictures "
            "or {} in all.</p>",
            left_out, left_out == 1 ? " is" : "s are", bytes_text(largest_picture), most_pictures,
            bytes_text(most_picture_bytes)));
}

void put_page(const ReportHead& head, const std::vector<PartLedger>& parts, const Put& put) {
    put(
        fmt::format("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                    "content=\"width=device-width\">"
                    "<title>{}</title><style>{}</style></head><body>\n",
                    html(sane(head.out, longest_name)), style));
    put(head_html(head, parts));
    if (const std::string svg = timeline(parts); !svg.empty())
        put("<h2>Who computed when (since the last start)</h2>" + svg + "\n<h2>Units made</h2>" + rates(parts) + "\n");
    put_failures(parts, put);
    put_ranks(parts, put);
    put_pictures(head.out, parts, put);
    put(fmt::format("<p>flowspan {}</p></body></html>\n", version));
}

}  // namespace flowspan::batch
