// Who holds a lock: a process, so that others can tell whether it is still there.
#pragma once

#include <flowspan/value.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace flowspan::io {

struct Process {
    std::string host, boot, space;  // the machine, this start of it, and where process ids are counted
    int pid = 0;
    std::uint64_t began = 0;  // in ticks since the machine started

    static const Process& own();
    /// Whether it is gone; nothing where it cannot be known: it runs on another machine, or within another container.
    std::optional<bool> is_gone() const;

    Value value() const;
    static Process from(const Value& value);  // throws std::invalid_argument
};

}  // namespace flowspan::io
