// Parameters: declared once, with unit, range, default and help. From the declaration come graph keys, validation,
// `flowspan blocks`, C++ setters and remote access.
#pragma once

#include <flowspan/diagnostic.hpp>
#include <flowspan/types.hpp>
#include <flowspan/units.hpp>
#include <flowspan/value.hpp>

#include <cmath>
#include <complex>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace flowspan {

class Block;
namespace runtime {
struct Access;
}

/// When a parameter may change: only before the run, or also while it runs.
enum class Change : std::uint8_t { before, running };

/// A file that is read. The runtime resolves it (relative to the graph file), reads its header on rank 0 and offers it as
/// `facts().recording(path)`.
struct InputPath {
    static constexpr char between = '\n';  // of a list of paths, which is one recording
    std::string path;
    friend bool operator==(const InputPath&, const InputPath&) = default;
};
/// A file that is published at the end. The runtime fills in placeholders and `--out` before `describe`.
struct ProductPath {
    std::string path;
    friend bool operator==(const ProductPath&, const ProductPath&) = default;
};

enum class ParameterKind : std::uint8_t {
    boolean,
    integer,
    real,
    complex,
    string,
    reals,
    complexes,
    strings,
    sample_type,
    input_path,
    product_path
};
std::string_view name_of(ParameterKind kind);

/// Everything that is declared about a parameter, whatever its C++ type.
struct ParameterDeclaration {
    std::string name;
    ParameterKind kind = ParameterKind::real;
    Unit unit;
    std::optional<Value> initial;      // nothing and not optional: must be given
    std::optional<double> min, max;    // inclusive, in `unit`
    std::vector<std::string> choices;  // for strings: nothing else is allowed
    bool optional = false;             // may be left out although there is no default: ask `given()`
    Change when = Change::before;
    std::string help;
    std::string tag;      // tags with this key on input 0 set it, from their item on; "": none do
    std::string message;  // messages on this port set it, from their stamp on; "": none do
    /// "an integer >= 1", "a frequency from 1 Hz to 10 MHz", "one of low, high, band".
    std::string expectation() const;
};

/// A list of words. A type of its own because GCC 12 cannot compile a default member initializer of std::vector in the
/// place where parameters are declared.
struct Choices : std::vector<std::string> {
    Choices() noexcept {}
    Choices(std::initializer_list<std::string> words) : vector(words) {}
    Choices(const std::vector<std::string>& words) : vector(words) {}  // NOLINT(google-explicit-constructor)
};

/// What `Parameter<T>` is declared with.
template <class T>
struct ParameterOptions {
    Unit unit{};
    std::optional<T> initial = std::nullopt;
    std::optional<double> min = std::nullopt, max = std::nullopt;  // (not `{}`: GCC 12 forgets to emit the constructor)
    Choices choices{};
    bool optional = false;
    Change when = Change::before;
    std::string help{};
    std::string tag{}, message{};  // see ParameterDeclaration
};

class ParameterBase {
public:
    ParameterBase(Block& owner, ParameterDeclaration declaration);
    ParameterBase(const ParameterBase&) = delete;
    ParameterBase& operator=(const ParameterBase&) = delete;
    virtual ~ParameterBase() = default;

