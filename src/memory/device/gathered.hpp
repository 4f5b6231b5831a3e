// Pieces of unconnected data that wait for others, to become one launch (docs/decisions/026).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace flowspan::device {

class Queue;

/// A call of a block whose time on the device is asked for.
struct TimedCall {
    double* work_s = nullptr;  // where its time is added
    double calls = 1;          // that it stands for
    double items = 1;          // its part of what is timed
};

/// Measures what a queue is given between the two.
class Stopwatch {
public:
    virtual ~Stopwatch() = default;
    /// Returns what `end` is to be told.
    virtual std::size_t begin() = 0;
    /// The calls share the time by their items, of `items` in all. Others may have begun and ended since.
    virtual void end(std::size_t begun, std::span<const TimedCall> calls, double items) = 0;
};

/// What a queue has been given and has not issued. Lists stay, so that in a steady state nothing is allocated.
class Gathered {
public:
    /// Issues pieces of one kind; `shape` is what they have in common.
    using Issue = void (*)(Queue& queue, std::span<const std::byte> pieces, const std::byte* shape);
    static constexpr std::size_t most_shape = 32;  // bytes

    explicit Gathered(Stopwatch& stopwatch) : stopwatch_(stopwatch) {}
    /// Lists of a later stage are issued behind those of earlier ones: what one object does in several launches.
    void add(int stage, Issue issue, std::span<const std::byte> shape, std::span<const std::byte> pieces, std::uint64_t items);
    /// Issues all lists, those of a stage in the order in which they were begun.
    void issue(Queue& queue);
    /// How often it has: what was added before is issued once this is another number.
    std::uint64_t issued() const { return issued_; }
    /// Something is about to be issued that is not gathered.
    void before_other(Queue& queue);

    /// What comes between the two is one call.
    void begin_timed(double& work_s, double calls) { timed_ = {&work_s, calls, 1}; }
    void end_timed();

private:
    struct Key {
        int stage = 0;
        Issue issue = nullptr;
        std::array<std::byte, most_shape> shape{};
        friend bool operator<(const Key& a, const Key& b) {
            if (a.stage != b.stage) return a.stage < b.stage;
            return a.issue != b.issue ? std::less<>()(a.issue, b.issue) : a.shape < b.shape;
        }
    };
    struct List {
        std::size_t begun = 0;  // which of those that were begun since
        std::vector<std::byte> pieces;
        std::uint64_t items = 0;
        std::vector<TimedCall> timed;
    };
    using Lists = std::map<Key, List>;

    Stopwatch& stopwatch_;
    std::uint64_t issued_ = 0;
    Lists lists_;
    std::vector<Lists::value_type*> touched_;
    TimedCall timed_;                   // work_s nullptr: nobody asks
    std::optional<std::size_t> begun_;  // by the stopwatch, for what the timed call issues itself
    bool issuing_ = false;              // lists
};

}  // namespace flowspan::device
