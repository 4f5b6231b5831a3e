#include "transcript.hpp"

#include <algorithm>
#include <sstream>

namespace flowspan::test {

std::vector<std::string> transcript_in(const std::string& markdown) {
    std::istringstream lines(markdown);
    std::vector<std::string> block;
    bool within = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("```")) {
            if (within && !block.empty() && block[0].starts_with("< ")) return block;
            within = !within;
            block.clear();
        } else if (within) {
            block.push_back(line);
        }
    }
    return {};
}

bool matches(std::string_view pattern, std::string_view line) {
    static constexpr std::string_view wild = "…";
    const std::size_t first = pattern.find(wild);
    if (first == std::string_view::npos) return pattern == line;
    if (!line.starts_with(pattern.substr(0, first))) return false;
    line.remove_prefix(first);
    pattern.remove_prefix(first + wild.size());
    for (;;) {  // pieces between wildcards may lie anywhere, the last one at the end
        const std::size_t end = pattern.find(wild);
        if (end == std::string_view::npos) return line.ends_with(pattern);
        const std::size_t at = line.find(pattern.substr(0, end));
        if (at == std::string_view::npos) return false;
        line.remove_prefix(at + end);
        pattern.remove_prefix(end + wild.size());
    }
}

std::string replay(const std::vector<std::string>& transcript, RawClient& client) {
    for (std::size_t k = 0; k < transcript.size();) {
        if (transcript[k].starts_with("> ")) {
            if (!client.send(transcript[k].substr(2) + "\n"))
                return "expected to send " + transcript[k] + ", got a closed connection";
            ++k;
            continue;
        }
        std::vector<std::string> expected;
        for (; k < transcript.size() && !transcript[k].starts_with("> "); ++k) {
            if (!transcript[k].starts_with("< "))
                return "expected a line of the transcript to begin with > or <, got " + transcript[k];
            expected.push_back(transcript[k].substr(2));
        }
        while (!expected.empty()) {
            const std::string line = client.line();
            const auto found =
                std::find_if(expected.begin(), expected.end(), [&](const std::string& one) { return matches(one, line); });
            if (found == expected.end()) return "expected " + expected.front() + ", got " + line;
            expected.erase(found);
        }
    }
    return {};
}

}  // namespace flowspan::test
