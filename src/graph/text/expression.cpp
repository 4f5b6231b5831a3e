#include "graph/text/expression.hpp"

#include "core/numbers/quantity.hpp"
#include "graph/resolve/names.hpp"
#include "graph/text/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <vector>

namespace flowspan::graph {
namespace {

constexpr std::size_t longest_expression = 4096;
constexpr int deepest_expression = 100;

/// What is wrong; thrown and caught within this file.
struct Wrong : Mistake {};
Wrong syntax(std::size_t at, std::string why) { return {{std::move(why), at, true}}; }
Wrong meaning(std::size_t at, std::string why) { return {{std::move(why), at, false}}; }

std::string_view symbol_of(Dimension dimension) {
    static constexpr std::array<std::string_view, 7> symbols{"", "Hz", "s", "dB", "B", "rad", "samples"};
    return symbols[std::size_t(dimension)];
}

Dimension same(const Computed& a, const Computed& b, std::size_t at) {
    if (a.dimension != b.dimension)
        throw meaning(at, fmt::format("a {} with a {}", name_of(a.dimension), name_of(b.dimension)));
    return a.dimension;
}

Dimension of_product(const Computed& a, const Computed& b, std::size_t at) {
    if (a.dimension == Dimension::none) return b.dimension;
    if (b.dimension == Dimension::none) return a.dimension;
    const bool cycles = (a.dimension == Dimension::frequency && b.dimension == Dimension::time) ||
                        (a.dimension == Dimension::time && b.dimension == Dimension::frequency);
    if (cycles) return Dimension::none;
    throw meaning(at, fmt::format("a {} times a {}", name_of(a.dimension), name_of(b.dimension)));
}

Dimension of_quotient(const Computed& a, const Computed& b, std::size_t at) {
    if (a.dimension == b.dimension) return Dimension::none;
    if (b.dimension == Dimension::none) return a.dimension;
    if (a.dimension == Dimension::none && b.dimension == Dimension::frequency) return Dimension::time;
    if (a.dimension == Dimension::none && b.dimension == Dimension::time) return Dimension::frequency;
    throw meaning(at, fmt::format("a {} divided by a {}", name_of(a.dimension), name_of(b.dimension)));
}

class Parser {
public:
    Parser(const std::string& text, const Lookup& lookup, const CountOf& count) : text_(text), lookup_(lookup), count_(count) {}

    Computed whole() {
        const Computed value = comparison();
        skip();
        if (at_ < text_.size()) throw syntax(at_, fmt::format("`{}` is not expected", text_.substr(at_)));
        return value;
    }

private:
    void skip() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    }
    bool take(std::string_view token) {
        skip();
        if (text_.compare(at_, token.size(), token) != 0) return false;
        at_ += token.size();
        return true;
    }
    static const Computed& number(const Computed& value, std::size_t at) {
        if (value.boolean) throw meaning(at, "a boolean is no number");
        return value;
    }
    std::size_t here() {
        skip();
        return at_;
    }