    const ParameterDeclaration& declaration() const { return declaration_; }
    const std::string& name() const { return declaration_.name; }
    /// Whether it has a value: given by the graph, or a default.
    bool given() const { return known(), given_; }
    /// Whether the graph (or a later change) gave it.
    bool explicitly_given() const { return known(), explicitly_given_; }
    virtual Value value() const = 0;
    /// Checks kind, choices and range, then takes the value over. Throws Refused with a diagnostic at `at`.
    void set(const Value& value, const Position& at = {});
    /// Checks only. Throws Refused.
    void check(const Value& value, const Position& at = {}) const;
    /// Refuses the value from `describe` or `prepare`: "expected at most half the sample rate (48 kHz), got 75 kHz".
    [[noreturn]] void refuse(const std::string& expected, std::optional<double> bound = {}, const std::string& hint = {}) const;
    /// The same in `describe`, which goes on: what else it refuses is said in one go. Elsewhere it is `refuse`.
    void wrong(const std::string& expected, std::optional<double> bound = {}, const std::string& hint = {}) const;
    const Position& position() const { return at_; }

protected:
    /// Of a value that a mistake hides, `describe` says nothing: it ends where it asks for it.
    void known() const {
        if (in_doubt_) detail::end_describe();
    }
    virtual bool holds(const Value& value) const = 0;  // whether the type can hold this value, which is of its kind
    virtual void take(const Value& value) = 0;         // the value has passed the checks
    bool given_ = false, explicitly_given_ = false;

private:
    friend struct runtime::Access;
    Diagnostic refusal(const std::string& expected, std::optional<double> bound, const std::string& hint) const;
    bool in_doubt_ = false;
    Block& owner_;
    ParameterDeclaration declaration_;
    Position at_;
};

/// Whether a value is of this kind; an integral real is an integer, too, and a number, or a list of two, a complex number.
bool is_of_kind(const Value& value, ParameterKind kind);

namespace detail {
template <class T>
constexpr ParameterKind parameter_kind() {
    if constexpr (std::is_same_v<T, bool>)
        return ParameterKind::boolean;
    else if constexpr (std::is_integral_v<T>)
        return ParameterKind::integer;
    else if constexpr (std::is_floating_point_v<T>)
        return ParameterKind::real;
    else if constexpr (std::is_same_v<T, std::complex<double>>)
        return ParameterKind::complex;
    else if constexpr (std::is_same_v<T, std::string>)
        return ParameterKind::string;
    else if constexpr (std::is_same_v<T, std::vector<double>>)
        return ParameterKind::reals;
    else if constexpr (std::is_same_v<T, std::vector<std::complex<double>>>)
        return ParameterKind::complexes;
    else if constexpr (std::is_same_v<T, std::vector<std::string>>)
        return ParameterKind::strings;
    else if constexpr (std::is_same_v<T, SampleType>)
        return ParameterKind::sample_type;
    else if constexpr (std::is_same_v<T, InputPath>)
        return ParameterKind::input_path;
    else {
        static_assert(std::is_same_v<T, ProductPath>, "a parameter of this type is not known");
        return ParameterKind::product_path;
    }
}
template <class T>
Value to_value(const T& v);
template <class T>
T from_value(const Value& v);
/// Whether a value of the kind of T is within the range of T.
template <class T>
bool fits(const Value& v) {
    if constexpr (std::is_same_v<T, float>)
        return !(std::abs(v.real()) > double(std::numeric_limits<float>::max())) || std::isinf(v.real());
    else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
        return std::in_range<T>(v.integer());
    else
        return true;
}
}  // namespace detail

/// One parameter of a block: `Parameter<double> deviation{*this, "deviation", {.unit = hertz, .initial = 75e3}};`
template <class T>
class Parameter final : public ParameterBase {
public:
    Parameter(Block& owner, std::string name, ParameterOptions<T> o)
        : ParameterBase(owner,
                        {std::move(name), detail::parameter_kind<T>(), o.unit,
                         o.initial ? std::optional<Value>(detail::to_value(*o.initial)) : std::nullopt, o.min, o.max,
                         std::move(o.choices), o.optional, o.when, std::move(o.help), std::move(o.tag), std::move(o.message)}),
          value_(o.initial.value_or(T{})) {
        given_ = o.initial.has_value();
    }
    operator const T&() const { return get(); }  // NOLINT: reads like the value it is
    const T& get() const { return known(), value_; }
    const T* operator->() const { return &get(); }
    Value value() const override { return given_ ? detail::to_value(value_) : Value(); }

private:
    bool holds(const Value& value) const override { return detail::fits<T>(value); }
    void take(const Value& value) override { value_ = detail::from_value<T>(value); }
    T value_;
};

}  // namespace flowspan
