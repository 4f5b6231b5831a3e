// The fields of a JSON object in one line, taken out one by one: a journal has millions of lines.
#pragma once

#include <flowspan/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowspan::batch {

/// Views of a text that must outlive it. Where a field is missing or of another kind, readers throw std::invalid_argument.
class Fields {
public:
    /// The text is JSON; throws where it is no object.
    explicit Fields(std::string_view object);

    std::string_view json() const { return json_; }
    /// The JSON of a field; "" where it is missing.
    std::string_view raw(std::string_view key) const;
    std::string text(std::string_view key) const;
    std::string text_or_none(std::string_view key) const { return raw(key).empty() ? std::string() : text(key); }
    std::int64_t integer(std::string_view key) const;
    double real(std::string_view key) const;
    bool flag(std::string_view key) const;
    /// null where it is missing.
    Value value(std::string_view key) const;

private:
    std::string_view json_;
    std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

}  // namespace flowspan::batch
