// Long steps say that they go on, for whoever attends this thread.
#pragma once

namespace flowspan {

/// Looks after a thread while its steps may be long: gives signs of life to others, sees signals.
class Attendant {
public:
    virtual ~Attendant() = default;
    /// Called often. May throw, which ends the step.
    virtual void look() = 0;
};

/// Called every few milliseconds or more often by loops that may run for long. Cheap; does nothing where nobody attends this
/// thread. May throw what ends the step: a stop, or a signal.
void still_here();

/// From now on `attendant` (or nobody) attends this thread. Returns who did before.
Attendant* attended_by(Attendant* attendant);

}  // namespace flowspan
