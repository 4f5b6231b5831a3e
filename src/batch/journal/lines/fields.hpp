// The fields of a JSON object in one line, taken out one by one: a journal has millions of lines.
#pragma once

#include <flowspan/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowspan::batch {

/// What a piece of JSON says: a string, a number. Throw std::invalid_argument where it is another kind.
std::string text_of(std::string_view json);
std::int64_t integer_of(std::string_view json);
double real_of(std::string_view json);
/// The elements of a list, as JSON. What is within them is not looked at.
std::vector<std::string_view> items_of(std::string_view list);
/// Throws std::invalid_argument where it is not one whole JSON value, or nested deeper than what we write.
void check_json(std::string_view json);

/// Views of a text that must outlive it; what is within fields is not looked at before they are read. Where a field is missing
/// or of another kind, readers throw std::invalid_argument.
class Fields {
public:
    /// Throws where it is no object.
    explicit Fields(std::string_view object);

    /// The JSON of a field; "" where it is missing.
    std::string_view raw(std::string_view key) const;
    std::string text(std::string_view key) const { return text_of(raw(key)); }
    std::string text_or_none(std::string_view key) const { return raw(key).empty() ? std::string() : text(key); }
    std::int64_t integer(std::string_view key) const { return integer_of(raw(key)); }
    double real(std::string_view key) const { return real_of(raw(key)); }
    bool flag(std::string_view key) const;
    /// null where it is missing.
    Value value(std::string_view key) const;

private:
    std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

}  // namespace flowspan::batch
