// Places in the text of a graph file, as people count them.
#pragma once

#include <flowspan/diagnostic.hpp>

#include <yaml-cpp/mark.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowspan::graph {

inline constexpr std::size_t longest_line = 65536;  // of those that are shown

inline bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

/// yaml-cpp counts lines from 0 and columns in bytes from 0; people count characters from 1. Asked in the order of the text it
/// takes time in proportion to that.
class Places {
public:
    Places(const std::string& text, std::string file) : text_(text), file_(std::move(file)), begins_{0} {
        for (std::size_t i = 0; i < text.size(); ++i)
            if (text[i] == '\n') begins_.push_back(i + 1);
    }
    const std::string& text() const { return text_; }
    /// Of the byte `offset` of the text.
    Position at_byte(std::size_t offset) {
        const auto line = std::upper_bound(begins_.begin(), begins_.end(), offset) - begins_.begin() - 1;
        YAML::Mark mark;
        mark.line = int(line);
        mark.column = int(offset - begins_[std::size_t(line)]);
        return at(mark);
    }
    std::size_t begin_of(std::size_t line) const { return line < begins_.size() ? begins_[line] : text_.size(); }
    /// Line `line`, from 0, without its end; "" behind the last.
    std::string_view line(std::size_t line) const {
        if (line >= begins_.size()) return {};
        const std::size_t end = line + 1 < begins_.size() ? begins_[line + 1] - 1 : text_.size();
        return std::string_view(text_).substr(begins_[line], end - begins_[line]);
    }
    Position at(const YAML::Mark& mark) {
        if (mark.line < 0) return {file_, 0, 0, {}};
        const auto line = std::size_t(mark.line);
        if (is_behind(mark.line)) return {file_, mark.line + 1, mark.column + 1, {}};
        if (line != line_ || std::size_t(mark.column) < byte_) turn_to(line);
        for (; byte_ < std::size_t(mark.column); ++byte_) {
            const std::size_t i = begins_[line] + byte_;
            const bool inside = i < end_ && !begins_character(text_[i]);
            if (!inside) ++column_;
        }
        return {file_, mark.line + 1, column_, line_text_};
    }

    bool is_behind(int line) const { return std::size_t(line) >= begins_.size() || begins_[std::size_t(line)] == text_.size(); }
    /// Behind the last character.
    Position end() {
        std::size_t line = begins_.size() - 1;
        if (line > 0 && begins_[line] == text_.size()) --line;
        YAML::Mark mark;
        mark.line = int(line);
        const std::size_t behind = line + 1 < begins_.size() ? begins_[line + 1] - 1 : text_.size();
        mark.column = int(behind - begins_[line]);
        return at(mark);
    }

private:
    void turn_to(std::size_t line) {
        if (line != line_) {
            const std::size_t begin = begins_[line];
            end_ = line + 1 < begins_.size() ? begins_[line + 1] - 1 : text_.size();
            if (end_ > begin && text_[end_ - 1] == '\r') --end_;
            line_text_ = end_ - begin > longest_line ? LineText() : LineText(text_.substr(begin, end_ - begin));
        }
        line_ = line;
        byte_ = 0;
        column_ = 1;
    }

    const std::string& text_;
    std::string file_;
    std::vector<std::size_t> begins_;  // of lines
    // The line that was asked for last, and a place in it.
    std::size_t line_ = std::string::npos, end_ = 0, byte_ = 0;
    int column_ = 1;
    LineText line_text_;
};

}  // namespace flowspan::graph
