#include "batch/units/found/folders.hpp"

#include "io/publish/digest.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <map>

#include <fmt/format.h>

namespace flowspan::batch {
namespace fs = std::filesystem;
namespace {

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_large(char c) { return c >= 'A' && c <= 'Z'; }

void escape(char c, std::string& to) { to += fmt::format("%{:02X}", static_cast<unsigned char>(c)); }

/// What is plain for all components. `=` is not: it tells the parameters' component from a name's.
void put(char c, std::string_view plain, Naming naming, std::string& to) {
    if ((is_letter_or_digit(c) && !(naming.folds && is_large(c))) || plain.find(c) != std::string_view::npos)
        to += c;
    else
        escape(c, to);
}
constexpr std::string_view plain_in_names = "._-+,@~", plain_in_parameters = "._-+@~";

/// Devices of Windows, which no server of its kind has files for, whatever the extension.
bool is_device(std::string_view component) {
    static constexpr std::array<std::string_view, 4> names{"con", "prn", "aux", "nul"};
    std::string stem(component.substr(0, component.find('.')));
    std::transform(stem.begin(), stem.end(), stem.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    if (std::find(names.begin(), names.end(), stem) != names.end()) return true;
    return stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) && stem[3] >= '0' && stem[3] <= '9';
}

/// Cut where no escape is cut, with the hash behind a mark that nothing else is written as.
std::string cut(const std::string& written, std::string_view mark, std::string_view of) {
    if (written.size() <= longest_component) return written;
    const std::string end = std::string(mark) + io::sha256(of);
    std::size_t keep = longest_component - end.size();
    for (std::size_t back = 1; back <= 2; ++back)
        if (written[keep - back] == '%') {
            keep -= back;
            break;
        }
    return written.substr(0, keep) + end;
}

std::optional<int> digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

std::string below(const std::string& path, const std::string& folder) {
    const std::string before = folder == "/" ? folder : folder + "/";
    return path.size() > before.size() && path.starts_with(before) ? path.substr(before.size()) : "";
}

}  // namespace

std::string common_folder(const std::set<std::string>& folders) {
    if (folders.empty()) return {};
    std::string common = *folders.begin();
    for (const std::string& one : folders)
        while (one != common && below(one, common).empty()) common = fs::path(common).parent_path().string();
    return common;
}

Root::Root(std::string folder) : folder_(std::move(folder)) {
    std::error_code none;
    real_ = fs::weakly_canonical(folder_, none).string();
    if (none) real_ = folder_;
}

std::optional<std::string> Root::name_of(const std::string& recording) const {
    if (std::string name = below(recording, folder_); !name.empty()) return name;
    std::error_code none;
    const fs::path path = recording;
    const fs::path in_real_folder = fs::weakly_canonical(path.parent_path(), none) / path.filename();
    if (std::string name = below(in_real_folder.string(), real_); !none && !name.empty()) return name;
    const fs::path real = fs::weakly_canonical(path, none);
    if (std::string name = below(real.string(), real_); !none && !name.empty()) return name;
    return std::nullopt;
}

bool folds_case(const std::string& folder) {
    const std::string small = fmt::format("{}/.flowspan-case-{}", folder, ::getpid());
    const std::string large = fmt::format("{}/.FLOWSPAN-CASE-{}", folder, ::getpid());
    const int descriptor = ::open(small.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor < 0) throw file_failure("write", small, errno);
    struct stat one {
    }, other{};
    const bool folds = ::fstat(descriptor, &one) == 0 && ::stat(large.c_str(), &other) == 0 && one.st_ino == other.st_ino;
    ::close(descriptor);
    ::unlink(small.c_str());
    return folds;
}

std::string written_component(std::string_view component, Naming naming) {
    std::string written;
    for (std::size_t k = 0; k < component.size(); ++k) {
        const char c = component[k];
        const bool dot_at_end = c == '.' && (k == 0 || k + 1 == component.size());
        if (dot_at_end || (k == 0 && is_device(component)))
            escape(c, written);
        else
            put(c, plain_in_names, naming, written);
    }
    return cut(written, "%~", component);
}

std::optional<std::string> read_component(std::string_view written) {
    std::string component;
    for (std::size_t k = 0; k < written.size(); ++k) {
        if (written[k] != '%') {
            component += written[k];
            continue;
        }
        const auto high = k + 2 < written.size() ? digit_of(written[k + 1]) : std::nullopt;
        const auto low = k + 2 < written.size() ? digit_of(written[k + 2]) : std::nullopt;
        if (!high || !low) return std::nullopt;
        component += char(*high << 4 | *low);
        k += 2;
    }
    return component;
}

namespace {

/// "from=1%20s,gain=2": `=` and `,` stand between keys and values alone.
std::string parameters_component(const std::map<std::string_view, std::string_view>& given, Naming naming) {
    std::string written, whole;
    for (const auto& [key, value] : given) {
        if (!written.empty()) written += ',';
        for (const char c : key) put(c, plain_in_parameters, naming, written);
        written += '=';
        for (const char c : value) put(c, plain_in_parameters, naming, written);
        whole += fmt::format("{}:{}{}:{}", key.size(), key, value.size(), value);
    }
    return cut(written, "%=", whole);
}

}  // namespace

std::string folder_of(const Unit& unit, const std::string& name, const std::string& graph, Naming naming) {
    std::string folder;
    for (std::size_t begin = 0; begin <= name.size();) {
        const std::size_t end = std::min(name.find('/', begin), name.size());
        std::string component = written_component(std::string_view(name).substr(begin, end - begin), naming);
        // (the index of all units has this name)
        if (folder.empty() && component == "index.jsonl") component = "%69ndex.jsonl";
        folder += (folder.empty() ? "" : "/") + component;
        begin = end + 1;
    }
    std::map<std::string_view, std::string_view> given(unit.parameters.begin(), unit.parameters.end());
    if (!unit.from.empty()) given["from"] = unit.from;
    if (!unit.duration.empty()) given["duration"] = unit.duration;
    if (!graph.empty()) given["graph"] = graph;
    return given.empty() ? folder : folder + "/" + parameters_component(given, naming);
}

}  // namespace flowspan::batch
