// What a block offers beside its parameters while it runs: commands that it obeys, readings that it takes.
#pragma once

#include <flowspan/parameter.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace flowspan {

namespace runtime {
struct Access;
}

struct CommandOptions {
    /// Whether it changes what comes out. Then it takes effect at an index and stands in the schedule of the run; else it is
    /// a question, answered at once.
    bool changes = true;
    std::string help{};
};

class CommandBase {
public:
    CommandBase(Block& owner, std::string name, CommandOptions options, std::vector<ParameterKind> arguments);
    CommandBase(const CommandBase&) = delete;
    CommandBase& operator=(const CommandBase&) = delete;
    virtual ~CommandBase() = default;
    const std::string& name() const { return name_; }
    const CommandOptions& options() const { return options_; }
    const std::vector<ParameterKind>& arguments() const { return arguments_; }
    /// Throws Refused when number or kinds of arguments are wrong.
    void check(const Value::List& arguments, const Position& at = {}) const;
    /// With arguments that have passed the check.
    virtual Value call(const Value::List& arguments) = 0;

private:
    Block& owner_;
    std::string name_;
    CommandOptions options_;
    std::vector<ParameterKind> arguments_;
};

template <class Signature>
class Command;

/// `Command<void()> reset{*this, "reset", {.help = "Forgets the noise floor."}, [this] { floor_.reset(); }};`
/// Arguments and result are of the types that parameters have; the result may be void.
template <class Result, class... Arguments>
class Command<Result(Arguments...)> final : public CommandBase {
public:
    Command(Block& owner, std::string name, CommandOptions options, std::function<Result(Arguments...)> does)
        : CommandBase(owner, std::move(name), std::move(options), {detail::parameter_kind<std::decay_t<Arguments>>()...}),
          does_(std::move(does)) {}
    Value call(const Value::List& arguments) override { return call(arguments, std::index_sequence_for<Arguments...>{}); }

private:
    template <std::size_t... K>
    Value call([[maybe_unused]] const Value::List& arguments, std::index_sequence<K...>) {
        if constexpr (std::is_void_v<Result>) {
            does_(detail::from_value<std::decay_t<Arguments>>(arguments[K])...);
            return {};
        } else {
            return detail::to_value<std::decay_t<Result>>(does_(detail::from_value<std::decay_t<Arguments>>(arguments[K])...));
        }
    }
    std::function<Result(Arguments...)> does_;
};

struct ReadingOptions {
    Unit unit{};
    std::string help{};
};

class ReadingBase {
public:
    ReadingBase(Block& owner, std::string name, ParameterKind kind, ReadingOptions options);
    ReadingBase(const ReadingBase&) = delete;
    ReadingBase& operator=(const ReadingBase&) = delete;
    const std::string& name() const { return name_; }
    ParameterKind kind() const { return kind_; }
    const ReadingOptions& options() const { return options_; }
    /// The newest value (null before the first) and the index that it belongs to.
    const Value& value() const { return value_; }
    std::uint64_t index() const { return index_; }

protected:
    void put(std::uint64_t index, Value value);

private:
    friend struct runtime::Access;
    std::string name_;
    ParameterKind kind_;
    ReadingOptions options_;
    Value value_;
    std::uint64_t index_ = 0;
    std::function<void(std::uint64_t, const Value&)> watcher_;  // empty: nobody watches
};

/// A value that a block finds out and others may read and watch: `Reading<double> rms{*this, "rms", {.help = "…"}};`, and in
/// `work`: `rms.update(in.index() + n, value);`
template <class T>
class Reading final : public ReadingBase {
public:
    Reading(Block& owner, std::string name, ReadingOptions options)
        : ReadingBase(owner, std::move(name), detail::parameter_kind<T>(), std::move(options)) {}
    /// The value as of this index of the block's input 0 (a source: its output 0).
    void update(std::uint64_t index, const T& value) { put(index, detail::to_value<T>(value)); }
};

}  // namespace flowspan
