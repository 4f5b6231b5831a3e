#include "graph/shipped/shipped.hpp"

#include "core/mistakes/names.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <sstream>

namespace flowspan::graph {
namespace {

namespace fs = std::filesystem;

constexpr const char* suffix = ".yaml";

bool is_path(const std::string& word) { return word.empty() || word.find('/') != std::string::npos; }

/// A folder of that name, which results may lie in, is no graph.
bool is_file(const fs::path& path) {
    std::error_code none;
    const fs::file_status status = fs::status(path, none);
    return fs::exists(status) && !fs::is_directory(status);
}

/// The folder of the library that this code is in, or of the program where it is in no library.
fs::path own_folder() {
    std::error_code none;
    Dl_info info{};
    if (dladdr(reinterpret_cast<const void*>(&own_folder), &info) != 0 && info.dli_fname != nullptr) {
        const fs::path library = fs::canonical(info.dli_fname, none);
        if (!none && fs::path(info.dli_fname).has_parent_path()) return library.parent_path();
    }
    return fs::canonical("/proc/self/exe", none).parent_path();
}

std::string without_suffix(const std::string& word) {
    for (const std::string end : {".yaml", ".yml"})
        if (word.ends_with(end)) return word.substr(0, word.size() - end.size());
    return word;
}

std::vector<std::string> names_of(const std::vector<ShippedGraph>& graphs) {
    std::vector<std::string> names;
    for (const ShippedGraph& one : graphs) names.push_back(one.name);
    return names;
}

}  // namespace

std::optional<fs::path> shipped_folder(const fs::path& library_folder) {
    std::error_code none;
    for (const char* way : {"configs", FLOWSPAN_LIBRARY_TO_SHARE "/configs"})
        if (const fs::path found = fs::canonical(library_folder / way, none); !none && fs::is_directory(found, none))
            return found;
    return std::nullopt;
}

std::vector<ShippedGraph> shipped_graphs() {
    std::vector<ShippedGraph> all;
    const auto folder = shipped_folder(own_folder());
    if (!folder) return all;
    std::error_code none;
    for (const fs::directory_entry& entry : fs::directory_iterator(*folder, none))
        if (entry.path().extension() == suffix && is_file(entry.path()))
            all.push_back({entry.path().stem().string(), entry.path().string()});
    std::sort(all.begin(), all.end(), [](const ShippedGraph& a, const ShippedGraph& b) { return a.name < b.name; });
    return all;
}

std::string graph_file_of(const std::string& word, const fs::path& folder) {
    if (is_path(word) || is_file(folder / word)) return word;
    if (is_file(folder / (word + suffix))) return word + suffix;
    const auto all = shipped_graphs();
    const auto found = std::find_if(all.begin(), all.end(), [&](const ShippedGraph& one) { return one.name == word; });
    return found == all.end() ? word : found->file;
}

bool may_name_graph(const std::string& word) { return !is_path(word) && without_suffix(word) == word; }

std::string hint_for_graph(const std::string& word) {
    if (is_path(word)) return "";
    return hint_for(without_suffix(word), names_of(shipped_graphs()), may_name_graph(word) ? "there are: " : "");
}

std::vector<std::string> opening_comment(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line) && line.starts_with('#');)
        lines.push_back(line.substr(std::min(line.size(), line.find_first_not_of("# "))));
    return lines;
}

}  // namespace flowspan::graph
