// A nursery for tests, and what its workers can be told to do.
#pragma once

#include "batch/worker/nursery/nursery.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch::test {

/// Does what the task names under `do`, by a table that the file has; answers the task itself where it is no name of it.
Value obey(const Value& task, Reporter& reporter);
Value to_do(const std::string& what);

struct Crew {
    explicit Crew(Nursery::Now now = Nursery::Clock::now, double patience_s = 60);

    /// Polls until `enough`, or for a minute, which fails the test. All that was heard stands in `heard`.
    void hear_until(const std::function<bool()>& enough);
    template <class T>
    std::vector<const T*> all(const Handle* of = nullptr) const {
        std::vector<const T*> found;
        for (const Event& e : heard)
            if (const T* t = std::get_if<T>(&e.what); t != nullptr && (of == nullptr || e.worker == of)) found.push_back(t);
        return found;
    }
    /// Waits for the first.
    template <class T>
    const T& one(const Handle* of = nullptr) {
        hear_until([&] { return !all<T>(of).empty(); });
        static const T none{};
        return all<T>(of).empty() ? none : *all<T>(of).front();
    }
    /// Forgets what was heard, gives the task to a new worker and waits for its end.
    Ended end_of(const Value& task, const Limits& limits = {});
    std::vector<std::string> lines() const;

    std::unique_ptr<Nursery> nursery;
    std::vector<Event> heard;
};

/// Whether a process is there, and no mere entry of one that has ended.
bool is_alive(pid_t process);
/// Waits until it is not, for a minute at most.
bool goes(pid_t process);
/// Sanitizers take what fails by itself: they report it and leave with a code.
bool under_address_sanitizer();

}  // namespace flowspan::batch::test
