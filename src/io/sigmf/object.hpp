// One JSON object of a SigMF header: reads its keys and notes what is wrong with them.
#pragma once

#include <flowspan/diagnostic.hpp>
#include <flowspan/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::io {

/// A value for a message, cut to 60 bytes.
std::string quoted(const Value& value);

class Object {
public:
    /// What is met in these headers.
    struct Findings {
        Diagnostics wrong;  // the header is refused
        Diagnostics odd;    // against the standard, but what is meant is plain: warnings
    };
    /// `name`: what its keys are shown behind, such as "captures[3]". All that is given must outlive it.
    Object(const Value& value, std::string name, const std::string& file, Findings& found)
        : value_(value), name_(std::move(name)), file_(file), found_(found) {}

    void mistake(const std::string& key, std::string expected, std::string got, std::string hint = {}) const;
    /// The header is read all the same; `got` says as what.
    void oddity(const std::string& key, std::string expected, std::string got) const;
    bool is_map() const;

    /// The value of a key; null counts as not given, with a warning.
    const Value* find(const std::string& key) const;
    /// Notes the absence of a required key.
    const Value* required(const std::string& key, const std::string& expected) const;
    std::optional<std::uint64_t> count(const std::string& key, bool must = false) const;
    std::optional<double> frequency(const std::string& key) const;
    std::optional<double> number(const std::string& key) const;
    std::optional<std::string> text(const std::string& key) const;
    /// The objects of a list; an absent list is empty.
    std::vector<Object> objects(const std::string& key) const;
    /// The value of a key that is an object itself.
    Object inner(const std::string& key, const Value& value) const { return {value, full(key), file_, found_}; }
    const Value& value() const { return value_; }

private:
    std::string full(const std::string& key) const { return name_.empty() ? key : key.empty() ? name_ : name_ + "." + key; }
    Diagnostic diagnostic(const std::string& key, std::string expected, std::string got) const;

    const Value& value_;
    std::string name_;
    const std::string& file_;
    Findings& found_;
};

}  // namespace flowspan::io
