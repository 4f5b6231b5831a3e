// A line of a journal: `LENGTH CHECKSUM JSON\n`, the bytes of the JSON in decimal and its XXH3-64 in 16 hexadecimal digits.
#pragma once

#include <flowspan/value.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::batch {

/// Longer ones are neither written nor read.
inline constexpr std::size_t longest_line = std::size_t{64} << 20;

/// Bytes that are no UTF-8 (names of files may be any) and NUL become NUL and two hexadecimal digits, in all strings and keys:
/// JSON has no other place for them. `told` takes that back.
Value tellable(Value v);
Value told(Value v);
std::string told(std::string text);

/// The whole line, its newline included.
std::string sealed_line(const Value& content);
std::string sealed_json(std::string_view json);

/// A place in a file that is passed over.
struct Trouble {
    std::string file;
    std::uint64_t offset = 0;
    bool whole = false;  // the file is
    std::string why;     // "its checksum is another"
    bool lost = true;    // something was said there that nobody knows any more
    /// "OUT/.flowspan/journal-0-0001: the line at byte 120 is passed over: its checksum is another"
    std::string text() const;
};

/// The first of them, and how many there were.
struct Troubles {
    static constexpr std::size_t most = 16;
    std::vector<Trouble> first;
    std::size_t count = 0, lost = 0, whole = 0;
    void add(Trouble trouble);
};

/// What takes the JSON of a line; the answer is why it is passed over, "" where it is not. It has the right checksum, but that
/// is no secret: it may be anything.
using TakeLine = std::function<std::string(std::string_view json)>;

/// Gives all whole lines of a text that comes in pieces of any size, and tells of all else. Memory for one line.
class LineReader {
public:
    LineReader(std::string file, TakeLine take, Troubles& troubles)
        : file_(std::move(file)), take_(std::move(take)), troubles_(troubles) {}
    void add(std::string_view piece);
    /// There is no more.
    void end();

private:
    void look(std::string_view line, bool cut);
    void trouble(std::uint64_t offset, std::string why, bool lost = true) {
        troubles_.add({file_, offset, false, std::move(why), lost});
    }

    std::string file_;
    TakeLine take_;
    Troubles& troubles_;
    std::string begun_;          // of a line whose newline has not come
    std::uint64_t offset_ = 0;   // where it began
    std::uint64_t dropped_ = 0;  // bytes of it that are too many to keep
};

/// Reads a file of this name in the folder that a descriptor stands for; no link is followed, nothing but a regular file of
/// this user is read. What cannot be read becomes a trouble of the whole file. `shown` is its path for people. `enough` is
/// asked now and then: true ends it.
void read_lines(int folder, const std::string& name, const std::string& shown, const TakeLine& take, Troubles& troubles,
                const std::function<bool()>& enough = {});

}  // namespace flowspan::batch
