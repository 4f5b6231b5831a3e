#include "graph/mistakes/openers.hpp"

#include <algorithm>

namespace flowspan::graph {
namespace {

bool is_blank_line(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

/// `help: |`: what follows further in is text.
bool begins_block_text(std::string_view line) {
    const std::size_t last = line.find_last_not_of(" \t\r+-0123456789");
    if (last == std::string_view::npos || last == 0 || (line[last] != '|' && line[last] != '>')) return false;
    return line[last - 1] == ' ' && line.find_last_not_of(' ', last - 1) != std::string_view::npos &&
           (line[line.find_last_not_of(' ', last - 1)] == ':' || line[line.find_last_not_of(' ', last - 1)] == '-');
}

}  // namespace

Openers::Openers(std::string_view text) : text_(text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote_) {
            if (text[*quote_] == '"' && c == '\\')
                ++i;
            else if (c == text[*quote_] && c == '\'' && i + 1 < text.size() && text[i + 1] == '\'')
                ++i;
            else if (c == text[*quote_]) {
                quote_.reset();
                before_ = c;
                blank_ = false;
            }
        } else if (c == '\n') {
            end_line(i);
        } else if (!comment_ && block_text_ == std::string_view::npos) {
            take(c, i);
        }
    }
}

bool Openers::begins_value() const {
    if (before_ == '\n') return true;
    if (!brackets_.empty()) return before_ == '{' || before_ == '[' || before_ == ',' || before_ == ':';
    return blank_ && (before_ == ':' || before_ == '-');
}

void Openers::take(char c, std::size_t at) {
    if (c == ' ' || c == '\t' || c == '\r') {
        blank_ = true;
        return;
    }
    if (c == '#' && blank_) {
        comment_ = true;
        return;
    }
    if ((c == '"' || c == '\'') && begins_value())
        quote_ = at;
    else if ((c == '{' || c == '[') && (begins_value() || !brackets_.empty()))
        brackets_.push_back(at);
    else if ((c == '}' || c == ']') && !brackets_.empty())
        brackets_.pop_back();
    before_ = c == '-' && before_ != '\n' && before_ != '-' ? '.' : c;  // (a `-` within a text begins nothing)
    blank_ = false;
}

void Openers::end_line(std::size_t at) {
    const std::string_view line = text_.substr(line_, at - line_);
    if (block_text_ == std::string_view::npos && !comment_ && brackets_.empty() && begins_block_text(line))
        block_text_ = indent_of(line);
    line_ = at + 1;
    const std::size_t end = std::min(text_.find('\n', line_), text_.size());
    const std::string_view next = line_ <= text_.size() ? text_.substr(line_, end - line_) : std::string_view();
    if (block_text_ != std::string_view::npos && !is_blank_line(next) && indent_of(next) <= block_text_)
        block_text_ = std::string_view::npos;
    if (brackets_.empty()) before_ = '\n';
    blank_ = true;
    comment_ = false;
}

}  // namespace flowspan::graph
