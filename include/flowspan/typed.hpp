// Parameters, readings and commands of a block as members with types: what the classes of flowspan/blocks.hpp are made of. Each
// calls the function of BlockProxy with its name, where it is said what that does, when it may be called, and what it throws.
#pragma once

#include <flowspan/program.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flowspan {

namespace detail {
/// What a block said about `place`, as a T. Throws Failure where it is none: a text with a unit that was set without types
/// before `initialise`, or nothing, where an optional parameter has no value.
template <class T>
T typed(const std::string& place, const Value& value) {
    ParameterDeclaration wanted;
    wanted.kind = parameter_kind<T>();
    if (is_of_kind(value, wanted.kind)) return from_value<T>(value);
    const std::string got = value.is_null() ? "nothing" : value.is<std::string>() ? value.string() : value.json();
    throw Failure(ExitCode::usage, place + ": expected " + wanted.expectation() + ", got " + got);
}

template <class T>
Value setting(const std::optional<T>& value) {
    return value ? to_value(*value) : Value();
}

/// Without those that are null.
inline Value::Map given_settings(Value::Map settings) {
    std::erase_if(settings, [](const auto& setting) { return setting.second.is_null(); });
    return settings;
}
}  // namespace detail

/// A value that comes while the run goes on.
template <class T>
class TypedFuture {
public:
    TypedFuture(std::string place, Future future) : place_(std::move(place)), future_(std::move(future)) {}
    bool ready() const { return future_.ready(); }
    /// Waits. Throws Failure with the reason where the block refused.
    T get() { return detail::typed<T>(place_, future_.get().value); }

private:
    std::string place_;
    Future future_;
};

/// What parameters and readings share: a value of one block, by name.
template <class T>
class TypedValue {
public:
    const std::string& name() const { return name_; }
    /// Every change of a parameter, every update of a reading, with the place where it took effect.
    void watch(std::function<void(const T&, const Seen&)> seen) const {
        block_.watch(name_,
                     [place = place(), seen = std::move(seen)](const Seen& s) { seen(detail::typed<T>(place, s.value), s); });
    }

protected:
    TypedValue(const BlockProxy& block, std::string name) : block_(block), name_(std::move(name)) {}
    std::string place() const { return block_.name() + "." + name_; }
    BlockProxy block_;
    std::string name_;
};

/// A parameter: `gain.constant.set(2)`, `gain.constant.get()`.
template <class T>
class TypedParameter : public TypedValue<T> {
public:
    TypedParameter(const BlockProxy& block, std::string name) : TypedValue<T>(block, std::move(name)) {}
    /// The reply says what is in force, and from which sample on.
    Reply set(const T& value, const When& when = next_step()) const { return block_.set(name_, detail::to_value(value), when); }
    T get() const { return detail::typed<T>(this->place(), block_.get(name_).value); }
    Future set_async(const T& value, const When& when = next_step()) const {
        return block_.set_async(name_, detail::to_value(value), when);
    }
    TypedFuture<T> get_async() const { return {this->place(), block_.get_async(name_)}; }

private:
    using TypedValue<T>::block_, TypedValue<T>::name_;
};

/// A reading: `probe.rms.get()`.
template <class T>
class TypedReading : public TypedValue<T> {
public:
    TypedReading(const BlockProxy& block, std::string name) : TypedValue<T>(block, std::move(name)) {}
    /// The newest; nothing before the first.
    std::optional<T> get() const {
        const Value value = block_.get(name_).value;
        return value.is_null() ? std::nullopt : std::optional<T>(detail::typed<T>(this->place(), value));
    }

private:
    using TypedValue<T>::block_, TypedValue<T>::name_;
};

/// A command: `block.mark(1, 2.5)`; the reply holds its result.
template <class... Arguments>
class TypedCommand {
public:
    TypedCommand(const BlockProxy& block, std::string name) : block_(block), name_(std::move(name)) {}
    const std::string& name() const { return name_; }
    Reply operator()(const Arguments&... arguments, const When& when = next_step()) const {
        return block_.call(name_, Value::List{detail::to_value(arguments)...}, when);
    }
    Future async(const Arguments&... arguments, const When& when = next_step()) const {
        return block_.call_async(name_, Value::List{detail::to_value(arguments)...}, when);
    }

private:
    BlockProxy block_;
    std::string name_;
};

}  // namespace flowspan
