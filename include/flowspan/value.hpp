// What messages, tags and parameters hold.
#pragma once

#include <flowspan/types.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace flowspan {

/// A value of a few kinds: null, bool, integer, real, complex, string, bytes, typed arrays, list, map. Maps are ordered by
/// key, so that equal values have equal bytes. Reading the wrong kind throws std::invalid_argument with a sentence.
class Value {
public:
    using List = std::vector<Value>;
    using Map = std::map<std::string, Value, std::less<>>;
    using Bytes = std::vector<std::byte>;
    using Reals = std::vector<f32>;  // typed arrays
    using Doubles = std::vector<f64>;
    using Integers = std::vector<std::int64_t>;
    using Complexes = std::vector<cf32>;

    Value() = default;
    Value(bool v) : data_(v) {}               // NOLINT(google-explicit-constructor), here and
    Value(int v) : data_(std::int64_t(v)) {}  // below: a value is made from what it holds
    Value(long v) : data_(std::int64_t(v)) {}
    Value(long long v) : data_(std::int64_t(v)) {}
    Value(unsigned v) : data_(std::int64_t(v)) {}
    Value(unsigned long v) : data_(std::int64_t(v)) {}
    Value(double v) : data_(v) {}
    Value(std::complex<double> v) : data_(v) {}
    Value(const char* v) : data_(std::string(v)) {}
    Value(std::string v) : data_(std::move(v)) {}
    Value(std::string_view v) : data_(std::string(v)) {}
    Value(Bytes v) : data_(std::move(v)) {}
    Value(Reals v) : data_(std::move(v)) {}
    Value(Doubles v) : data_(std::move(v)) {}
    Value(Integers v) : data_(std::move(v)) {}
    Value(Complexes v) : data_(std::move(v)) {}
    Value(List v) : data_(std::move(v)) {}
    Value(Map v) : data_(std::move(v)) {}

    bool is_null() const { return data_.index() == 0; }
    template <class T>
    bool is() const {
        return std::holds_alternative<T>(data_);
    }
    template <class T>
    const T& as() const {
        if (const T* p = std::get_if<T>(&data_)) return *p;
        wrong_kind();
    }
    /// Numbers of either kind.
    double real() const;
    std::int64_t integer() const;
    bool boolean() const { return as<bool>(); }
    const std::string& string() const { return as<std::string>(); }
    const List& list() const { return as<List>(); }
    const Map& map() const { return as<Map>(); }
    List& list();
    Map& map();
    /// The entry of a map; throws when it is missing.
    const Value& at(std::string_view key) const;
    /// The entry of a map, or nullptr.
    const Value* find(std::string_view key) const;
    Value& operator[](const std::string& key);

    /// "null", "bool", "integer", …
    std::string_view kind() const;
    /// One line of JSON; complex numbers as [re, im], bytes as base64, numbers in the shortest form that reads back equal.
    std::string json() const;
    /// Reads JSON text; throws std::invalid_argument.
    static Value from_json(std::string_view text);

    /// A compact binary form, the same on every rank.
    void encode(std::vector<std::byte>& to) const;
    std::vector<std::byte> encode() const;
    /// Reads one value and moves `from` past it; throws std::invalid_argument when the bytes are no value.
    static Value decode(std::span<const std::byte>& from);

    friend bool operator==(const Value&, const Value&) = default;

private:
    [[noreturn]] void wrong_kind() const;
    std::variant<std::monostate, bool, std::int64_t, double, std::complex<double>, std::string, Bytes, Reals, Doubles, Integers,
                 Complexes, List, Map>
        data_;
};

}  // namespace flowspan