    Computed comparison() {
        const Computed left = sum();
        static constexpr std::array<std::string_view, 6> operators{"==", "!=", "<=", ">=", "<", ">"};
        const std::size_t at = here();
        for (std::size_t i = 0; i < operators.size(); ++i) {
            if (!take(operators[i])) continue;
            const Computed right = sum();
            same(left, right, at);
            if (left.boolean != right.boolean) throw meaning(at, "a boolean with a number");
            const double a = left.value, b = right.value;
            const std::array<bool, 6> answers{a == b, a != b, a <= b, a >= b, a<b, a> b};
            return {answers[i] ? 1.0 : 0.0, Dimension::none, true};
        }
        return left;
    }
    Computed sum() {
        Computed left = product();
        for (;;) {
            const std::size_t at = here();
            const bool plus = take("+");
            if (!plus && !take("-")) return left;
            const Computed right = number(product(), at);
            const double sum = plus ? number(left, at).value + right.value : number(left, at).value - right.value;
            left = {sum, same(left, right, at), false};
        }
    }
    Computed product() {
        Computed left = sign();
        for (;;) {
            const std::size_t at = here();
            const std::string_view found = take("//") ? "//" : take("*") ? "*" : take("/") ? "/" : take("%") ? "%" : "";
            if (found.empty()) return left;
            const Computed right = number(sign(), at);
            const double a = number(left, at).value, b = right.value;
            if (found != "*" && b == 0) throw meaning(at, "a division by 0");
            if (found == "*") left = {a * b, of_product(left, right, at), false};
            if (found == "/") left = {a / b, of_quotient(left, right, at), false};
            if (found == "//") left = {std::floor(a / b), of_quotient(left, right, at), false};
            if (found == "%") left = {a - b * std::floor(a / b), same(left, right, at), false};
        }
    }
    Computed sign() {
        const std::size_t at = here();
        if (take("-")) {
            const Guard guard(*this);
            Computed value = number(sign(), at);
            value.value = -value.value;
            return value;
        }
        return atom();
    }
    Computed atom() {
        const Guard guard(*this);
        if (take("(")) {
            const Computed value = comparison();
            if (!take(")")) throw syntax(at_, "a `)` is missing");
            return value;
        }
        skip();
        if (at_ == text_.size()) throw syntax(at_, "it ends too early");
        const char c = text_[at_];
        if (c == '$') return name();
        if (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.') return literal();
        return word();
    }

    std::string letters() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) ++at_;
        return text_.substr(begin, at_ - begin);
    }
    std::string full_name() {
        const std::size_t begin = at_++;
        std::string full = letters();
        if (at_ + 1 < text_.size() && text_[at_] == '.' && std::isalpha(static_cast<unsigned char>(text_[at_ + 1])) != 0) {
            ++at_;
            full += "." + letters();
        }
        if (full.empty()) throw syntax(begin, "a name is missing after `$`");
        return full;
    }
    Computed name() {
        const std::size_t begin = at_;
        const auto value = lookup_(full_name());
        if (!value) throw meaning(begin, "");
        return *value;
    }
    /// Behind `count(`.
    Computed count() {
        const std::size_t begin = here();
        if (at_ == text_.size() || text_[at_] != '$') throw meaning(begin, "`count` takes a `$name`");
        const std::string list = full_name();
        if (!take(")")) throw syntax(at_, "a `)` is missing");
        const auto entries = count_ ? count_(list) : std::optional<std::size_t>(1);
        if (!entries) throw meaning(begin, "");
        return {double(*entries), Dimension::none, false};
    }
    /// A number and, behind it, the longest unit there is.
    Computed literal() {
        std::size_t end = at_;
        while (end < text_.size() && (std::isdigit(static_cast<unsigned char>(text_[end])) != 0 || text_[end] == '.')) ++end;
        if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
            std::size_t k = end + 1;
            if (k < text_.size() && (text_[k] == '+' || text_[k] == '-')) ++k;
            if (k < text_.size() && std::isdigit(static_cast<unsigned char>(text_[k])) != 0)
                for (end = k; end < text_.size() && std::isdigit(static_cast<unsigned char>(text_[end])) != 0;) ++end;
        }
        std::size_t unit = end;
        while (unit < text_.size() && text_[unit] == ' ') ++unit;
        while (unit < text_.size() &&
               (std::isalpha(static_cast<unsigned char>(text_[unit])) != 0 || static_cast<unsigned char>(text_[unit]) > 127))
            ++unit;
        const std::string with_unit = text_.substr(at_, unit - at_);
        if (const auto quantity = parse_quantity(with_unit)) {
            at_ = unit;
            return {quantity->value, quantity->dimension, false};
        }
        throw syntax(at_, fmt::format("`{}` is no number", with_unit));
    }
    Computed word() {
        const std::size_t begin = at_;
        const std::string function = letters();
        if (function == "true" || function == "false") return {function == "true" ? 1.0 : 0.0, Dimension::none, true};
        if (function.empty() || !take("(")) throw syntax(begin, fmt::format("`{}` is not expected", text_.substr(begin)));
        if (function == "count") return count();
        std::vector<Computed> values;
        do {
            const std::size_t at = here();
            values.push_back(number(comparison(), at));
        } while (take(","));
        if (!take(")")) throw syntax(at_, "a `)` is missing");
        return call(function, values, begin);
    }
    static Computed call(const std::string& function, const std::vector<Computed>& values, std::size_t at) {
        if (function == "min" || function == "max") {
            Computed best = values.front();
            for (const Computed& one : values) {
                same(best, one, at);
                best.value = function == "min" ? std::min(best.value, one.value) : std::max(best.value, one.value);
            }
            return best;
        }
        Computed value = values.front();
        if (std::find(keys::functions.begin(), keys::functions.end(), function) == keys::functions.end())
            throw meaning(at, fmt::format("`{}` is none of {}", function, joined(keys::functions, ", ")));
        if (values.size() != 1) throw meaning(at, fmt::format("`{}` takes one number", function));
        if (function == "round") value.value = std::round(value.value);
        if (function == "floor") value.value = std::floor(value.value);
        if (function == "ceil") value.value = std::ceil(value.value);
        if (function == "log2") value = {std::log2(value.value), Dimension::none, false};
        return value;
    }

    /// Brackets within brackets are no way to overflow the stack.
    struct Guard {
        explicit Guard(Parser& parser) : parser_(parser) {
            if (++parser_.depth_ > deepest_expression)
                throw meaning(parser_.at_, fmt::format("it is nested more than {} deep", deepest_expression));
        }
        ~Guard() { --parser_.depth_; }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;
        Parser& parser_;
    };

    const std::string& text_;
    const Lookup& lookup_;
    const CountOf& count_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

}  // namespace

std::string Computed::text() const {
    if (boolean) return value != 0 ? "true" : "false";
    const std::string number = format_number(value);
    return dimension == Dimension::none ? number : number + " " + std::string(symbol_of(dimension));
}

std::optional<Computed> evaluate(const std::string& text, const Lookup& lookup, Mistake& mistake, const CountOf& count) {
    if (text.size() > longest_expression) {
        mistake = {fmt::format("it is longer than {} bytes", longest_expression), 0, true};
        return std::nullopt;
    }
    try {
        const Computed value = Parser(text, lookup, count).whole();
        if (!std::isfinite(value.value)) throw meaning(0, "the result is no finite number");
        return value;
    } catch (const Wrong& wrong) {
        mistake = wrong;
        return std::nullopt;
    }
}

}  // namespace flowspan::graph
