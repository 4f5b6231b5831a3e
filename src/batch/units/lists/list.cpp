#include "batch/units/lists/list.hpp"

#include "batch/units/lists/list_lines.hpp"
#include "batch/units/lists/texts.hpp"
#include "core/files/text.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

constexpr std::size_t most_bytes = std::size_t{4} << 30;

}  // namespace

Position ListText::position(const TextPlace& place) const {
    const std::size_t end = std::min(text.find('\n', place.line_begin), text.size());
    std::string line = text.substr(place.line_begin, end - place.line_begin);
    if (line.ends_with('\r')) line.pop_back();
    return {file, place.line, place.column, line};
}

ListText read_list_text(const std::string& file) {
    ListText list{file == "-" ? "stdin" : file, read_text(file == "-" ? "/dev/stdin" : file, most_bytes, PipePatience{})};
    if (list.text.size() > most_bytes)
        throw Refused(Diagnostic{{file, 0, 0, {}}, "", "a list of at most 4 GiB", "a larger one", "", {}});
    return list;
}

void read_list(const ListText& list, const Elsewhere& elsewhere, const std::function<void(ListedUnit&&)>& take,
               Diagnostics& found) {
    const std::size_t first = list.text.find_first_not_of(" \t\r\n\xef\xbb\xbf");
    ListReader reader(list, elsewhere, found);
    if (first != std::string::npos && list.text[first] == '{')
        reader.json_lines(take);
    else
        reader.csv(take);
}

bool ListReader::mistake(const TextPlace& at, const std::string& key, std::string expected, std::string got, std::string hint) {
    found_.push_back({list_.position(at), key, std::move(expected), std::move(got), std::move(hint), {}});
    return false;
}

bool ListReader::may_be_here(const std::string& name, const TextPlace& at) {
    if (name.empty() || !is_utf8(name))
        return mistake(at, "", "the name of a parameter, or recording, graph, from or duration",
                       name.empty() ? "nothing" : name);
    for (const auto& [key, where] : elsewhere_)
        if (key == name) return mistake(at, name, fmt::format("what {} does not give", where), "it here as well");
    return true;
}

bool ListReader::set(const std::string& name, std::string value, const TextPlace& at, ListedUnit& to) {
    if (name == "recording" || name == "graph") {
        (name == "graph" ? to.unit.graph : to.unit.recording) = std::move(value);
        (name == "graph" ? to.graph_at : to.recording_at) = at;
        return true;
    }
    if (!is_utf8(value)) return mistake(at, name, "text in UTF-8", value);
    if (name != "from" && name != "duration") return to.unit.parameters.insert_or_assign(name, std::move(value)), true;
    Diagnostics wrong;
    check_extent(value, {}, name, wrong);
    if (!wrong.empty()) return mistake(at, name, wrong.front().expected, value);
    (name == "from" ? to.unit.from : to.unit.duration) = std::move(value);
    return true;
}

std::vector<std::string> ListReader::header(Csv& rows) {
    std::vector<Csv::Cell> row;
    std::vector<std::string> names;
    if (!rows.next(row)) mistake({}, "", "a line of names, recording, graph, from, duration or parameters", "an empty list");
    if (rows.mistake()) mistake(rows.mistake()->at, "", rows.mistake()->expected, rows.mistake()->got);
    for (const Csv::Cell& cell : row) {
        const std::string name(trimmed(cell.text));
        if (row.size() == 1 && name.find_first_of(";\t") != std::string::npos)
            mistake(cell.at, "", "names with commas between them", name);
        else if (std::find(names.begin(), names.end(), name) != names.end())
            mistake(cell.at, "", "each name once", name + " again");
        else
            may_be_here(name, cell.at);
        names.push_back(name);
    }
    return names;
}

bool ListReader::fill(const std::vector<std::string>& names, std::vector<Csv::Cell>& row, ListedUnit& to) {
    if (row.size() != names.size())
        return mistake(row.size() > names.size() ? row[names.size()].at : row.back().at, "",
                       fmt::format("{} cells, as the first line has", names.size()), fmt::format("{}", row.size()),
                       row.size() > names.size() ? "a cell with commas stands in double quotes" : "");
    bool right = true;
    for (std::size_t k = 0; k < row.size(); ++k) {
        if (row[k].text.empty()) continue;
        const bool path = names[k] == "recording" || names[k] == "graph";
        std::string value = path ? std::move(row[k].text) : std::string(trimmed(row[k].text));
        right = set(names[k], std::move(value), row[k].at, to) && right;
    }
    return right;
}

void ListReader::csv(const std::function<void(ListedUnit&&)>& take) {
    Csv rows(list_.text);
    const std::vector<std::string> names = header(rows);
    if (enough() || found_.size() > before_) return;  // what the columns are is in doubt
    std::vector<Csv::Cell> row;
    bool any = false;
    while (!enough() && rows.next(row)) {
        any = true;
        if (rows.mistake()) {
            mistake(rows.mistake()->at, "", rows.mistake()->expected, rows.mistake()->got);
            continue;
        }
        ListedUnit one{.unit = {}, .at = row.front().at, .recording_at = row.front().at, .graph_at = row.front().at};
        if (fill(names, row, one)) take(std::move(one));
    }
    if (!any) mistake({}, "", "a line for each unit below the names", "none");
}

}  // namespace flowspan::batch
