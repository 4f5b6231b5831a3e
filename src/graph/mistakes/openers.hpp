// Brackets and quotes that a text opens and does not close.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace flowspan::graph {

/// Blanks before its first character.
inline std::size_t indent_of(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

/// Reads as YAML does, as far as that matters: quotes and brackets open something where a value may begin, comments and block
/// texts (`|`, `>`) open nothing.
class Openers {
public:
    explicit Openers(std::string_view text);
    /// Where those stand that are open at the end of the text, outermost first.
    const std::vector<std::size_t>& brackets() const { return brackets_; }
    std::optional<std::size_t> quote() const { return quote_; }

private:
    void take(char c, std::size_t at);
    bool begins_value() const;
    void end_line(std::size_t at);

    std::string_view text_;
    std::vector<std::size_t> brackets_;
    std::optional<std::size_t> quote_;
    std::size_t line_ = 0;                             // where it begins
    std::size_t block_text_ = std::string_view::npos;  // lines further in than this belong to a block text
    char before_ = '\n';                               // the last character that is no blank
    bool blank_ = true, comment_ = false;
};

}  // namespace flowspan::graph
