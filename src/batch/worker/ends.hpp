// What is said of a worker's end that nobody here has asked for.
#pragma once

#include "batch/worker/events.hpp"

#include <flowspan/value.hpp>

#include <cstdint>
#include <string>

namespace flowspan::batch {

/// Of the nursery.
struct Report {
    bool by_signal = false;
    int number = 0;             // of the signal, else the exit code
    bool group_killed = false;  // the out-of-memory killer was at work: in the control groups of the worker,
    bool host_killed = false;   // or at least on its host
    std::uint64_t peak_bytes = 0;
    double cpu_s = 0;
    static Report from(const Value& end);
};

/// What the rank knows itself.
struct Circumstances {
    bool within_message = false;
    std::string place{};               // where the task was; "" unknown
    std::string last_words{};          // of stderr, in this task
    std::uint64_t refused_beyond = 0;  // the bound on memory that an allocation of this task has met; 0: none
};

Ended explain(const Report& report, const Circumstances& circumstances);

/// ", in lowpass", or nothing.
std::string in_place(const std::string& place);

}  // namespace flowspan::batch
