#include "cli/launch/hostfile.hpp"

#include <flowspan/diagnostic.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

namespace flowspan::cli {
namespace {

constexpr const char* option = "--hosts";
constexpr off_t largest = 16 << 20;

Refused unreadable(const std::string& path, const std::string& why) {
    return Refused(Diagnostic{{}, option, "a hostfile of mpirun", path + ": " + why, "", {}});
}

std::string text_of(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) throw unreadable(path, std::strerror(errno));
    if (S_ISDIR(status.st_mode)) throw unreadable(path, "a folder");
    if (!S_ISREG(status.st_mode)) throw unreadable(path, "no regular file");
    if (status.st_size > largest) throw unreadable(path, "more than 16 MiB");
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw unreadable(path, status.st_size == 0 ? "no host in it" : std::strerror(errno));
    return text.str();
}

bool is_host(const std::string& word) {
    return std::isalnum(static_cast<unsigned char>(word[0])) != 0 && std::all_of(word.begin(), word.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == ':' || c == '@';
           });
}

bool is_count(const std::string& text) {
    return !text.empty() && text.size() < 8 && text[0] != '0' &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// One line. Returns whether it names a host.
bool look_at(const std::string& path, const std::string& line, int number, Diagnostics& found) {
    const auto wrong = [&](std::size_t column, std::string expected, std::string got) {
        found.push_back({{path, number, int(column) + 1, line}, option, std::move(expected), std::move(got), "", {}});
    };
    static const std::set<std::string> keys{"slots", "max_slots", "max-slots"};
    bool host = false;
    for (std::size_t at = 0; (at = line.find_first_not_of(" \t\r", at)) != std::string::npos && line[at] != '#';) {
        const std::size_t end = std::min(line.find_first_of(" \t\r#", at), line.size());
        const std::string word = line.substr(at, end - at);
        const std::size_t equals = word.find('=');
        if (!host && !is_host(word)) return wrong(at, "the name of a host", word), true;
        if (host && !keys.contains(word.substr(0, equals)))
            wrong(at, "`slots=N` or `max_slots=N` behind a host", word);
        else if (host && (equals == std::string::npos || !is_count(word.substr(equals + 1))))
            wrong(at, word.substr(0, equals) + "= and a number from 1", word);
        host = true;
        at = end;
    }
    return host;
}

}  // namespace

void check_hostfile(const std::string& path) {
    std::istringstream text(text_of(path));
    Diagnostics found;
    bool any = false;
    int number = 0;
    for (std::string line; std::getline(text, line);) any = look_at(path, line, ++number, found) || any;
    if (!any) throw unreadable(path, "no host in it");
    constexpr std::size_t most = 20;
    if (found.size() > most) found.resize(most);
    if (!found.empty()) throw Refused(std::move(found));
}

}  // namespace flowspan::cli
