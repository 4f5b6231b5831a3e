#include "blocks/sinks/parts/names.hpp"

#include "blocks/sinks/sigmf/stretch_writers.hpp"
#include "io/claim/folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace flowspan::blocks {
namespace {

constexpr char no_date = BlockContext::no_date, no_part = BlockContext::no_part;

bool has(const std::string& text, char mark) { return text.find(mark) != std::string::npos; }

/// `number` behind the stem of a name that says neither number nor time.
std::string with_number(std::string name, const std::string& marked, const std::string& number) {
    return name.insert(name.size() - stretch_suffix(marked).size(), "_" + number);
}

}  // namespace

std::optional<Time> utc_at(const StreamDescription& stream, std::uint64_t index) {
    if (!stream.utc || !stream.sample_rate) return std::nullopt;
    return moved(*stream.utc, Time::of(std::int64_t(index), *stream.sample_rate));
}

std::string PartNames::marked() const {
    const auto undated = owner_.context().undated.find(path_.name());
    return undated == owner_.context().undated.end() ? path_->path : undated->second;
}

std::vector<std::string> PartNames::marked_paths() const {
    const std::string folder = io::folder_of(path_->path), name = io::name_of(marked());
    const auto placed = [&](const std::string& one) { return (std::filesystem::path(folder) / one).string(); };
    if (has(name, no_part)) return {placed(name)};
    // Where a part's time is not known, its number is what it is told by.
    const std::string numbered = placed(with_number(name, name, std::string(1, no_part)));
    return has(name, no_date) ? std::vector{placed(name), numbered} : std::vector{numbered};
}

ProductPattern PartNames::pattern_of(const std::string& marked) {
    const std::string name = io::name_of(marked);
    ProductPattern pattern{io::folder_of(marked), {}, false};
    std::string literal;
    for (std::size_t k = 0; k < name.size(); ++k) {
        if (name[k] != no_date && name[k] != no_part) {
            literal += name[k];
            continue;
        }
        if (!literal.empty()) pattern.name.emplace_back(std::exchange(literal, {}));
        pattern.name.emplace_back(name[k] == no_date ? ProductPattern::Field::time : ProductPattern::Field::digits);
        while (name[k] == no_date && k + 1 < name.size() && name[k + 1] == no_date) ++k;
    }
    if (!literal.empty()) pattern.name.emplace_back(std::move(literal));
    // Of another time, it is not the same product's.
    pattern.numbered = !has(name, no_date) && std::count(name.begin(), name.end(), no_part) == 1;
    return pattern;
}

std::string PartNames::path(const std::optional<Time>& utc, std::uint64_t number) const {
    const std::string mark = io::name_of(marked());
    const auto dated = owner_.context().dated.find(path_.name());
    std::string name = io::name_of(dated == owner_.context().dated.end() ? path_->path : dated->second(utc, number));
    if (!has(mark, no_part) && !(has(mark, no_date) && utc))
        name = with_number(std::move(name), mark, fmt::format("{:03}", number));
    return (std::filesystem::path(path_->path).parent_path() / name).string();
}

bool PartNames::tell_by_time_alone() const {
    const std::string name = io::name_of(marked());
    return owner_.context().dated.contains(path_.name()) && has(name, no_date) && !has(name, no_part);
}

}  // namespace flowspan::blocks
