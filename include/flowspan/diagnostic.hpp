// Mistakes of people and failures of machines, as values. They become sentences in one place: `text()`.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace flowspan {

/// A line of text that many positions share: a graph file may be one long line.
class LineText {
public:
    LineText() = default;
    LineText(std::string text) : text_(std::make_shared<const std::string>(std::move(text))) {}
    LineText(const char* text) : LineText(std::string(text)) {}
    bool empty() const { return text_ == nullptr || text_->empty(); }
    const std::string& text() const {
        static const std::string none;
        return text_ == nullptr ? none : *text_;
    }

private:
    std::shared_ptr<const std::string> text_;
};

/// Where something stands in a file; line and column count from 1, 0 when unknown.
struct Position {
    std::string file;
    int line = 0, column = 0;
    /// The whole line of text, for showing it with a caret under `column`.
    LineText line_text;
};

/// One mistake in what a person wrote: "expected X, got Y", and a hint.
struct Diagnostic {
    Position at;
    std::string key;                   // "blocks.lowpass.decimation"; may be empty
    std::string expected;              // "an integer >= 1"
    std::string got;                   // "0"; empty when there is nothing to quote
    std::string hint;                  // "did you mean `decimation`?"; may be empty
    std::vector<std::string> context;  // "in group receiver, used at band.yaml:20:3", innermost first

    /// `file:line:column: key: expected X, got Y`, then the line of text with a caret, then `   hint: …`. Of a long line
    /// only what is around the column.
    std::string text() const;
    friend bool operator==(const Diagnostic& a, const Diagnostic& b) { return a.text() == b.text(); }
};

using Diagnostics = std::vector<Diagnostic>;

/// Exit codes of the program.
enum class ExitCode : int { done = 0, usage = 2, file = 3, block = 4, communication = 5, bug = 70, stopped = 75 };

/// Wrong input: carries everything that was found. Exit code 2 unless `code` says otherwise.
class Refused : public std::exception {
public:
    explicit Refused(Diagnostics found, ExitCode code = ExitCode::usage);
    explicit Refused(Diagnostic one, ExitCode code = ExitCode::usage);
    const Diagnostics& diagnostics() const { return found_; }
    ExitCode code() const { return code_; }
    const char* what() const noexcept override { return what_.c_str(); }

private:
    Diagnostics found_;
    ExitCode code_;
    std::string what_;
};

namespace detail {
/// Ends a describe() that asks for what a mistake hides, which has been said.
[[noreturn]] void end_describe();
}  // namespace detail

/// Something that failed while it ran: what, where, and which exit code it means.
class Failure : public std::exception {
public:
    Failure(ExitCode code, std::string cause) : code_(code), cause_(std::move(cause)) {}
    ExitCode code() const { return code_; }
    const char* what() const noexcept override { return cause_.c_str(); }

private:
    ExitCode code_;
    std::string cause_;  // "cannot write audio/01.wav: No space left on device"
};

/// A file operation that failed: `cannot VERB PATH: strerror(error)`; exit code 3.
Failure file_failure(const std::string& verb, const std::string& path, int error);

}  // namespace flowspan
