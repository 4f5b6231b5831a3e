// Long steps say that they go on, for whoever attends this thread.
#pragma once

#include <string>
#include <string_view>

namespace flowspan {

/// Looks after a thread while its steps may be long: gives signs of life to others, sees signals.
class Attendant {
public:
    virtual ~Attendant() = default;
    /// Called often. May throw, which ends the step.
    virtual void look() = 0;
    /// The thread enters a call of that block, or has left it (""). Comes at every call: cheap.
    virtual void at(std::string_view /*block*/) {}
};

/// Called every few milliseconds or more often by loops that may run for long. Cheap; does nothing where nobody attends this
/// thread. May throw what ends the step: a stop, or a signal.
void still_here();

/// While one lives this thread is in a call of that block, as whoever attends it is told.
class InCall {
public:
    explicit InCall(const std::string& block);
    ~InCall();
    InCall(const InCall&) = delete;
    InCall& operator=(const InCall&) = delete;

private:
    const std::string* before_;
};

/// From now on `attendant` (or nobody) attends this thread. Returns who did before.
Attendant* attended_by(Attendant* attendant);

}  // namespace flowspan
