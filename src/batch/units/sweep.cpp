#include "batch/units/sweep.hpp"

#include "batch/units/lists/texts.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace flowspan::batch {

namespace {

/// The end of a text in quotes that begins at `at`; npos where it has none.
std::size_t end_of_quotes(std::string_view text, std::size_t at) {
    for (std::size_t k = at + 1; k < text.size(); ++k) {
        if (text[k] == '\\' && text[at] == '"')
            ++k;
        else if (text[k] == text[at])
            return k + 1;
    }
    return std::string_view::npos;
}

class Reader {
public:
    Reader(const std::string& text, Diagnostics& found) : text_(text), found_(found) {}

    Sweep sweep() {
        Sweep read;
        const std::size_t equals = text_.find('=');
        read.key = std::string(trimmed(std::string_view(text_).substr(0, std::min(equals, text_.size()))));
        if (equals == std::string::npos || read.key.empty()) {
            mistake("--sweep", "KEY=VALUE,VALUE,…", text_);
            return read;
        }
        key_ = "--sweep " + read.key;
        at_ = equals + 1;
        do {
            if (auto one = value()) add(std::move(*one), read);
        } while (more_);
        return read;
    }

private:
    void mistake(const std::string& key, std::string expected, std::string got, std::string hint = {}) {
        found_.push_back({{}, key, std::move(expected), std::move(got), std::move(hint), {}});
    }
    void add(std::string value, Sweep& to) {
        if (value.empty())
            mistake(key_, "a value before and behind each comma",
                    text_.ends_with("=") ? "nothing" : text_.substr(text_.find('=') + 1));
        else if (!is_utf8(value))
            mistake(key_, "text in UTF-8", value);
        else if (std::find(to.values.begin(), to.values.end(), value) != to.values.end())
            mistake(key_, "each value once", value + " again");
        else
            to.values.push_back(std::move(value));
    }
    std::optional<std::string> value() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
        return at_ < text_.size() && text_[at_] == '"' ? quoted() : plain();
    }
    std::optional<std::string> quoted() {
        std::string value;
        const std::size_t begin = at_++;
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '"' && text_.compare(at_ + 1, 1, "\"") != 0) break;
            if (text_[at_] == '"') ++at_;
            value += text_[at_];
        }
        const std::size_t comma = text_.find_first_not_of(' ', std::min(at_ + 1, text_.size()));
        more_ = comma != std::string::npos && text_[comma] == ',';
        if (at_ == text_.size() || (comma != std::string::npos && !more_)) {
            mistake(key_, "a closing quote and then a comma or the end", text_.substr(begin),
                    "a quote within quotes is doubled");
            more_ = false;
            return std::nullopt;
        }
        if (more_) at_ = comma + 1;
        return value;
    }
    /// Up to the next comma outside of brackets.
    std::optional<std::string> plain() {
        const std::size_t begin = at_;
        std::string open;
        for (; at_ < text_.size() && (text_[at_] != ',' || !open.empty()); ++at_) {
            const char c = text_[at_];
            if (c == '[' || c == '(' || c == '{') open += c == '[' ? ']' : c == '(' ? ')' : '}';
            if ((c == ']' || c == ')' || c == '}') && (open.empty() || open.back() != c)) return unbalanced(begin);
            if (c == ']' || c == ')' || c == '}') open.pop_back();
            if (open.empty() || (c != '"' && c != '\'')) continue;
            const std::size_t end = end_of_quotes(text_, at_);
            if (end == std::string::npos) return unbalanced(begin);
            at_ = end - 1;
        }
        if (!open.empty()) return unbalanced(begin);
        more_ = at_ < text_.size();
        const std::string value(trimmed(std::string_view(text_).substr(begin, at_ - begin)));
        ++at_;
        return value;
    }
    std::optional<std::string> unbalanced(std::size_t begin) {
        more_ = false;
        mistake(key_, "brackets and quotes that are closed", text_.substr(begin),
                "a text with brackets stands in double quotes");
        return std::nullopt;
    }

    const std::string& text_;
    Diagnostics& found_;
    std::string key_;
    std::size_t at_ = 0;
    bool more_ = false;
};

}  // namespace

std::vector<Sweep> read_sweeps(const std::vector<std::string>& texts, const std::vector<std::string>& set, Diagnostics& found) {
    std::vector<Sweep> sweeps;
    std::set<std::string> keys;
    for (const std::string& text : texts) {
        Sweep one = Reader(text, found).sweep();
        if (one.key.empty()) continue;
        const std::string key = "--sweep " + one.key;
        if (!is_utf8(one.key)) found.push_back({{}, "--sweep", "text in UTF-8", one.key, "", {}});
        const auto refuse = [&](const char* expected, const char* got, const char* hint = "") {
            found.push_back({{}, key, expected, got, hint, {}});
        };
        if (one.key == "recording" || one.key == "graph")
            refuse("a parameter, `from` or `duration`", one.key.c_str(),
                   "recordings are words behind the graph; `--units FILE` names graphs");
        else if (!keys.insert(one.key).second)
            refuse("each parameter once", "it again", "all values of a parameter stand in one list: KEY=1,2,3");
        else if (std::find(set.begin(), set.end(), one.key) != set.end())
            refuse("a parameter that --set leaves open", "one that it gives");
        if (one.key == "from" || one.key == "duration")
            for (const std::string& value : one.values) check_extent(value, {}, key, found);
        if (!one.values.empty()) sweeps.push_back(std::move(one));
    }
    return sweeps;
}

}  // namespace flowspan::batch
