#include "graph/mistakes/from_gnuradio.hpp"

#include "core/mistakes/names.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace flowspan::graph {
namespace {

constexpr std::array<std::string_view, 11> modules{"blocks_", "analog_",  "digital_",  "filter_", "fft_", "audio_",
                                                   "qtgui_",  "network_", "channels_", "dtv_",    "gr_"};

/// `fir_filter` of `filter_fir_filter_ccc`: without module and sample types.
std::string bare(std::string name) {
    for (const std::string_view module : modules) {
        if (!name.starts_with(module)) continue;
        name.erase(0, module.size());
        break;
    }
    const std::size_t last = name.rfind('_');
    if (last == std::string::npos || last == 0 || last + 1 == name.size()) return name;
    const std::string_view types = std::string_view(name).substr(last + 1);
    if (types.size() <= 4 && types.find_first_not_of("cfisbxv") == std::string_view::npos) name.erase(last);
    return name;
}

/// What stands between the backquotes of a cell.
std::vector<std::string> quoted(std::string_view cell) {
    std::vector<std::string> names;
    for (std::size_t begin = cell.find('`'); begin != std::string_view::npos;) {
        const std::size_t end = cell.find('`', begin + 1);
        if (end == std::string_view::npos) break;
        names.emplace_back(cell.substr(begin + 1, end - begin - 1));
        begin = cell.find('`', end + 1);
    }
    return names;
}

bool is_name(const std::string& text) {
    return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_*") == std::string::npos;
}

/// `_sink` in the place of the last part of `blocks_file_source`; `_refout_` in that of a part in the middle.
std::string completed(const std::string& part, const std::string& first) {
    std::string own = part.substr(1);
    const bool middle = own.ends_with('_');
    if (middle) own.pop_back();
    std::string stem = first, types;
    if (const std::string plain = bare(first); !first.ends_with(plain)) {
        const std::size_t last = first.rfind('_');
        types = first.substr(last);
        stem = first.substr(0, last);
    }
    return stem.substr(0, stem.rfind('_') + 1) + own + types;
}

std::vector<std::string_view> cells(std::string_view row) {
    std::vector<std::string_view> found;
    for (std::size_t begin = 1; begin < row.size();) {
        const std::size_t end = std::min(row.find('|', begin), row.size());
        std::string_view cell = row.substr(begin, end - begin);
        while (!cell.empty() && cell.front() == ' ') cell.remove_prefix(1);
        while (!cell.empty() && (cell.back() == ' ' || cell.back() == '\r')) cell.remove_suffix(1);
        found.push_back(cell);
        begin = end + 1;
    }
    return found;
}

bool matches(const std::string& name, const std::string& known) {
    if (known.ends_with('*')) return name.starts_with(known.substr(0, known.size() - 1));
    return name == known || bare(name) == bare(known);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> names_from_gnuradio(std::string_view manual) {
    std::vector<std::pair<std::string, std::string>> names;
    for (std::size_t begin = 0; begin < manual.size();) {
        const std::size_t end = std::min(manual.find('\n', begin), manual.size());
        const std::string_view row = manual.substr(begin, end - begin);
        begin = end + 1;
        if (!row.starts_with('|') || row.starts_with("|--")) continue;
        const auto columns = cells(row);
        if (columns.size() < 2) continue;
        std::string first;
        for (std::string& name : quoted(columns[0])) {
            if (name.starts_with('_') && !first.empty()) name = completed(name, first);
            if (!is_name(name)) continue;
            if (first.empty()) first = name;
            names.emplace_back(name, columns[1]);
        }
    }
    return names;
}

std::string hint_from_gnuradio(const std::string& type) {
    static const auto names = names_from_gnuradio(manual_from_gnuradio());
    const auto exact = std::find_if(names.begin(), names.end(), [&](const auto& one) { return one.first == type; });
    const auto found = exact != names.end() ? exact : std::find_if(names.begin(), names.end(), [&](const auto& one) {
        return matches(type, one.first);
    });
    if (found == names.end()) return {};
    const std::string& here = found->second;
    if (here.starts_with("none")) {
        const std::size_t why = here.find(": ");
        const std::string_view yet = here.starts_with("none yet") ? " yet" : "";
        return fmt::format("GNU Radio's `{}` has no counterpart here{}{}", type, yet,
                           why == std::string::npos ? "" : here.substr(why));
    }
    return fmt::format("GNU Radio's `{}` is here: {}", type, here);
}

std::string hint_for_type(const std::string& type, const std::vector<std::string>& known) {
    const std::string theirs = hint_from_gnuradio(type);
    return theirs.empty() ? hint_for(type, known, "") : theirs;
}

}  // namespace flowspan::graph
