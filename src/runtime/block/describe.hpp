// What follows from a block's own describe(): the rates, times and places of its outputs, and how much a call makes.
#pragma once

#include <flowspan/block.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::runtime {

/// What detail::end_describe throws.
struct NotKnown {};

/// First indices of the present stretch: of input 0, and of each output.
struct Anchors {
    std::uint64_t input = 0;
    std::vector<std::uint64_t> outputs;
};

/// Runs block.describe(). What it refuses is appended to `found`; returns the exit code that it means by itself: `file` where
/// that is all about what a recording holds.
ExitCode run_describe(Block& block, Diagnostics& found);

/// While it lives, of these parameters and inputs a describe() can learn nothing: it ends where it asks.
class Doubt {
public:
    Doubt(Block& block, const std::set<std::string>& parameters, bool inputs);
    ~Doubt();
    Doubt(const Doubt&) = delete;
    Doubt& operator=(const Doubt&) = delete;
    /// Runs what may ask for them; false where it does.
    template <class Step>
    static bool known(Step step) {
        try {
            step();
            return true;
        } catch (const NotKnown&) { return false; }
    }

private:
    Block& block_;
};

/// Runs block.describe() on what its inputs carry and completes its outputs: rate, length, times and origin follow from the
/// ratio and the anchors. Shared by the start and by every new stretch.
void describe_outputs(Block& block, const Anchors& anchors);

/// The same where an input was retuned within a stretch, which changes centre frequencies and nothing else. An output of which
/// the block would say more, or all where it refuses its inputs as they stand (one of them is retuned later, behind a filter's
/// delay), stays as it is, of no known centre frequency. Returns what was expected then, in words; else nothing.
std::string describe_retuned(Block& block, const Anchors& anchors);

/// What a block with a data-dependent rate has asked for, while `describe` is run again: that says how it begins, not how it
/// stands.
class Wishes {
public:
    explicit Wishes(Block& block);
    ~Wishes();
    Wishes(const Wishes&) = delete;
    Wishes& operator=(const Wishes&) = delete;

private:
    Block& block_;
    std::vector<std::pair<std::size_t, std::size_t>> needs_;
    std::vector<std::size_t> rooms_;
};

/// Whether it makes files.
inline bool publishes(const Block& block) { return !block.products().empty() || !block.product_patterns().empty(); }

/// What a block with a data-dependent rate must and must not say. Throws Refused.
void check_rate(const Block& block);
/// Items of an output for each item of input 0, nominal where data-dependent.
Rational nominal_ratio(const Block& block, const OutputPort& port);
/// The first item of an output of a stream whose first input item is `first`: ceil(first I / D).
std::uint64_t first_output(const Block& block, const OutputPort& port, std::uint64_t first);
/// Of a block with a data-dependent rate: how many items of an output a call makes at most.
std::uint64_t room_of(const Block& block, const OutputPort& port);
/// How far a block's promises about its messages lie behind what it has worked on (see MessageFlow), in items of input 0 (a
/// source: of output 0): as far as any of them may look back from the beginning of a cell, and what its stream may slip.
std::uint64_t messages_lag(const Block& block);

/// A delay in items of a stream, as a time of recordings: to the picosecond where it does not fit.
Time delay_of(const Rational& delay, const Rational& rate);
/// Whether all times of a stream's items have room in 64 bits when a feedback edge adds its delay.
bool delay_fits(const StreamDescription& sender, const Time& delay);

}  // namespace flowspan::runtime
