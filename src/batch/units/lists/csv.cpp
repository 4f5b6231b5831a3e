#include "batch/units/lists/csv.hpp"

#include <algorithm>

namespace flowspan::batch {
namespace {

constexpr std::string_view mark = "\xef\xbb\xbf";

}  // namespace

Csv::Csv(std::string_view text) : text_(text) {
    if (text_.starts_with(mark)) at_ = line_begin_ = mark.size();
}

TextPlace Csv::here() const {
    const std::string_view before = text_.substr(line_begin_, at_ - line_begin_);
    const auto characters =
        std::count_if(before.begin(), before.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
    return {line_begin_, line_, int(characters) + 1};
}

void Csv::wrong(const TextPlace& at, std::string expected, std::string got) {
    if (!mistake_) mistake_ = Mistake{at, std::move(expected), std::move(got)};
    at_ = std::min(text_.find('\n', at_), text_.size());
}

/// Behind the LF or CRLF that is next.
void Csv::end_line() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
    line_begin_ = at_;
    ++line_;
}

void Csv::quoted(Cell& cell) {
    for (++at_; at_ < text_.size(); ++at_) {
        const char c = text_[at_];
        if (c == '"' && text_.substr(at_ + 1, 1) != "\"") break;
        if (c == '"') ++at_;
        cell.text += c;
        if (c != '\n') continue;
        line_begin_ = at_ + 1;
        ++line_;
    }
    if (at_ >= text_.size()) return wrong(cell.at, "a closing quote", "the end of the file");
    ++at_;
    const std::string_view rest = text_.substr(at_, 2);
    if (!rest.empty() && rest[0] != ',' && rest[0] != '\n' && rest != "\r\n" && rest != "\r")
        wrong(here(), "a comma or the end of the line behind a closing quote", std::string(1, text_[at_]));
}

void Csv::plain(Cell& cell) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '"' && text_.substr(at_, 2) != "\r\n")
        ++at_;
    cell.text = text_.substr(begin, at_ - begin);
    if (at_ == text_.size() && cell.text.ends_with('\r')) cell.text.pop_back();
    if (at_ < text_.size() && text_[at_] == '"')
        wrong(here(), "a cell that is in quotes as a whole, with each quote in it doubled", "a quote within it");
}

bool Csv::next(std::vector<Cell>& row) {
    row.clear();
    mistake_.reset();
    while (at_ < text_.size() && (text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n")) end_line();
    if (at_ >= text_.size()) return false;
    for (;;) {
        row.push_back({{}, here()});
        if (at_ < text_.size() && text_[at_] == '"')
            quoted(row.back());
        else
            plain(row.back());
        if (mistake_ || at_ >= text_.size() || text_[at_] != ',') break;
        ++at_;
    }
    end_line();
    return true;
}

}  // namespace flowspan::batch
