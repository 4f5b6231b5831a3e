// Comma-separated values, RFC 4180: cells in double quotes may hold commas, lines and doubled quotes. Lines end in LF or CRLF,
// empty ones are passed over, and so is a byte order mark.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::batch {

/// A place in a text. `line_begin`: of its line, in bytes; columns count characters from 1.
struct TextPlace {
    std::size_t line_begin = 0;
    int line = 1, column = 1;
};

class Csv {
public:
    struct Cell {
        std::string text;
        TextPlace at;
    };
    struct Mistake {
        TextPlace at;
        std::string expected, got;
    };

    explicit Csv(std::string_view text);
    /// The next row; false at the end. With a mistake the cells before it; the line after it is next.
    bool next(std::vector<Cell>& row);
    const std::optional<Mistake>& mistake() const { return mistake_; }

private:
    TextPlace here() const;
    void end_line();
    void quoted(Cell& cell);
    void plain(Cell& cell);
    void wrong(const TextPlace& at, std::string expected, std::string got);

    std::string_view text_;
    std::size_t at_ = 0, line_begin_ = 0;
    int line_ = 1;
    std::optional<Mistake> mistake_;
};

}  // namespace flowspan::batch
