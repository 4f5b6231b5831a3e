// An emulated device, as unkind as a device may be (docs/decisions/025 says what it guarantees).
#pragma once

#include "memory/device/device.hpp"
#include "memory/device/emulated/simt.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace flowspan::device::emulated {

/// When operations run, each when somebody issues or polls: at once; when a fence behind them was polled in vain; a number of
/// them by the seed; at once, but those of every third queue not before all else is stuck: when nothing but they could run
/// and fences have been polled in vain 1, 6 or 36 times, one of them does. Of the queues of a device, counted from 0 in the
/// order in which they are made, number `seed` modulo 3 lags, and seed / 3 says for how long.
enum class Order : std::uint8_t { early, late, random, starve };

struct Behaviour {
    int devices = 1;
    std::size_t memory = std::size_t(1) << 30;
    std::size_t page = 0;  // of rings; 0: this machine's
    Order order = Order::early;
    std::uint64_t seed = 1;
    bool pins = true;        // memory that is there already
    bool rings = true;       // memory can be mapped twice
    bool transforms = true;  // there is a library of them
    // The Nth of them, counted from 1 over all devices, fails; operation N never ends. 0: none.
    std::uint64_t fail_copy = 0, fail_kernel = 0, fail_allocate = 0, stop = 0;
    friend bool operator==(const Behaviour&, const Behaviour&) = default;
};

/// Reads "devices=2,memory=64MiB,page=64KiB,order=late,seed=7,fail=copy:100"; `fail` may stand several times, with copy,
/// kernel, allocate or stop. Throws Refused with a sentence for what is none of these.
Behaviour parse_behaviour(std::string_view text);

/// Until this is called the behaviour is what FLOWSPAN_EMULATED says, read when a device is first asked for. Forgets what has
/// failed, and begins to count from 0; there may be no operation in flight.
void behave(const Behaviour& behaviour);

/// What was made since `behave`, on all devices, and how often somebody waited: in a steady state nothing of that grows. And
/// how many operations were issued.
struct Made {
    std::uint64_t memory = 0, pinned = 0, queues = 0, fences = 0, waits = 0;
    std::uint64_t operations = 0;
};
Made made();

/// This thread is in the emulation while one of these lives: what its books allocate is not the program's.
class Inside {
public:
    Inside();
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside();
};
bool inside();

/// In which order threads and blocks run now.
simt::Schedule schedule();

/// For launch.hpp.
void issue_kernel(Queue& queue, const char* name, std::function<void()> kernel);

}  // namespace flowspan::device::emulated
